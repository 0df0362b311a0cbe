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

  private static final byte[] ZEROS = new byte[PAGE_BYTES];

  /** A page, with the key of its content once it was asked for; 0 before. */
  private static final class Page {
    final byte[] bytes;
    long key;

    Page(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /** The key of a page of zeroes. */
  private static final long ZERO_KEY = key(ZEROS);

  private Page[] pages;
  private final BitSet owned;
  private long size;

  Pages() {
    this(new Page[0], 0);
  }

  private Pages(Page[] pages, long size) {
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
      Page page = page((int) (position / PAGE_BYTES));
      if (page != null) {
        target.put(page.bytes, within, length);
      } else {
        target.put(ZEROS, 0, length);
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

  /** A number for the content: two files with the same number are equal but for chance. */
  long contentKey() {
    long key = size;
    int count = (int) ((size + PAGE_BYTES - 1) / PAGE_BYTES);
    for (int number = 0; number < count; number++) {
      Page page = page(number);
      if (page != null && page.key == 0) {
        page.key = key(page.bytes);
      }
      key = CrashStates.mix(key, page == null ? ZERO_KEY : page.key);
    }
    return key;
  }

  private static long key(byte[] bytes) {
    ByteBuffer words = ByteBuffer.wrap(bytes);
    long key = 1;
    while (words.hasRemaining()) {
      key = CrashStates.mix(key, words.getLong());
    }
    return key;
  }

  private Page page(int number) {
    return number < pages.length ? pages[number] : null;
  }

  private byte[] writablePage(int number) {
    if (number >= pages.length) {
      pages = Arrays.copyOf(pages, Math.max(number + 1, pages.length * 2));
    }
    if (pages[number] == null) {
      pages[number] = new Page(new byte[PAGE_BYTES]);
      owned.set(number);
    } else if (!owned.get(number)) {
      pages[number] = new Page(pages[number].bytes.clone());
      owned.set(number);
    }
    pages[number].key = 0;
    return pages[number].bytes;
  }
}
