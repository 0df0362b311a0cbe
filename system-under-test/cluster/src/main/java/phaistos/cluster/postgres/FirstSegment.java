package phaistos.cluster.postgres;

import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Nodes;
import phaistos.cluster.OneValue;
import phaistos.cluster.machine.Pause;

/**
 * Begins a new WAL segment on a new cluster, with a checkpoint in it on every node. What initdb
 * wrote lies before it, and recovery need not read it.
 */
public final class FirstSegment {
  private static final Properties LIMITS = OneValue.limits(5, 65, "phaistos-control");
  private static final int LOOKS = 200;
  private static final Duration LOOK = Duration.ofMillis(50);

  private FirstSegment() {}

  /** On a standby that does not replay so far in time the restartpoint is an earlier one. */
  public static void begin(Nodes nodes) {
    NodeId primary = nodes.primary();
    OneValue.of(nodes, primary, "SELECT pg_switch_wal()", LIMITS);
    OneValue.execute(nodes, primary, "CHECKPOINT", LIMITS);
    Optional<String> goal =
        OneValue.of(nodes, primary, "SELECT pg_current_wal_flush_lsn()", LIMITS);
    for (NodeId node : nodes.nodes()) {
      if (!node.equals(primary) && goal.isPresent()) {
        String sql = "SELECT pg_last_wal_replay_lsn() >= '%s'".formatted(goal.get());
        for (int look = 0; look < LOOKS; look++) {
          if (OneValue.of(nodes, node, sql, LIMITS).equals(Optional.of("t"))) {
            break;
          }
          Pause.of(LOOK);
        }
        OneValue.execute(nodes, node, "CHECKPOINT", LIMITS);
      }
    }
  }
}
