package phaistos.nemesis;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.generators.Seed;

/** How an operator learns how far its standbys are. */
final class Hearing {
  private static final long POLL_NANOS = 100_000_000L;

  /** How often an answer repeats before a standby counts that replays WAL of its own. */
  private static final int STEADY = 10;

  private final Operator operator;
  private final Cluster cluster;
  private final ClusterState state;
  private final List<NodeId> members;
  private final long hearNanos;

  /**
   * @param members the standbys; the operator changes the list
   * @param hearNanos how long to ask before giving up
   */
  Hearing(Operator operator, Cluster cluster, List<NodeId> members, long hearNanos) {
    this.operator = operator;
    this.cluster = cluster;
    this.state = operator.state();
    this.members = members;
    this.hearNanos = hearNanos;
  }

  void wake() {
    for (NodeId node : members) {
      switch (cluster.state(node)) {
        case UP -> {}
        case PAUSED -> {
          if (!state.isHeldPaused(node)) {
            cluster.resume(node);
          }
        }
        case DOWN -> {
          if (!state.isHeldDown(node)) {
            // one that waits for a primary just does not answer
            Operator.succeeds(() -> state.restart(node));
          }
        }
      }
    }
  }

  /**
   * Asks until enough standbys give the same answer twice, or the time is up. One that has not
   * streamed since it started gives it for a second: replay can stand still on a slow disk, and
   * whoever takes that for the end of the WAL promotes the wrong standby.
   */
  TreeMap<NodeId, Long> enough(int needed) {
    long deadline = cluster.control().clock().monotonicNanos() + hearNanos;
    TreeMap<NodeId, Long> before = new TreeMap<>();
    int repeated = 0;
    while (true) {
      TreeMap<NodeId, Long> heard = new TreeMap<>();
      boolean haveStreamed = true;
      for (NodeId node : members) {
        Optional<Positions.Far> far = operator.positions().howFar(node);
        far.ifPresent(f -> heard.put(node, f.lsn()));
        haveStreamed &= far.isEmpty() || far.get().hasStreamed();
      }
      boolean isLate = cluster.control().clock().monotonicNanos() >= deadline;
      boolean isEnough = heard.size() >= Math.min(needed, mayAnswer());
      repeated = heard.equals(before) ? repeated + 1 : 0;
      if (isEnough && repeated >= (haveStreamed ? 1 : STEADY) || isLate) {
        return heard;
      }
      before = heard;
      cluster.control().tasks().sleep(POLL_NANOS);
    }
  }

  /** How many members no fault keeps from answering; it is no use to wait for the others. */
  private int mayAnswer() {
    return (int)
        members.stream().filter(n -> !state.isHeldDown(n) && !state.isHeldPaused(n)).count();
  }

  TreeMap<NodeId, Long> first(Seed seed) {
    long deadline = cluster.control().clock().monotonicNanos() + hearNanos;
    Seed draw = seed;
    TreeMap<NodeId, Long> heard = new TreeMap<>();
    while (heard.isEmpty()
        && mayAnswer() > 0
        && cluster.control().clock().monotonicNanos() < deadline) {
      NodeId node = members.get(draw.drawInt(members.size()));
      draw = draw.next();
      operator.positions().ofStandby(node).ifPresent(lsn -> heard.put(node, lsn));
      if (heard.isEmpty()) {
        cluster.control().tasks().sleep(POLL_NANOS);
      }
    }
    return heard;
  }
}
