package phaistos.server.slru;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.formats.CommitLog;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerState;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.PageWrite;
import phaistos.server.steps.Steps;

/**
 * The files of an SLRU: 32 pages each, named by their number in hexadecimal. Thread-safe; no lock
 * is held over reads, writes and syncs.
 */
final class SegmentFiles {
  private final SlruOptions options;
  private final Supplier<SlruSyncing> syncing;
  private final Disk disk;
  private final Consumer<String> log;
  private final ServerState state;
  private final Steps steps;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<String> unsynced = new TreeSet<>();
  private boolean directoryUnsynced;

  SegmentFiles(
      SlruOptions options,
      Supplier<SlruSyncing> syncing,
      Disk disk,
      Consumer<String> log,
      ServerState state,
      Steps steps) {
    this.options = options;
    this.syncing = syncing;
    this.disk = disk;
    this.log = log;
    this.state = state;
    this.steps = steps;
  }

  String path(int page) {
    return options.directory() + "/" + CommitLog.segmentName(CommitLog.segment(page));
  }

  private static int offset(int page) {
    return CommitLog.pageInSegment(page) * Slru.PAGE_BYTES;
  }

  String place(int page) {
    return path(page) + " at " + offset(page);
  }

  /**
   * @throws PgError 58P01 if it cannot be read; in recovery a missing page reads as zeroes
   */
  byte[] read(int page, Xid wanted) {
    return steps.answer(
        CommitSteps.SLRU_READ, place(page), () -> readFile(path(page), offset(page), wanted));
  }

  private byte[] readFile(String path, int offset, Xid wanted) {
    ByteBuffer bytes = ByteBuffer.allocate(Slru.PAGE_BYTES);
    try (DiskFile file = disk.open(path)) {
      int read = file.read(offset, bytes);
      if (read < Slru.PAGE_BYTES && !(state.isInRecovery() && read == 0)) {
        throw failure(
            wanted,
            "Could not read from file \"%s\" at offset %d: read too few bytes."
                .formatted(path, offset));
      }
      return bytes.array();
    } catch (NoSuchFileException e) {
      if (state.isInRecovery()) {
        log.accept("file \"%s\" doesn't exist, reading as zeroes".formatted(path));
        return new byte[Slru.PAGE_BYTES];
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

  /** Whether the page is in its file (SimpleLruDoesPhysicalPageExist). */
  boolean contains(int page) {
    try (DiskFile file = disk.open(path(page))) {
      return file.size() >= offset(page) + (long) Slru.PAGE_BYTES;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw failure(
          Xid.INVALID, "Could not open file \"%s\": %s.".formatted(path(page), e.getMessage()));
    }
  }

  /** Writes a page that leaves its buffer, and syncs it unless that is left to a checkpoint. */
  void write(int page, byte[] bytes) {
    boolean later = syncing.get().deferred();
    write(page, bytes, !later);
  }

  /** Writes a page whose file {@link #syncAll} will sync. */
  void writeForCheckpoint(int page, byte[] bytes) {
    write(page, bytes, false);
  }

  private void write(int page, byte[] bytes, boolean syncNow) {
    String path = path(page);
    try {
      boolean made = !disk.exists(path);
      try (DiskFile file = made ? disk.create(path) : disk.open(path)) {
        if (made && syncing.get().preallocated()) {
          preallocate(path, file);
        }
        int offset = offset(page);
        ByteBuffer content = ByteBuffer.wrap(bytes);
        PageWrite write = new PageWrite(path, offset, bytes);
        steps.step(CommitSteps.SLRU_WRITE, write, () -> file.write(offset, content));
        if (options.durable() && syncNow) {
          if (syncing.get().rangeFirst()) {
            steps.step(
                CommitSteps.SLRU_RANGE_SYNC, path, () -> file.writeBack(offset, Slru.PAGE_BYTES));
          }
          steps.step(CommitSteps.SLRU_SYNC, path, file::sync);
        }
      }
      if (options.durable() && !syncNow) {
        remember(path, made);
      } else if (made && options.durable()) {
        syncDirectory();
      }
    } catch (IOException e) {
      throw panic(path, e);
    }
  }

  private static PgError panic(String path, IOException e) {
    return PgError.panic(
        "could not access status of transaction 0: Could not fsync file \"%s\": %s."
            .formatted(path, e.getMessage()),
        e);
  }

  private void preallocate(String path, DiskFile file) throws IOException {
    ByteBuffer zeroes = ByteBuffer.allocate(CommitLog.SEGMENT_BYTES);
    steps.step(CommitSteps.SLRU_PREALLOCATE, path, () -> file.write(0, zeroes));
    if (options.durable()) {
      steps.step(CommitSteps.SLRU_SYNC, path, file::sync);
    }
  }

  private void syncDirectory() throws IOException {
    String directory = options.directory();
    steps.step(CommitSteps.SLRU_DIRECTORY_SYNC, directory, () -> disk.syncDirectory(directory));
  }

  private void remember(String path, boolean made) {
    lock.lock();
    try {
      unsynced.add(path);
      directoryUnsynced |= made;
    } finally {
      lock.unlock();
    }
  }

  /** Syncs each file that was written since it was synced last (a checkpoint). */
  void syncAll() {
    List<String> files;
    boolean directory;
    lock.lock();
    try {
      files = List.copyOf(unsynced);
      unsynced.clear();
      directory = directoryUnsynced;
      directoryUnsynced = false;
    } finally {
      lock.unlock();
    }
    for (String path : files) {
      try (DiskFile file = disk.open(path)) {
        steps.step(CommitSteps.SLRU_SYNC, path, file::sync);
      } catch (NoSuchFileException e) {
        log.accept("file \"%s\" was removed before its sync".formatted(path));
      } catch (IOException e) {
        throw panic(path, e);
      }
    }
    try {
      if (directory) {
        syncDirectory();
      }
    } catch (IOException e) {
      throw panic(options.directory(), e);
    }
  }

  /** The first pages of the segments that are there. */
  List<Integer> firstPages() {
    try {
      return disk.list(options.directory()).stream()
          .map(CommitLog::parseSegmentName)
          .flatMap(Optional::stream)
          .map(segment -> segment * CommitLog.PAGES_PER_SEGMENT)
          .toList();
    } catch (IOException e) {
      throw failure(
          Xid.INVALID,
          "Could not open directory \"%s\": %s.".formatted(options.directory(), e.getMessage()));
    }
  }

  /** Deletes the segment that begins with this page. */
  void delete(int firstPage) {
    String path = path(firstPage);
    lock.lock();
    try {
      unsynced.remove(path);
    } finally {
      lock.unlock();
    }
    try {
      steps.step(CommitSteps.SLRU_DELETE, path, () -> disk.delete(path));
    } catch (IOException e) {
      log.accept("could not remove file \"%s\": %s".formatted(path, e.getMessage()));
    }
  }
}
