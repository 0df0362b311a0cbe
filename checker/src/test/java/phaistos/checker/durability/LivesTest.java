package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which of a server's lives a transaction ran in, by the order of the history. */
class LivesTest {
  /** One restart at LSN 1000, after which xids from 750 on are assigned. */
  private static Lives lives(Outcome outcome, long xid) {
    Promise promise = new Promise(CommitLevel.ON, StandbyRule.NONE, false, false);
    Claim claim = new Claim(2, 1, 0, outcome, xid, 1, 0, "a", List.of(), promise);
    return new Lives(List.of(claim), new long[] {1_000}, new int[] {750}, _ -> 0);
  }

  @Test
  void anAcknowledgedXidBelowTheFirstOfALifeIsNotOfThatLife() {
    assertTrue(lives(Outcome.ACKNOWLEDGED, 700).isOfAnother(0, 2_000));
    assertFalse(lives(Outcome.ACKNOWLEDGED, 700).isOfAnother(0, 500));
  }

  @Test
  void ofATransactionThatWasNotAcknowledgedTheOrderTellsNothing() {
    for (Outcome outcome : Outcome.values()) {
      if (outcome != Outcome.ACKNOWLEDGED) {
        assertFalse(lives(outcome, 800).isOfAnother(0, 500), outcome.toString());
        assertFalse(lives(outcome, 800).isOfAnother(0, 2_000), outcome.toString());
        assertFalse(lives(outcome, 800).isOf(0, 2_000), outcome.toString());
      }
    }
  }
}
