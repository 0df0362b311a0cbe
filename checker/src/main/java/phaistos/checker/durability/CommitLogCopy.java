package phaistos.checker.durability;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.formats.CommitLog;
import phaistos.formats.DataDirectory;
import phaistos.formats.Xid;

/**
 * The commit log of a node, as in its files and as redo leaves it. Redo works on a copy in memory
 * that holds only the changed pages. A missing file reads as zeros, as in PostgreSQL's recovery.
 * The auditor has its own redo, so that no server judges itself. Not thread-safe.
 */
final class CommitLogCopy {
  private static final int CACHED_PAGES = 512;
  private static final byte[] ABSENT = new byte[0];
  private static final int NONE = -1;

  private final DataDirectory files;
  private final Map<Integer, byte[]> redone = new HashMap<>();

  /** The page that was set last, in {@link #redone}. */
  private byte[] last = ABSENT;

  private int lastNumber = NONE;
  private final Set<String> notes = new LinkedHashSet<>();
  private final Map<Integer, byte[]> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, byte[]> eldest) {
          return size() > CACHED_PAGES;
        }
      };

  /** Xids before this one have a page, unless files are missing; 0: unknown. */
  private int nextXid;

  /** Xids before this one are frozen, so their pages may be truncated; 0: unknown. */
  private int oldestXid;

  /** Pages that redo created although their file should exist. */
  private final Set<Integer> unbacked = new HashSet<>();

  CommitLogCopy(DataDirectory files) {
    this.files = files;
  }

  /**
   * The status of a transaction before this one is unknown, not aborted, if its page is missing.
   * This is for copies made by hand, which may lack a file.
   */
  void expectPagesBefore(Xid next) {
    nextXid = next.value();
  }

  /** The database's horizon, from the control file or a record. */
  void frozenBefore(Xid oldest) {
    if (oldest.isNormal() && (oldestXid == 0 || Xid.precedes(oldestXid, oldest.value()))) {
      oldestXid = oldest.value();
    }
  }

  private boolean isFrozen(Xid xid) {
    return oldestXid != 0 && xid.isNormal() && Xid.precedes(xid.value(), oldestXid);
  }

  private boolean isExpected(Xid xid) {
    return nextXid != 0 && Xid.precedes(xid.value(), nextXid);
  }

  /** As the file says it. */
  LogStatus onDisk(Xid xid) {
    LogStatus status = status(page(CommitLog.page(xid)), xid);
    return status == LogStatus.NO_PAGE ? ofMissing(xid) : status;
  }

  /** As it is after redo. */
  LogStatus afterRedo(Xid xid) {
    int page = CommitLog.page(xid);
    byte[] changed = redone.get(page);
    LogStatus status = status(changed != null ? changed : page(page), xid);
    boolean isUnknown =
        status == LogStatus.NO_PAGE || status == LogStatus.NONE && unbacked.contains(page);
    return isUnknown && ofMissing(xid) != LogStatus.NO_PAGE ? ofMissing(xid) : status;
  }

  private boolean isExpected(int page) {
    Xid first = CommitLog.firstXid(page);
    return isExpected(first) && !isFrozen(new Xid(first.value() + CommitLog.XIDS_PER_PAGE - 1));
  }

  private LogStatus ofMissing(Xid xid) {
    if (isFrozen(xid)) {
      return LogStatus.FROZEN;
    }
    return isExpected(xid) ? LogStatus.UNREAD : LogStatus.NO_PAGE;
  }

  private static LogStatus status(byte[] page, Xid xid) {
    return page == ABSENT ? LogStatus.NO_PAGE : LogStatus.ofBits(CommitLog.get(page, xid).bits());
  }

  /** Redo of a commit or an abort. */
  void set(Xid xid, CommitLog.Status status) {
    int number = CommitLog.page(xid);
    if (number != lastNumber) {
      last = redone.computeIfAbsent(number, this::copyForRedo);
      lastNumber = number;
    }
    CommitLog.set(last, xid, status);
  }

  private byte[] copyForRedo(int page) {
    byte[] bytes = page(page);
    if (bytes == ABSENT && isExpected(CommitLog.firstXid(page))) {
      unbacked.add(page);
    }
    return bytes == ABSENT ? new byte[CommitLog.PAGE_BYTES] : bytes.clone();
  }

  /** Redo of a new page. */
  void zeroPage(int page) {
    redone.put(page, new byte[CommitLog.PAGE_BYTES]);
    unbacked.remove(page);
    lastNumber = NONE;
  }

  /** Redo of a truncation: PostgreSQL removes segment files that lie entirely before this page. */
  void truncateBefore(int page, Xid oldest) {
    frozenBefore(oldest);
    int cutoff = page - CommitLog.pageInSegment(page);
    lastNumber = NONE;
    redone.keySet().removeIf(p -> CommitLog.pagePrecedes(p - CommitLog.pageInSegment(p), cutoff));
  }

  /** The page's bytes on disk, {@link #ABSENT} if there are none. Read-only. */
  private byte[] page(int page) {
    byte[] known = cache.get(page);
    if (known == null) {
      known = readPage(page);
      cache.put(page, known);
    }
    return known;
  }

  private byte[] readPage(int page) {
    String path = CommitLog.segmentPath(page);
    long offset = (long) CommitLog.pageInSegment(page) * CommitLog.PAGE_BYTES;
    try {
      byte[] bytes = files.read(path, offset, CommitLog.PAGE_BYTES);
      if (bytes.length == CommitLog.PAGE_BYTES) {
        return bytes;
      }
      if (bytes.length > 0 || isExpected(page)) {
        notes.add(path + " ends within page " + page + ": PostgreSQL would refuse to start");
      }
      return ABSENT;
    } catch (NoSuchFileException e) {
      if (isExpected(page)) {
        notes.add(path + " is not there: what only it could tell is not judged");
      }
      return ABSENT;
    } catch (IOException e) {
      notes.add(path + " cannot be read: " + e);
      return ABSENT;
    }
  }

  /** The page after redo; empty if there is none. Read-only. */
  Optional<byte[]> pageAfterRedo(int page) {
    byte[] bytes = redone.getOrDefault(page, page(page));
    return bytes == ABSENT || unbacked.contains(page) ? Optional.empty() : Optional.of(bytes);
  }

  /** What was odd about the files that were read. */
  List<String> notes() {
    return List.copyOf(notes);
  }
}
