package phaistos.server.heap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import phaistos.environment.Tasks;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.TupleData;
import phaistos.server.errors.CriticalSections;
import phaistos.server.multixact.LockMode;
import phaistos.server.state.ServerState;
import phaistos.server.steps.Steps;
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
 * locked in ascending order. Pages that are read are pruned when they are nearly full. Thread-safe.
 */
public final class Heap {
  private final Tasks tasks;
  private final BufferPool buffers;
  private final Visibility visibility;
  private final FreeSpace space;
  private final Pruning pruning;
  private final RowChanges changes;
  private final RowLockWriter locks;
  private final Updates updates;
  private final Insertion insertion;
  private final TableVacuum vacuum;
  private final TableActivity activity = new TableActivity();

  public Heap(
      Tasks tasks,
      BufferPool buffers,
      Wal wal,
      Visibility visibility,
      ServerState state,
      Steps steps,
      CriticalSections critical) {
    this.tasks = tasks;
    this.buffers = buffers;
    this.visibility = visibility;
    this.space = new FreeSpace(buffers);
    this.pruning = new Pruning(visibility, wal, state, steps, critical);
    this.changes = new RowChanges(wal, steps, critical);
    this.vacuum = new TableVacuum(buffers, wal, visibility, space, pruning, steps, critical);
    this.locks = new RowLockWriter(buffers, visibility.locking(), changes);
    this.insertion = new Insertion(tasks, space, changes);
    this.updates = new Updates(buffers, wal, visibility, space, changes, locks);
  }

  /** The result of a change. */
  public sealed interface Outcome {
    /**
     * The change was made.
     *
     * @param tid the place of the new version, or of the deleted one
     * @param hot the index entries of the old version lead to the new one, which needs none
     */
    record Done(Tid tid, boolean hot) implements Outcome {}

    record AlreadyBySelf() implements Outcome {}

    /** Another transaction must end first. */
    record MustWait(Xid xid) implements Outcome {}

    /** There is a newer version. */
    record Updated(Tid next) implements Outcome {}

    record Deleted() implements Outcome {}
  }

  /** How many pages a table has. */
  public int pages(RelationLocator table) {
    return buffers.blocks(table);
  }

  public TableActivity activity() {
    return activity;
  }

  /** Removes the dead versions of a table and freezes old ones. */
  public TableVacuum.Done vacuum(TableVacuum.Task task, TableVacuum.Owner owner) {
    TableVacuum.Done done = vacuum.run(task, owner);
    activity.of(task.table()).vacuumed(done.left());
    return done;
  }

  /**
   * Overwrites a version where it is, whatever transactions see (heap_inplace_update). Its values
   * must have the same lengths as before.
   */
  public void overwrite(RelationLocator table, List<SqlType> types, Tid tid, List<Datum> row) {
    Buffer buffer = buffers.get(table, tid.block());
    buffer.lock().lock();
    try {
      TupleData data = TupleCodec.encode(row, types);
      byte[] columns =
          Arrays.copyOfRange(
              data.data(), data.headerBytes() - TupleHeader.BYTES, data.data().length);
      changes.run(
          Xid.INVALID,
          () -> {
            PageChanges.overwrite(buffer.heapPage(), tid.offset(), columns);
            buffer.markDirty();
            HeapBody.Inplace body = new HeapBody.Inplace(tid.offset());
            changes.log(Xid.INVALID, body, new BlockChange(0, buffer, false, columns));
          });
    } finally {
      buffer.lock().unlock();
    }
  }

  /** Forgets what it knows of pages: recovery may have changed the tables. */
  public void clear() {
    space.clear();
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
    Optional<Buffer> found = buffers.find(table, block);
    List<HeapRow> rows = new ArrayList<>();
    if (found.isEmpty()) {
      return rows;
    }
    Buffer buffer = found.get();
    buffer.lock().lock();
    try {
      prune(buffer, own);
      HeapPage page = buffer.heapPage();
      int count = page.isNew() ? 0 : page.maxOffset();
      for (int offset = 1; offset <= count; offset++) {
        if (page.line(offset).state() == HeapPage.LineState.NORMAL) {
          Tid tid = new Tid(block, offset);
          if (visibility.isVisible(buffer, tid, snapshot, own)) {
            rows.add(HeapRow.read(page, tid, types));
          }
        }
      }
    } finally {
      buffer.lock().unlock();
    }
    return rows;
  }

