package phaistos.server.wal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Tasks;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalLayout;
import phaistos.formats.wal.WalRecord;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerState;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;
import phaistos.server.steps.WalRange;

/**
 * The write-ahead log of a primary (xlog.c, xloginsert.c): records go into a ring of pages in
 * memory. The first session that needs them durable writes and flushes them for all that wait
 * (group commit).
 *
 * <p>Three positions rise in this order: inserted, written, flushed. One lock guards the
 * reservation and filling of a record's LSN range. Another guards write and fsync, which run
 * concurrently with insertion. A failed write or fsync is a PANIC: nothing after it may count as
 * durable. Thread-safe.
 */
public final class Wal {
  private static final int PAGE = 8192;

  private final Tasks tasks;
  private final WalFiles files;
  private final WalLayout layout;
  private final ServerState state;
  private final Steps steps;
  private final CriticalSections critical;
  private final long systemId;
  private final byte[] ring;
  private final SegmentOutput output;

  private final ReentrantLock insertLock = new ReentrantLock();
  private int timeline;
  private long inserted;
  private Lsn previous = Lsn.INVALID;
  private volatile long insertedSeen;
  private volatile long redo;
  private volatile boolean fullPageWrites = true;

  private final GroupFlush group;
  private volatile long written;
  private volatile long flushed;
  private final BackgroundFlush background;

  private final List<Runnable> flushListeners = new ArrayList<>();
  private volatile List<Runnable> listeners = List.of();
  private final WalCounters counters = new WalCounters();
  private final BlockReferences blockReferences;

  /**
   * @param ringBytes how much WAL is kept in memory
   */
  public Wal(
      Tasks tasks,
      WalFiles files,
      long systemId,
      int ringBytes,
      ServerState state,
      Steps steps,
      CriticalSections critical) {
    this.tasks = tasks;
    this.state = state;
    this.steps = steps;
    this.critical = critical;
    this.files = files;
    this.layout = files.layout();
    this.systemId = systemId;
    this.blockReferences = new BlockReferences(steps, counters);
    this.group = new GroupFlush(tasks, critical);
    this.background = new BackgroundFlush(this, steps);
    this.ring = new byte[ringBytes / PAGE * PAGE];
    this.output = new SegmentOutput(files, ring, steps, counters);
  }

  /**
   * Starts writing at {@code end}, where recovery has ended.
   *
   * @param previousRecord where the last record begins
   */
  public void start(int newTimeline, Lsn end, Lsn previousRecord, Lsn redoPoint, boolean fpw)
      throws IOException {
    timeline = newTimeline;
    previous = previousRecord;
    redo = redoPoint.value();
    fullPageWrites = fpw;
    int inPage = WalLayout.pageOffset(end);
    if (inPage > 0) {
      Lsn page = WalLayout.pageStart(end);
      byte[] bytes = files.read(newTimeline, page, inPage);
      System.arraycopy(
          bytes, 0, ring, (int) Long.remainderUnsigned(page.value(), ring.length), inPage);
    }
    inserted = end.value();
    insertedSeen = inserted;
    written = inserted;
    flushed = inserted;
  }

  public int timeline() {
    return timeline;
  }

  public WalLayout layout() {
    return layout;
  }

  public WalCounters counters() {
    return counters;
  }

  public Lsn insertedLsn() {
    return new Lsn(insertedSeen);
  }

  public Lsn writtenLsn() {
    return new Lsn(written);
  }

  public Lsn flushedLsn() {
    return new Lsn(flushed);
  }

  public Lsn redoLsn() {
    return new Lsn(redo);
  }

  public void setFullPageWrites(boolean on) {
    fullPageWrites = on;
  }

  public boolean fullPageWrites() {
    return fullPageWrites;
  }

  /** Calls {@code listener} after every flush, on the task that flushed. */
  public void onFlush(Runnable listener) {
    insertLock.lock();
    try {
      flushListeners.add(listener);
      listeners = List.copyOf(flushListeners);
    } finally {
      insertLock.unlock();
    }
  }

  public WalRange insert(Xid xid, RecordBody body) {
    return insert(xid, body, List.of());
  }

