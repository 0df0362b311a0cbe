package phaistos.nemesis;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.TreeMap;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Cluster.RestartReport;
import phaistos.cluster.ClusterException;
import phaistos.cluster.OneValue;
import phaistos.cluster.OperatorActs;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/**
 * Promotes another node when the primary is lost, makes the standbys follow it, and lets the former
 * primary join again.
 *
 * <p>Policy safe. A commit is acknowledged when {@code required} of the standbys have flushed it.
 * So any {@code standbys - required + 1} standbys include at least one that holds it. The most
 * advanced of these holds all such commits, because WAL is a sequence. Three things could break
 * this, and are prevented:
 *
 * <ul>
 *   <li>the former primary could acknowledge more after a standby was asked: it is killed first;
 *   <li>a standby could be on another timeline, where positions cannot be compared: only nodes that
 *       follow the present primary, or have joined it, are asked;
 *   <li>a standby could lack commits that earlier primaries acknowledged: it must have reached the
 *       position at which the present primary was promoted.
 * </ul>
 *
 * If too few standbys answer in time, no node is promoted. Policy reckless promotes the standby
 * that answers first, and may lose commits.
 *
 * <p>Open faults restrict the operator. It does not start a node that a fault holds down, nor
 * resume one that a fault holds paused. It leaves out nodes that it cannot reach, and nodes that a
 * cut separates from the new primary. Such a node joins when the fault has ended. Not thread-safe.
 */
public final class Operator {
  /** Which standby it promotes. */
  public enum Policy {
    /** Only a standby that must hold every acknowledged commit; none if that is not known. */
    SAFE,
    /** The standby that answers first. */
    RECKLESS
  }

  private static final long POLL_NANOS = 100_000_000L;
  private static final Properties LIMITS = OneValue.limits(1, 2, "phaistos-operator");

  private final Cluster cluster;
  private final OperatorActs acts;
  private final int required;
  private final long hearNanos;
  private final List<NodeId> members = new ArrayList<>();
  private final ClusterState state;

  /**
   * The position at which the present primary was promoted; every earlier acknowledged commit lies
   * below it.
   */
  private long reignStart;

  /**
   * @param required how many standbys must have a commit before it is acknowledged
   * @param hearNanos how long to ask standbys before giving up
   */
  public Operator(Cluster cluster, int required, long hearNanos) {
    int standbys = cluster.nodes().size() - 1;
    if (required < 1 || required > standbys) {
      throw new IllegalArgumentException("required=" + required + ", standbys=" + standbys);
    }
    this.cluster = cluster;
    this.acts = cluster.require(cluster.operatorActs(), Capability.OPERATOR);
    this.required = required;
    this.hearNanos = hearNanos;
    this.state = new ClusterState(cluster, new Returns());
    cluster.nodes().stream().filter(n -> !n.equals(cluster.primary())).forEach(members::add);
  }

  /** The state in which open faults hold this cluster. */
  public ClusterState state() {
    return state;
  }

  /**
   * The result of a failover.
   *
   * @param next empty if no node was promoted
   * @param heard positions of the standbys that answered
   * @param needed how many answers policy safe asks for
   * @param leftOut nodes that a fault keeps from following or joining for now
   * @param refused why no node was promoted
   */
  public record Report(
      NodeId former,
      Optional<NodeId> next,
      TreeMap<NodeId, Long> heard,
      int needed,
      List<NodeId> followed,
      List<NodeId> rejoined,
      List<NodeId> leftOut,
      Optional<String> refused) {
    Edn.Table toEdn() {
      EdnTable positions = new EdnTable();
      heard.forEach((node, lsn) -> positions.put(node.name(), lsnText(lsn)));
      return new EdnTable()
          .put("from", former.name())
          .put("to", next.map(NodeId::name))
          .put("heard", positions.build())
          .put("needed", needed)
          .put("followed", followed)
          .put("rejoined", rejoined)
          .put("left-out", leftOut)
          .put("refused", refused)
          .build();
    }
  }

