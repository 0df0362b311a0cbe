package phaistos.server.slru;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerState;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/**
 * A small set of page buffers over a directory of segment files (slru.c). The latest page is never
 * evicted. A dirty page is written and fsynced at eviction or at a checkpoint. The WAL is flushed
 * up to the page's highest LSN first.
 *
 * <p>Thread-safe: one lock, held during I/O.
 */
public final class Slru {
  public static final int PAGE_BYTES = 8192;

  private static final int PAGES_PER_SEGMENT = 32;

  /**
   * @param directory of the segment files, below the data directory
   * @param capacity pages in memory
   * @param lsnGroups how many LSNs are kept for a page
   */
  public record Options(String directory, int capacity, int lsnGroups) {}

  private final Options options;
  private final Disk disk;
  private final Consumer<Lsn> flushWal;
  private final Consumer<String> log;
  private final ServerState state;
  private final Steps steps;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, Page> pages = new TreeMap<>();
  private int latestPage = -1;
  private long clock;
  private final SlruCounters counters = new SlruCounters();

  /** A page in memory; used under the SLRU's lock only. */
  public static final class Page {
    private final int number;
    private final byte[] bytes;
    private final long[] groupLsns;
    private boolean dirty;
    private long used;

    private Page(int number, byte[] bytes, int lsnGroups) {
      this.number = number;
      this.bytes = bytes;
      this.groupLsns = new long[lsnGroups];
    }

    public byte[] bytes() {
      return bytes;
    }

    public Lsn groupLsn(int group) {
      return new Lsn(groupLsns[group]);
    }

    /** The page may be written only after the WAL up to this LSN is flushed. */
    public void noteLsn(int group, Lsn lsn) {
      if (Long.compareUnsigned(groupLsns[group], lsn.value()) < 0) {
        groupLsns[group] = lsn.value();
      }
    }

    private Lsn highestLsn() {
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
      Options options,
      Disk disk,
      Consumer<Lsn> flushWal,
      Consumer<String> log,
      ServerState state,
      Steps steps) {
    this.options = options;
    this.disk = disk;
    this.flushWal = flushWal;
    this.log = log;
    this.state = state;
    this.steps = steps;
  }

  public SlruCounters counters() {
    return counters;
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

  /** Makes a page of zeroes, the latest one. */
  public void zeroPage(int number) {
    lock.lock();
    try {
      evictFor(number);
      steps.step(CommitSteps.SLRU_ZERO_PAGE, path(number), () -> putZeroes(number));
      latestPage = number;
    } finally {
      lock.unlock();
    }
  }

  private void putZeroes(int number) {
    Page page = new Page(number, new byte[PAGE_BYTES], options.lsnGroups);
    page.dirty = true;
    page.used = ++clock;
    pages.put(number, page);
    counters.zeroed();
  }

  /**
   * Reads from a page.
   *
   * @param wanted the transaction that is looked up, for messages
   * @throws PgError 58P01 if it cannot be read; in recovery a missing page reads as zeroes
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
      Page page = page(number, wanted);
      change.accept(page);
      page.dirty = true;
    } finally {
      lock.unlock();
    }
  }

  /** Writes and fsyncs every dirty page (a checkpoint). */
  public void flush() {
    lock.lock();
    try {
      for (Page page : pages.values()) {
        if (page.dirty) {
          write(page);
        }
      }
      counters.flushed();
    } finally {
      lock.unlock();
    }
  }

  private Page page(int number, Xid wanted) {
    Page page = pages.get(number);
    if (page != null) {
      counters.hit();
    } else {
      evictFor(number);
      page = new Page(number, read(number, wanted), options.lsnGroups);
      pages.put(number, page);
      counters.read();
    }
    page.used = ++clock;
    return page;
  }

  private void evictFor(int number) {
    if (pages.containsKey(number) || pages.size() < options.capacity) {
      return;
    }
    Page victim = null;
    for (Page page : pages.values()) {
      if (page.number != latestPage && (victim == null || page.used < victim.used)) {
        victim = page;
      }
    }
    if (victim != null) {
      Page evicted = victim;
      steps.step(CommitSteps.SLRU_EVICT, place(evicted.number), () -> evict(evicted));
    }
  }

  private void evict(Page page) {
    if (page.dirty) {
      write(page);
    }
    pages.remove(page.number);
  }

  private String path(int number) {
    return "%s/%04X".formatted(options.directory, number / PAGES_PER_SEGMENT);
  }

  private static int offset(int number) {
    return number % PAGES_PER_SEGMENT * PAGE_BYTES;
  }

  private String place(int number) {
    return path(number) + " at " + offset(number);
  }

  private byte[] read(int number, Xid wanted) {
    return steps.answer(
        CommitSteps.SLRU_READ, place(number), () -> readFile(path(number), offset(number), wanted));
  }

  private byte[] readFile(String path, int offset, Xid wanted) {
    ByteBuffer bytes = ByteBuffer.allocate(PAGE_BYTES);
    try (DiskFile file = disk.open(path)) {
      int read = file.read(offset, bytes);
      if (read < PAGE_BYTES && !(state.isInRecovery() && read == 0)) {
        throw failure(
            wanted,
            "Could not read from file \"%s\" at offset %d: read too few bytes."
                .formatted(path, offset));
      }
      return bytes.array();
    } catch (NoSuchFileException e) {
      if (state.isInRecovery()) {
        log.accept("file \"%s\" doesn't exist, reading as zeroes".formatted(path));
        return new byte[PAGE_BYTES];
      }
      throw failure(
          wanted, "Could not open file \"%s\": No such file or directory.".formatted(path));
    } catch (IOException e) {
      throw failure(
          wanted,
          "Could not read from file \"%s\" at offset %d: %s."
              .formatted(path, offset, e.getMessage()));
    }
  }

  private static PgError failure(Xid xid, String detail) {
    return PgError.error("58P01", "could not access status of transaction " + xid, detail);
  }

  private void write(Page page) {
    Lsn lsn = page.highestLsn();
    if (lsn.isValid()) {
      steps.step(CommitSteps.SLRU_WAL_FLUSH, lsn, () -> flushWal.accept(lsn));
    }
    String path = path(page.number);
    int offset = offset(page.number);
    try {
      boolean made = !disk.exists(path);
      try (DiskFile file = made ? disk.create(path) : disk.open(path)) {
        ByteBuffer bytes = ByteBuffer.wrap(page.bytes);
        steps.step(CommitSteps.SLRU_WRITE, path, () -> file.write(offset, bytes));
        steps.step(CommitSteps.SLRU_SYNC, path, file::sync);
      }
      if (made) {
        String directory = options.directory;
        steps.step(CommitSteps.SLRU_DIRECTORY_SYNC, directory, () -> disk.syncDirectory(directory));
      }
    } catch (IOException e) {
      throw PgError.panic(
          "could not access status of transaction 0: Could not fsync file \"%s\": %s."
              .formatted(path, e.getMessage()),
          e);
    }
    page.dirty = false;
    counters.written();
  }
}
