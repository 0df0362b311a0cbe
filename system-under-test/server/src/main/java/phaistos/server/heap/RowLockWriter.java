package phaistos.server.heap;

import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.HeapBody;
import phaistos.server.multixact.LockMode;
import phaistos.server.multixact.MultiXact.Member;
import phaistos.server.storage.Buffer;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.BlockChange;
import phaistos.server.xact.Transaction;

/**
 * Writes locks of rows. If a subtransaction changes a row that an outer level of its transaction
 * has locked, its id takes the place of the lock. PostgreSQL keeps both in a multixact; here the
 * lock is written again before the subtransaction aborts. Thread-safe.
 */
final class RowLockWriter {
  private final BufferPool buffers;
  private final RowLocking locking;
  private final RowChanges changes;

  RowLockWriter(BufferPool buffers, RowLocking locking, RowChanges changes) {
    this.buffers = buffers;
    this.locking = locking;
    this.changes = changes;
  }

  /** Adds a lock to a version. The caller holds the page's lock. */
  void lock(Buffer buffer, Tid tid, Xid xid, LockMode mode) {
    TupleHeader header = buffer.heapPage().header(tid.offset());
    TupleHeader locked = locking.locked(header, tid, xid, mode);
    changes.run(xid, () -> write(buffer, tid, locked, xid));
  }

  private void write(Buffer buffer, Tid tid, TupleHeader locked, Xid xid) {
    buffer.heapPage().setHeader(tid.offset(), locked);
    buffer.markDirty();
    HeapBody.Lock body =
        new HeapBody.Lock(locked.xmax(), tid.offset(), RowLocking.recordBits(locked), 0);
    changes.log(xid, body, new BlockChange(0, buffer, false, new byte[0]));
  }

  /** The transaction is about to change a version that has this header. */
  void keep(RelationLocator table, Tid tid, TupleHeader header, Xid xid, Transaction own) {
    for (Member locker : locking.lockers(header)) {
      if (!locker.xid().equals(xid) && own.isCurrent(locker.xid())) {
        own.beforeSubabort(locker.xid(), () -> restore(table, tid, locker));
      }
    }
  }

  private void restore(RelationLocator table, Tid tid, Member locker) {
    Buffer buffer = buffers.get(table, tid.block());
    buffer.lock().lock();
    try {
      lock(buffer, tid, locker.xid(), locker.mode());
    } finally {
      buffer.lock().unlock();
    }
  }
}
