package phaistos.server.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  @Test
  void namesTheParameterInASyntaxError() {
    PgError error = assertThrows(PgError.class, () -> StandbyNames.parse("ANY 1 (a"));
    assertEquals(
        "invalid value for parameter \"synchronous_standby_names\": \"ANY 1 (a\"",
        error.getMessage());
  }
}
