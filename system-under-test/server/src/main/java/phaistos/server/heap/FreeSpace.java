package phaistos.server.heap;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.RelationLocator;
import phaistos.formats.heap.HeapPage;
import phaistos.server.storage.Buffer;
import phaistos.server.storage.BufferPool;

/**
 * Where new versions go: the free space of the pages of each table (freespace.c), and the page that
 * took the last one (RelationGetBufferForTuple). In memory only: after a start it learns of a page
 * when VACUUM or the first use of an index reads it. Free space is kept in units of 32 bytes.
 * Thread-safe.
 */
public final class FreeSpace {
  private static final int UNIT = 32;
  private static final int CHUNK = 1024;
  private static final int NONE = -1;

  private final BufferPool buffers;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<RelationLocator, OfTable> tables = new HashMap<>();

  private static final class OfTable {
    int target = NONE;
    byte[] units = new byte[CHUNK];

    /** The most units of any page of a chunk; may be too high, never too low. */
    int[] most = new int[1];

    void record(int block, int free) {
      if (block >= units.length) {
        int length = Math.max(2 * units.length, (block / CHUNK + 1) * CHUNK);
        units = Arrays.copyOf(units, length);
        most = Arrays.copyOf(most, length / CHUNK);
      }
      units[block] = (byte) (free / UNIT);
      most[block / CHUNK] = Math.max(most[block / CHUNK], free / UNIT);
    }

    /** The first page with this many units, or {@link #NONE}. */
    int find(int wanted, int blocks) {
      for (int chunk = 0; chunk < most.length && chunk * CHUNK < blocks; chunk++) {
        if (most[chunk] < wanted) {
          continue;
        }
        int highest = 0;
        for (int block = chunk * CHUNK; block < (chunk + 1) * CHUNK; block++) {
          int here = units[block] & 0xFF;
          if (here >= wanted && block < blocks) {
            return block;
          }
          highest = Math.max(highest, here);
        }
        most[chunk] = highest;
      }
      return NONE;
    }
  }

  FreeSpace(BufferPool buffers) {
    this.buffers = buffers;
  }

  /** Forgets everything: recovery may have changed the tables. */
  public void clear() {
    lock.lock();
    try {
      tables.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Notes the free bytes of a page. */
  void record(RelationLocator table, int block, int free) {
    lock.lock();
    try {
      of(table).record(block, free);
    } finally {
      lock.unlock();
    }
  }

  /** The next version goes where there is room, not to the page that took the last one. */
  void forgetTarget(RelationLocator table) {
    lock.lock();
    try {
      of(table).target = NONE;
    } finally {
      lock.unlock();
    }
  }

  /** Pages from {@code blocks} on are gone. */
  void truncate(RelationLocator table, int blocks) {
    lock.lock();
    try {
      OfTable known = of(table);
      known.target = NONE;
      if (blocks < known.units.length) {
        Arrays.fill(known.units, blocks, known.units.length, (byte) 0);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Cuts the table to this many pages, unless it has grown meanwhile. The caller has locked the
   * pages that go.
   *
   * @param log makes the record durable; called before the file changes
   */
  boolean truncate(RelationLocator table, int expected, int pages, Runnable log) {
    lock.lock();
    try {
      if (buffers.blocks(table) != expected) {
        return false;
      }
      buffers.truncate(table, pages, log);
      truncate(table, pages);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private OfTable of(RelationLocator table) {
    return tables.computeIfAbsent(table, t -> new OfTable());
  }

  /** A locked page with room for a tuple. */
  Buffer lockPage(RelationLocator table, int length) {
    int wanted = length + 7 & -8;
    int block = firstTarget(table, wanted);
    while (true) {
      Buffer buffer = block == NONE ? extend(table) : buffers.find(table, block).orElse(null);
      if (buffer == null) {
        truncate(table, block);
        block = NONE;
        continue;
      }
      buffer.lock().lock();
      if (!buffer.isGone() && hasRoom(buffer, wanted)) {
        return buffer;
      }
      int free = buffer.isGone() ? 0 : buffer.heapPage().heapFreeSpace();
      buffer.lock().unlock();
      block = nextTarget(table, buffer.block(), free, wanted);
    }
  }

  /**
   * Two pages, both locked, the lower one first: one with room for a tuple, and {@code other},
   * which the caller has not locked. They may be the same, which is locked twice then.
   */
  Buffer lockPageWith(RelationLocator table, int length, Buffer other) {
    int wanted = length + 7 & -8;
    int block = firstTarget(table, wanted);
    while (true) {
      Buffer buffer = block == NONE ? extend(table) : buffers.find(table, block).orElse(null);
      if (buffer == null) {
        truncate(table, block);
        block = NONE;
        continue;
      }
      boolean lower = buffer.block() < other.block();
      (lower ? buffer : other).lock().lock();
      (lower ? other : buffer).lock().lock();
      if (!buffer.isGone() && hasRoom(buffer, wanted)) {
        return buffer;
      }
      int free = buffer.isGone() ? 0 : buffer.heapPage().heapFreeSpace();
      buffer.lock().unlock();
      other.lock().unlock();
      block = nextTarget(table, buffer.block(), free, wanted);
    }
  }

  private static boolean hasRoom(Buffer buffer, int wanted) {
    HeapPage page = buffer.heapPage();
    return page.isNew() || wanted <= page.heapFreeSpace();
  }

  private int firstTarget(RelationLocator table, int wanted) {
    int blocks = buffers.blocks(table);
    lock.lock();
    try {
      OfTable known = of(table);
      if (known.target >= 0 && known.target < blocks) {
        return known.target;
      }
      int found = known.find((wanted + UNIT - 1) / UNIT, blocks);
      known.target = found == NONE ? blocks - 1 : found;
      return known.target;
    } finally {
      lock.unlock();
    }
  }

  /** The page had too little room; see RecordAndGetPageWithFreeSpace. */
  private int nextTarget(RelationLocator table, int full, int free, int wanted) {
    int blocks = buffers.blocks(table);
    lock.lock();
    try {
      OfTable known = of(table);
      known.record(full, free);
      if (known.target != full && known.target >= 0 && known.target < blocks) {
        // another session has moved on already
        return known.target;
      }
      known.target = known.find((wanted + UNIT - 1) / UNIT, blocks);
      return known.target;
    } finally {
      lock.unlock();
    }
  }

  /** A new page, which is the target of all others too. */
  private Buffer extend(RelationLocator table) {
    lock.lock();
    try {
      OfTable known = of(table);
      if (known.target >= 0) {
        // another session has added a page or found one
        Buffer found = buffers.find(table, known.target).orElse(null);
        if (found != null) {
          return found;
        }
      }
      Buffer buffer = buffers.extend(table);
      known.target = buffer.block();
      return buffer;
    } finally {
      lock.unlock();
    }
  }
}
