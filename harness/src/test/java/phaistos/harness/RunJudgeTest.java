package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.histories.Edn;

/** What the judge makes of a damaged database's answers. */
class RunJudgeTest {
  @Test
  void rowsWithoutAMarkerAreNobodys() {
    Edn damaged = new Edn.Vector(List.of(Edn.of(3), Edn.NIL, Edn.of(4)));
    assertEquals(new Edn.Vector(List.of(Edn.of(3), Edn.of(4))), RunJudge.withMarkers(damaged));
    assertEquals(Edn.of(3), RunJudge.withMarkers(Edn.of(3)));
  }
}