  private void prune(Buffer buffer, Transaction own) {
    Pruning.Result result = pruning.onAccess(buffer, own);
    if (result.removed() > 0) {
      activity.of(buffer.relation()).pruned(result);
    }
  }

  /** The row behind an index entry. */
  public Fetched fetch(
      RelationLocator table, List<SqlType> types, Tid root, Snapshot snapshot, Transaction own) {
    Optional<Buffer> found = buffers.find(table, root.block());
    if (found.isEmpty()) {
      return new Fetched(Optional.empty(), true);
    }
    Buffer buffer = found.get();
    buffer.lock().lock();
    try {
      prune(buffer, own);
      HeapPage page = buffer.heapPage();
      List<Integer> versions = Chains.versions(page, root.offset());
      for (int offset : versions) {
        Tid tid = new Tid(root.block(), offset);
        if (visibility.isVisible(buffer, tid, snapshot, own)) {
          return new Fetched(Optional.of(HeapRow.read(page, tid, types)), false);
        }
      }
      return new Fetched(Optional.empty(), areDead(page, versions));
    } finally {
      buffer.lock().unlock();
    }
  }

  /** Whether nobody will ever see a version behind an index entry. */
  public boolean isDead(RelationLocator table, Tid root) {
    Optional<Buffer> buffer = buffers.find(table, root.block());
    if (buffer.isEmpty()) {
      return true;
    }
    buffer.get().lock().lock();
    try {
      HeapPage page = buffer.get().heapPage();
      return areDead(page, Chains.versions(page, root.offset()));
    } finally {
      buffer.get().lock().unlock();
    }
  }

  private boolean areDead(HeapPage page, List<Integer> versions) {
    if (versions.isEmpty()) {
      return true;
    }
    Xid horizon = visibility.horizon();
    return versions.stream()
        .allMatch(offset -> Visibility.isSurelyDead(page.header(offset), horizon));
  }

  /** The version at this place, seen or not. */
  public HeapRow fetchAny(RelationLocator table, List<SqlType> types, Tid tid) {
    Buffer buffer = buffers.get(table, tid.block());
    buffer.lock().lock();
    try {
      return HeapRow.read(buffer.heapPage(), tid, types);
    } finally {
      buffer.lock().unlock();
    }
  }

  /** Passes every version of every row to {@code visitor}, dead ones included. */
  public void scanAll(RelationLocator table, List<SqlType> types, Consumer<HeapRow> visitor) {
    forEachPage(
        table,
        buffer -> {
          HeapPage page = buffer.heapPage();
          for (HeapPage.Line line : page.lines()) {
            if (line.state() == HeapPage.LineState.NORMAL) {
              visitor.accept(HeapRow.read(page, new Tid(buffer.block(), line.offset()), types));
            }
          }
        });
  }

  /**
   * Passes every version to {@code visitor} with the root that an index entry for it must refer to.
   */
  public void scanRoots(
      RelationLocator table, List<SqlType> types, BiConsumer<Tid, HeapRow> visitor) {
    forEachPage(
        table,
        buffer -> {
          HeapPage page = buffer.heapPage();
          for (HeapPage.Line line : page.lines()) {
            if (Chains.isRoot(page, line)) {
              Tid root = new Tid(buffer.block(), line.offset());
              for (int offset : Chains.versions(page, line.offset())) {
                visitor.accept(root, HeapRow.read(page, new Tid(buffer.block(), offset), types));
              }
            }
          }
          space.record(table, buffer.block(), page.heapFreeSpace());
        });
  }

