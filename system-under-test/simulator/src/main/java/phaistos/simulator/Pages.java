package phaistos.simulator;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The bytes of a file in pages of 4 kB. A page of zeroes takes no memory, and a copy shares all
 * pages until one side writes. Not thread-safe, but a {@link #snapshot} may be read from any thread
 * while no thread writes to it.
 */
final class Pages {
  static final int PAGE_BYTES = 4096;

  private byte[][] pages;
  private final BitSet owned;
  private long size;

  Pages() {
    this(new byte[0][], 0);
  }

  private Pages(byte[][] pages, long size) {
    this.pages = pages;
    this.owned = new BitSet();
    this.size = size;
  }

  Pages snapshot() {
    owned.clear();
    return new Pages(pages.clone(), size);
  }

  void becomeCopyOf(Pages other) {
    Pages copy = other.snapshot();
    pages = copy.pages;
    owned.clear();
    size = copy.size;
  }

  long size() {
    return size;
  }

  /** Reads into the buffer's room; returns how much there was. */
  int read(long offset, ByteBuffer target) {
    int total = (int) Math.max(0, Math.min(target.remaining(), size - offset));
    int left = total;
    long position = offset;
    while (left > 0) {
      int within = (int) (position % PAGE_BYTES);
      int length = Math.min(left, PAGE_BYTES - within);
      byte[] page = page((int) (position / PAGE_BYTES));
      if (page != null) {
        target.put(page, within, length);
      } else {
        for (int i = 0; i < length; i++) {
          target.put((byte) 0);
        }
      }
      position += length;
      left -= length;
    }
    return total;
  }

  /** Writes bytes, or {@code length} zeroes where {@code bytes} is null. */
  void write(long offset, byte[] bytes, int from, int length) {
    long position = offset;
    int index = from;
    int left = length;
    size = Math.max(size, offset + length);
    while (left > 0) {
      int within = (int) (position % PAGE_BYTES);
      int count = Math.min(left, PAGE_BYTES - within);
      int number = (int) (position / PAGE_BYTES);
      if (bytes != null) {
        System.arraycopy(bytes, index, writablePage(number), within, count);
      } else if (page(number) != null) {
        if (count == PAGE_BYTES) {
          pages[number] = null;
        } else {
          Arrays.fill(writablePage(number), within, within + count, (byte) 0);
        }
      }
      position += count;
      index += count;
      left -= count;
    }
  }

  void truncate(long newSize) {
    if (newSize < size) {
      int keep = (int) ((newSize + PAGE_BYTES - 1) / PAGE_BYTES);
      int within = (int) (newSize % PAGE_BYTES);
      if (within != 0 && page(keep - 1) != null) {
        Arrays.fill(writablePage(keep - 1), within, PAGE_BYTES, (byte) 0);
      }
      if (keep < pages.length) {
        pages = Arrays.copyOf(pages, keep);
      }
    }
    size = newSize;
  }

  private byte[] page(int number) {
    return number < pages.length ? pages[number] : null;
  }

  private byte[] writablePage(int number) {
    if (number >= pages.length) {
      pages = Arrays.copyOf(pages, Math.max(number + 1, pages.length * 2));
    }
    if (pages[number] == null) {
      pages[number] = new byte[PAGE_BYTES];
      owned.set(number);
    } else if (!owned.get(number)) {
      pages[number] = pages[number].clone();
      owned.set(number);
    }
    return pages[number];
  }
}