  /** Inserts a record; the caller holds the locks of the changed pages and has changed them. */
  public WalRange insert(Xid xid, RecordBody body, List<BlockChange> changes) {
    tasks.yieldPoint();
    critical.check();
    return steps.answer(CommitSteps.WAL_INSERT, xid, () -> reserveAndFill(xid, body, changes));
  }

  /**
   * @throws PgError 54000 if a record is longer than the buffers
   */
  public void requireFits(RecordBody body) {
    requireFits(body.mainData().length + WalRecord.HEADER_BYTES);
  }

  private void requireFits(int recordLength) {
    if (recordLength > ring.length / 2) {
      throw PgError.error("54000", "WAL record of %d bytes is too long".formatted(recordLength));
    }
  }

  private WalRange reserveAndFill(Xid xid, RecordBody body, List<BlockChange> changes) {
    byte[] mainData = body.mainData();
    while (true) {
      long assumedRedo = redo;
      boolean assumedFpw = fullPageWrites;
      List<BlockReference> blocks = blockReferences.of(changes, assumedRedo, assumedFpw);
      WalRecord.Unsealed unsealed =
          new WalRecord(
                  xid, Lsn.INVALID, body.rmgrId(), body.info(), blocks, 0, Xid.INVALID, mainData)
              .unsealed();
      insertLock.lock();
      try {
        if (!state.mayWriteWal()) {
          throw PgError.error("55000", "cannot make new WAL entries during recovery");
        }
        if (redo == assumedRedo && fullPageWrites == assumedFpw) {
          WalRange range = place(unsealed, false);
          if (range != null) {
            return range;
          }
          counters.buffersFull();
        }
      } finally {
        insertLock.unlock();
      }
      makeRoom(unsealed.length());
    }
  }

  /**
   * Ends the present segment (pg_switch_wal), and flushes it: the rest of it stays empty. Returns
   * the end of the record that says so, or of the WAL if no segment has begun.
   *
   * @throws PgError 0A000 if the buffers hold less than a segment
   */
  public Lsn switchSegment() {
    if (ring.length < layout.segmentSize()) {
      throw PgError.unsupported("pg_switch_wal with WAL buffers of less than a segment");
    }
    WalRecord.Unsealed record =
        WalRecord.of(Xid.INVALID, Rmgr.XLOG, new XlogBody.Switch().info(), new byte[0]).unsealed();
    while (true) {
      tasks.yieldPoint();
      critical.check();
      Lsn end;
      boolean fits;
      WalRange range = null;
      insertLock.lock();
      try {
        Lsn now = new Lsn(inserted);
        if (layout.segmentOffset(now) == 0) {
          return now;
        }
        Lsn start = layout.startAfter(now);
        end = layout.endOf(start, record.length());
        fits = end.compareTo(segmentEnd(start)) <= 0;
        if (fits) {
          range = place(record, true);
        }
      } finally {
        insertLock.unlock();
      }
      if (range != null) {
        flush(range.end());
        return end;
      }
      if (fits) {
        makeRoom(record.length());
      } else {
        // over the border it would take the next segment, too, for which the buffers have no room
        insert(Xid.INVALID, new XlogBody.Noop());
      }
    }
  }

  /**
   * Moves the redo point to the end of the WAL (the start of a checkpoint). The first change of
   * each page after it logs a full-page image.
   */
  public Lsn advanceRedo() {
    insertLock.lock();
    try {
      Lsn start = layout.startAfter(new Lsn(inserted));
      redo = start.value();
      return start;
    } finally {
      insertLock.unlock();
    }
  }

  /** Returns once everything before {@code lsn} is durable. */
  public void flush(Lsn lsn) {
    flush(lsn, 0);
  }

  /**
   * The same.
   *
   * @param delayNanos how long to wait before the flush, if this task makes it, so that more
   *     commits join it (commit_delay)
   */
  public void flush(Lsn lsn, long delayNanos) {
    steps.step(CommitSteps.WAL_FLUSH, lsn, () -> flushUpTo(lsn, delayNanos));
  }

