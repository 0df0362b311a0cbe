package phaistos.cluster;

import java.io.IOException;
import phaistos.cluster.Cluster.NodeId;

/** Damage to a node's files, and syncs that lie; both stay when its process ends. */
public interface DiskDamage {
  /** What is wrong with a part of a file. */
  enum Kind {
    /** It reads as zeroes. */
    ZEROED,
    /** The file ends where it begins. */
    TRUNCATED,
    /** It cannot be read: an input/output error. */
    READ_ERROR,
    /** The next write to it that is synced goes to the part behind it on the platter. */
    MISDIRECTED_WRITE
  }

  /** Damage under way. */
  interface Damage {
    /** How many reads have met it; of a misdirected write, whether it happened. */
    long seen();

    /** Undoes it, as far as it was not written over. */
    void repair();
  }

  /**
   * Damages a part of a file.
   *
   * @param path relative to the data directory
   * @throws IOException if there is no such file
   */
  Damage damage(NodeId node, String path, Kind kind, long offset, long length) throws IOException;

  /**
   * Whether syncs return without making anything durable. What they should have made durable is so
   * when the lies end without a power cut.
   */
  void lieAboutSyncs(NodeId node, boolean lie);

  /** How many syncs had something to make durable and did not, since the start. */
  long syncsThatLied(NodeId node);
}
