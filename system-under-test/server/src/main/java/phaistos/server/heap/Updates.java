package phaistos.server.heap;

import java.util.List;
import java.util.Optional;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.TupleData;
import phaistos.server.storage.Buffer;
import phaistos.server.storage.BufferPool;
import phaistos.server.types.Datum;
import phaistos.server.types.TupleCodec;
import phaistos.server.wal.BlockChange;
import phaistos.server.wal.Wal;
import phaistos.server.xact.Transaction;

/**
 * Replaces a version by a new one (heap_update). If the page has room and no indexed column
 * changes, the new version is heap-only (HOT): the index entries of the old one lead to it.
 * Thread-safe.
 */
final class Updates {
  private static final int LOCK_ONLY_BIT = 0x02;
  private static final int EXCLUSIVE_BIT = 0x04;

  /** The record's bit for {@link TupleHeader#KEYS_UPDATED}. */
  static final int KEYS_UPDATED_BIT = 0x10;

  private final BufferPool buffers;
  private final Wal wal;
  private final Visibility visibility;
  private final FreeSpace space;
  private final RowChanges changes;
  private final RowLockWriter locks;

  Updates(
      BufferPool buffers,
      Wal wal,
      Visibility visibility,
      FreeSpace space,
      RowChanges changes,
      RowLockWriter locks) {
    this.locks = locks;
    this.buffers = buffers;
    this.wal = wal;
    this.visibility = visibility;
    this.space = space;
    this.changes = changes;
  }

  /**
   * What is known of the update once the old version may be changed.
   *
   * @param strong whether a key changes, or the version is locked as if: the lock is exclusive
   * @param indexed whether an indexed column changes
   * @param newXmax the own transaction if it had locked the old version, otherwise invalid
   */
  private record Plan(
      Tid tid, Xid xid, TupleData data, boolean strong, boolean indexed, Xid newXmax) {
    int length() {
      return TupleHeader.BYTES + data.data().length;
    }

    int keysUpdated() {
      return strong ? TupleHeader.KEYS_UPDATED : 0;
    }
  }

  Heap.Outcome update(
      RelationLocator table, Columns columns, Tid tid, List<Datum> row, Transaction own) {
    TupleData encoded = TupleCodec.encode(row, columns.types());
    Xid xid = own.currentXid();
    Buffer old = buffers.get(table, tid.block());
    Plan plan;
    old.lock().lock();
    try {
      RowChanges.requireThere(old);
      HeapRow before = HeapRow.read(old.heapPage(), tid, columns.types());
      Optional<Heap.Outcome> obstacle =
          RowChanges.obstacle(visibility.mayChange(before.header(), tid, own));
      if (obstacle.isPresent()) {
        return obstacle.get();
      }
      locks.keep(table, tid, before.header(), xid, own);
      plan = plan(before, columns, row, encoded, xid, own);
      if (old.heapPage().fits(plan.length())) {
        return replace(old, old, plan, own);
      }
      changes.run(xid, () -> lockOld(old, plan, own));
      own.wroteWal();
    } finally {
      old.lock().unlock();
    }
    Buffer target = space.lockPageWith(table, plan.length(), old);
    try {
      RowChanges.requireThere(old);
      return replace(old, target, plan, own);
    } finally {
      target.lock().unlock();
      old.lock().unlock();
    }
  }

  private static Plan plan(
      HeapRow before,
      Columns columns,
      List<Datum> row,
      TupleData encoded,
      Xid xid,
      Transaction own) {
    TupleHeader header = before.header();
    boolean ownLock =
        header.has(TupleHeader.XMAX_LOCK_ONLY)
            && !header.has(TupleHeader.XMAX_INVALID)
            && !header.has(TupleHeader.XMAX_IS_MULTI)
            && own.isCurrent(header.xmax());
    boolean lockedStrongly = ownLock && (header.infomask2() & TupleHeader.KEYS_UPDATED) != 0;
    boolean keys = Columns.differ(columns.keys(), before.values(), row);
    boolean indexed = Columns.differ(columns.indexed(), before.values(), row);
    int infomask = encoded.infomask() | TupleHeader.UPDATED;
    if (ownLock) {
      infomask &= ~TupleHeader.XMAX_INVALID;
      infomask |= TupleHeader.XMAX_KEYSHR_LOCK | TupleHeader.XMAX_LOCK_ONLY;
    }
    TupleData data =
        new TupleData(encoded.infomask2(), infomask, encoded.headerBytes(), encoded.data());
    Xid newXmax = ownLock ? header.xmax() : Xid.INVALID;
    return new Plan(before.tid(), xid, data, keys || lockedStrongly, indexed, newXmax);
  }

