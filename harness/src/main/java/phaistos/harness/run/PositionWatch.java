package phaistos.harness.run;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.Lsn;
import phaistos.harness.Progress;

/**
 * Asks every node at intervals how far its WAL is, and tells the progress how far the slowest
 * standby is behind. Each node has a task and a connection of its own, so that one that hangs does
 * not hide the others. A node that does not answer is noted too.
 */
final class PositionWatch {
  private static final String STANDBY =
      "select pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()";
  private static final String PRIMARY = "select pg_current_wal_lsn(), pg_current_wal_flush_lsn()";

  private final Cluster cluster;
  private final Progress progress;
  private final long startNanos;
  private final long intervalNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<NodePosition> positions = new ArrayList<>();
  private final Map<String, NodePosition> latest = new HashMap<>();

  PositionWatch(Cluster cluster, Progress progress, long intervalNanos) {
    this.cluster = cluster;
    this.progress = progress;
    this.startNanos = cluster.control().clock().monotonicNanos();
    this.intervalNanos = intervalNanos;
  }

  void start() {
    for (NodeId node : cluster.nodes()) {
      cluster.control().tasks().spawn("position of " + node, () -> watch(node));
    }
  }

  /** Ends the tasks at their next interval. */
  void stop() {
    over.set(true);
  }

  /** What was seen so far, in the order of time. */
  List<NodePosition> positions() {
    lock.lock();
    try {
      return List.copyOf(positions);
    } finally {
      lock.unlock();
    }
  }

  private void watch(NodeId node) {
    Properties limits = new Properties();
    limits.setProperty("connectTimeout", "1");
    limits.setProperty("socketTimeout", "1");
    while (!over.get()) {
      try (Connection connection = cluster.connect(node, limits);
          Statement statement = connection.createStatement()) {
        while (!over.get()) {
          note(ask(node, statement));
          cluster.control().tasks().sleep(intervalNanos);
        }
      } catch (SQLException _) {
        // A run expects that a node may not answer; the next interval asks again.
        note(NodePosition.none(now(), node.name()));
        cluster.control().tasks().sleep(intervalNanos);
      }
    }
  }

  private NodePosition ask(NodeId node, Statement statement) throws SQLException {
    long time = now();
    try (ResultSet rows = statement.executeQuery(STANDBY)) {
      rows.next();
      if (rows.getString(1).startsWith("t")) {
        return new NodePosition(
            time, node.name(), false, lsn(rows.getString(2)), lsn(rows.getString(3)));
      }
    }
    try (ResultSet rows = statement.executeQuery(PRIMARY)) {
      rows.next();
      return new NodePosition(
          time, node.name(), true, lsn(rows.getString(1)), lsn(rows.getString(2)));
    }
  }

  private static OptionalLong lsn(String text) {
    return text == null ? OptionalLong.empty() : OptionalLong.of(Lsn.parse(text).value());
  }

  private long now() {
    return cluster.control().clock().monotonicNanos() - startNanos;
  }

  private void note(NodePosition position) {
    lock.lock();
    try {
      positions.add(position);
      latest.put(position.node(), position);
      NodePosition primary = latest.get(cluster.primary().name());
      if (primary == null || primary.written().isEmpty()) {
        return;
      }
      long lag = 0;
      for (NodePosition each : latest.values()) {
        if (!each.isPrimary() && each.written().isPresent()) {
          lag = Math.max(lag, primary.written().getAsLong() - each.written().getAsLong());
        }
      }
      progress.lag(lag);
    } finally {
      lock.unlock();
    }
  }
}
