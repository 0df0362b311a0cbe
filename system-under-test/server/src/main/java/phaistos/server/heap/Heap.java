package phaistos.server.heap;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import phaistos.environment.Tasks;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.TupleData;
import phaistos.server.errors.CriticalSections;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.storage.Buffer;
import phaistos.server.storage.BufferPool;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TupleCodec;
import phaistos.server.wal.BlockChange;
import phaistos.server.wal.Wal;
import phaistos.server.xact.Snapshot;
import phaistos.server.xact.Transaction;

/**
 * Rows of tables (heapam.c). Each change is made and logged under the page's lock. Two pages are
 * locked in ascending order. An update writes a new version, on the same page if there is room. The
 * space of dead versions is not reused. Thread-safe.
 */
public final class Heap {
  private static final int KEYS_UPDATED_BIT = 0x10;
  private static final int LOCK_BITS = 0x02 | 0x04 | KEYS_UPDATED_BIT;

  private final Tasks tasks;
  private final BufferPool buffers;
  private final Wal wal;
  private final Visibility visibility;
  private final Steps steps;
  private final CriticalSections critical;
  private final ReentrantLock targetsLock = new ReentrantLock();
  private final Map<RelationLocator, Integer> targets = new HashMap<>();

  public Heap(
      Tasks tasks,
      BufferPool buffers,
      Wal wal,
      Visibility visibility,
      Steps steps,
      CriticalSections critical) {
    this.tasks = tasks;
    this.buffers = buffers;
    this.wal = wal;
    this.visibility = visibility;
    this.steps = steps;
    this.critical = critical;
  }

  /** The result of a change. */
  public sealed interface Outcome {
    /** The change was made; {@code tid} is the place of the new version, or of the deleted one. */
    record Done(Tid tid) implements Outcome {}

    record AlreadyBySelf() implements Outcome {}

    /** Another transaction must end first. */
    record MustWait(Xid xid) implements Outcome {}

    /** There is a newer version. */
    record Updated(Tid next) implements Outcome {}

    record Deleted() implements Outcome {}
  }

  /** Passes every visible row to {@code visitor} until it returns false. */
  public void scan(
      RelationLocator table,
      List<SqlType> types,
      Snapshot snapshot,
      Transaction own,
      Predicate<HeapRow> visitor) {
    int blocks = buffers.blocks(table);
    for (int block = 0; block < blocks; block++) {
      for (HeapRow row : visibleOnPage(table, types, snapshot, own, block)) {
        if (!visitor.test(row)) {
          return;
        }
      }
      own.proc().checkInterrupts();
    }
  }

  private List<HeapRow> visibleOnPage(
      RelationLocator table, List<SqlType> types, Snapshot snapshot, Transaction own, int block) {
    Buffer buffer = buffers.get(table, block);
    List<HeapRow> rows = new java.util.ArrayList<>();
    buffer.lock().lock();
    try {
      HeapPage page = buffer.heapPage();
      int count = page.isNew() ? 0 : page.maxOffset();
      for (int offset = 1; offset <= count; offset++) {
        if (page.line(offset).state() == HeapPage.LineState.NORMAL) {
          Tid tid = new Tid(block, offset);
          if (visibility.isVisible(buffer, tid, snapshot, own)) {
            rows.add(read(page, tid, types));
          }
        }
      }
    } finally {
      buffer.lock().unlock();
    }
    return rows;
  }

  /** The row at this place if the snapshot sees it. */
  public Optional<HeapRow> fetch(
      RelationLocator table, List<SqlType> types, Tid tid, Snapshot snapshot, Transaction own) {
    Buffer buffer = buffers.get(table, tid.block());
    buffer.lock().lock();
    try {
      return visibility.isVisible(buffer, tid, snapshot, own)
          ? Optional.of(read(buffer.heapPage(), tid, types))
          : Optional.empty();
    } finally {
      buffer.lock().unlock();
    }
  }

  /** The version at this place, seen or not. */
  public HeapRow fetchAny(RelationLocator table, List<SqlType> types, Tid tid) {
    Buffer buffer = buffers.get(table, tid.block());
    buffer.lock().lock();
    try {
      return read(buffer.heapPage(), tid, types);
    } finally {
      buffer.lock().unlock();
    }
  }

  /** Passes every version of every row to {@code visitor}, dead ones included. */
  public void scanAll(
      RelationLocator table, List<SqlType> types, java.util.function.Consumer<HeapRow> visitor) {
    int blocks = buffers.blocks(table);
    for (int block = 0; block < blocks; block++) {
      Buffer buffer = buffers.get(table, block);
      buffer.lock().lock();
      try {
        HeapPage page = buffer.heapPage();
        int count = page.isNew() ? 0 : page.maxOffset();
        for (int offset = 1; offset <= count; offset++) {
          if (page.line(offset).state() == HeapPage.LineState.NORMAL) {
            visitor.accept(read(page, new Tid(block, offset), types));
          }
        }
      } finally {
        buffer.lock().unlock();
      }
    }
  }

