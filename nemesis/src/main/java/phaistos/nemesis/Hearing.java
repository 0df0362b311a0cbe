package phaistos.nemesis;

import java.util.List;
import java.util.TreeMap;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.generators.Seed;

/** How an operator learns how far its standbys are. */
final class Hearing {
  private static final long POLL_NANOS = 100_000_000L;

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

  /** Asks until enough standbys give the same answer twice, or the time is up. */
  TreeMap<NodeId, Long> enough(int needed) {
    long deadline = cluster.control().clock().monotonicNanos() + hearNanos;
    TreeMap<NodeId, Long> before = new TreeMap<>();
    while (true) {
      TreeMap<NodeId, Long> heard = new TreeMap<>();
      for (NodeId node : members) {
        operator.positions().ofStandby(node).ifPresent(lsn -> heard.put(node, lsn));
      }
      boolean isLate = cluster.control().clock().monotonicNanos() >= deadline;
      boolean isEnough = heard.size() >= Math.min(needed, mayAnswer());
      if (isEnough && heard.equals(before) || isLate) {
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
