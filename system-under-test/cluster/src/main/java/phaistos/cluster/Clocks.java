package phaistos.cluster;

import java.time.Duration;
import phaistos.cluster.Cluster.NodeId;

/** The nodes' wall clocks. Their monotonic clocks are always right. */
public interface Clocks {
  /** How far the node's wall clock is ahead of the control party's; negative if behind. */
  void setOffset(NodeId node, Duration offset);
}
