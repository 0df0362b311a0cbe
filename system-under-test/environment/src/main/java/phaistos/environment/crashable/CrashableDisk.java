package phaistos.environment.crashable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.SystemDisk;
import phaistos.environment.crashable.UndoRecord.Created;
import phaistos.environment.crashable.UndoRecord.Deleted;
import phaistos.environment.crashable.UndoRecord.DirectoryDeleted;
import phaistos.environment.crashable.UndoRecord.DirectoryMade;
import phaistos.environment.crashable.UndoRecord.Located;
import phaistos.environment.crashable.UndoRecord.NameChange;
import phaistos.environment.crashable.UndoRecord.NameSynced;
import phaistos.environment.crashable.UndoRecord.Overwritten;
import phaistos.environment.crashable.UndoRecord.Renamed;
import phaistos.environment.crashable.UndoRecord.Synced;

/**
 * A folder of the machine. Writes go through to it, and a journal beside it keeps what each
 * unsynced change replaced. A process that is killed (SIGKILL) loses nothing, as on any disk.
 * Afterwards {@link PowerCut} can undo unsynced changes, as a power cut would have. One process at
 * a time may use it. Thread-safe.
 *
 * <p>Guarantees: a write counts as durable once {@link DiskFile#sync} was called after it and has
 * returned; names once {@link #syncDirectory} has. Old content is in the journal before it is
 * replaced, so the process may be killed at any moment. The journal's folder has to lie on the same
 * file system as the data (deleted files wait there under a hard link). Changes that bypass this
 * adapter are not in the journal. Directories cannot be renamed.
 */
public final class CrashableDisk implements Disk {
  private final SystemDisk disk;
  private final UndoJournal journal;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Long> files = new TreeMap<>();

  private CrashableDisk(Path data, Path undo) throws IOException {
    this.disk = new SystemDisk(data);
    this.journal = new UndoJournal(undo);
    dropChangeThatWasNotMade();
    journal
        .locations()
        .forEach(
            (file, path) -> {
              if (!path.isEmpty()) {
                files.put(path, file);
              }
            });
  }

  /** The default folder of a data directory's journal, beside it. */
  public static Path undoFolder(Path data) {
    Path absolute = data.toAbsolutePath().normalize();
    return absolute.resolveSibling(absolute.getFileName() + ".unsynced");
  }

  /** Opens a folder, with what earlier processes left unsynced in it. */
  public static CrashableDisk open(Path data) throws IOException {
    return new CrashableDisk(data, undoFolder(data));
  }

  /**
   * Drops the last record if the previous process was killed between it and its change of names.
   */
  private void dropChangeThatWasNotMade() throws IOException {
    UndoRecord.Change last = null;
    for (UndoRecord.Change change : journal.unsynced()) {
      last = change;
    }
    boolean made =
        switch (last) {
          case null -> true;
          case Overwritten _ -> true;
          case Created created -> disk.exists(created.path());
          case Renamed renamed -> !disk.exists(renamed.from());
          case Deleted deleted -> !disk.exists(deleted.path());
          case DirectoryMade directory -> disk.exists(directory.path());
          case DirectoryDeleted directory -> !disk.exists(directory.path());
        };
    if (made) {
      return;
    }
    switch (last) {
      case Created created -> journal.locations().remove(created.file());
      case Renamed renamed -> {
        journal.locations().put(renamed.file(), renamed.from());
        if (renamed.replaced() >= 0) {
          journal.locations().put(renamed.replaced(), renamed.to());
          Files.deleteIfExists(journal.trash(renamed.replaced()));
        }
      }
      case Deleted deleted -> {
        journal.locations().put(deleted.file(), deleted.path());
        Files.deleteIfExists(journal.trash(deleted.file()));
      }
      case Overwritten _, DirectoryMade _, DirectoryDeleted _ -> {}
    }
    journal.dropLastChange();
  }

  private interface Action<T> {
    T run() throws IOException;
  }

  private <T> T locked(Action<T> action) throws IOException {
    lock.lock();
    try {
      return action.run();
    } finally {
      lock.unlock();
    }
  }

