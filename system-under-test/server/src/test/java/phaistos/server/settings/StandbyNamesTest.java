package phaistos.server.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.server.errors.PgError;

/** The grammar of synchronous_standby_names, with the errors that PostgreSQL 15 gives. */
class StandbyNamesTest {
  @Test
  void givesPrioritiesInTheOrderOfTheList() {
    StandbyNames names = StandbyNames.parse("FIRST 1 (s2, \"S 1\", *)");
    assertEquals(1, names.priority("S2"));
    assertEquals(2, names.priority("s 1"));
    assertEquals(3, names.priority("other"));
  }

  @Test
  void givesAllTheSamePriorityUnderAny() {
    StandbyNames names = StandbyNames.parse("ANY 2 (s1, s2)");
    assertEquals(1, names.priority("s1"));
    assertEquals(1, names.priority("s2"));
    assertEquals(0, names.priority("s3"));
  }

  @Test
  void waitsForNobodyWithoutNames() {
    assertTrue(StandbyNames.parse("").isEmpty());
    assertTrue(StandbyNames.parse("  ").isEmpty());
  }

  @Test
  void refusesZeroStandbys() {
    PgError error = assertThrows(PgError.class, () -> StandbyNames.parse("FIRST 0 (a)"));
    assertEquals("22023", error.sqlState());
  }

  /** What a PostgreSQL 15 answered to ALTER SYSTEM with each of these. */
  @Test
  void takesAndRefusesWhatPostgresDoes() {
    for (String text :
        List.of(
            "\"FIRST\"",
            "FIRST 1 (a)",
            "2 (a,b)",
            "a1",
            "_x$1",
            "1",
            "0",
            "a,*",
            "\"a\"\"b\"",
            "*",
            "1,2",
            "any1",
            "2 (2,3)",
            "*,\"*\"",
            "\u00e9")) {
      StandbyNames.parse(text);
    }
    String[][] refused = {
      {"FIRST", "at end of input"},
      {"any", "at end of input"},
      {"first 1", "at end of input"},
      {"FIRST, b", "at or near \",\""},
      {"1a", "at or near \"a\""},
      {"$x", "at or near \"$\""},
      {"1 2", "at or near \"2\""},
      {"1 ()", "at or near \")\""},
      {"ANY 1 (first)", "at or near \"first\""},
      {"a-b", "at or near \"-\""},
      {"(a)", "at or near \"(\""},
      {"a,", "at end of input"},
      {"ANY 1 (a,b),c", "at or near \",\""},
      {"ANY (a)", "at or near \"(\""},
    };
    for (String[] each : refused) {
      PgError error = assertThrows(PgError.class, () -> StandbyNames.parse(each[0]), each[0]);
      assertEquals("42601", error.sqlState(), each[0]);
      assertEquals("syntax error " + each[1], error.detail(), each[0]);
    }
  }

  @Test
  void namesTheParameterInASyntaxError() {
    PgError error = assertThrows(PgError.class, () -> StandbyNames.parse("ANY 1 (a"));
    assertEquals(
        "invalid value for parameter \"synchronous_standby_names\": \"ANY 1 (a\"",
        error.getMessage());
  }
}
