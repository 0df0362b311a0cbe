package phaistos.server.slru;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import phaistos.environment.Disk;
import phaistos.formats.CommitLog;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.state.ServerState;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/**
 * A small set of page buffers over a directory of segment files (slru.c). The latest page is never
 * evicted. A dirty page is written at its eviction or at a checkpoint, once the WAL is flushed up
 * to its highest LSN. The states of a buffer:
 *
 * <pre>
 * EMPTY             -> READ_IN_PROGRESS   a page is wanted that no buffer holds
 * EMPTY             -> VALID              a page is made of zeroes
 * READ_IN_PROGRESS  -> VALID              it was read
 * READ_IN_PROGRESS  -> EMPTY              it could not be read
 * VALID             -> WRITE_IN_PROGRESS  a dirty page is to be written
 * WRITE_IN_PROGRESS -> VALID              it was written, or could not be and is dirty again
 * VALID (clean)     -> READ_IN_PROGRESS   it is evicted for another page
 * VALID (clean)     -> EMPTY              it is truncated
 * </pre>
 *
 * <p>Thread-safe. One lock guards the buffers. It is not held over a read, a write, a sync or a
 * flush of the WAL: whoever wants a page that is being read waits for that page alone. A write
 * works on a copy, so that a change during the write cannot reach the disk before its WAL does.
 */
public final class Slru {
  public static final int PAGE_BYTES = CommitLog.PAGE_BYTES;

  private enum Status {
    EMPTY,
    READ_IN_PROGRESS,
    VALID,
    WRITE_IN_PROGRESS
  }

  private final SlruOptions options;
  private final SegmentFiles files;
  private final Consumer<Lsn> flushWal;
  private final Consumer<String> log;
  private final Steps steps;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Buffer> buffers = new ArrayList<>();
  private final SlruCounters counters;
  private int latestPage = -1;
  private long clock;

  /** A page that a caller may look at or change while it holds the SLRU's lock. */
  public interface Page {
    byte[] bytes();

    Lsn groupLsn(int group);

    /** The page may be written only after the WAL up to this LSN is flushed. */
    void noteLsn(int group, Lsn lsn);
  }

  private final class Buffer implements Page {
    final Condition ready = lock.newCondition();
    Status status = Status.EMPTY;
    int page;
    byte[] bytes = {};
    final long[] groupLsns = new long[options.lsnGroups()];
    boolean dirty;
    long used;

    boolean holds(int number) {
      return status != Status.EMPTY && page == number;
    }

    void take(int number, Status as) {
      page = number;
      status = as;
      dirty = false;
      used = ++clock;
      Arrays.fill(groupLsns, 0);
    }

    @Override
    public byte[] bytes() {
      return bytes;
    }

    @Override
    public Lsn groupLsn(int group) {
      return new Lsn(groupLsns[group]);
    }

    @Override
    public void noteLsn(int group, Lsn lsn) {
      if (Long.compareUnsigned(groupLsns[group], lsn.value()) < 0) {
        groupLsns[group] = lsn.value();
      }
    }

    Lsn highestLsn() {
      long highest = 0;
      for (long group : groupLsns) {
        highest = Long.compareUnsigned(group, highest) > 0 ? group : highest;
      }
      return new Lsn(highest);
    }
  }

  /**
   * @param flushWal flushes the WAL up to an LSN
   * @param log for messages of level LOG
   */
  public Slru(
      SlruOptions options,
      Supplier<SlruSyncing> syncing,
      SlruCounters counters,
      Disk disk,
      Consumer<Lsn> flushWal,
      Consumer<String> log,
      ServerState state,
      Steps steps) {
    this.options = options;
    this.files = new SegmentFiles(options, syncing, disk, log, state, steps);
    this.counters = counters;
    this.flushWal = flushWal;
    this.log = log;
    this.steps = steps;
    for (int i = 0; i < options.capacity(); i++) {
      buffers.add(new Buffer());
    }
  }

  /** The highest page number; page 0 follows it. */
  public int lastPage() {
    return options.lastPage();
  }

  /** The page that is written to now, which stays in memory. */
  public void latestPage(int number) {
    lock.lock();
    try {
      latestPage = number;
    } finally {
      lock.unlock();
    }
  }

  /** Makes a page of zeroes, the latest one (SimpleLruZeroPage). */
  public void zeroPage(int number) {
    lock.lock();
    try {
      Buffer buffer = select(number);
      while (buffer.holds(number) && buffer.status != Status.VALID) {
        buffer.ready.awaitUninterruptibly();
        buffer = select(number);
      }
      Buffer chosen = buffer;
      steps.step(CommitSteps.SLRU_ZERO_PAGE, files.path(number), () -> putZeroes(chosen, number));
      latestPage = number;
    } finally {
      lock.unlock();
    }
  }

  private void putZeroes(Buffer buffer, int number) {
    buffer.take(number, Status.VALID);
    buffer.bytes = new byte[PAGE_BYTES];
    buffer.dirty = true;
    counters.zeroed();
  }

  /**
   * Reads from a page.
   *
   * @param wanted the transaction that is looked up, for messages
   * @throws phaistos.server.errors.PgError 58P01 if it cannot be read; in recovery a missing page
   *     reads as zeroes
   */
  public <T> T read(int number, Xid wanted, Function<Page, T> look) {
    lock.lock();
    try {
      return look.apply(page(number, wanted));
    } finally {
      lock.unlock();
    }
  }