  /** The id of an existing file. */
  private long id(String key) throws IOException {
    Long known = files.get(key);
    if (known != null) {
      return known;
    }
    long file = journal.newFile();
    journal.append(new Located(file, key));
    files.put(key, file);
    return file;
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Records a change of names and makes it; a change that fails leaves no record. */
  private void change(NameChange change, Step step) throws IOException {
    journal.append(change);
    try {
      step.run();
    } catch (IOException failure) {
      dropChangeThatWasNotMade();
      throw failure;
    }
  }

  private void requireParent(String key, String path) throws NoSuchFileException {
    if (!Files.isDirectory(disk.resolve(parent(key)))) {
      throw new NoSuchFileException(path);
    }
  }

  private String key(String path) {
    return disk.root().relativize(disk.resolve(path)).toString().replace('\\', '/');
  }

  private static String parent(String key) {
    int slash = key.lastIndexOf('/');
    return slash < 0 ? "" : key.substring(0, slash);
  }

  @Override
  public DiskFile open(String path) throws IOException {
    return locked(
        () -> {
          DiskFile opened = disk.open(path);
          return new CrashableFile(id(key(path)), opened);
        });
  }

  @Override
  public DiskFile create(String path) throws IOException {
    return locked(
        () -> {
          String key = key(path);
          if (disk.exists(key)) {
            throw new FileAlreadyExistsException(path);
          }
          requireParent(key, path);
          long file = journal.newFile();
          change(new Created(journal.newNumber(), file, key), () -> disk.create(key).close());
          files.put(key, file);
          return new CrashableFile(file, disk.open(key));
        });
  }

  @Override
  public boolean exists(String path) {
    return disk.exists(path);
  }

  @Override
  public List<String> list(String directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectories(String directory) throws IOException {
    locked(
        () -> {
          String key = key(directory);
          for (int end = 0; end >= 0 && !key.isEmpty(); ) {
            end = key.indexOf('/', end + 1);
            String part = end < 0 ? key : key.substring(0, end);
            if (!disk.exists(part)) {
              change(
                  new DirectoryMade(journal.newNumber(), part), () -> disk.createDirectories(part));
            }
          }
          disk.createDirectories(key);
          return null;
        });
  }

  @Override
  public void rename(String from, String to) throws IOException {
    locked(
        () -> {
          String source = key(from);
          String target = key(to);
          if (!disk.exists(source)) {
            throw new NoSuchFileException(from);
          }
          if (Files.isDirectory(disk.resolve(source)) || Files.isDirectory(disk.resolve(target))) {
            throw new IOException("cannot rename a directory: " + from + " to " + to);
          }
          requireParent(target, to);
          if (source.equals(target)) {
            return null;
          }
          long file = id(source);
          long replaced = disk.exists(target) ? id(target) : -1;
          long number = journal.newNumber();
          if (replaced >= 0) {
            keep(target, replaced);
          }
          change(
              new Renamed(number, file, source, target, replaced),
              () -> disk.rename(source, target));
          files.remove(source);
          files.put(target, file);
          return null;
        });
  }

  /** Gives the file a second name, so that it survives the loss of its first. */
  private void keep(String key, long file) throws IOException {
    Files.deleteIfExists(journal.trash(file));
    Files.createLink(journal.trash(file), disk.resolve(key));
  }

  @Override
  public void delete(String path) throws IOException {
    locked(
        () -> {
          String key = key(path);
          Path resolved = disk.resolve(path);
          if (!Files.exists(resolved)) {
            throw new NoSuchFileException(path);
          }
          if (Files.isDirectory(resolved)) {
            if (!disk.list(path).isEmpty()) {
              throw new java.nio.file.DirectoryNotEmptyException(path);
            }
            change(new DirectoryDeleted(journal.newNumber(), key), () -> disk.delete(path));
          } else {
            long file = id(key);
            keep(key, file);
            change(new Deleted(journal.newNumber(), file, key), () -> disk.delete(path));
            files.remove(key);
          }
          return null;
        });
  }

  @Override
  public void syncDirectory(String directory) throws IOException {
    String key = key(directory);
    List<NameChange> due = locked(() -> changesToSync(key));
    disk.syncDirectory(directory);
    locked(
        () -> {
          for (NameChange change : due) {
            journal.append(new NameSynced(change.number()));
            switch (change) {
              case Deleted deleted -> journal.forgetFile(deleted.file());
              case Renamed renamed when renamed.replaced() >= 0 ->
                  journal.forgetFile(renamed.replaced());
              case Renamed _, Created _, DirectoryMade _, DirectoryDeleted _ -> {}
            }
          }
          return null;
        });
  }

  /** The changes in a directory, and the earlier changes that touched one of their names. */
  private List<NameChange> changesToSync(String directory) {
    Set<String> touched = new HashSet<>();
    List<NameChange> due = new ArrayList<>();
    for (UndoRecord.Change change : List.copyOf(journal.unsynced()).reversed()) {
      if (change instanceof NameChange names
          && names.paths().stream()
              .anyMatch(path -> parent(path).equals(directory) || touched.contains(path))) {
        touched.addAll(names.paths());
        due.add(names);
      }
    }
    return due.reversed();
  }

  /** Closes the journal; unsynced changes stay unsynced. */
  public void close() throws IOException {
    locked(
        () -> {
          journal.close();
          return null;
        });
  }

  private final class CrashableFile implements DiskFile {
    private final long id;
    private final DiskFile file;

    CrashableFile(long id, DiskFile file) {
      this.id = id;
      this.file = file;
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      return file.read(offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      locked(
          () -> {
            record(offset, source.remaining());
            file.write(offset, source);
            return null;
          });
    }

    @Override
    public void truncate(long size) throws IOException {
      locked(
          () -> {
            record(size, Math.max(0, file.size() - size));
            file.truncate(size);
            return null;
          });
    }

    /** Writes the present content of the range into the journal. */
    private void record(long offset, long length) throws IOException {
      long size = file.size();
      ByteBuffer old = ByteBuffer.allocate((int) Math.max(0, Math.min(length, size - offset)));
      file.read(offset, old);
      journal.append(
          new Overwritten(
              journal.newNumber(),
              id,
              size,
              offset,
              length,
              UndoRecord.withoutZeroes(old.array())));
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void sync() throws IOException {
      long upTo = locked(journal::lastNumber);
      file.sync();
      locked(
          () -> {
            journal.append(new Synced(id, upTo));
            return null;
          });
    }

    @Override
    public void writeBack(long offset, long length) throws IOException {
      file.writeBack(offset, length);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
