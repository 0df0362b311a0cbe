package phaistos.server.heap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.environment.Tasks;
import phaistos.formats.Padding;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.Heap2Body;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.TupleData;
import phaistos.server.storage.Buffer;
import phaistos.server.types.TupleCodec;
import phaistos.server.wal.BlockChange;
import phaistos.server.xact.Transaction;

/**
 * Inserts row versions: one (heap_insert), or many with one record for all that go to a page
 * (heap_multi_insert). The pages are the same either way. Thread-safe.
 */
final class Insertion {
  /** Of the record: no other one of the same call follows (XLH_INSERT_LAST_IN_MULTI). */
  private static final int LAST_IN_MULTI = 0x02;

  private final Tasks tasks;
  private final FreeSpace space;
  private final RowChanges changes;

  Insertion(Tasks tasks, FreeSpace space, RowChanges changes) {
    this.tasks = tasks;
    this.space = space;
    this.changes = changes;
  }

  Tid insert(RelationLocator table, TupleData row, Transaction own) {
    Xid xid = own.currentXid();
    Buffer buffer = space.lockPage(table, length(row));
    try {
      HeapPage page = buffer.heapPage();
      Tid tid = new Tid(buffer.block(), page.isNew() ? 1 : page.nextOffset());
      changes.run(xid, () -> place(buffer, tid, row, xid, own));
      own.wroteWal();
      return tid;
    } finally {
      buffer.lock().unlock();
    }
  }

  private void place(Buffer buffer, Tid tid, TupleData data, Xid xid, Transaction own) {
    HeapPage page = buffer.heapPage();
    boolean init = page.isNew();
    if (init) {
      page = HeapPage.initialize(buffer.page());
    }
    page.insert(TupleCodec.tuple(Versions.newHeader(xid, Xid.INVALID, own, tid, data), data));
    buffer.markDirty();
    HeapBody.Insert body = new HeapBody.Insert(tid.offset(), 0, init, Optional.of(data));
    changes.log(xid, body, new BlockChange(0, buffer, init, Versions.encode(data)));
  }

  /** Answers the rows' places, in order. */
  List<Tid> insertAll(RelationLocator table, List<TupleData> rows, Transaction own) {
    Xid xid = own.currentXid();
    List<Tid> places = new ArrayList<>(rows.size());
    while (places.size() < rows.size()) {
      tasks.yieldPoint();
      List<TupleData> rest = rows.subList(places.size(), rows.size());
      Buffer buffer = space.lockPage(table, length(rest.getFirst()));
      try {
        changes.run(xid, () -> fill(buffer, rest, places, own));
        own.wroteWal();
      } finally {
        buffer.lock().unlock();
      }
    }
    return places;
  }

  private static int length(TupleData row) {
    return TupleHeader.BYTES + row.data().length;
  }

  /** As many rows as fit, and their record. */
  private void fill(Buffer buffer, List<TupleData> rows, List<Tid> places, Transaction own) {
    boolean init = buffer.heapPage().isNew();
    HeapPage page = init ? HeapPage.initialize(buffer.page()) : buffer.heapPage();
    Xid xid = own.currentXid();
    int count = 0;
    int first = places.size();
    while (count < rows.size() && (count == 0 || page.fits(length(rows.get(count))))) {
      TupleData row = rows.get(count++);
      Tid tid = new Tid(buffer.block(), page.nextOffset());
      page.insert(TupleCodec.tuple(Versions.newHeader(xid, Xid.INVALID, own, tid, row), row));
      places.add(tid);
    }
    buffer.markDirty();
    List<Integer> offsets =
        init ? List.of() : places.subList(first, places.size()).stream().map(Tid::offset).toList();
    Heap2Body.MultiInsert body =
        new Heap2Body.MultiInsert(
            init,
            count == rows.size() ? LAST_IN_MULTI : 0,
            count,
            offsets,
            List.copyOf(rows.subList(0, count)),
            Padding.ZERO,
            Padding.ZERO);
    byte[] tuples = body.blockData(0, new byte[0]);
    changes.log(xid, body, new BlockChange(0, buffer, init, tuples));
  }
}
