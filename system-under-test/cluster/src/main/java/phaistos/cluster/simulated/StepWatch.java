package phaistos.cluster.simulated;

import phaistos.cluster.Cluster.NodeId;
import phaistos.server.steps.Steps;

/** Is told of each server before it starts, so that it sees the server's steps from the first. */
@FunctionalInterface
public interface StepWatch {
  StepWatch NONE = (_, _) -> {};

  void starts(NodeId node, Steps steps);
}
