package phaistos.checker.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
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
 * The commit log of a node: as its files are, and as redo leaves it, on a copy in memory that holds
 * only the pages that redo has touched. Follows PostgreSQL in recovery: a missing file reads as
 * zeros. This is the auditor's own redo, so that no server vouches for itself. Not thread-safe.
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

  CommitLogCopy(DataDirectory files) {
    this.files = files;
  }

  /** As the file says it. */
  LogStatus onDisk(Xid xid) {
    return status(page(CommitLog.page(xid)), xid);
  }

  /** As it is after redo. */
  LogStatus afterRedo(Xid xid) {
    int page = CommitLog.page(xid);
    byte[] changed = redone.get(page);
    return status(changed != null ? changed : page(page), xid);
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
    return bytes == ABSENT ? new byte[CommitLog.PAGE_BYTES] : bytes.clone();
  }

  /** Redo of a new page. */
  void zeroPage(int page) {
    redone.put(page, new byte[CommitLog.PAGE_BYTES]);
    lastNumber = NONE;
  }

  /** Redo of a truncation: PostgreSQL removes segment files that lie wholly before this page. */
  void truncateBefore(int page) {
    int cutoff = page - CommitLog.pageInSegment(page);
    lastNumber = NONE;
    redone.keySet().removeIf(p -> CommitLog.pagePrecedes(p - CommitLog.pageInSegment(p), cutoff));
  }

  /** Bytes of the page on disk, {@link #ABSENT} if there are none. For reading only. */
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
      if (bytes.length > 0) {
        notes.add(path + " ends within page " + page + ": PostgreSQL would refuse to start");
      }
      return ABSENT;
    } catch (NoSuchFileException e) {
      return ABSENT;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The page as it is after redo; empty where there is none. For reading only. */
  Optional<byte[]> pageAfterRedo(int page) {
    byte[] bytes = redone.getOrDefault(page, page(page));
    return bytes == ABSENT ? Optional.empty() : Optional.of(bytes);
  }

  /** What was odd about the files that were read. */
  List<String> notes() {
    return List.copyOf(notes);
  }
}
