package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandbyRuleTest {
  @Test
  void readsPostgresqlsGrammar() {
    assertEquals("", StandbyRule.parse("  ").toString());
    assertEquals("FIRST 1 (s1)", StandbyRule.parse("s1").toString());
    assertEquals("FIRST 1 (s1, s2)", StandbyRule.parse("s1, s2").toString());
    assertEquals("FIRST 1 (s2, s1)", StandbyRule.parse("FIRST 1 (s2, s1)").toString());
    assertEquals("ANY 2 (*)", StandbyRule.parse("any 2(*)").toString());
    assertEquals("FIRST 2 (s1, s2)", StandbyRule.parse("2 (s1,s2)").toString());
    assertEquals(List.of("a \"b\", c", "d"), StandbyRule.parse("\"a \"\"B\"\", c\",d").names());
    assertEquals("FIRST 1 (first)", StandbyRule.parse("first").toString());
  }

  @Test
  void namesCompareWithoutCaseAndAStarListsEverybody() {
    assertTrue(StandbyRule.parse("ANY 1 (B, c)").lists("b"));
    assertFalse(StandbyRule.parse("ANY 1 (b, c)").lists("a"));
    assertTrue(StandbyRule.parse("*").lists("anybody"));
    assertFalse(StandbyRule.NONE.lists("b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ANY 0 (a)", "ANY 1 a", "ANY (a)", "a b", "a,", ",", "2 ()", "\"a", "1 (a"})
  void refusesWhatPostgresqlRefuses(String text) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> StandbyRule.parse(text));
    assertTrue(refused.getMessage().contains(text), refused.getMessage());
  }
}
