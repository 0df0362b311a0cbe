package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.nemesis.InventedCluster.N1;
import static phaistos.nemesis.InventedCluster.N2;
import static phaistos.nemesis.InventedCluster.N3;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Operator.Policy;

class OperatorTest {
  private static final Seed SEED = new Seed(1);

  @TempDir private Path folder;
  private InventedCluster cluster;
  private Operator operator;

  @BeforeEach
  void start() {
    cluster = InventedCluster.in(folder);
    operator = new Operator(cluster, 1, 300_000_000L);
  }

  private TakeOver failover(Policy policy) {
    cluster.kill(cluster.primary());
    cluster.acts.clear();
    return operator.failover(policy, SEED);
  }

  @Test
  void safePromotesTheMostAdvancedAndTheFormerPrimaryJoinsAgain() {
    cluster.position.put(N3, 1_500L);
    TakeOver report = failover(Policy.SAFE);
    assertEquals(Optional.of(N3), report.next());
    assertEquals(List.of("promote n3", "rejoin n1 n3", "follow n2 n3"), cluster.acts);
    assertEquals(List.of(N2), report.followed());
    assertEquals(List.of(N1), report.rejoined());
  }

  @Test
  void safePromotesNobodyWhenOneOfTwoIsSilent() {
    cluster.mute.add(N3);
    TakeOver report = failover(Policy.SAFE);
    assertEquals(Optional.empty(), report.next());
    assertEquals(Optional.of("heard 1 standbys, needed 2"), report.refused());
    assertEquals(List.of("restart n1"), cluster.acts);
  }

  @Test
  void whereTwoOfTwoMustHaveEveryCommitOneAnswerIsEnough() {
    operator = new Operator(cluster, 2, 300_000_000L);
    cluster.mute.add(N3);
    TakeOver report = failover(Policy.SAFE);
    assertEquals(Optional.of(N2), report.next());
    assertEquals(1, report.needed());
    assertEquals(List.of("promote n2", "rejoin n1 n2", "rejoin n3 n2"), cluster.acts);
  }

  @Test
  void safeRefusesStandbysThatHaveNotReachedThePromotion() {
    // n2 reigns from 9000 on; the others have joined but hold less than that.
    cluster.position.put(N2, 9_000L);
    assertEquals(Optional.of(N2), failover(Policy.SAFE).next());
    cluster.position.put(N1, 8_000L);
    cluster.position.put(N3, 8_999L);
    TakeOver report = failover(Policy.SAFE);
    assertEquals(Optional.empty(), report.next());
    assertTrue(report.refused().orElseThrow().contains("before the primary's promotion"));
    cluster.position.put(N3, 9_000L);
    assertEquals(Optional.of(N3), failover(Policy.SAFE).next());
  }

  @Test
  void aLivingPrimaryIsKilledBeforeAnybodyIsAsked() {
    cluster.acts.clear();
    operator.failover(Policy.SAFE, SEED);
    assertEquals("kill n1", cluster.acts.getFirst());
  }

  @Test
  void standbysThatAreDownOrPausedAreBroughtBackToBeAsked() {
    cluster.kill(N2);
    cluster.pause(N3);
    TakeOver report = failover(Policy.SAFE);
    assertTrue(report.next().isPresent());
    assertEquals(List.of("restart n2", "resume n3"), cluster.acts.subList(0, 2));
  }

  @Test
  void whoCannotFollowJoinsFromTheBeginning() {
    cluster.cannotFollow.add(N3);
    TakeOver report = failover(Policy.SAFE);
    assertEquals(List.of(N1, N3), report.rejoined());
  }

  /** It is asked, and gets WAL that was under way; so it has more than the new primary. */
  @Test
  void whoseOwnWalGoesOnBeyondTheForkJoinsFromTheBeginning() {
    cluster.goBeyondFork.add(N3);
    TakeOver report = failover(Policy.SAFE);
    assertEquals(
        List.of("promote n2", "rejoin n1 n2", "follow n3 n2", "rejoin n3 n2"), cluster.acts);
    assertEquals(List.of(), report.followed());
    assertEquals(List.of(N1, N3), report.rejoined());
  }

  @Test
  void whoHasNotJoinedTheNewPrimaryIsNotAskedInTheNextFailover() {
    cluster.cannotFollow.add(N3);
    cluster.cannotRejoin.add(N3);
    assertEquals(List.of(N3), failover(Policy.SAFE).leftOut());
    assertEquals(N2, cluster.primary());
    cluster.position.put(N3, 99_000L); // on the old timeline
    TakeOver report = failover(Policy.SAFE);
    assertEquals(Optional.empty(), report.next());
    assertFalse(report.heard().containsKey(N3));
    cluster.cannotRejoin.clear();
    assertEquals(List.of(N3), operator.gather());
    assertEquals(List.of(), operator.gather());
    assertTrue(failover(Policy.SAFE).next().isPresent());
  }

  @Test
  void recklessPromotesWhoeverAnswersEvenBehindTheOther() {
    cluster.position.put(N3, 9_000L);
    cluster.mute.add(N3);
    TakeOver report = failover(Policy.RECKLESS);
    assertEquals(Optional.of(N2), report.next());
    assertFalse(report.heard().containsKey(N3));
  }

  @Test
  void moreStandbysCannotBeRequiredThanThereAre() {
    assertThrows(IllegalArgumentException.class, () -> new Operator(cluster, 3, 1));
    assertThrows(IllegalArgumentException.class, () -> new Operator(cluster, 0, 1));
  }
}
