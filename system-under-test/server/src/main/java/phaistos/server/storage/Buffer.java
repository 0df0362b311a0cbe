package phaistos.server.storage;

import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.heap.HeapPage;

/**
 * A page of a relation in memory. Readers and writers of the bytes hold {@link #lock}. A writer
 * marks the page dirty before it inserts the WAL record, so that a checkpoint with a redo point
 * after the record writes the page.
 */
public final class Buffer {
  private final RelationLocator relation;
  private final int block;
  private final byte[] page;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean dirty;
  private volatile boolean gone;

  Buffer(RelationLocator relation, int block, byte[] page) {
    this.relation = relation;
    this.block = block;
    this.page = page;
  }

  public RelationLocator relation() {
    return relation;
  }

  public int block() {
    return block;
  }

  public byte[] page() {
    return page;
  }

  public ReentrantLock lock() {
    return lock;
  }

  public HeapPage heapPage() {
    return HeapPage.of(page);
  }

  public Lsn pageLsn() {
    return HeapPage.of(page).lsn();
  }

  public void pageLsn(Lsn lsn) {
    HeapPage.of(page).setLsn(lsn);
  }

  public boolean isDirty() {
    return dirty;
  }

  public void markDirty() {
    dirty = true;
  }

  void clean() {
    dirty = false;
  }

  /** Whether the page was truncated away, or its relation dropped: no record may change it. */
  public boolean isGone() {
    return gone;
  }

  /** Under the lock: who has not changed the page yet does not. */
  void close() {
    gone = true;
  }

  void remove() {
    gone = true;
    dirty = false;
  }
}
