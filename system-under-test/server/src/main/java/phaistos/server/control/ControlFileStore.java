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
 * {@code global/pg_control}: read once, changed in memory and written through at each change, in
 * one write whose meaningful bytes fit in a sector. Thread-safe.
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
   * Before a page is written while a standby replays: replay must come at least so far before the
   * files are consistent (UpdateMinRecoveryPoint). Outside of archive recovery nothing is to do: a
   * crash replays all there is.
   *
   * @param pageLsn of the page
   * @param replayed where replay is, which saves an update for the next pages
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

  /** Changes it, durably. */
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
