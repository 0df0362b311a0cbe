package phaistos.nemesis;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Cluster.RestartReport;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Disks;
import phaistos.cluster.Links;
import phaistos.cluster.Power;
import phaistos.histories.generators.Seed;

/**
 * The one owner of what faults do to each node and each stream. A fault holds something under its
 * handle until it releases it; the cluster is always in the state that all holds together ask for:
 *
 * <ul>
 *   <li>a stream is cut while any fault holds it cut;
 *   <li>a node is down while any fault holds it down; otherwise paused while any holds it paused;
 *       otherwise up;
 *   <li>a node's syncs fail while any fault wants it; its disk has the least room that any of them
 *       leaves it, and all their delays and clock offsets add up;
 *   <li>a bit reads wrong while any fault holds it flipped, unless it is written over.
 * </ul>
 *
 * <p>So the order in which faults begin and end does not matter, and after the last the cluster is
 * in its known good state. Not thread-safe: for the nemesis' task.
 */
public final class ClusterState {
  private final Cluster cluster;
  private final Recovery recovery;

  /** Who holds what. Streams by their text, which has an order. */
  private final TreeMap<String, Held<Stream>> cuts = new TreeMap<>();

  private final TreeMap<NodeId, TreeSet<Handle>> down = new TreeMap<>();
  private final TreeMap<NodeId, TreeSet<Handle>> paused = new TreeMap<>();
  private final TreeMap<NodeId, TreeMap<Handle, Trouble>> troubles = new TreeMap<>();

  /** What each node's disk and clock were set to last. */
  private final TreeMap<NodeId, Trouble> inForce = new TreeMap<>();

  private final TreeMap<String, Held<Bit>> flippedBits = new TreeMap<>();

  /** Of each start of a node since the beginning, whether redo ran. */
  private final TreeMap<NodeId, List<Boolean>> starts = new TreeMap<>();

  private final TreeMap<NodeId, String> notReady = new TreeMap<>();

  private record Held<T>(T what, TreeSet<Handle> by) {}

  /**
   * What one fault does to one node's disk and clock.
   *
   * @param roomBytes how many bytes more the disk takes; negative for no bound
   */
  record Trouble(boolean syncsFail, long roomBytes, long slowNanos, Duration offset) {
    static final Trouble NONE = new Trouble(false, -1, 0, Duration.ZERO);
    static final Trouble SYNCS_FAIL = new Trouble(true, -1, 0, Duration.ZERO);

    static Trouble room(long bytes) {
      return new Trouble(false, bytes, 0, Duration.ZERO);
    }

    static Trouble slow(long nanos) {
      return new Trouble(false, -1, nanos, Duration.ZERO);
    }

    static Trouble clock(Duration offset) {
      return new Trouble(false, -1, 0, offset);
    }

    /** Both at once. */
    Trouble and(Trouble other) {
      long room =
          roomBytes < 0 || (other.roomBytes >= 0 && other.roomBytes < roomBytes)
              ? other.roomBytes
              : roomBytes;
      return new Trouble(
          syncsFail || other.syncsFail,
          room,
          slowNanos + other.slowNanos,
          offset.plus(other.offset));
    }
  }

  /** One bit of a file of a node. */
  record Bit(NodeId node, String path, long number) {}

  /** How nodes that no fault holds any more come back. */
  interface Recovery {
    /** Starts a node that is down; empty if it must stay down for the present. */
    Optional<RestartReport> bringBack(NodeId node);

    /** A node is up, and nothing holds it. */
    void runsFreely(NodeId node);
  }

  ClusterState(Cluster cluster, Recovery recovery) {
    this.cluster = cluster;
    this.recovery = recovery;
  }

  // Links.

  void cut(Handle handle, Collection<Stream> streams) {
    Links links = cluster.require(cluster.links(), Capability.CUT);
    for (Stream stream : streams) {
      Held<Stream> held =
          cuts.computeIfAbsent(stream.toString(), _ -> new Held<>(stream, new TreeSet<>()));
      if (held.by.isEmpty()) {
        links.cut(stream);
      }
      held.by.add(handle);
    }
  }

