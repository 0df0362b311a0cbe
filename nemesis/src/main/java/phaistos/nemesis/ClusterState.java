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
import java.util.concurrent.ConcurrentSkipListMap;
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
import phaistos.environment.Task;
import phaistos.histories.generators.Seed;

/**
 * Owns what faults do to each node and each stream. A fault holds a state under its handle until it
 * releases it. The cluster is always in the combined state of all holds:
 *
 * <ul>
 *   <li>a stream is cut while any fault holds it cut, and as slow as the slowest holds it;
 *   <li>a node is down while any fault holds it down; otherwise paused while any holds it paused;
 *       otherwise up;
 *   <li>a node's syncs fail while any fault makes them fail; its disk has the smallest free space
 *       that any fault sets; all delays and clock offsets add up;
 *   <li>a bit reads wrong while any fault holds it flipped, unless it is written over.
 * </ul>
 *
 * <p>So the order in which faults begin and end does not matter. After the last fault has ended,
 * the cluster is in its known good state. Not thread-safe; only the nemesis' task calls it.
 */
public final class ClusterState {
  private final Cluster cluster;
  private final Recovery recovery;

  /** The cuts by the text of their stream, because streams have no order. */
  private final TreeMap<String, Held<Stream>> cuts = new TreeMap<>();

  final SlowStreams slow;
  final HeldSettings settings;
  private final TreeMap<NodeId, TreeSet<Handle>> down = new TreeMap<>();
  private final TreeMap<NodeId, TreeSet<Handle>> paused = new TreeMap<>();
  private final TreeMap<NodeId, TreeMap<Handle, Trouble>> troubles = new TreeMap<>();

  /** The disk and clock state last set for each node. */
  private final Map<NodeId, Trouble> inForce = new ConcurrentSkipListMap<>();

  /** The faults that last, also those that hold something of which this class does not know. */
  final TreeSet<Handle> open = new TreeSet<>();

  /** How far strobes have moved each clock, beside the troubles in force. */
  private final Map<NodeId, Duration> strobed = new ConcurrentSkipListMap<>();

  private final TreeMap<String, Held<Bit>> flippedBits = new TreeMap<>();

  /** For each start of a node since the beginning, whether redo ran. */
  private final TreeMap<NodeId, List<Boolean>> starts = new TreeMap<>();

  private final TreeMap<NodeId, String> notReady = new TreeMap<>();

  private record Held<T>(T what, TreeSet<Handle> by) {}

  /** One bit of a file of a node. */
  record Bit(NodeId node, String path, long number) {}

  /** How nodes that no fault holds any more come back. */
  interface Recovery {
    /** Starts a node that is down; empty if it must stay down for now. */
    Optional<RestartReport> bringBack(NodeId node);

    /** Called when a node is up and no fault holds it. */
    void runsFreely(NodeId node);
  }

