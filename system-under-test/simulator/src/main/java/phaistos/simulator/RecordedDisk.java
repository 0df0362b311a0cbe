package phaistos.simulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;

/**
 * Passes everything on to a simulated disk and records what changes it, so that {@link CrashStates}
 * can make the disk again as it was after each change. Used by the simulation's tasks; the list may
 * be read after the run.
 */
public final class RecordedDisk implements Disk {
  /** A change, in the order in which they took effect. Files have numbers from 1. */
  public sealed interface Change {
    record Created(long file, String path) implements Change {}

    record Written(long file, long offset, byte[] bytes) implements Change {}

    record Truncated(long file, long size) implements Change {}

    /** A sync has ended; it covers what was changed before {@code begun} changes were recorded. */
    record Synced(long file, int begun) implements Change {}

    record DirectoriesMade(String path) implements Change {}

    record Renamed(String from, String to) implements Change {}

    record Deleted(String path) implements Change {}

    /** A directory's sync has ended; as {@link Synced}. */
    record DirectorySynced(String path, int begun) implements Change {}
  }

  private final Disk disk;
  private final List<Change> changes = new ArrayList<>();
  private final Map<String, Long> files = new HashMap<>();
  private long calls;
  private long lastFile;

  /**
   * @param disk with no files yet
   */
  public RecordedDisk(Disk disk) {
    this.disk = disk;
  }

  /** What has changed the disk so far. */
  public List<Change> changes() {
    return changes;
  }

  /** How many calls there were, those that change nothing included. */
  public long calls() {
    return calls;
  }

  @Override
  public DiskFile open(String path) throws IOException {
    calls++;
    DiskFile file = disk.open(path);
    return new Recorded(file, files.get(DiskNames.normalize(path)));
  }

  @Override
  public DiskFile create(String path) throws IOException {
    calls++;
    DiskFile file = disk.create(path);
    String key = DiskNames.normalize(path);
    files.put(key, ++lastFile);
    changes.add(new Change.Created(lastFile, key));
    return new Recorded(file, lastFile);
  }

  @Override
  public boolean exists(String path) throws IOException {
    calls++;
    return disk.exists(path);
  }

  @Override
  public List<String> list(String directory) throws IOException {
    calls++;
    return disk.list(directory);
  }

  @Override
  public void createDirectories(String directory) throws IOException {
    calls++;
    disk.createDirectories(directory);
    changes.add(new Change.DirectoriesMade(DiskNames.normalize(directory)));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    calls++;
    disk.rename(from, to);
    String source = DiskNames.normalize(from);
    String target = DiskNames.normalize(to);
    files.put(target, files.remove(source));
    changes.add(new Change.Renamed(source, target));
  }

  @Override
  public void delete(String path) throws IOException {
    calls++;
    disk.delete(path);
    files.remove(DiskNames.normalize(path));
    changes.add(new Change.Deleted(DiskNames.normalize(path)));
  }

  @Override
  public void syncDirectory(String directory) throws IOException {
    calls++;
    int begun = changes.size();
    disk.syncDirectory(directory);
    changes.add(new Change.DirectorySynced(DiskNames.normalize(directory), begun));
  }

  private final class Recorded implements DiskFile {
    private final DiskFile file;
    private final long number;

    Recorded(DiskFile file, long number) {
      this.file = file;
      this.number = number;
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      calls++;
      return file.read(offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      calls++;
      byte[] bytes = new byte[source.remaining()];
      source.duplicate().get(bytes);
      file.write(offset, source);
      changes.add(new Change.Written(number, offset, bytes));
    }

    @Override
    public long size() throws IOException {
      calls++;
      return file.size();
    }

    @Override
    public void truncate(long size) throws IOException {
      calls++;
      file.truncate(size);
      changes.add(new Change.Truncated(number, size));
    }

    @Override
    public void sync() throws IOException {
      calls++;
      int begun = changes.size();
      file.sync();
      changes.add(new Change.Synced(number, begun));
    }

    @Override
    public void writeBack(long offset, long length) throws IOException {
      calls++;
      file.writeBack(offset, length);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
