package phaistos.cluster;

import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.CrashReport;
import phaistos.cluster.Cluster.ImageKind;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.DataDirectory;

/** Power cuts, and images of the disks after them. */
public interface Power {
  /**
   * Cuts the power: SIGKILL if the node runs, and unsynced writes are lost as the mode says. For
   * the same unsynced writes the same mode and seed lose the same ones.
   */
  CrashReport crash(NodeId node, CrashMode mode, long seed);

  /**
   * The files of a node that is down: as they are, or without any unsynced write (only what was
   * flushed). It is a snapshot and does not change when the node is started again.
   */
  DataDirectory image(NodeId node, ImageKind kind);
}
