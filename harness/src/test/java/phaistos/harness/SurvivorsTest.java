package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import phaistos.checker.Verdict;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

class SurvivorsTest {
  private static final String LOST = "{:lost [\"n1\"] :left [\"n3\"] :from \"n2\" :primary \"n2\"";

  @Test
  void aSurvivorWhoseWalIsNotChosenIsInvalidWithBothFiles() {
    String hole = "recovery reads pg_wal/B, which ends at 0/2; pg_wal/A goes on to 0/9";
    Verdict verdict = judge(LOST + " :refused \"heard 0 standbys, needed 1\"}", Map.of("n3", hole));
    assertEquals("invalid", verdict.word());
    assertTrue(verdict.reason().contains("n1 are lost, n3 must have"), verdict.reason());
    assertTrue(verdict.reason().endsWith("; on n3 " + hole), verdict.reason());
  }

  @Test
  void aSurvivorThatIsNotPromotedForAnotherReasonIsUnknown() {
    String refused = LOST + " :refused \"heard 0 standbys, needed 1\"}";
    assertEquals("unknown", judge(refused, Map.of()).word());
    assertEquals("unknown", judge(refused, Map.of("n1", "a lost node's files")).word());
  }

  @Test
  void aSurvivorThatIsPrimaryIsJudgedByWhatItHas() {
    assertEquals(Verdict.VALID, judge(LOST + "}", Map.of("n3", "what was so before")));
  }

  @Test
  void whereNoNodeIsLostForGoodTheFormerPrimaryMayGoOn() {
    String refused = "{:from \"n2\" :primary \"n2\" :refused \"heard 1 standbys, needed 2\"}";
    assertEquals(Verdict.VALID, judge(refused, Map.of()));
  }

  private static Verdict judge(String replay, Map<String, String> holes) {
    UntypedCall done = new UntypedCall(Edn.keyword("replay"), edn(replay));
    Event<UntypedCall> event = new Event.Info<>(0, 0, Process.NEMESIS, done, Details.NONE);
    return Survivors.judge(History.of(List.of(event)), holes);
  }

  private static Edn edn(String text) {
    try {
      return new EdnReader(new StringReader(text), "value").next().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