  /** Whether a version blocks a unique key; see {@link Visibility#conflicts}. */
  public Optional<Xid> conflicts(RelationLocator table, Tid tid, Transaction own) {
    Buffer buffer = buffers.get(table, tid.block());
    buffer.lock().lock();
    try {
      return visibility.conflicts(buffer.heapPage().header(tid.offset()), own);
    } finally {
      buffer.lock().unlock();
    }
  }

  private static HeapRow read(HeapPage page, Tid tid, List<SqlType> types) {
    byte[] tuple = page.tuple(tid.offset());
    TupleHeader header = TupleHeader.decode(tuple);
    return new HeapRow(tid, header, TupleCodec.decode(tuple, header, types));
  }

  public Tid insert(RelationLocator table, List<SqlType> types, List<Datum> row, Transaction own) {
    tasks.yieldPoint();
    TupleData data = TupleCodec.encode(row, types);
    Xid xid = own.currentXid();
    Buffer buffer = lockPageFor(table, TupleHeader.BYTES + data.data().length, -1);
    try {
      Tid tid = nextTid(buffer);
      change(xid, () -> place(buffer, tid, data, xid, own));
      own.wroteWal();
      return tid;
    } finally {
      buffer.lock().unlock();
    }
  }

  /**
   * A change of pages with its WAL record, in one critical section: there is never one without the
   * other.
   */
  private void change(Xid xid, CriticalSections.Silent change) {
    steps.step(StorageSteps.HEAP_CHANGE, xid, () -> critical.run("changing a row", change));
  }

  private static Tid nextTid(Buffer buffer) {
    HeapPage page = buffer.heapPage();
    return new Tid(buffer.block(), page.isNew() ? 1 : page.maxOffset() + 1);
  }

  private void place(Buffer buffer, Tid tid, TupleData data, Xid xid, Transaction own) {
    HeapPage page = buffer.heapPage();
    boolean init = page.isNew();
    if (init) {
      page = HeapPage.initialize(buffer.page());
    }
    page.insert(TupleCodec.tuple(Versions.newHeader(xid, own, tid, data), data));
    buffer.markDirty();
    HeapBody.Insert body = new HeapBody.Insert(tid.offset(), 0, init, Optional.of(data));
    log(xid, body, new BlockChange(0, buffer, init, Versions.encode(data)));
  }

  private void log(Xid xid, HeapBody body, BlockChange change) {
    change.buffer().pageLsn(wal.insert(xid, body, List.of(change)).end());
  }

  /** A locked page with room, after page {@code after}. */
  private Buffer lockPageFor(RelationLocator table, int length, int after) {
    while (true) {
      int blocks = buffers.blocks(table);
      int target = target(table, blocks);
      if (target >= 0 && target > after) {
        Buffer buffer = buffers.get(table, target);
        buffer.lock().lock();
        if (buffer.heapPage().isNew() || buffer.heapPage().fits(length)) {
          return buffer;
        }
        buffer.lock().unlock();
      }
      targetsLock.lock();
      try {
        if (buffers.blocks(table) == blocks) {
          Buffer buffer = buffers.extend(table);
          targets.put(table, buffer.block());
        } else {
          targets.put(table, buffers.blocks(table) - 1);
        }
      } finally {
        targetsLock.unlock();
      }
    }
  }

  private int target(RelationLocator table, int blocks) {
    targetsLock.lock();
    try {
      int target = targets.getOrDefault(table, blocks - 1);
      return Math.min(target, blocks - 1);
    } finally {
      targetsLock.unlock();
    }
  }

  public Outcome delete(RelationLocator table, Tid tid, Transaction own) {
    return changeVersion(table, tid, own, this::markDeleted);
  }

  /**
   * Changes the header of a version. The caller holds the page's lock and is in a critical section.
   */
  private interface HeaderChange {
    void on(Buffer buffer, Tid tid, TupleHeader header, Xid xid, Transaction own);
  }

  private Outcome changeVersion(
      RelationLocator table, Tid tid, Transaction own, HeaderChange change) {
    tasks.yieldPoint();
    Xid xid = own.currentXid();
    Buffer buffer = buffers.get(table, tid.block());
    buffer.lock().lock();
    try {
      TupleHeader header = buffer.heapPage().header(tid.offset());
      Optional<Outcome> obstacle = obstacle(visibility.mayChange(header, tid, own));
      if (obstacle.isPresent()) {
        return obstacle.get();
      }
      change(xid, () -> change.on(buffer, tid, header, xid, own));
      own.wroteWal();
      return new Outcome.Done(tid);
    } finally {
      buffer.lock().unlock();
    }
  }