  /** Nobody may change the old version while its page is not locked. */
  private void lockOld(Buffer old, Plan plan, Transaction own) {
    Tid tid = plan.tid();
    TupleHeader header = old.heapPage().header(tid.offset());
    TupleHeader ended = Versions.ended(header, plan.xid(), own, tid, plan.keysUpdated());
    TupleHeader locked =
        ended.withInfomask(
            ended.infomask() | TupleHeader.XMAX_LOCK_ONLY | TupleHeader.XMAX_EXCL_LOCK);
    old.heapPage().setHeader(tid.offset(), locked);
    old.markDirty();
    int bits = LOCK_ONLY_BIT | EXCLUSIVE_BIT | (plan.strong() ? KEYS_UPDATED_BIT : 0);
    HeapBody.Lock body = new HeapBody.Lock(plan.xid(), tid.offset(), bits, 0);
    changes.log(plan.xid(), body, new BlockChange(0, old, false, new byte[0]));
  }

  private Heap.Outcome replace(Buffer old, Buffer target, Plan plan, Transaction own) {
    boolean hot = old == target && !plan.indexed();
    HeapPage page = target.heapPage();
    Tid tid = new Tid(target.block(), page.isNew() ? 1 : page.nextOffset());
    changes.run(plan.xid(), () -> write(old, target, plan, tid, hot, own));
    own.wroteWal();
    return new Heap.Outcome.Done(tid, hot);
  }

  private void write(Buffer old, Buffer target, Plan plan, Tid tid, boolean hot, Transaction own) {
    boolean init = target.heapPage().isNew();
    HeapPage page = init ? HeapPage.initialize(target.page()) : target.heapPage();
    Xid xid = plan.xid();
    TupleData data = hot ? heapOnly(plan.data()) : plan.data();
    TupleHeader fresh = Versions.newHeader(xid, plan.newXmax(), own, tid, data);
    page.insert(TupleCodec.tuple(fresh, data));
    target.markDirty();
    Tid oldTid = plan.tid();
    TupleHeader header = old.heapPage().header(oldTid.offset());
    int bits = plan.keysUpdated() | (hot ? TupleHeader.HOT_UPDATED : 0);
    old.heapPage().setHeader(oldTid.offset(), Versions.ended(header, xid, own, tid, bits));
    if (old != target) {
      old.heapPage().setFlags(old.heapPage().flags() | HeapPage.PAGE_FULL);
    }
    Versions.markPrunable(old, xid);
    HeapBody.Update body =
        new HeapBody.Update(
            hot,
            init,
            xid,
            oldTid.offset(),
            plan.strong() ? KEYS_UPDATED_BIT : 0,
            0,
            plan.newXmax(),
            tid.offset(),
            Optional.empty(),
            Optional.of(new HeapBody.NewTuple(0, 0, data)));
    BlockChange newPage = new BlockChange(0, target, init, Versions.encode(data));
    List<BlockChange> blocks =
        old == target
            ? List.of(newPage)
            : List.of(newPage, new BlockChange(1, old, false, new byte[0]));
    var end = wal.insert(xid, body, blocks).end();
    target.pageLsn(end);
    old.pageLsn(end);
  }

  private static TupleData heapOnly(TupleData data) {
    return new TupleData(
        data.infomask2() | TupleHeader.ONLY_TUPLE,
        data.infomask(),
        data.headerBytes(),
        data.data());
  }
}
