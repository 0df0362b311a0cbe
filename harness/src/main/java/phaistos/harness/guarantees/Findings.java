package phaistos.harness.guarantees;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import phaistos.cluster.Cluster.NodeId;

/**
 * What a round has left of what the clients of one level were told and have read.
 *
 * @param left the rows of the node that is primary in the end
 * @param last that node
 */
record Findings(Ledger ledger, Set<Long> left, NodeId last, long mishapNanos) {
  private static final long MILLI = 1_000_000L;
  private static final int WITNESSES = 3;

  /**
   * The try.
   *
   * @param gapNanos from the mishap to the next commit; empty if there was none in time
   */
  Attempt attempt(
      Measured.Database database,
      Combination combination,
      long seed,
      Stress stress,
      OptionalLong gapNanos) {
    List<Ledger.Commit> lost = ledger.lost(left);
    int warned = (int) lost.stream().filter(c -> c.outcome() == Ledger.Outcome.WARNED).count();
    List<Ledger.Sight> unseen = ledger.unseen(left, last, mishapNanos);
    List<Attempt.Witness> witnesses = new ArrayList<>();
    lost.stream().limit(WITNESSES).forEach(commit -> witnesses.add(witness(commit)));
    unseen.stream().limit(WITNESSES).forEach(sight -> witnesses.add(witness(sight)));
    return new Attempt(
        database.name(),
        database.cluster(),
        combination,
        seed,
        stress.text(),
        ledger.acknowledged(),
        lost.size() - warned,
        warned,
        unseen.size(),
        gapNanos.isPresent() ? OptionalLong.of(gapNanos.getAsLong() / MILLI) : gapNanos,
        witnesses,
        Optional.empty());
  }

  private Attempt.Witness witness(Ledger.Commit commit) {
    boolean isWarned = commit.outcome() == Ledger.Outcome.WARNED;
    return new Attempt.Witness(
        isWarned ? "a commit acknowledged with a warning" : "an acknowledged commit",
        commit.id(),
        Long.toString(commit.xid()),
        commit.lsn(),
        commit.node().name(),
        millis(commit.atNanos()));
  }

  private Attempt.Witness witness(Ledger.Sight sight) {
    String whose =
        ledger.isAcknowledged(sight.id())
            ? "a read of an acknowledged commit"
            : "a read of a commit of which nobody was told";
    return new Attempt.Witness(
        whose, sight.id(), "", "", sight.node().name(), millis(sight.atNanos()));
  }

  private long millis(long nanos) {
    return Math.floorDiv(nanos - mishapNanos, MILLI);
  }
}
