package phaistos.checker.durability;

import java.util.TreeMap;
import phaistos.formats.Lsn;

/**
 * A fingerprint of a node's WAL for each 64 kB of it, by which nodes are compared without holding
 * the WAL in memory (1 GB of WAL: 16,384 sums). A record counts where it begins.
 */
final class BlockSums {
  static final long BLOCK_BYTES = 65_536;

  /** A block of a timeline's WAL. */
  record Block(int timeline, long number) implements Comparable<Block> {
    Lsn start() {
      return new Lsn(number * BLOCK_BYTES);
    }

    Lsn end() {
      return new Lsn((number + 1) * BLOCK_BYTES);
    }

    @Override
    public int compareTo(Block other) {
      int order = Integer.compareUnsigned(timeline, other.timeline);
      return order != 0 ? order : Long.compareUnsigned(number, other.number);
    }
  }

  private final TreeMap<Block, Long> sums = new TreeMap<>();
  private long number = -1;
  private int timeline;
  private long sum;

  void add(int recordTimeline, Lsn lsn, int crc) {
    long block = Long.divideUnsigned(lsn.value(), BLOCK_BYTES);
    if (block != number || recordTimeline != timeline) {
      finish();
      number = block;
      timeline = recordTimeline;
    }
    sum = (sum ^ lsn.value()) * 0x9E37_79B9_7F4A_7C15L + (crc & 0xFFFF_FFFFL);
    sum ^= sum >>> 29;
  }

  /** Must be called after the last record. */
  void finish() {
    if (number >= 0) {
      sums.put(new Block(timeline, number), sum);
      number = -1;
      sum = 0;
    }
  }

  TreeMap<Block, Long> sums() {
    return sums;
  }
}
