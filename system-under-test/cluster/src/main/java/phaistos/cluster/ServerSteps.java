package phaistos.cluster;

import java.util.List;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;

/** The steps of the nodes' servers; a step is a named act of the server's code. */
public interface ServerSteps {
  /**
   * Watches for a step in any process of a node from now on. The task that reaches it for the
   * count-th time is held there, before the act, until {@link Watch#release} or until the limit. So
   * a fault that fires at a step finds the server at that step.
   *
   * @param label the step's: "wal-flush"
   * @param node any node if it is not given
   * @throws IllegalArgumentException if there is no such step
   */
  Watch watch(String label, Optional<NodeId> node, long count, long holdNanosMax);

  /** The nodes of which a task is held at a step now, in the order of their names. */
  List<NodeId> held();

  /** A watched step. */
  interface Watch {
    boolean isReached();

    /** Lets the held task go on. */
    void release();
  }
}