  /** Changes a page, which is dirty then. */
  public void change(int number, Xid wanted, Consumer<Page> change) {
    lock.lock();
    try {
      Buffer page = page(number, wanted);
      change.accept(page);
      page.dirty = true;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the page is on the disk (SimpleLruDoesPhysicalPageExist). */
  public boolean isOnDisk(int number) {
    counters.exists();
    return files.contains(number);
  }

  /** Writes every dirty page and syncs the files (SimpleLruWriteAll, a checkpoint). */
  public void flush() {
    counters.flushed();
    lock.lock();
    try {
      for (Buffer buffer : buffers) {
        while (buffer.status == Status.WRITE_IN_PROGRESS) {
          buffer.ready.awaitUninterruptibly();
        }
        if (buffer.dirty) {
          writeOut(buffer, files::writeForCheckpoint);
        }
      }
    } finally {
      lock.unlock();
    }
    files.syncAll();
  }

  /**
   * Removes all segments that lie entirely before a page (SimpleLruTruncate). Nobody may need those
   * pages any more.
   */
  public void truncate(int cutoff) {
    counters.truncated();
    lock.lock();
    try {
      if (latestPage >= 0 && options.order().precedes(latestPage, cutoff)) {
        log.accept(
            "could not truncate directory \"%s\": apparent wraparound"
                .formatted(options.directory()));
        return;
      }
      for (Buffer buffer : buffers) {
        while (buffer.status != Status.EMPTY && options.order().precedes(buffer.page, cutoff)) {
          forget(buffer);
        }
      }
    } finally {
      lock.unlock();
    }
    removable(cutoff).forEach(files::delete);
  }

  private void forget(Buffer buffer) {
    switch (buffer.status) {
      case VALID -> {
        // what is left of its segment stays readable, so a dirty page is written first
        if (buffer.dirty) {
          writeOut(buffer, files::write);
        } else {
          buffer.status = Status.EMPTY;
        }
      }
      case READ_IN_PROGRESS, WRITE_IN_PROGRESS -> buffer.ready.awaitUninterruptibly();
      case EMPTY -> {}
    }
  }

  /** The first pages of the segments that {@link #truncate} would remove. */
  public List<Integer> removable(int cutoff) {
    return files.firstPages().stream()
        .filter(
            first ->
                options.order().precedes(first, cutoff)
                    && options.order().precedes(first + CommitLog.PAGES_PER_SEGMENT - 1, cutoff))
        .toList();
  }

  /** The buffer of a page, read if need be. The lock is held on entry and exit. */
  private Buffer page(int number, Xid wanted) {
    while (true) {
      Buffer buffer = select(number);
      if (!buffer.holds(number)) {
        readIn(buffer, number, wanted);
        return buffer;
      }
      if (buffer.status != Status.READ_IN_PROGRESS) {
        counters.hit();
        buffer.used = ++clock;
        return buffer;
      }
      buffer.ready.awaitUninterruptibly();
    }
  }

  private void readIn(Buffer buffer, int number, Xid wanted) {
    buffer.take(number, Status.READ_IN_PROGRESS);
    byte[] bytes = null;
    lock.unlock();
    try {
      bytes = files.read(number, wanted);
    } finally {
      lock.lock();
      buffer.status = bytes == null ? Status.EMPTY : Status.VALID;
      buffer.ready.signalAll();
    }
    buffer.bytes = bytes;
    counters.read();
  }

  /**
   * The buffer that holds a page, in whatever state, or one that may take it: an empty or a clean
   * one (SlruSelectLRUPage). The lock is given up while an evicted page is written, hence the loop.
   */
  private Buffer select(int number) {
    while (true) {
      Buffer empty = null;
      Buffer oldest = null;
      Buffer busy = null;
      for (Buffer buffer : buffers) {
        if (buffer.holds(number)) {
          return buffer;
        }
        if (buffer.status == Status.EMPTY) {
          empty = empty == null ? buffer : empty;
        } else if (buffer.page == latestPage) {
          continue;
        } else if (buffer.status == Status.VALID) {
          oldest = oldest == null || buffer.used < oldest.used ? buffer : oldest;
        } else {
          busy = busy == null || buffer.used < busy.used ? buffer : busy;
        }
      }
      if (empty != null) {
        return empty;
      }
      if (oldest == null) {
        // the one used least recently was probably begun first, and ends first
        busy.ready.awaitUninterruptibly();
      } else if (!oldest.dirty) {
        return oldest;
      } else {
        writeOut(
            oldest,
            (page, bytes) ->
                steps.step(
                    CommitSteps.SLRU_EVICT, files.place(page), () -> files.write(page, bytes)));
      }
    }
  }

  @FunctionalInterface
  private interface Writing {
    void write(int page, byte[] bytes);
  }

  /**
   * Writes a valid dirty page; it may be dirty again afterwards. The lock is given up meanwhile.
   */
  private void writeOut(Buffer buffer, Writing writing) {
    int number = buffer.page;
    byte[] copy = buffer.bytes.clone();
    Lsn lsn = buffer.highestLsn();
    buffer.status = Status.WRITE_IN_PROGRESS;
    buffer.dirty = false;
    boolean written = false;
    lock.unlock();
    try {
      if (lsn.isValid()) {
        steps.step(CommitSteps.SLRU_WAL_FLUSH, lsn, () -> flushWal.accept(lsn));
      }
      writing.write(number, copy);
      written = true;
    } finally {
      lock.lock();
      buffer.status = Status.VALID;
      buffer.dirty |= !written;
      buffer.ready.signalAll();
    }
    counters.written();
  }
}
