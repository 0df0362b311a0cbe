package phaistos.nemesis;

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
import phaistos.cluster.ServerProcesses;
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
 *       position at which the present primary was promoted, unless a commit waits for every
 *       standby.
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
  private static final long STOP_NANOS_MAX = 30_000_000_000L;

  private final Cluster cluster;
  private final OperatorActs acts;
  private final int required;
  private final Hearing hearing;
  private final FaultAtlas atlas;
  private final List<NodeId> members = new ArrayList<>();
  private final ClusterState state;
  private final Positions positions;

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
    this.positions = new Positions(cluster);
    this.state = new ClusterState(cluster, new Returns());
    this.atlas = new FaultAtlas(cluster, required, members);
    this.hearing = new Hearing(this, cluster, members, hearNanos);
    cluster.nodes().stream().filter(n -> !n.equals(cluster.primary())).forEach(members::add);
  }

  /** Whether a node is the primary, or a standby that has joined it. */
  public boolean isCurrent(NodeId node) {
    return node.equals(cluster.primary()) || members.contains(node);
  }

  /**
   * The position up to which a standby has WAL: flushed since it streams, or replayed. Empty if it
   * does not answer or is not a standby.
   */
  public OptionalLong position(NodeId node) {
    return positions.ofStandby(node);
  }

  FaultAtlas atlas() {
    return atlas;
  }

  /** Whether a fault has spoiled a node's files, and they were not made anew since. */
  public boolean isSpoiled(NodeId node) {
    return atlas.isSpoiled(node) && !atlas.isAside(node);
  }

  /** Whether a node was a second primary, and its files were not made anew since. */
  public boolean isAside(NodeId node) {
    return atlas.isAside(node);
  }

  Positions positions() {
    return positions;
  }

  /** The state in which open faults hold this cluster. */
  public ClusterState state() {
    return state;
  }

  /** Makes another node primary after the primary was lost. */
  public TakeOver failover(Policy policy, Seed seed) {
    return takeOver(policy, seed, false, Optional.empty());
  }

  /**
   * Makes another node primary, as planned: the primary ends in an orderly way, its standbys get
   * all of its WAL, and it comes back as one of them.
   */
  public TakeOver switchover(Seed seed) {
    NodeId former = cluster.primary();
    boolean isStopped = cluster.state(former) == NodeState.UP && stops(former);
    return takeOver(Policy.SAFE, seed, isStopped, Optional.empty());
  }

  /**
   * Makes two nodes primary that do not know of each other, after the primary was lost: the one
   * that a failover chooses, and another standby. Cuts under this handle keep that one from all
   * other nodes; its commits wait for standbys that cannot come. When the cuts are healed it joins
   * the first.
   */
  TakeOver split(Handle handle, Seed seed) {
    return takeOver(Policy.SAFE, seed, false, Optional.of(handle));
  }

  private boolean stops(NodeId node) {
    Optional<ServerProcesses> processes = cluster.serverProcesses();
    if (processes.isEmpty()) {
      return acts.stop(node);
    }
    processes.get().shutDown(node, ServerProcesses.Shutdown.FAST);
    long deadline = cluster.control().clock().monotonicNanos() + STOP_NANOS_MAX;
    while (cluster.state(node) != NodeState.DOWN) {
      if (cluster.control().clock().monotonicNanos() >= deadline) {
        return false;
      }
      cluster.control().tasks().sleep(POLL_NANOS);
    }
    return true;
  }

  private TakeOver takeOver(
      Policy policy, Seed seed, boolean isStopped, Optional<Handle> splitUnder) {
    NodeId former = cluster.primary();
    int needed = cluster.nodes().size() - 1 - required + 1;
    if (cluster.state(former) != NodeState.DOWN) {
      cluster.kill(former);
    }
    TreeMap<NodeId, Long> heard =
        switch (policy) {
          case SAFE -> {
            hearing.wake();
            yield hearing.enough(needed);
          }
          case RECKLESS -> hearing.first(seed);
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
    Optional<NodeId> second = Optional.empty();
    if (splitUnder.isPresent()) {
      second = cutOffSecond(splitUnder.get(), heard, best, seed);
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
    reignStart = positions.current(best).orElse(heard.get(best));
    NodeId first = best;
    Optional<TakeOver.Second> aside = second.flatMap(node -> promoteAside(first, node));
    Optional<NodeId> stopped = isStopped ? Optional.of(former) : Optional.empty();
    return regroup(former, stopped, best, heard, needed, aside);
  }

  /** Cuts a standby, not the best one, off from all other nodes; empty if there is none. */
  private Optional<NodeId> cutOffSecond(
      Handle handle, TreeMap<NodeId, Long> heard, NodeId best, Seed seed) {
    List<NodeId> others = new ArrayList<>(heard.keySet());
    others.remove(best);
    if (others.isEmpty()) {
      return Optional.empty();
    }
    NodeId second = others.get(seed.drawInt(others.size()));
    List<Cluster.Stream> streams =
        cluster.require(cluster.links(), Capability.CUT).streams().stream()
            .filter(stream -> stream.dialer().isPresent())
            .filter(s -> s.target().equals(second) || s.dialer().get().equals(second))
            .toList();
    state.cut(handle, streams);
    atlas.setAside(handle, second);
    return Optional.of(second);
  }

  /** Promotes a node without making it the cluster's primary; empty if that fails. */
  private Optional<TakeOver.Second> promoteAside(NodeId first, NodeId node) {
    Properties limits = OneValue.limits(2, 70, "phaistos-operator");
    Optional<String> answer = OneValue.of(cluster, node, "select pg_promote(true, 60)", limits);
    if (answer.filter(text -> text.startsWith("t")).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new TakeOver.Second(node, positions.timeline(first) + " " + positions.timeline(node)));
  }

  /**
   * Starts the primary and its standbys again after all of them went down, each from its own files;
   * no node is promoted. A standby that does not start by itself is left to {@link #gather}.
   */
  public void restartAll() {
    state.restart(cluster.primary());
    hearing.wake();
  }

  /** Promotes no node: the former primary goes on, unless a fault prevents that. */
  private TakeOver keep(NodeId former, TreeMap<NodeId, Long> heard, int needed, String why) {
    if (!state.isHeldDown(former)) {
      unlessFaultsInterfere(() -> state.restart(former));
    }
    return new TakeOver(
        former,
        Optional.empty(),
        heard,
        needed,
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.of(why));
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
  static boolean succeeds(Runnable act) {
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
    // If a commit waits for every standby, each has every acknowledged one by that alone.
    if (needed > 1 && Long.compareUnsigned(heard.get(best), reignStart) < 0) {
      return "the most advanced standby, "
          + best
          + ", is at "
          + Positions.lsnText(heard.get(best))
          + ", before the primary's promotion at "
          + Positions.lsnText(reignStart);
    }
    return "";
  }

  /**
   * Makes every node follow the new primary; a node that cannot follow joins from the initial data.
   *
   * @param stopped the former primary, if it ended in an orderly way
   */
  private TakeOver regroup(
      NodeId former,
      Optional<NodeId> stopped,
      NodeId next,
      TreeMap<NodeId, Long> heard,
      int needed,
      Optional<TakeOver.Second> second) {
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
      boolean mayFollow =
          stopped.equals(Optional.of(node))
              || heard.containsKey(node)
                  && Long.compareUnsigned(heard.get(node), heard.get(next)) <= 0;
      // it may have got more WAL since it was heard, and then it never follows
      if (mayFollow && follow(node, next) && positions.follows(node, next)) {
        followed.add(node);
      } else if (!state.slow.isTo(node) && succeeds(() -> rejoin(node, next))) {
        rejoined.add(node);
      } else {
        leftOut.add(node);
        continue;
      }
      members.add(node);
    }
    return new TakeOver(
        former,
        Optional.of(next),
        heard,
        needed,
        followed,
        rejoined,
        leftOut,
        second,
        Optional.empty());
  }

  private boolean canJoin(NodeId node, NodeId primary) {
    return !state.isHeldDown(node)
        && !(state.isHeldPaused(node) && cluster.state(node) == NodeState.PAUSED)
        && !atlas.isOpen(node)
        && !state.isCutOff(node, primary);
  }

  /** How nodes come back when the last fault that held them has ended. */
  private final class Returns implements ClusterState.Recovery {
    @Override
    public Optional<RestartReport> bringBack(NodeId node) {
      if (isCurrent(node) || atlas.mayRestart(node)) {
        return Optional.of(state.restart(node));
      }
      return join(node);
    }

    @Override
    public void runsFreely(NodeId node) {
      if (!isCurrent(node)) {
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
    state.settings.forget(node);
    acts.rejoin(node, primary);
    if (atlas.isSpoiled(node) && positions.hasCaughtUp(node, primary)) {
      atlas.rebuilt(node);
    }
    return state.started(node, new RestartReport(false));
  }

  /** Lets every node join that a failover left out; returns them. */
  public List<NodeId> gather() {
    List<NodeId> joined = new ArrayList<>();
    for (NodeId node : cluster.nodes()) {
      if (!isCurrent(node) && succeeds(() -> rejoin(node, cluster.primary()))) {
        members.add(node);
        joined.add(node);
      }
    }
    return joined;
  }

  /** A standby that loses its disk does not count, until {@link #counts} again. */
  void doesNotCount(NodeId node) {
    members.remove(node);
    state.settings.forget(node);
  }

  void counts(NodeId node) {
    members.add(node);
    state.started(node, new RestartReport(true));
  }

  private boolean follow(NodeId node, NodeId next) {
    try {
      state.settings.forget(node);
      acts.follow(node, next);
      state.started(node, new RestartReport(false));
      return true;
    } catch (ClusterException _) {
      // Its WAL may have gone on beyond the place where the new timeline begins.
      return false;
    }
  }
}