  ClusterState(Cluster cluster, Recovery recovery) {
    this.cluster = cluster;
    this.recovery = recovery;
    this.slow = SlowStreams.of(cluster);
    this.settings = HeldSettings.of(cluster);
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

  /**
   * Whether a stream between two nodes is cut, in either direction, on the link of either dialer.
   */
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

  /** Kills nodes and holds them down; returns those that were not down before. */
  List<NodeId> kill(Handle handle, List<NodeId> nodes) {
    List<NodeId> running = running(nodes);
    running.forEach(cluster::kill);
    hold(down, handle, nodes);
    return running;
  }

  /** Holds nodes down that are down already. */
  public void holdDown(Handle handle, List<NodeId> nodes) {
    hold(down, handle, nodes);
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

  /** Pauses nodes and holds them paused; returns those that were up before. */
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

  /** Records that a node was started in another way. */
  RestartReport started(NodeId node, RestartReport report) {
    starts.computeIfAbsent(node, _ -> new ArrayList<>()).add(report.recovered());
    if (isHeldPaused(node) && cluster.state(node) == NodeState.UP) {
      cluster.pause(node);
    }
    return report;
  }

  /**
   * Starts the nodes that no fault holds down, in this order, each in a task of its own since a
   * standby may wait for its primary. A node that does not come back stays down for now.
   *
   * @param gapNanosMax between two starts
   * @return those on which redo ran
   */
  List<NodeId> restartStaggered(List<NodeId> order, long gapNanosMax, Seed seed) {
    Map<NodeId, RestartReport> reports = new ConcurrentSkipListMap<>();
    List<Task> tasks = new ArrayList<>();
    long at = 0;
    Seed draw = seed;
    for (NodeId node : order) {
      if (isHeldDown(node)) {
        continue;
      }
      long delay = at;
      tasks.add(
          cluster
              .control()
              .tasks()
              .spawn(
                  "start of " + node,
                  () -> {
                    cluster.control().tasks().sleep(delay);
                    try {
                      reports.put(node, cluster.restart(node));
                    } catch (ClusterException e) {
                      // it is started again when the next fault ends
                    }
                  }));
      at += draw.drawLong(Math.max(1, gapNanosMax));
      draw = draw.next();
    }
    tasks.forEach(Task::join);
    List<NodeId> recovered = new ArrayList<>();
    reports.forEach(
        (node, report) -> {
          started(node, report);
          if (report.recovered()) {
            recovered.add(node);
          }
        });
    settle();
    return recovered;
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

  /** Sets the node's disk and clock to the combination of its troubles. */
  private void apply(NodeId node) {
    Trouble before = inForce.getOrDefault(node, Trouble.NONE);
    Trouble now = troubles.get(node).values().stream().reduce(Trouble.NONE, Trouble::and);
    inForce.put(node, now);
    if (before.syncsFail() != now.syncsFail()) {
      disks().failSyncs(node, now.syncsFail());
    }
    if (before.syncsLie() != now.syncsLie()) {
      cluster
          .require(cluster.diskDamage(), Capability.DISK_DAMAGE)
          .lieAboutSyncs(node, now.syncsLie());
    }
    if (before.roomBytes() != now.roomBytes()) {
      disks().limitSpace(node, now.roomBytes());
    }
    if (before.slowNanos() != now.slowNanos()) {
      disks().slowDown(node, now.slowNanos());
    }
    if (!before.offset().equals(now.offset())) {
      setClock(node);
    }
  }

  /** Moves the clocks of nodes on top of the troubles in force; for a task of its own. */
  interface Strobe {
    void move(Duration offset);
  }

  Strobe strobe(List<NodeId> nodes) {
    TreeMap<NodeId, Duration> now = new TreeMap<>();
    return offset -> {
      for (NodeId node : nodes) {
        Duration before = strobed.getOrDefault(node, Duration.ZERO);
        Duration own = now.getOrDefault(node, Duration.ZERO);
        now.put(node, offset);
        strobed.put(node, before.minus(own).plus(offset));
        setClock(node);
      }
    };
  }

  private void setClock(NodeId node) {
    Duration held = inForce.getOrDefault(node, Trouble.NONE).offset();
    Duration moved = strobed.getOrDefault(node, Duration.ZERO);
    cluster.require(cluster.clocks(), Capability.CLOCK).setOffset(node, held.plus(moved));
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

  /** Releases all that a fault holds, and brings back the nodes that no fault holds any more. */
  void release(Handle handle) {
    letGoOfAll(handle::equals);
    settle();
  }

  private void letGoOfAll(Predicate<Handle> whose) {
    heal(whose);
    slow.release(whose);
    settings.release(whose);
    letGo(down, whose);
    letGo(paused, whose);
    letGoOfTroubles(whose);
    restoreBits(whose);
    open.removeIf(whose);
  }

  /** Lets go of nodes that a fault holds down or paused, and leaves them as they are. */
  void unhold(Handle handle) {
    letGo(down, handle::equals);
    letGo(paused, handle::equals);
  }

  /** Releases everything that any fault holds, at once; nodes that are down stay down. */
  public void releaseAll() {
    letGoOfAll(_ -> true);
    cluster.links().ifPresent(Links::healAll);
  }

  /**
   * Starts every node that no fault holds, the primary first, since standbys stream from it.
   *
   * @throws ClusterException if a node does not come back although no fault prevents it
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

  /** Nodes that failed to come back at the last attempt, while other faults were open. */
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
    return !(open.isEmpty()
        && cuts.isEmpty()
        && slow.isEmpty()
        && settings.isEmpty()
        && down.isEmpty()
        && paused.isEmpty()
        && troubles.isEmpty()
        && flippedBits.isEmpty());
  }
}