  private void flushUpTo(Lsn lsn, long delayNanos) {
    while (Long.compareUnsigned(flushed, lsn.value()) < 0) {
      tasks.yieldPoint();
      if (!group.beginOrAwait(lsn.value(), delayNanos > 0)) {
        critical.check();
        continue;
      }
      if (Long.compareUnsigned(flushed, lsn.value()) >= 0) {
        group.end(flushed);
        return;
      }
      checkReachable(lsn);
      if (delayNanos > 0) {
        tasks.sleep(delayNanos);
      }
      writeOut(true);
    }
  }

  public BackgroundFlush background() {
    return background;
  }

  /** Writes what is inserted, unless another task does so now. */
  void writeWithoutSync() {
    if (group.begin()) {
      writeOut(false);
    }
  }

  GroupFlush group() {
    return group;
  }

  /** For sessions that wait. */
  void flushForWaiters() {
    while (group.take()) {
      writeOut(true);
    }
  }

  private void checkReachable(Lsn lsn) {
    if (Long.compareUnsigned(insertedSeen, lsn.value()) < 0) {
      group.end(flushed);
      throw PgError.error(
          "XX000",
          "xlog flush request %s is not satisfied --- flushed only to %s"
              .formatted(lsn, new Lsn(insertedSeen)));
    }
  }

  /**
   * Under the insert lock. Null if the ring has no room.
   *
   * @param rest whether the record takes the rest of the segment in which it begins, too
   */
  private WalRange place(WalRecord.Unsealed unsealed, boolean rest) {
    Lsn start = layout.startAfter(new Lsn(inserted));
    Lsn end = layout.endOf(start, unsealed.length());
    if (rest) {
      end = segmentEnd(start);
    }
    if (end.value() - (written & -(long) PAGE) > ring.length) {
      return null;
    }
    byte[] sealed = unsealed.seal(previous);
    WalLayout.PageSource pages = new WalLayout.PageSource(timeline, systemId, true);
    WalLayout.Placed placed =
        rest ? layout.placeSwitch(sealed, start, pages) : layout.place(sealed, start, pages);
    copyIn(placed.at().value(), placed.bytes());
    previous = start;
    inserted = end.value();
    insertedSeen = inserted;
    counters.record(unsealed.length());
    return new WalRange(start, end);
  }

  private Lsn segmentEnd(Lsn in) {
    return layout.segmentStart(in).plus(layout.segmentSize());
  }

  private void copyIn(long at, byte[] bytes) {
    int done = 0;
    while (done < bytes.length) {
      int to = (int) Long.remainderUnsigned(at + done, ring.length);
      int part = Math.min(bytes.length - done, ring.length - to);
      System.arraycopy(bytes, done, ring, to, part);
      done += part;
    }
  }

  private void makeRoom(int recordLength) {
    requireFits(recordLength);
    if (group.beginOrAwait(0, false)) {
      writeOut(false);
    }
  }

  /** Writes all that is inserted, and makes it durable. The caller has the right to write. */
  private void writeOut(boolean sync) {
    boolean done = false;
    try {
      critical.run("writing WAL", () -> writeAndSync(sync));
      done = true;
    } finally {
      group.end(done ? flushed : -1);
    }
    if (sync) {
      for (Runnable listener : listeners) {
        listener.run();
      }
    }
  }

  private void writeAndSync(boolean sync) {
    long end;
    byte[] lastPage = new byte[PAGE];
    insertLock.lock();
    try {
      end = inserted;
      long page = end & -(long) PAGE;
      int from = (int) Long.remainderUnsigned(page, ring.length);
      System.arraycopy(ring, from, lastPage, 0, (int) (end - page));
    } finally {
      insertLock.unlock();
    }
    try {
      Lsn upTo = new Lsn(end);
      steps.step(CommitSteps.WAL_WRITE, upTo, () -> output.write(timeline, written, end, lastPage));
      written = end;
      if (sync) {
        steps.step(CommitSteps.WAL_SYNC, upTo, output::sync);
        counters.sync();
        flushed = end;
      }
    } catch (IOException e) {
      throw PgError.panic("could not write or fsync WAL: " + e.getMessage(), e);
    }
  }
}
