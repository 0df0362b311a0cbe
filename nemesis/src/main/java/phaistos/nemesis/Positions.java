package phaistos.nemesis;

import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.OneValue;

/** How far the WAL of a cluster's nodes is, by their own answers. */
record Positions(Cluster cluster) {
  private static final long POLL_NANOS = 100_000_000L;
  private static final long STREAM_NANOS_MAX = 10_000_000_000L;

  /** A standby that does not stream after this is on a slow link, or cannot. */
  private static final long SLOW_NANOS = 1_000_000_000L;

  private static final int QUIET_TRIES = 5;

  /** What a standby has received and replayed; null of a primary. */
  static final String FAR =
      "select case when pg_is_in_recovery() then"
          + " coalesce(pg_last_wal_receive_lsn()::text, '0/0') || ' '"
          + " || coalesce(pg_last_wal_replay_lsn()::text, '0/0') end";

  private static final Properties LIMITS = OneValue.limits(1, 2, "phaistos-operator");

  /**
   * The position up to which a standby has WAL: flushed since it streams, or replayed. Empty if it
   * does not answer or is not a standby.
   */
  OptionalLong ofStandby(NodeId node) {
    Optional<Far> far = howFar(node);
    return far.isEmpty() ? OptionalLong.empty() : OptionalLong.of(far.get().lsn);
  }

  /**
   * How far a standby says it is.
   *
   * @param hasStreamed since it started; else it may still replay WAL of its own, and have more
   */
  record Far(long lsn, boolean hasStreamed) {}

  Optional<Far> howFar(NodeId node) {
    try {
      Optional<String> both = ask(node, FAR);
      if (both.isEmpty()) {
        return Optional.empty();
      }
      String[] positions = both.get().split(" ");
      long received = lsn(positions[0]);
      long replayed = lsn(positions[1]);
      long most = Long.compareUnsigned(received, replayed) > 0 ? received : replayed;
      return Optional.of(new Far(most, received != 0));
    } catch (SQLException _) {
      return Optional.empty();
    }
  }

  /** How far a standby has replayed; empty if it does not answer or is not a standby. */
  OptionalLong replayed(NodeId node) {
    return lsnOf(node, "select pg_last_wal_replay_lsn()");
  }

  /** The write position of a primary; empty if it does not answer. */
  OptionalLong current(NodeId node) {
    return lsnOf(node, "select pg_current_wal_lsn()");
  }

  /** The timeline of a primary, as its WAL files are named: "00000002"; "?" if it does not say. */
  String timeline(NodeId node) {
    return OneValue.of(cluster, node, "select pg_walfile_name(pg_current_wal_lsn())", LIMITS)
        .filter(name -> name.length() >= 8)
        .map(name -> name.substring(0, 8))
        .orElse("?");
  }

  /**
   * Whether a standby that was just started soon replays what a newly promoted primary writes. One
   * whose own WAL goes on beyond the fork streams too, for moments, and is far enough by its own
   * WAL; but it never replays more. So the goal is a position that lies beyond its own WAL. A
   * standby on a slow link may be far behind for long, but it does receive the new timeline.
   */
  boolean follows(NodeId standby, NodeId primary) {
    long begin = cluster.control().clock().monotonicNanos();
    long waited = 0;
    OptionalLong own = OptionalLong.empty();
    OptionalLong goal = OptionalLong.empty();
    for (int tries = 0; waited < STREAM_NANOS_MAX; tries++) {
      if (own.isEmpty()) {
        own = ofStandby(standby);
      }
      if (own.isPresent() && goal.isEmpty()) {
        OptionalLong present = current(primary);
        if (present.isPresent() && Long.compareUnsigned(present.getAsLong(), own.getAsLong()) > 0) {
          goal = present;
        } else if (tries >= QUIET_TRIES) {
          // nobody writes: its commit record is WAL
          OneValue.of(cluster, primary, "select txid_current()", LIMITS);
        }
      }
      OptionalLong replayed = goal.isPresent() ? replayed(standby) : goal;
      if (replayed.isPresent()
          && Long.compareUnsigned(replayed.getAsLong(), goal.getAsLong()) >= 0) {
        return true;
      }
      if (waited >= SLOW_NANOS && OneValue.receivesTimeline(cluster, primary, standby)) {
        return true;
      }
      cluster.control().tasks().sleep(POLL_NANOS);
      waited = cluster.control().clock().monotonicNanos() - begin;
    }
    return false;
  }

  /** Whether a node with new files soon has all that its primary has now. */
  boolean hasCaughtUp(NodeId node, NodeId primary) {
    long goal = current(primary).orElse(Long.MAX_VALUE);
    long deadline = cluster.control().clock().monotonicNanos() + STREAM_NANOS_MAX;
    while (Long.compareUnsigned(ofStandby(node).orElse(0), goal) < 0) {
      if (cluster.control().clock().monotonicNanos() >= deadline) {
        return false;
      }
      cluster.control().tasks().sleep(POLL_NANOS);
    }
    return true;
  }

  private OptionalLong lsnOf(NodeId node, String sql) {
    try {
      Optional<String> text = ask(node, sql);
      return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(lsn(text.get()));
    } catch (SQLException _) {
      return OptionalLong.empty();
    }
  }

  /** Empty at once if the node is down or paused. */
  private Optional<String> ask(NodeId node, String sql) throws SQLException {
    return cluster.state(node) == NodeState.UP
        ? OneValue.orThrow(cluster, node, sql, LIMITS)
        : Optional.empty();
  }

  /** Parses "0/16B3748". */
  private static long lsn(String text) throws SQLException {
    String[] halves = text.split("/");
    try {
      return Long.parseUnsignedLong(halves[0], 16) << 32 | Long.parseUnsignedLong(halves[1], 16);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new SQLException("no LSN: " + text, "22P02", e);
    }
  }

  static String lsnText(long lsn) {
    return Long.toHexString(lsn >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(lsn & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
  }
}
