package phaistos.nemesis;

import java.util.Optional;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;

/**
 * A fault that somebody asks for, as data. Targets are resolved when it begins, by the fault's own
 * seed, so that a schedule can be replayed whatever came before.
 */
public interface Fault {
  FaultKind kind();

  /** What {@link FaultKind#read} reads back; without a handle. */
  Edn.Table value();

  /**
   * Begins it. It lasts until {@link UnderWay#end}, beside whatever other faults are under way; a
   * fault of a moment is over when this returns.
   */
  UnderWay begin(Site site);

  /**
   * What a fault acts on. What a fault holds at nodes and streams it holds through {@code state},
   * under its handle.
   */
  record Site(Cluster cluster, ClusterState state, Operator operator, Handle handle) {}

  /** A fault that has begun. */
  interface UnderWay {
    /** What was hit. */
    EdnTable began();

    /** Gives back what it holds; what other faults hold stays as it is. */
    void end();

    /**
     * What it did, as measured; asked after the end. Empty as long as that cannot be told: the redo
     * after a kill runs when the node starts, which another fault may put off.
     */
    Optional<Effect> effect();
  }

  /**
   * @param effective whether it counts as a fault that happened
   * @param measured the figures and names that say so
   */
  record Effect(boolean effective, EdnTable measured) {}
}