  boolean isCut(Stream stream) {
    return cuts.containsKey(stream.toString());
  }

  /** Whether bytes are stopped between two nodes, in either direction, whoever dials whom. */
  boolean isCutOff(NodeId one, NodeId other) {
    return cuts.values().stream()
        .map(Held::what)
        .filter(s -> s.dialer().isPresent())
        .anyMatch(s -> Set.of(s.dialer().get(), s.target()).equals(Set.of(one, other)));
  }

  private void heal(Predicate<Handle> whose) {
    for (Held<Stream> held : List.copyOf(cuts.values())) {
      held.by.removeIf(whose);
      if (held.by.isEmpty()) {
        cuts.remove(held.what.toString());
        cluster.require(cluster.links(), Capability.CUT).heal(held.what);
      }
    }
  }

  // Nodes.

  /** Holds nodes down; returns those that this has killed. */
  List<NodeId> kill(Handle handle, List<NodeId> nodes) {
    List<NodeId> running = running(nodes);
    running.forEach(cluster::kill);
    hold(down, handle, nodes);
    return running;
  }

  /** Cuts the power of nodes and holds them down; returns the unsynced bytes that each lost. */
  TreeMap<NodeId, Long> crash(Handle handle, List<NodeId> nodes, CrashMode mode, Seed seed) {
    Power power = cluster.require(cluster.power(), Capability.POWER_CUT);
    TreeMap<NodeId, Long> lost = new TreeMap<>();
    for (NodeId node : nodes) {
      long own = seed.child(node.name()).draw();
      lost.put(node, power.crash(node, mode, own).unsyncedBytesLost());
    }
    hold(down, handle, nodes);
    return lost;
  }

  /** Holds nodes paused; returns those that this has paused. */
  List<NodeId> pause(Handle handle, List<NodeId> nodes) {
    List<NodeId> up = nodes.stream().filter(n -> cluster.state(n) == NodeState.UP).toList();
    up.forEach(cluster::pause);
    hold(paused, handle, nodes);
    return up;
  }

  List<NodeId> running(List<NodeId> nodes) {
    return nodes.stream().filter(n -> cluster.state(n) != NodeState.DOWN).toList();
  }

  private static void hold(
      TreeMap<NodeId, TreeSet<Handle>> holds, Handle handle, List<NodeId> nodes) {
    nodes.forEach(node -> holds.computeIfAbsent(node, _ -> new TreeSet<>()).add(handle));
  }

  private static void letGo(TreeMap<NodeId, TreeSet<Handle>> holds, Predicate<Handle> whose) {
    holds.values().forEach(handles -> handles.removeIf(whose));
    holds.values().removeIf(TreeSet::isEmpty);
  }

  boolean isHeldDown(NodeId node) {
    return down.containsKey(node);
  }

  boolean isHeldPaused(NodeId node) {
    return paused.containsKey(node);
  }

  /** How often a node was started since the beginning. */
  int starts(NodeId node) {
    return starts.getOrDefault(node, List.of()).size();
  }

  /** Whether redo ran in a node's n-th start; empty if there has been none. */
  Optional<Boolean> recoveredAt(NodeId node, int start) {
    List<Boolean> all = starts.getOrDefault(node, List.of());
    return start < all.size() ? Optional.of(all.get(start)) : Optional.empty();
  }

  /** Starts a node that is down. If a fault holds it paused, it is paused again afterwards. */
  RestartReport restart(NodeId node) {
    return started(node, cluster.restart(node));
  }

  /** A node was started in another way. */
  RestartReport started(NodeId node, RestartReport report) {
    starts.computeIfAbsent(node, _ -> new ArrayList<>()).add(report.recovered());
    if (isHeldPaused(node) && cluster.state(node) == NodeState.UP) {
      cluster.pause(node);
    }
    return report;
  }

  // Disks and clocks.

  void trouble(Handle handle, List<NodeId> nodes, Trouble trouble) {
    for (NodeId node : nodes) {
      troubles.computeIfAbsent(node, _ -> new TreeMap<>()).put(handle, trouble);
      apply(node);
    }
  }

