package phaistos.nemesis;

import java.util.Optional;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;

/**
 * A fault to be injected, as data. Its own seed resolves its targets when it begins, so that a
 * schedule can be replayed whatever came before.
 */
public interface Fault {
  FaultKind kind();

  /** What {@link FaultKind#read} reads back; without a handle. */
  Edn.Table value();

  /**
   * Begins the fault. It lasts until {@link UnderWay#end}; other faults may be open at the same
   * time. A momentary fault is over when this returns.
   */
  UnderWay begin(Site site);

  /**
   * What a fault acts on. It changes nodes and streams only through {@code state}, under its
   * handle.
   */
  record Site(Cluster cluster, ClusterState state, Operator operator, Handle handle) {}

  /** A fault that has begun. */
  interface UnderWay {
    /** What the fault hit. */
    EdnTable began();

    /**
     * Lets go of what {@link ClusterState} does not hold, without waiting for any node; {@link
     * #end} does this too.
     */
    default void letGo() {}

    /** Releases what it holds; the holds of other faults stay. */
    void end();

    /**
     * The measured effect; asked after the end. Empty while it is not known: the redo after a kill
     * runs when the node starts, and another fault may delay that.
     */
    Optional<Effect> effect();
  }

  /**
   * @param effective whether it counts as a fault that happened
   * @param measured the figures and names that say so
   */
  record Effect(boolean effective, EdnTable measured) {}
}