  private void forEachPage(RelationLocator table, Consumer<Buffer> visitor) {
    int blocks = buffers.blocks(table);
    for (int block = 0; block < blocks; block++) {
      Optional<Buffer> buffer = buffers.find(table, block);
      if (buffer.isEmpty()) {
        return;
      }
      buffer.get().lock().lock();
      try {
        if (!buffer.get().heapPage().isNew()) {
          visitor.accept(buffer.get());
        }
      } finally {
        buffer.get().lock().unlock();
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

  /** Whether a version behind {@code root}, other than {@code except}, blocks a unique key. */
  public Conflict conflictsBehind(RelationLocator table, Tid root, Tid except, Transaction own) {
    Optional<Buffer> found = buffers.find(table, root.block());
    if (found.isEmpty()) {
      return new Conflict.Dead();
    }
    Buffer buffer = found.get();
    buffer.lock().lock();
    try {
      HeapPage page = buffer.heapPage();
      // PostgreSQL does not prune here if the statement uses the page, as an update does
      if (Chains.versions(page, root.offset()).stream()
          .noneMatch(offset -> own.isCurrent(page.header(offset).xmax()))) {
        prune(buffer, own);
      }
      List<Integer> versions = Chains.versions(page, root.offset());
      for (int offset : versions) {
        Optional<Xid> conflict =
            new Tid(root.block(), offset).equals(except)
                ? Optional.empty()
                : visibility.conflicts(page.header(offset), own);
        if (conflict.isPresent()) {
          Xid xid = conflict.get();
          return xid.isValid() ? new Conflict.Waits(xid) : new Conflict.Exists();
        }
      }
      return areDead(page, versions) ? new Conflict.Dead() : new Conflict.None();
    } finally {
      buffer.lock().unlock();
    }
  }

  public Tid insert(RelationLocator table, List<SqlType> types, List<Datum> row, Transaction own) {
    tasks.yieldPoint();
    Tid tid = insertion.insert(table, TupleCodec.encode(row, types), own);
    activity.of(table).insert(1);
    return tid;
  }

  /** Inserts rows with one record for each page; answers their places, in order. */
  public List<Tid> insertAll(
      RelationLocator table, List<SqlType> types, List<List<Datum>> rows, Transaction own) {
    List<TupleData> tuples = new ArrayList<>(rows.size());
    for (List<Datum> row : rows) {
      tuples.add(TupleCodec.encode(row, types));
    }
    List<Tid> places = insertion.insertAll(table, tuples, own);
    activity.of(table).insert(rows.size());
    return places;
  }

  public Outcome delete(RelationLocator table, Tid tid, Transaction own) {
    Outcome outcome = changeVersion(table, tid, own, this::markDeleted);
    if (outcome instanceof Outcome.Done) {
      activity.of(table).delete();
    }
    return outcome;
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
      RowChanges.requireThere(buffer);
      TupleHeader header = buffer.heapPage().header(tid.offset());
      Optional<Outcome> obstacle = RowChanges.obstacle(visibility.mayChange(header, tid, own));
      if (obstacle.isPresent()) {
        return obstacle.get();
      }
      locks.keep(table, tid, header, xid, own);
      changes.run(xid, () -> change.on(buffer, tid, header, xid, own));
      own.wroteWal();
      return new Outcome.Done(tid, false);
    } finally {
      buffer.lock().unlock();
    }
  }

  private void markDeleted(Buffer buffer, Tid tid, TupleHeader header, Xid xid, Transaction own) {
    TupleHeader deleted = Versions.ended(header, xid, own, tid, TupleHeader.KEYS_UPDATED);
    buffer.heapPage().setHeader(tid.offset(), deleted);
    Versions.markPrunable(buffer, xid);
    HeapBody.Delete body =
        new HeapBody.Delete(xid, tid.offset(), Updates.KEYS_UPDATED_BIT, 0, Optional.empty());
    changes.log(xid, body, new BlockChange(0, buffer, false, new byte[0]));
  }

  /** Replaces a version by a new one. */
  public Outcome update(
      RelationLocator table, Columns columns, Tid tid, List<Datum> row, Transaction own) {
    tasks.yieldPoint();
    Outcome outcome = updates.update(table, columns, tid, row, own);
    if (outcome instanceof Outcome.Done done) {
      activity.of(table).update(done.hot());
    }
    return outcome;
  }

  /** Locks a version (heap_lock_tuple, SELECT FOR UPDATE and the like). */
  public Outcome lock(RelationLocator table, Tid tid, LockMode mode, Transaction own) {
    tasks.yieldPoint();
    Xid xid = own.currentXid();
    Buffer buffer = buffers.get(table, tid.block());
    buffer.lock().lock();
    try {
      RowChanges.requireThere(buffer);
      TupleHeader header = buffer.heapPage().header(tid.offset());
      Optional<Outcome> obstacle = RowChanges.obstacle(visibility.mayLock(header, tid, mode, own));
      if (obstacle.isPresent()) {
        return obstacle.get();
      }
      if (!visibility.locking().isHeld(header, mode, own)) {
        locks.lock(buffer, tid, xid, mode);
        own.wroteWal();
      }
      return new Outcome.Done(tid, false);
    } finally {
      buffer.lock().unlock();
    }
  }
}
