package phaistos.server.heap;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
  private static final int NONE = -1;

  private final BufferPool buffers;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<RelationLocator, OfTable> tables = new HashMap<>();

  /** The pages of one table, in chunks as a page of PostgreSQL's map holds them. */
  private static final class OfTable {
    int target = NONE;
    final List<Chunk> chunks = new ArrayList<>();

    void record(int block, int free) {
      while (chunks.size() <= block / Chunk.PAGES) {
        chunks.add(new Chunk());
      }
      chunks.get(block / Chunk.PAGES).set(block % Chunk.PAGES, free / UNIT);
    }

    /**
     * A page with this many units, or {@link #NONE}.
     *
     * @param near in whose chunk the search begins
     */
    int find(int wanted, int near, int blocks) {
      for (int i = 0; i < chunks.size(); i++) {
        int at = (Math.max(near, 0) / Chunk.PAGES + i) % chunks.size();
        int slot = chunks.get(at).find(wanted);
        if (slot >= 0 && at * Chunk.PAGES + slot < blocks) {
          return at * Chunk.PAGES + slot;
        }
      }
      return NONE;
    }

    void cut(int blocks) {
      for (int block = blocks; block < chunks.size() * Chunk.PAGES; block++) {
        chunks.get(block / Chunk.PAGES).set(block % Chunk.PAGES, 0);
      }
    }
  }

  /**
   * A tree of the free space of pages, each node the greatest of its two (fsmpage.c). A search
   * begins behind the page that was found last, so that sessions spread over the pages.
   */
  private static final class Chunk {
    static final int PAGES = 4069;

    private static final int INNER = 4095;

    private final byte[] nodes = new byte[INNER + PAGES];
    private int next;

    private int at(int node) {
      return node < nodes.length ? nodes[node] & 0xFF : 0;
    }

    void set(int slot, int units) {
      int node = INNER + slot;
      nodes[node] = (byte) units;
      while (node > 0) {
        node = (node - 1) / 2;
        nodes[node] = (byte) Math.max(at(2 * node + 1), at(2 * node + 2));
      }
    }

    /** fsm_search_avail. */
    int find(int wanted) {
      if (at(0) < wanted) {
        return NONE;
      }
      int node = INNER + (next < PAGES ? next : 0);
      while (node > 0 && at(node) < wanted) {
        int right = node + 1;
        boolean wraps = (right + 1 & right) == 0;
        node = ((wraps ? (right - 1) / 2 : right) - 1) / 2;
      }
      while (node < INNER) {
        node = at(2 * node + 1) >= wanted ? 2 * node + 1 : 2 * node + 2;
      }
      next = node - INNER + 1;
      return node - INNER;
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

  /**
   * A VACUUM has ended: the next version goes to the first page with room, so that a later one can
   * truncate the table.
   */
  void startOver(RelationLocator table) {
    lock.lock();
    try {
      of(table).target = NONE;
      of(table).chunks.forEach(chunk -> chunk.next = 0);
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
      known.cut(blocks);
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
      int found = known.find((wanted + UNIT - 1) / UNIT, 0, blocks);
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
      known.target = known.find((wanted + UNIT - 1) / UNIT, full, blocks);
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
