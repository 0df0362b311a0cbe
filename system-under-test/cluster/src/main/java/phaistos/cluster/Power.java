package phaistos.cluster;

import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.CrashReport;
import phaistos.cluster.Cluster.NodeId;

/** Power cuts. */
public interface Power {
  /**
   * Cuts the power: SIGKILL if the node runs, and unsynced writes are lost as the mode says. For
   * the same unsynced writes the same mode and seed lose the same ones.
   */
  CrashReport crash(NodeId node, CrashMode mode, long seed);
}
