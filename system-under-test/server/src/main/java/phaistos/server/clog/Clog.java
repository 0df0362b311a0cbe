package phaistos.server.clog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.Tasks;
import phaistos.formats.CommitLog;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.PgError;

/**
 * The commit log (clog.c over slru.c): two bits for each transaction, in a small set of page
 * buffers of which the latest page is never evicted. A dirty page is written and fsynced when it is
 * evicted or at a checkpoint, and never before the WAL is flushed up to the highest LSN that was
 * noted for its asynchronous commits, one for each group of 32 transactions.
 *
 * <p>Thread-safe: one lock, held during input and output.
 */
public final class Clog {
  private static final int XIDS_PER_LSN = 32;
  private static final int LSNS_PER_PAGE = CommitLog.XIDS_PER_PAGE / XIDS_PER_LSN;

  private final Disk disk;
  private final Tasks tasks;
  private final int capacity;
  private final Consumer<Lsn> flushWal;
  private final Consumer<String> log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, Page> pages = new TreeMap<>();
  private int latestPage = -1;
  private long clock;
  private boolean recovery;
  private final SlruCounters counters = new SlruCounters();

  private static final class Page {
    final int number;
    final byte[] bytes;
    final long[] groupLsns = new long[LSNS_PER_PAGE];
    boolean dirty;
    long used;

    Page(int number, byte[] bytes) {
      this.number = number;
      this.bytes = bytes;
    }
  }

  /**
   * @param capacity pages in memory
   * @param flushWal flushes the WAL up to an LSN
   * @param log for messages of level LOG
   */
  public Clog(Disk disk, Tasks tasks, int capacity, Consumer<Lsn> flushWal, Consumer<String> log) {
    this.disk = disk;
    this.tasks = tasks;
    this.capacity = capacity;
    this.flushWal = flushWal;
    this.log = log;
  }

  public SlruCounters counters() {
    return counters;
  }

  /** In recovery a missing segment reads as zeroes. */
  public void recovery(boolean running) {
    recovery = running;
  }

  /** Begins with this next transaction id (StartupCLOG). */
  public void start(Xid next) {
    latestPage = CommitLog.page(next);
  }

  /** Zeroes what stands behind the last transaction on its page (TrimCLOG). */
  public void trim(Xid next) {
    lock.lock();
    try {
      latestPage = CommitLog.page(next);
      int at = CommitLog.byteInPage(next);
      if (at == 0 && CommitLog.shift(next) == 0) {
        return;
      }
      Page page = page(latestPage, next);
      page.bytes[at] &= (byte) ((1 << CommitLog.shift(next)) - 1);
      for (int i = at + 1; i < page.bytes.length; i++) {
        page.bytes[i] = 0;
      }
      page.dirty = true;
    } finally {
      lock.unlock();
    }
  }

  /** Whether this is the first transaction of a page, for which the page must be made. */
  public static boolean beginsPage(Xid xid) {
    return (xid.value() & CommitLog.XIDS_PER_PAGE - 1) == 0 || xid.equals(Xid.FIRST_NORMAL);
  }

  /** Makes a page of zeroes. */
  public void zeroPage(int number) {
    lock.lock();
    try {
      evictFor(number);
      Page page = new Page(number, new byte[CommitLog.PAGE_BYTES]);
      page.dirty = true;
      page.used = ++clock;
      pages.put(number, page);
      latestPage = number;
      counters.zeroed();
    } finally {
      lock.unlock();
    }
  }

  public Status status(Xid xid) {
    tasks.yieldPoint();
    lock.lock();
    try {
      return CommitLog.get(page(CommitLog.page(xid), xid).bytes, xid);
    } finally {
      lock.unlock();
    }
  }

