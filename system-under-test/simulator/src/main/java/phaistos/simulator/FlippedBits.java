package phaistos.simulator;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * Bits of a file that read wrong, kept apart from its bytes: the same read is wrong in the same way
 * every time, a write over a byte makes it right, and taking the overlay away shows what was
 * written. Not thread-safe.
 */
final class FlippedBits {
  /** What a byte at an offset is xored with; never 0. */
  private final TreeMap<Long, Integer> masks = new TreeMap<>();

  /** A bit reads wrong from now on; one that does already stays so. */
  void flip(long bit) {
    masks.merge(bit / 8, mask(bit), (a, b) -> a | b);
  }

  /** A bit reads right again. */
  void restore(long bit) {
    masks.computeIfPresent(
        bit / 8, (_, mask) -> (mask & ~mask(bit)) == 0 ? null : Integer.valueOf(mask & ~mask(bit)));
  }

  private static int mask(long bit) {
    return 1 << (bit % 8);
  }

  boolean isEmpty() {
    return masks.isEmpty();
  }

  /** These bytes were written. */
  void written(long offset, long length) {
    if (!masks.isEmpty()) {
      masks.subMap(offset, offset + length).clear();
    }
  }

  /** The file ends here now. */
  void truncated(long size) {
    if (!masks.isEmpty()) {
      masks.tailMap(size, true).clear();
    }
  }

  void becomeCopyOf(FlippedBits other) {
    masks.clear();
    masks.putAll(other.masks);
  }

  /**
   * Spoils what was read.
   *
   * @param start where in {@code target} the bytes from {@code offset} on begin
   * @return how many flipped bits are among them
   */
  int spoil(long offset, int length, ByteBuffer target, int start) {
    int bits = 0;
    for (Map.Entry<Long, Integer> entry : masks.subMap(offset, offset + length).entrySet()) {
      int index = start + (int) (entry.getKey() - offset);
      target.put(index, (byte) (target.get(index) ^ entry.getValue()));
      bits += Integer.bitCount(entry.getValue());
    }
    return bits;
  }

  /** A copy of the pages with the bits flipped in it. */
  Pages spoilt(Pages pages) {
    Pages copy = pages.snapshot();
    masks.forEach(
        (offset, mask) -> {
          ByteBuffer one = ByteBuffer.allocate(1);
          if (copy.read(offset, one) == 1) {
            copy.write(offset, new byte[] {(byte) (one.get(0) ^ mask)}, 0, 1);
          }
        });
    return copy;
  }
}
