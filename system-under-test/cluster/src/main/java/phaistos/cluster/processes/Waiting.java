package phaistos.cluster.processes;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.ClusterException;
import phaistos.cluster.OneValue;
import phaistos.cluster.machine.Pause;
import phaistos.cluster.postgres.PostgresLog;

/** Acts on the servers of a cluster of processes that take a while, and the end of each. */
final class Waiting {
  private static final Duration POLL = Duration.ofMillis(20);

  private final Cluster cluster;
  private final PostgresNodes postgres;
  private final Duration patience;
  private final BooleanSupplier isClosed;

  /**
   * @param patience how long each act may take
   * @param isClosed whether no server may be started any more
   */
  Waiting(Cluster cluster, PostgresNodes postgres, Duration patience, BooleanSupplier isClosed) {
    this.cluster = cluster;
    this.postgres = postgres;
    this.patience = patience;
    this.isClosed = isClosed;
  }

  /** Makes a standby primary. */
  void promote(NodeId id) {
    query(id, "SELECT pg_promote(false)");
    await(
        id + " is not promoted",
        () -> {
          if (cluster.state(id) == NodeState.DOWN) {
            throw new ClusterException(id + " ended while it was promoted");
          }
          return query(id, "SELECT pg_is_in_recovery()").equals(Optional.of("f"));
        });
  }

  /** Returns whether redo ran, once the server takes connections. */
  boolean start(ProcessNode node) {
    return start(node, () -> {});
  }

  /**
   * The same.
   *
   * @param launched is run as soon as the postmaster's process is there
   */
  boolean start(ProcessNode node, Runnable launched) {
    if (isClosed.getAsBoolean()) {
      throw new ClusterException("the cluster is closed");
    }
    int before = node.log().size();
    node.start(postgres.startCommand(node));
    launched.run();
    await(
        node.id() + " does not get ready",
        () -> {
          if (since(node, before).stream().anyMatch(PostgresLog::saysReady)) {
            return true;
          }
          if (node.state() == NodeState.DOWN) {
            throw new ClusterException(
                "%s ended while it started: %s"
                    .formatted(node.id(), PostgresLog.whyItEnded(since(node, before))));
          }
          return false;
        });
    return since(node, before).stream().anyMatch(PostgresLog::saysRedo);
  }

  private static List<String> since(ProcessNode node, int before) {
    List<String> lines = node.log();
    return lines.subList(Math.min(before, lines.size()), lines.size());
  }

  /** Waits until a standby streams on the primary's timeline, or its log says why it will not. */
  void awaitStreaming(ProcessNode standby, NodeId from, int logBefore) {
    awaitStream(standby, from, logBefore, () -> OneValue.streams(cluster, from, standby.id()));
  }

  /** Waits until a standby receives the primary's timeline, however slowly. */
  void awaitFollowing(ProcessNode standby, NodeId from, int logBefore) {
    awaitStream(standby, from, logBefore, () -> true);
  }

  private void awaitStream(
      ProcessNode standby, NodeId from, int logBefore, BooleanSupplier isFarEnough) {
    await(
        standby.id() + " does not stream from " + from,
        () -> {
          for (String line : since(standby, logBefore)) {
            if (PostgresLog.saysCannotFollow(line)) {
              throw new ClusterException(standby.id() + " cannot follow: " + line);
            }
          }
          return isFarEnough.getAsBoolean()
              && OneValue.receivesTimeline(cluster, from, standby.id());
        });
  }

  private void await(String problem, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new ClusterException(problem + " within " + patience.toSeconds() + " s");
      }
      Pause.of(POLL);
    }
  }

  private Optional<String> query(NodeId id, String sql) {
    return OneValue.of(cluster, id, sql, OneValue.limits(5, 65, "phaistos-control"));
  }
}