  private void markDeleted(Buffer buffer, Tid tid, TupleHeader header, Xid xid, Transaction own) {
    TupleHeader deleted = Versions.ended(header, xid, own, tid, TupleHeader.KEYS_UPDATED);
    buffer.heapPage().setHeader(tid.offset(), deleted);
    Versions.markPrunable(buffer, xid);
    HeapBody.Delete body =
        new HeapBody.Delete(xid, tid.offset(), KEYS_UPDATED_BIT, 0, Optional.empty());
    log(xid, body, new BlockChange(0, buffer, false, new byte[0]));
  }

  private static Optional<Outcome> obstacle(Visibility.Change change) {
    return switch (change) {
      case Visibility.Change.Allowed _ -> Optional.empty();
      case Visibility.Change.BySelf _ -> Optional.of(new Outcome.AlreadyBySelf());
      case Visibility.Change.InProgress p -> Optional.of(new Outcome.MustWait(p.xid()));
      case Visibility.Change.Updated u -> Optional.of(new Outcome.Updated(u.next()));
      case Visibility.Change.Deleted _ -> Optional.of(new Outcome.Deleted());
    };
  }

  /** Replaces a version by a new one. */
  public Outcome update(
      RelationLocator table, List<SqlType> types, Tid tid, List<Datum> row, Transaction own) {
    tasks.yieldPoint();
    TupleData encoded = TupleCodec.encode(row, types);
    TupleData data =
        new TupleData(
            encoded.infomask2(),
            encoded.infomask() | TupleHeader.UPDATED,
            encoded.headerBytes(),
            encoded.data());
    Xid xid = own.currentXid();
    Buffer old = buffers.get(table, tid.block());
    old.lock().lock();
    try {
      TupleHeader header = old.heapPage().header(tid.offset());
      Optional<Outcome> obstacle = obstacle(visibility.mayChange(header, tid, own));
      if (obstacle.isPresent()) {
        return obstacle.get();
      }
      int length = TupleHeader.BYTES + data.data().length;
      if (old.heapPage().fits(length)) {
        return replace(old, old, tid, header, data, xid, own);
      }
      Buffer target = lockPageFor(table, length, tid.block());
      try {
        return replace(old, target, tid, header, data, xid, own);
      } finally {
        target.lock().unlock();
      }
    } finally {
      old.lock().unlock();
    }
  }

  private Outcome replace(
      Buffer old,
      Buffer target,
      Tid oldTid,
      TupleHeader oldHeader,
      TupleData data,
      Xid xid,
      Transaction own) {
    Tid tid = nextTid(target);
    change(xid, () -> write(old, target, oldTid, tid, oldHeader, data, xid, own));
    own.wroteWal();
    return new Outcome.Done(tid);
  }

  private void write(
      Buffer old,
      Buffer target,
      Tid oldTid,
      Tid tid,
      TupleHeader oldHeader,
      TupleData data,
      Xid xid,
      Transaction own) {
    HeapPage page = target.heapPage();
    boolean init = page.isNew();
    if (init) {
      page = HeapPage.initialize(target.page());
    }
    page.insert(TupleCodec.tuple(Versions.newHeader(xid, own, tid, data), data));
    target.markDirty();
    old.heapPage()
        .setHeader(
            oldTid.offset(), Versions.ended(oldHeader, xid, own, tid, TupleHeader.KEYS_UPDATED));
    Versions.markPrunable(old, xid);
    HeapBody.Update body =
        new HeapBody.Update(
            false,
            init,
            xid,
            oldTid.offset(),
            KEYS_UPDATED_BIT,
            0,
            Xid.INVALID,
            tid.offset(),
            Optional.empty(),
            Optional.of(new HeapBody.NewTuple(0, 0, data)));
    BlockChange newPage = new BlockChange(0, target, init, Versions.encode(data));
    List<BlockChange> changes =
        old == target
            ? List.of(newPage)
            : List.of(newPage, new BlockChange(1, old, false, new byte[0]));
    var end = wal.insert(xid, body, changes).end();
    target.pageLsn(end);
    old.pageLsn(end);
  }

  /** Locks a version against changes by others (SELECT FOR UPDATE). */
  public Outcome lock(RelationLocator table, Tid tid, Transaction own) {
    return changeVersion(table, tid, own, this::markLocked);
  }

  private void markLocked(Buffer buffer, Tid tid, TupleHeader header, Xid xid, Transaction own) {
    TupleHeader locked = Versions.locked(header, tid, xid);
    buffer.heapPage().setHeader(tid.offset(), locked);
    buffer.markDirty();
    HeapBody.Lock body = new HeapBody.Lock(xid, tid.offset(), LOCK_BITS, 0);
    log(xid, body, new BlockChange(0, buffer, false, new byte[0]));
  }
}