  /** Makes another node primary after the primary was lost. */
  public Report failover(Policy policy, Seed seed) {
    NodeId former = cluster.primary();
    int needed = cluster.nodes().size() - 1 - required + 1;
    if (cluster.state(former) != NodeState.DOWN) {
      cluster.kill(former);
    }
    TreeMap<NodeId, Long> heard =
        switch (policy) {
          case SAFE -> {
            wakeMembers();
            yield hearEnough(needed);
          }
          case RECKLESS -> hearFirst(seed);
        };
    NodeId best = null;
    for (NodeId node : heard.keySet()) {
      if (best == null || Long.compareUnsigned(heard.get(node), heard.get(best)) > 0) {
        best = node;
      }
    }
    String refused = policy == Policy.SAFE ? objection(heard, best, needed) : "";
    if (best == null || !refused.isEmpty()) {
      return keep(former, heard, needed, refused.isEmpty() ? "no standby answered" : refused);
    }
    try {
      acts.promote(best);
    } catch (ClusterException e) {
      if (!state.hasHolds()) {
        throw e;
      }
      // It may still become primary by itself, so it is killed. It joins again later.
      cluster.kill(best);
      members.remove(best);
      return keep(former, heard, needed, String.valueOf(e.getMessage()));
    }
    // From here on only nodes that joined the new primary count, even if the rest of this fails.
    members.clear();
    reignStart = currentPosition(best).orElse(heard.get(best));
    return regroup(former, best, heard, needed);
  }

  /**
   * Starts the primary and its standbys again after all of them went down, each from its own files;
   * no node is promoted. A standby that does not start by itself is left to {@link #gather}.
   */
  public void restartAll() {
    state.restart(cluster.primary());
    wakeMembers();
  }

  /** Promotes no node: the former primary goes on, unless a fault prevents that. */
  private Report keep(NodeId former, TreeMap<NodeId, Long> heard, int needed, String why) {
    if (!state.isHeldDown(former)) {
      unlessFaultsInterfere(() -> state.restart(former));
    }
    return new Report(
        former, Optional.empty(), heard, needed, List.of(), List.of(), List.of(), Optional.of(why));
  }

  /**
   * Returns false if the act failed while faults are open, which may be the cause. Without an open
   * fault it rethrows the failure.
   */
  private boolean unlessFaultsInterfere(Runnable act) {
    try {
      act.run();
      return true;
    } catch (ClusterException e) {
      if (!state.hasHolds()) {
        throw e;
      }
      return false;
    }
  }

  /**
   * Whether an act on a standby succeeded. One that failed is not a standby for now; whether all
   * are in the end is judged at the end.
   */
  private static boolean succeeds(Runnable act) {
    try {
      act.run();
      return true;
    } catch (ClusterException _) {
      return false;
    }
  }

  private String objection(TreeMap<NodeId, Long> heard, NodeId best, int needed) {
    if (heard.size() < needed) {
      return "heard " + heard.size() + " standbys, needed " + needed;
    }
    if (Long.compareUnsigned(heard.get(best), reignStart) < 0) {
      return "the most advanced standby, "
          + best
          + ", is at "
          + lsnText(heard.get(best))
          + ", before the primary's promotion at "
          + lsnText(reignStart);
    }
    return "";
  }

  /**
   * Makes every node follow the new primary; a node that cannot follow joins from the initial data.
   */
  private Report regroup(NodeId former, NodeId next, TreeMap<NodeId, Long> heard, int needed) {
    List<NodeId> followed = new ArrayList<>();
    List<NodeId> rejoined = new ArrayList<>();
    List<NodeId> leftOut = new ArrayList<>();
    for (NodeId node : cluster.nodes()) {
      if (node.equals(next)) {
        continue;
      }
      if (!canJoin(node, next)) {
        leftOut.add(node);
        continue;
      }
      if (heard.containsKey(node)
          && Long.compareUnsigned(heard.get(node), heard.get(next)) <= 0
          && follow(node, next)) {
        followed.add(node);
      } else if (succeeds(() -> rejoin(node, next))) {
        rejoined.add(node);
      } else {
        leftOut.add(node);
        continue;
      }
      members.add(node);
    }
    return new Report(
        former, Optional.of(next), heard, needed, followed, rejoined, leftOut, Optional.empty());
  }

  private boolean canJoin(NodeId node, NodeId primary) {
    return !state.isHeldDown(node)
        && !(state.isHeldPaused(node) && cluster.state(node) == NodeState.PAUSED)
        && !state.isCutOff(node, primary);
  }

  /** How nodes come back when the last fault that held them has ended. */
  private final class Returns implements ClusterState.Recovery {
    @Override
    public Optional<RestartReport> bringBack(NodeId node) {
      if (node.equals(cluster.primary()) || members.contains(node)) {
        return Optional.of(state.restart(node));
      }
      return join(node);
    }

    @Override
    public void runsFreely(NodeId node) {
      if (!node.equals(cluster.primary()) && !members.contains(node)) {
        join(node);
      }
    }

