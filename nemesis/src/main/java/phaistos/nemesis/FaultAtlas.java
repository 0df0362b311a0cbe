package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;

/**
 * Which nodes hold good copies of what was acknowledged, and so which of them a fault may spoil
 * (TigerBeetle's idea of a fault atlas). A commit that was acknowledged is on the primary and on
 * {@code required} standbys, of which nobody knows which they are. The primary may be lost at any
 * time. So if at most {@code required - 1} standbys are spoiled, every commit has a good copy left,
 * and with one required standby none may be.
 *
 * <p>A standby is spoiled from the beginning of the fault until its files are made anew. As long it
 * is no standby that the operator asks or promotes, and no image of it is audited. Not thread-safe.
 */
final class FaultAtlas {
  private record Spoiled(Handle by, boolean isOpen, boolean mayRestart, boolean isAside) {}

  private final Cluster cluster;
  private final int required;
  private final List<NodeId> members;
  private final TreeMap<NodeId, Spoiled> spoiled = new TreeMap<>();

  /**
   * @param required how many standbys must have a commit before it is acknowledged
   * @param members the standbys that have joined the primary; this class takes spoiled ones away
   */
  FaultAtlas(Cluster cluster, int required, List<NodeId> members) {
    this.cluster = cluster;
    this.required = required;
    this.members = members;
  }

  /** Those of the nodes that may be spoiled together, beside those that are. */
  List<NodeId> spare(List<NodeId> wanted) {
    int room = Math.max(0, required - 1 - spoiled.size());
    return wanted.stream()
        .filter(node -> members.contains(node) && !node.equals(cluster.primary()))
        .limit(room)
        .toList();
  }

  /** Whether spoiling these nodes leaves a commit without a good copy. */
  boolean isLastCopy(List<NodeId> nodes) {
    List<NodeId> beside = new ArrayList<>(nodes);
    beside.removeAll(spoiled.keySet());
    return !spare(beside).containsAll(beside);
  }

  /**
   * Notes that nodes are spoiled.
   *
   * @param mayRestart whether one that goes down may start with its files as they are
   */
  void spoil(Handle by, List<NodeId> nodes, boolean mayRestart) {
    members.removeAll(nodes);
    nodes.forEach(node -> spoiled.put(node, new Spoiled(by, true, mayRestart, false)));
  }

  /** Notes that a node goes its own way, as a second primary does: nothing there is owed. */
  void setAside(Handle by, NodeId node) {
    spoiled.put(node, new Spoiled(by, true, false, true));
  }

  boolean isAside(NodeId node) {
    return isSpoiled(node) && spoiled.get(node).isAside;
  }

  /** The fault has ended; its nodes are spoiled until their files are made anew. */
  void over(Handle by) {
    spoiled.replaceAll(
        (_, each) ->
            each.by.equals(by) ? new Spoiled(by, false, each.mayRestart, each.isAside) : each);
  }

  /** A node's files were made anew. */
  void rebuilt(NodeId node) {
    spoiled.remove(node);
  }

  boolean isSpoiled(NodeId node) {
    return spoiled.containsKey(node);
  }

  /** Whether a fault that spoils the node has not ended. */
  boolean isOpen(NodeId node) {
    return isSpoiled(node) && spoiled.get(node).isOpen;
  }

  boolean mayRestart(NodeId node) {
    return isOpen(node) && spoiled.get(node).mayRestart;
  }
}
