package phaistos.checker.durability;

import java.util.TreeMap;
import phaistos.formats.Lsn;

/**
 * A checksum for each 64 kB of a node's WAL. Nodes are compared by these sums without holding the
 * WAL in memory (1 GB of WAL: 16,384 sums). A record counts in the block where it begins; the order
 * of records does not matter.
 */
final class BlockSums {
  static final long BLOCK_BYTES = 65_536;

  private static final int BLOCK_BITS = 16;

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

  void add(int recordTimeline, long lsn, int crc) {
    long block = lsn >>> BLOCK_BITS;
    if (block != number || recordTimeline != timeline) {
      put();
      number = block;
      timeline = recordTimeline;
    }
    long mixed = (lsn ^ (long) crc << 32) * 0x9E37_79B9_7F4A_7C15L;
    sum += (mixed ^ mixed >>> 29) * 0xBF58_476D_1CE4_E5B9L;
  }

  private void put() {
    if (number >= 0) {
      sums.merge(new Block(timeline, number), sum, Long::sum);
    }
    number = -1;
    sum = 0;
  }

  /** Adds the records of another part of the WAL. */
  void addAll(BlockSums others) {
    others.sums().forEach((block, other) -> sums.merge(block, other, Long::sum));
  }

  TreeMap<Block, Long> sums() {
    put();
    return sums;
  }
}
