package phaistos.cluster;

import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;

/**
 * The messages of the replication stream, where a node sends them. TCP neither loses, repeats nor
 * reorders what it carries, and a standby relies on that; so WAL may only be held and delayed,
 * while a reply carries all positions and may be treated in every way.
 */
public interface ReplicationMessages {
  /** A kind of message. */
  enum Kind {
    /** From the primary. */
    WAL("wal-sender-send"),
    /** The standby's positions. */
    STANDBY_STATUS_UPDATE("standby-reply");

    private final String step;

    Kind(String step) {
      this.step = step;
    }

    /** The step of the server that sends it. */
    public String step() {
      return step;
    }
  }

  /** What happens to a message. */
  enum Treatment {
    /** It is sent when the disturbance ends. */
    HOLD,
    /** It is sent later. */
    DELAY,
    /** It is not sent. */
    DROP,
    /** It is sent twice. */
    DUPLICATE,
    /** It is sent after the next one. */
    REORDER
  }

  /**
   * Which messages.
   *
   * @param node that sends them; any if not given
   * @param everyNth of those that match
   * @param fromLsn only messages whose WAL position is here or later; 0 for all
   */
  record Selection(Kind kind, Optional<NodeId> node, long everyNth, long fromLsn) {}

  /**
   * Treats messages from now on.
   *
   * @param delayNanos of {@link Treatment#DELAY}
   * @throws IllegalArgumentException if the treatment is not one for this kind
   */
  Disturbance disturb(Selection selection, Treatment treatment, long delayNanos);

  /** A disturbance under way. */
  interface Disturbance {
    /** Messages that were treated. */
    long treated();

    /** Sends what is held, and lets all others pass. */
    void end();
  }
}
