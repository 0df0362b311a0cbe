package phaistos.harness.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import phaistos.cluster.Cluster.NodeId;
import phaistos.harness.run.WaiterWatch.Seen;
import phaistos.harness.run.WaiterWatch.Sight;
import phaistos.harness.run.WaiterWatch.Waiter;

/** A backend that waits, looked at once a second for ten seconds, in a run that needs a standby. */
class WaiterWatchTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Waiter WAITER = new Waiter("41", "2000-01-01 00:00:00+00");
  private static final String ONE = "ANY 1 (n1, n2, n3)";
  private static final String TWO = "ANY 2 (n1, n2, n3)";

  private final WaiterWatch watch = new WaiterWatch(null, 1);
  private final Map<Waiter, Seen> seen = new HashMap<>();

  private List<String> violations(List<String> names, Long... applied) {
    for (int second = 0; second < 10; second++) {
      watch.judge(
          new NodeId("n1"),
          new Sight(List.of(WAITER), 900, names, List.of(applied), second * SECOND),
          seen);
    }
    return watch.violations();
  }

  @Test
  void mustBeReleasedOnceItsStandbyHasAppliedItsWal() {
    List<String> violations = violations(List.of(ONE, ONE), 900L);
    assertTrue(
        violations.getFirst().startsWith("backend 41 of n1 waits for its standbys since"),
        violations.toString());
  }

  @Test
  void mayWaitForAStandbyThatIsBehind() {
    assertEquals(List.of(), violations(List.of(ONE, ONE), 900L, 899L));
  }

  /** A reload asked for two standbys, and one is there. */
  @Test
  void mayWaitForAsManyStandbysAsThePrimaryAsksForNow() {
    assertEquals(List.of(), violations(List.of(TWO, TWO), 900L));
  }

  @Test
  void mayWaitWhileTheNamesChange() {
    assertEquals(List.of(), violations(List.of(ONE, TWO), 900L));
    assertEquals(List.of(), violations(List.of(TWO, ONE), 900L));
  }

  @Test
  void mustBeReleasedByTwoWhereTwoAreAskedFor() {
    assertTrue(violations(List.of(TWO, TWO), 900L, 901L).getFirst().contains("0/384"));
  }
}