  private void letGoOfTroubles(Predicate<Handle> whose) {
    for (NodeId node : List.copyOf(troubles.keySet())) {
      if (troubles.get(node).keySet().removeIf(whose)) {
        apply(node);
      }
    }
    troubles.values().removeIf(TreeMap::isEmpty);
  }

  /** Makes the node's disk and clock what its troubles together say. */
  private void apply(NodeId node) {
    Trouble before = inForce.getOrDefault(node, Trouble.NONE);
    Trouble now = troubles.get(node).values().stream().reduce(Trouble.NONE, Trouble::and);
    inForce.put(node, now);
    if (before.syncsFail != now.syncsFail) {
      disks().failSyncs(node, now.syncsFail);
    }
    if (before.roomBytes != now.roomBytes) {
      disks().limitSpace(node, now.roomBytes);
    }
    if (before.slowNanos != now.slowNanos) {
      disks().slowDown(node, now.slowNanos);
    }
    if (!before.offset.equals(now.offset)) {
      cluster.require(cluster.clocks(), Capability.CLOCK).setOffset(node, now.offset);
    }
  }

  private Disks disks() {
    return cluster.require(cluster.disks(), Capability.DISK);
  }

  /**
   * @throws IOException if the node has no such file
   */
  void flip(Handle handle, Bit bit) throws IOException {
    Held<Bit> held = flippedBits.get(bit.toString());
    if (held == null) {
      disks().flipBit(bit.node, bit.path, bit.number);
      held = new Held<>(bit, new TreeSet<>());
      flippedBits.put(bit.toString(), held);
    }
    held.by.add(handle);
  }

  private void restoreBits(Predicate<Handle> whose) {
    for (Held<Bit> held : List.copyOf(flippedBits.values())) {
      held.by.removeIf(whose);
      if (held.by.isEmpty()) {
        flippedBits.remove(held.what.toString());
        disks().restoreBit(held.what.node, held.what.path, held.what.number);
      }
    }
  }

  // Letting go.

  /** Gives back all that a fault holds, and brings back the nodes that nothing holds any more. */
  void release(Handle handle) {
    heal(handle::equals);
    letGo(down, handle::equals);
    letGo(paused, handle::equals);
    letGoOfTroubles(handle::equals);
    restoreBits(handle::equals);
    settle();
  }

  /** Everything that any fault holds, at once; nodes that are down stay down. */
  public void releaseAll() {
    heal(_ -> true);
    down.clear();
    paused.clear();
    letGoOfTroubles(_ -> true);
    restoreBits(_ -> true);
    cluster.links().ifPresent(Links::healAll);
  }

  /**
   * Brings up every node that no fault holds, the primary first: without it no standby has anybody
   * to stream from.
   *
   * @throws ClusterException if a node does not come back though no fault is in its way
   */
  void settle() {
    List<NodeId> order = new ArrayList<>(List.of(cluster.primary()));
    cluster.nodes().stream().filter(n -> !order.contains(n)).forEach(order::add);
    notReady.clear();
    for (NodeId node : order) {
      try {
        settle(node);
      } catch (ClusterException e) {
        if (!hasHolds()) {
          throw e;
        }
        notReady.put(node, String.valueOf(e.getMessage()));
      }
    }
  }

  /** Nodes that did not come back when they last should have, while other faults were under way. */
  Map<NodeId, String> notReady() {
    return notReady;
  }

  private void settle(NodeId node) {
    if (isHeldDown(node)) {
      return;
    }
    switch (cluster.state(node)) {
      case DOWN -> recovery.bringBack(node);
      case PAUSED -> {
        if (!isHeldPaused(node)) {
          cluster.resume(node);
          recovery.runsFreely(node);
        }
      }
      case UP -> {
        if (isHeldPaused(node)) {
          cluster.pause(node);
        } else {
          recovery.runsFreely(node);
        }
      }
    }
  }

  /** Whether any fault holds anything. */
  boolean hasHolds() {
    return !(cuts.isEmpty()
        && down.isEmpty()
        && paused.isEmpty()
        && troubles.isEmpty()
        && flippedBits.isEmpty());
  }
}
