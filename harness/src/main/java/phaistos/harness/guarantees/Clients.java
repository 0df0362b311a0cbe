package phaistos.harness.guarantees;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.checker.durability.CommitLevel;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.OneValue;
import phaistos.environment.Task;
import phaistos.workloads.CommitCommand;
import phaistos.workloads.Primary;
import phaistos.workloads.SqlOutcome;

/** Writers of one level, each of one row a transaction, and a reader of every node. */
final class Clients {
  private static final String NOTE = "x".repeat(60);
  private static final long WRITE_NANOS = 10_000_000L;
  private static final long READ_NANOS = 100_000_000L;
  private static final Properties LIMITS = OneValue.limits(2, 8, "phaistos-client");

  private final Cluster cluster;
  private final CommitLevel level;
  private final String table;
  private final int writers;
  private final Ledger ledger = new Ledger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<AtomicReference<NodeId>> targets = new ArrayList<>();
  private final List<Task> tasks = new ArrayList<>();

  /**
   * Clients who have not started.
   *
   * @param table which nobody else writes
   */
  Clients(Cluster cluster, CommitLevel level, String table, int writers) {
    this.cluster = cluster;
    this.level = level;
    this.table = table;
    this.writers = writers;
  }

  CommitLevel level() {
    return level;
  }

  /** What they were told and have read. */
  Ledger ledger() {
    return ledger;
  }

  /** The statement that makes their table. */
  String definition() {
    return "create table " + table + " (id bigint primary key, note text)";
  }

  /** The query for its rows. */
  String rows() {
    return "select id from " + table;
  }

  /** Starts them; all writers write to this node. */
  void start(NodeId primary) {
    for (int i = 0; i < writers; i++) {
      AtomicReference<NodeId> target = new AtomicReference<>(primary);
      targets.add(target);
      tasks.add(
          cluster.control().tasks().spawn("writer-" + level.word() + "-" + i, () -> write(target)));
    }
    for (NodeId node : cluster.nodes()) {
      tasks.add(
          cluster.control().tasks().spawn("reader-" + level.word() + "-" + node, () -> read(node)));
    }
  }

  /** Half of the writers, or all of them, go to another node from now on. */
  void aim(NodeId node, boolean all) {
    for (int i = all ? 0 : writers / 2; i < writers; i++) {
      targets.get(i).set(node);
    }
  }

  /** Ends them; a writer whose commit waits gives up after its limit. */
  void stop() {
    over.set(true);
    tasks.forEach(Task::join);
  }

  /** The rows that a node has, as soon as it answers. */
  Set<Long> rowsOf(NodeId node, long limitNanos) throws SQLException {
    long deadline = now() + limitNanos;
    while (true) {
      try (Connection connection = cluster.connect(node, LIMITS)) {
        return new HashSet<>(Primary.queryLongs(connection, rows()));
      } catch (SQLException e) {
        if (now() > deadline) {
          throw e;
        }
        cluster.control().tasks().sleep(WRITE_NANOS);
      }
    }
  }

  private long now() {
    return cluster.control().clock().monotonicNanos();
  }

  private void write(AtomicReference<NodeId> target) {
    while (!over.get()) {
      NodeId node = target.get();
      try (Connection connection = cluster.connect(node, LIMITS)) {
        try (Statement set = connection.createStatement()) {
          set.execute("set synchronous_commit = " + level.word());
        }
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement(insertion())) {
          while (!over.get() && target.get().equals(node)) {
            insert(node, connection, insert);
            cluster.control().tasks().sleep(WRITE_NANOS);
          }
        }
      } catch (SQLException | ClusterException _) {
        // not there: it is asked again
        cluster.control().tasks().sleep(WRITE_NANOS);
      }
    }
  }

  private String insertion() {
    return "insert into "
        + table
        + " (id, note) values (?, ?) returning txid_current(), pg_current_wal_insert_lsn()";
  }

  private void insert(NodeId node, Connection connection, PreparedStatement insert)
      throws SQLException {
    long id = ledger.nextId(node, now());
    insert.setLong(1, id);
    insert.setString(2, NOTE);
    long xid;
    String lsn;
    try (ResultSet row = insert.executeQuery()) {
      row.next();
      xid = row.getLong(1);
      lsn = row.getString(2);
    }
    try {
      SqlOutcome outcome = CommitCommand.commit(connection);
      outcome(outcome).ifPresent(how -> ended(id, xid, lsn, node, how));
    } catch (SQLException e) {
      outcome(SqlOutcome.of(SqlOutcome.Stage.COMMIT, e))
          .ifPresent(how -> ended(id, xid, lsn, node, how));
      throw e;
    }
  }

  private void ended(long id, long xid, String lsn, NodeId node, Ledger.Outcome how) {
    ledger.ended(new Ledger.Commit(id, xid, lsn, node, now(), how));
  }

  /** Empty if it certainly did not commit. */
  private static Optional<Ledger.Outcome> outcome(SqlOutcome outcome) {
    return switch (outcome) {
      case SqlOutcome.Ok(boolean isUnreplicated) ->
          Optional.of(isUnreplicated ? Ledger.Outcome.WARNED : Ledger.Outcome.ACKNOWLEDGED);
      case SqlOutcome.Info _ -> Optional.of(Ledger.Outcome.UNKNOWN);
      case SqlOutcome.Fail _ -> Optional.empty();
    };
  }

  private void read(NodeId node) {
    while (!over.get()) {
      try (Connection connection = cluster.connect(node, LIMITS)) {
        while (!over.get()) {
          long began = now();
          List<Long> rows = Primary.queryLongs(connection, rows());
          ledger.read(node, began, now(), rows);
          cluster.control().tasks().sleep(READ_NANOS);
        }
      } catch (SQLException | ClusterException _) {
        cluster.control().tasks().sleep(READ_NANOS);
      }
    }
  }
}
