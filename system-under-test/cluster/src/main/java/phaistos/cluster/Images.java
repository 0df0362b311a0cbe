package phaistos.cluster;

import phaistos.cluster.Cluster.ImageKind;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.DataDirectory;

/** Images of the nodes' files. */
public interface Images {
  /**
   * The files of a node that is down: as they are, or without any unsynced write (only what was
   * flushed). It is a snapshot and does not change when the node is started again.
   *
   * @throws ClusterException for one without unsynced writes, if the cluster cannot lose them
   *     ({@link Capability#POWER_CUT})
   */
  DataDirectory image(NodeId node, ImageKind kind);
}