  /** The highest asynchronous commit's LSN of the group of {@code xid}. */
  public Lsn groupLsn(Xid xid) {
    lock.lock();
    try {
      return new Lsn(page(CommitLog.page(xid), xid).groupLsns[group(xid)]);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sets the status of a transaction and its subtransactions so that nobody sees a part of them
   * committed: children on other pages are sub-committed first.
   *
   * @param asyncLsn the commit record's end if it may not be flushed yet, otherwise invalid
   */
  public void setTree(Xid xid, List<Xid> subxids, Status status, Lsn asyncLsn) {
    tasks.yieldPoint();
    int home = CommitLog.page(xid);
    List<Xid> here = new ArrayList<>();
    List<Xid> elsewhere = new ArrayList<>();
    for (Xid sub : subxids) {
      (CommitLog.page(sub) == home ? here : elsewhere).add(sub);
    }
    if (status == Status.COMMITTED && !elsewhere.isEmpty()) {
      setAll(elsewhere, Status.SUB_COMMITTED, asyncLsn);
    }
    lock.lock();
    try {
      Page page = page(home, xid);
      here.forEach(sub -> set(page, sub, status, asyncLsn));
      set(page, xid, status, asyncLsn);
    } finally {
      lock.unlock();
    }
    setAll(elsewhere, status, asyncLsn);
  }

  private void setAll(List<Xid> xids, Status status, Lsn asyncLsn) {
    lock.lock();
    try {
      for (Xid xid : xids) {
        set(page(CommitLog.page(xid), xid), xid, status, asyncLsn);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void set(Page page, Xid xid, Status status, Lsn asyncLsn) {
    CommitLog.set(page.bytes, xid, status);
    page.dirty = true;
    int group = group(xid);
    if (asyncLsn.isValid() && Long.compareUnsigned(page.groupLsns[group], asyncLsn.value()) < 0) {
      page.groupLsns[group] = asyncLsn.value();
    }
  }

  private static int group(Xid xid) {
    return (xid.value() & CommitLog.XIDS_PER_PAGE - 1) / XIDS_PER_LSN;
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
      page = new Page(number, read(number, wanted));
      pages.put(number, page);
      counters.read();
    }
    page.used = ++clock;
    return page;
  }

  private void evictFor(int number) {
    if (pages.containsKey(number) || pages.size() < capacity) {
      return;
    }
    Page victim = null;
    for (Page page : pages.values()) {
      if (page.number != latestPage && (victim == null || page.used < victim.used)) {
        victim = page;
      }
    }
    if (victim != null) {
      if (victim.dirty) {
        write(victim);
      }
      pages.remove(victim.number);
    }
  }

  private byte[] read(int number, Xid wanted) {
    String path = CommitLog.segmentPath(number);
    int offset = CommitLog.pageInSegment(number) * CommitLog.PAGE_BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(CommitLog.PAGE_BYTES);
    try (DiskFile file = disk.open(path)) {
      int read = file.read(offset, bytes);
      if (read < CommitLog.PAGE_BYTES && !(recovery && read == 0)) {
        throw failure(
            wanted,
            "Could not read from file \"%s\" at offset %d: read too few bytes."
                .formatted(path, offset));
      }
      return bytes.array();
    } catch (NoSuchFileException e) {
      if (recovery) {
        log.accept("file \"%s\" doesn't exist, reading as zeroes".formatted(path));
        return new byte[CommitLog.PAGE_BYTES];
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
    long lsn = 0;
    for (long group : page.groupLsns) {
      lsn = Long.compareUnsigned(group, lsn) > 0 ? group : lsn;
    }
    if (lsn != 0) {
      flushWal.accept(new Lsn(lsn));
    }
    String path = CommitLog.segmentPath(page.number);
    int offset = CommitLog.pageInSegment(page.number) * CommitLog.PAGE_BYTES;
    try {
      boolean made = !disk.exists(path);
      try (DiskFile file = made ? disk.create(path) : disk.open(path)) {
        file.write(offset, ByteBuffer.wrap(page.bytes));
        file.sync();
      }
      if (made) {
        disk.syncDirectory(CommitLog.DIRECTORY);
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
