package phaistos.simulator;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * Bits of a file that read wrong. They are an overlay over the file's bytes. Every read sees the
 * same wrong bits, writing a byte corrects it, and removing the overlay shows the written bytes
 * again. Not thread-safe.
 */
final class FlippedBits {
  /** The mask to xor a byte with, by offset; never 0. */
  private final TreeMap<Long, Integer> masks = new TreeMap<>();

  /** Makes a bit read wrong from now on. A bit that reads wrong already stays wrong. */
  void flip(long bit) {
    masks.merge(bit / 8, mask(bit), (a, b) -> a | b);
  }

  /** Makes a bit read right again. */
  void restore(long bit) {
    masks.computeIfPresent(
        bit / 8, (_, mask) -> (mask & ~mask(bit)) == 0 ? null : Integer.valueOf(mask & ~mask(bit)));
  }

  /**
   * Makes bytes of a file read as others from now on; bits that read wrong already stay so.
   *
   * @param wanted what reads shall see from {@code offset} on
   * @return what {@link #lift} takes away
   */
  TreeMap<Long, Integer> lay(long offset, byte[] wanted, Pages pages) {
    ByteBuffer there = ByteBuffer.allocate(wanted.length);
    int length = pages.read(offset, there);
    TreeMap<Long, Integer> laid = new TreeMap<>();
    for (int i = 0; i < length; i++) {
      int mask = (there.get(i) ^ wanted[i]) & 0xFF;
      if (mask != 0 && !masks.containsKey(offset + i)) {
        masks.put(offset + i, mask);
        laid.put(offset + i, mask);
      }
    }
    return laid;
  }

  /** Lets bytes read right again that were laid and not written over since. */
  void lift(TreeMap<Long, Integer> laid) {
    laid.forEach(masks::remove);
  }

  private static int mask(long bit) {
    return 1 << (bit % 8);
  }

  boolean isEmpty() {
    return masks.isEmpty();
  }

  /** Corrects the bytes that were written. */
  void written(long offset, long length) {
    if (!masks.isEmpty()) {
      masks.subMap(offset, offset + length).clear();
    }
  }

  /** Drops flipped bits beyond the file's new end. */
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
   * Applies the flipped bits to bytes that were read.
   *
   * @param start where in {@code target} the bytes from {@code offset} on begin
   * @return how many flipped bits are among them
   */
  int spoil(long offset, int length, ByteBuffer target, int start) {
    if (masks.isEmpty()) {
      return 0;
    }
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
