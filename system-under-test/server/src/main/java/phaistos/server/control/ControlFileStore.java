package phaistos.server.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.formats.ControlFile;
import phaistos.formats.Lsn;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.PgError;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;

/**
 * {@code global/pg_control}: read once, changed in memory, and written to disk at each change. One
 * write covers the file; all fields fit in one sector. Thread-safe.
 */
public final class ControlFileStore {
  private final Disk disk;
  private final Steps steps;
  private final CriticalSections critical;
  private final ReentrantLock lock = new ReentrantLock();
  private ControlFile current;

  private ControlFileStore(Disk disk, Steps steps, CriticalSections critical, ControlFile current) {
    this.disk = disk;
    this.steps = steps;
    this.critical = critical;
    this.current = current;
  }

  /**
   * @throws NoSuchFileException if the data directory has none
   * @throws phaistos.formats.FormatException if it is damaged or another version's
   */
  public static ControlFileStore open(Disk disk, Steps steps, CriticalSections critical)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(ControlFile.FILE_BYTES);
    try (DiskFile file = disk.open(ControlFile.PATH)) {
      file.read(0, bytes);
    }
    return new ControlFileStore(
        disk,
        steps,
        critical,
        ControlFile.decode(java.util.Arrays.copyOf(bytes.array(), bytes.position())));
  }

  /** Makes the file, for a new data directory. */
  public static void create(Disk disk, ControlFile control) throws IOException {
    try (DiskFile file = disk.create(ControlFile.PATH)) {
      file.write(0, ByteBuffer.wrap(control.encode()));
      file.sync();
    }
    disk.syncDirectory("global");
  }

  public ControlFile get() {
    lock.lock();
    try {
      return current;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Raises the minimum recovery point before a standby writes a page (UpdateMinRecoveryPoint): the
   * files are consistent only once replay has passed the page's LSN. Does nothing outside of
   * archive recovery, as crash recovery replays all WAL.
   *
   * @param pageLsn of the page
   * @param replayed the replay position; the point is raised to it, so that the next pages need no
   *     update
   */
  public void coverPage(Lsn pageLsn, Lsn replayed, int timeline) {
    ControlFile control = get();
    boolean standby =
        control.state() == ControlFile.State.IN_ARCHIVE_RECOVERY
            || control.state() == ControlFile.State.SHUT_DOWN_IN_RECOVERY;
    if (!standby || control.recovery().minimum().compareTo(pageLsn) >= 0) {
      return;
    }
    Lsn minimum = replayed.compareTo(pageLsn) > 0 ? replayed : pageLsn;
    steps.step(
        StorageSteps.MINIMUM_RECOVERY_POINT,
        minimum,
        () -> update(current -> current.withMinimum(minimum, timeline)));
  }

  /** Changes the control file durably. */
  public void update(UnaryOperator<ControlFile> change) {
    lock.lock();
    try {
      ControlFile changed = change.apply(current);
      critical.run("writing the control file", () -> write(changed));
      current = changed;
    } finally {
      lock.unlock();
    }
  }

  private void write(ControlFile changed) {
    String state = changed.state().name();
    try (DiskFile file = disk.open(ControlFile.PATH)) {
      ByteBuffer bytes = ByteBuffer.wrap(changed.encode());
      steps.step(StorageSteps.CONTROL_FILE_WRITE, state, () -> file.write(0, bytes));
      steps.step(StorageSteps.CONTROL_FILE_SYNC, state, file::sync);
    } catch (IOException e) {
      throw PgError.panic("could not write to file \"global/pg_control\": " + e.getMessage(), e);
    }
  }
}
