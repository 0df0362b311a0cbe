package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cyclic-versions: for example By initial-state, 5 < 129 | cyclic-versions",
        "lost: value 100 of event 93 (ok, xid 93) was inserted | lost",
        "event 21578 lacks 46 acknowledged rows, such as 700 |"
            + " event # lacks # acknowledged rows, such as",
        "row 7 of event 75 (insert) was acknowledged and owed, and is gone |"
            + " row # of event # ... was acknowledged",
        "backend 13 of n1 waits for its standbys since 2000 | backend # of a node waits for its",
      })
  void kindsHaveNoFiguresAndNames(String reason, String kind) {
    assertEquals(kind, Finding.kindOf(reason));
  }
}