    /**
     * Joins a node again if another node was promoted meanwhile, since it follows a former primary.
     */
    private Optional<RestartReport> join(NodeId node) {
      NodeId primary = cluster.primary();
      if (cluster.state(primary) != NodeState.UP || !canJoin(node, primary)) {
        return Optional.empty();
      }
      RestartReport report = rejoin(node, primary);
      members.add(node);
      return Optional.of(report);
    }
  }

  private RestartReport rejoin(NodeId node, NodeId primary) {
    acts.rejoin(node, primary);
    return state.started(node, new RestartReport(false));
  }

  /** Lets every node join that a failover left out; returns them. */
  public List<NodeId> gather() {
    List<NodeId> joined = new ArrayList<>();
    for (NodeId node : cluster.nodes()) {
      if (!node.equals(cluster.primary()) && !members.contains(node)) {
        if (succeeds(() -> rejoin(node, cluster.primary()))) {
          members.add(node);
          joined.add(node);
        }
      }
    }
    return joined;
  }

  private boolean follow(NodeId node, NodeId next) {
    try {
      acts.follow(node, next);
      state.started(node, new RestartReport(false));
      return true;
    } catch (ClusterException _) {
      // Its WAL may have gone on beyond the place where the new timeline begins.
      return false;
    }
  }

  private void wakeMembers() {
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
            succeeds(() -> state.restart(node));
          }
        }
      }
    }
  }

  /** Asks until enough standbys give the same answer twice, or the time is up. */
  private TreeMap<NodeId, Long> hearEnough(int needed) {
    long deadline = cluster.control().clock().monotonicNanos() + hearNanos;
    TreeMap<NodeId, Long> before = new TreeMap<>();
    while (true) {
      TreeMap<NodeId, Long> heard = new TreeMap<>();
      for (NodeId node : members) {
        position(node).ifPresent(lsn -> heard.put(node, lsn));
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

  private TreeMap<NodeId, Long> hearFirst(Seed seed) {
    long deadline = cluster.control().clock().monotonicNanos() + hearNanos;
    Seed draw = seed;
    TreeMap<NodeId, Long> heard = new TreeMap<>();
    while (heard.isEmpty()
        && mayAnswer() > 0
        && cluster.control().clock().monotonicNanos() < deadline) {
      NodeId node = members.get(draw.drawInt(members.size()));
      draw = draw.next();
      position(node).ifPresent(lsn -> heard.put(node, lsn));
      if (heard.isEmpty()) {
        cluster.control().tasks().sleep(POLL_NANOS);
      }
    }
    return heard;
  }

  /**
   * The position up to which a standby has WAL: flushed since it streams, or replayed. Empty if it
   * does not answer or is not a standby.
   */
  public OptionalLong position(NodeId node) {
    try {
      if (ask(node, "select pg_is_in_recovery()").filter(text -> text.startsWith("t")).isEmpty()) {
        return OptionalLong.empty();
      }
      long received = lsn(ask(node, "select pg_last_wal_receive_lsn()"));
      long replayed = lsn(ask(node, "select pg_last_wal_replay_lsn()"));
      return OptionalLong.of(Long.compareUnsigned(received, replayed) > 0 ? received : replayed);
    } catch (SQLException _) {
      return OptionalLong.empty();
    }
  }

  /** How far a standby has replayed; empty if it does not answer or is not a standby. */
  OptionalLong replayed(NodeId node) {
    return lsnOf(node, "select pg_last_wal_replay_lsn()");
  }

  /** The write position of a primary; empty if it does not answer. */
  OptionalLong currentPosition(NodeId node) {
    return lsnOf(node, "select pg_current_wal_lsn()");
  }

  private OptionalLong lsnOf(NodeId node, String sql) {
    try {
      Optional<String> text = ask(node, sql);
      return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(lsn(text));
    } catch (SQLException _) {
      return OptionalLong.empty();
    }
  }

  private Optional<String> ask(NodeId node, String sql) throws SQLException {
    return OneValue.orThrow(cluster, node, sql, LIMITS);
  }

  /** Parses "0/16B3748"; an empty text is 0. */
  private static long lsn(Optional<String> text) throws SQLException {
    if (text.isEmpty()) {
      return 0;
    }
    String[] halves = text.get().split("/");
    try {
      return Long.parseUnsignedLong(halves[0], 16) << 32 | Long.parseUnsignedLong(halves[1], 16);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new SQLException("no LSN: " + text.get(), "22P02", e);
    }
  }

  static String lsnText(long lsn) {
    return Long.toHexString(lsn >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(lsn & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
  }
}
