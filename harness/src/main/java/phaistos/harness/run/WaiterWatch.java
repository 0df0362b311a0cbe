package phaistos.harness.run;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.Lsn;
import phaistos.server.settings.StandbyNames;

/**
 * Looks for backends that wait for standbys although the standbys have confirmed. At intervals it
 * asks the primary who waits, how far its WAL is, and how far the standbys are. A backend that was
 * seen to wait when the WAL was flushed up to some position must not wait any more soon after every
 * connected standby that is waited for, and as many as are needed, have applied WAL up to there.
 */
final class WaiterWatch {
  private static final long SECOND = 1_000_000_000L;
  private static final long INTERVAL_NANOS = SECOND;

  /** How long a backend may go on waiting once it is confirmed. */
  private static final long RELEASE_NANOS = 3 * SECOND;

  private static final String WAITING =
      "select pid, xact_start from pg_stat_activity where wait_event = 'SyncRep'";
  private static final String NAMES = "show synchronous_standby_names";
  private static final String FLUSHED = "select pg_current_wal_flush_lsn()";
  private static final String APPLIED =
      "select replay_lsn from pg_stat_replication"
          + " where state = 'streaming' and sync_state in ('sync', 'quorum')";

  private final Cluster cluster;
  private final int standbysNeeded;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<String> violations = new ArrayList<>();
  private final AtomicBoolean over = new AtomicBoolean();

  /** A transaction that waits: its backend and when it began. */
  record Waiter(String pid, String since) {}

  /**
   * @param flushed the primary's flush position when it was first seen
   * @param confirmedNanos when the standbys were first seen to be that far
   */
  record Seen(long flushed, OptionalLong confirmedNanos) {}

  /**
   * What the primary says at one moment.
   *
   * @param names synchronous_standby_names, before and after the standbys' positions were asked for
   * @param applied by the standbys that are waited for
   */
  record Sight(
      List<Waiter> waiting, long flushed, List<String> names, List<Long> applied, long nowNanos) {}

  WaiterWatch(Cluster cluster, int standbysNeeded) {
    this.cluster = cluster;
    this.standbysNeeded = standbysNeeded;
  }

  void start() {
    cluster.control().tasks().spawn("waiters", this::watch);
  }

  void stop() {
    over.set(true);
  }

  /** One sentence for each backend that was not released. */
  List<String> violations() {
    lock.lock();
    try {
      return List.copyOf(violations);
    } finally {
      lock.unlock();
    }
  }

  private void watch() {
    Properties limits = new Properties();
    limits.setProperty("connectTimeout", "1");
    limits.setProperty("socketTimeout", "1");
    while (!over.get()) {
      NodeId primary = cluster.primary();
      Map<Waiter, Seen> seen = new HashMap<>();
      try (Connection connection = cluster.connect(primary, limits);
          Statement statement = connection.createStatement()) {
        while (!over.get() && cluster.primary().equals(primary)) {
          look(primary, statement, seen);
          cluster.control().tasks().sleep(INTERVAL_NANOS);
        }
      } catch (SQLException _) {
        // A run expects that a primary may not answer; then what was seen counts no more.
        cluster.control().tasks().sleep(INTERVAL_NANOS);
      }
    }
  }

  private void look(NodeId primary, Statement statement, Map<Waiter, Seen> seen)
      throws SQLException {
    // First who waits: its commit record is flushed by then.
    List<Waiter> waiting = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(WAITING)) {
      while (rows.next()) {
        waiting.add(new Waiter(rows.getString(1), String.valueOf(rows.getString(2))));
      }
    }
    seen.keySet().retainAll(waiting);
    if (waiting.isEmpty()) {
      return;
    }
    long flushed = lsns(statement, FLUSHED).getFirst();
    String before = names(statement);
    List<Long> applied = lsns(statement, APPLIED);
    List<String> names = List.of(before, names(statement));
    long now = cluster.control().clock().monotonicNanos();
    judge(primary, new Sight(waiting, flushed, names, applied, now), seen);
  }

  /**
   * Notes who should have been released.
   *
   * @param seen who waited at earlier sights of this primary; changed to include this one
   */
  void judge(NodeId primary, Sight sight, Map<Waiter, Seen> seen) {
    // the names may change under load, and differ from those that the run began with
    int needed = standbysNeeded;
    for (String names : sight.names) {
      needed = Math.max(needed, StandbyNames.parse(names).count());
    }
    for (Waiter waiter : sight.waiting) {
      Seen known = seen.getOrDefault(waiter, new Seen(sight.flushed, OptionalLong.empty()));
      boolean areThere = sight.applied.size() >= needed;
      boolean haveApplied =
          sight.applied.stream().allMatch(lsn -> Long.compareUnsigned(lsn, known.flushed) >= 0);
      OptionalLong since = areThere ? known.confirmedNanos : OptionalLong.empty();
      if (areThere && haveApplied && since.isEmpty()) {
        since = OptionalLong.of(sight.nowNanos);
      }
      seen.put(waiter, new Seen(known.flushed, since));
      if (since.isPresent() && sight.nowNanos - since.getAsLong() > RELEASE_NANOS) {
        double seconds = (sight.nowNanos - since.getAsLong()) / 1e9;
        note(
            "backend %s of %s waits for its standbys since %s, %.1f s after all of them had applied"
                    .formatted(waiter.pid, primary, waiter.since, seconds)
                + " WAL up to "
                + new Lsn(known.flushed));
        seen.remove(waiter);
      }
    }
  }

  private static String names(Statement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery(NAMES)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }

  private static List<Long> lsns(Statement statement, String sql) throws SQLException {
    List<Long> lsns = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        lsns.add(Optional.ofNullable(rows.getString(1)).map(t -> Lsn.parse(t).value()).orElse(0L));
      }
    }
    return lsns;
  }

  private void note(String violation) {
    lock.lock();
    try {
      violations.add(violation);
    } finally {
      lock.unlock();
    }
  }
}
