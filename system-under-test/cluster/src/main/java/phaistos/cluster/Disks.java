package phaistos.cluster;

import java.io.IOException;
import phaistos.cluster.Cluster.NodeId;

/** Faults of a node's disk; they stay when its process ends. */
public interface Disks {
  /**
   * Sets whether every sync of files and directories fails with an input/output error from now on.
   */
  void failSyncs(NodeId node, boolean fail);

  /** Room for this many bytes more; a negative number takes the bound away. */
  void limitSpace(NodeId node, long bytes);

  /** Every read, write and sync takes this much longer. */
  void slowDown(NodeId node, long nanos);

  /**
   * Makes reads of a file see one bit flipped, until it is written over or {@link #restoreBit}.
   *
   * @param path relative to the data directory
   * @param bit from the start of the file
   * @throws IOException if there is no such file
   */
  void flipBit(NodeId node, String path, long bit) throws IOException;

  /** Lets reads see the bit as written again. Does nothing if it is not flipped. */
  void restoreBit(NodeId node, String path, long bit);

  /** The counts since the start. */
  DiskCounters counters(NodeId node);

  /**
   * @param syncsFailed syncs that a fault made fail
   * @param writesRefused writes for which there was no room
   * @param slowedNanos total delay of reads, writes and syncs
   * @param flippedBitsRead reads that saw a flipped bit
   */
  record DiskCounters(
      long syncsFailed, long writesRefused, long slowedNanos, long flippedBitsRead) {}
}
