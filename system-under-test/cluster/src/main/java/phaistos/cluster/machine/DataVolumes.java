package phaistos.cluster.machine;

import java.nio.file.Path;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Disks;

/** A kind of volumes for nodes that are processes or containers of this machine. */
public interface DataVolumes {
  /** Why the nodes on these volumes cannot lose unsynced writes; empty if they can. */
  Optional<String> whyNoPowerCut();

  /** Faults of the disks; empty if these volumes have none. */
  default Optional<Disks> disks() {
    return Optional.empty();
  }

  /**
   * Makes a volume for a node and opens it.
   *
   * @param folder does not exist yet; everything of the volume goes below it, and the cluster
   *     removes it after the volume is closed
   * @param owner the user that runs the node's server
   * @throws ClusterException if it cannot be opened here
   */
  DataVolume open(NodeId node, Path folder, UserId owner);

  /** Folders of this machine's own disk. */
  static DataVolumes plain() {
    return PlainVolume.KIND;
  }

  /** The same, with a reason why it is not a kind that can lose unsynced writes. */
  static DataVolumes plainBecause(String why) {
    return PlainVolume.kind(Optional.of(why));
  }
}
