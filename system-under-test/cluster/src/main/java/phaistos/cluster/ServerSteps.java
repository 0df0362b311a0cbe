package phaistos.cluster;

import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;

/** The steps that the nodes' servers take, each a named act of their code. */
public interface ServerSteps {
  /**
   * Waits for a step, in whichever process of a node comes to it from now on. The task that comes
   * to it for the count-th time is held there, before the act, until {@link Watch#release} or for
   * so long at most: a fault that fires at a step is to find the server at that step.
   *
   * @param label the step's: "wal-flush"
   * @param node any node if it is not given
   * @throws IllegalArgumentException if there is no such step
   */
  Watch watch(String label, Optional<NodeId> node, long count, long holdNanosMax);

  /** A step that is waited for. */
  interface Watch {
    boolean isReached();

    /** Lets the task go on that is held. */
    void release();
  }
}
