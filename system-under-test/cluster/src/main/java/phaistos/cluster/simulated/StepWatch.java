package phaistos.cluster.simulated;

import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.DataDirectory;
import phaistos.server.steps.Steps;

/** Is told of each server before it starts, so that it sees the server's steps from the first. */
@FunctionalInterface
public interface StepWatch {
  StepWatch NONE = (_, _, _) -> {};

  /**
   * @param files of the node as its processes see them at each moment; reading them is no act of
   *     the simulation
   */
  void starts(NodeId node, Steps steps, DataDirectory files);
}
