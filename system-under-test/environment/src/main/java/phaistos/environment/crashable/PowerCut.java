package phaistos.environment.crashable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import phaistos.environment.DiskFile;
import phaistos.environment.SeededRandomness;
import phaistos.environment.SystemDisk;
import phaistos.environment.crashable.UndoRecord.Created;
import phaistos.environment.crashable.UndoRecord.Deleted;
import phaistos.environment.crashable.UndoRecord.DirectoryDeleted;
import phaistos.environment.crashable.UndoRecord.DirectoryMade;
import phaistos.environment.crashable.UndoRecord.NameChange;
import phaistos.environment.crashable.UndoRecord.Overwritten;
import phaistos.environment.crashable.UndoRecord.Renamed;

/**
 * Cuts the power of a {@link CrashableDisk} whose process was killed. It undoes unsynced changes,
 * newest first, all of them or as the seed decides. The fault model is that of the simulated disk:
 * each page or sector, and each file's size, is as it was at some moment since the last sync, and
 * names are lost from some moment on. The remaining content counts as durable. No process may use
 * the folder meanwhile.
 */
public final class PowerCut {
  /** Which unsynced changes it undoes. */
  public enum Takes {
    ALL,
    /** Each page of 4 kB is as it was at some moment since the last sync. */
    SOME,
    /** The same for each sector of 512 bytes. */
    TORN,
    /** All of them reached the disk just in time. */
    NOTHING
  }

  /** What it undid. */
  public record Loss(int files, long bytes, int nameChanges) {}

  private final SystemDisk disk;
  private final UndoJournal journal;
  private final Takes mode;
  private final SeededRandomness random;
  private final Map<Long, String> locations;

  private PowerCut(Path data, UndoJournal journal, Takes mode, long seed) {
    this.disk = new SystemDisk(data);
    this.journal = journal;
    this.mode = mode;
    this.random = new SeededRandomness(seed);
    this.locations = new TreeMap<>(journal.locations());
  }

  /** Undoes unsynced changes of a data directory. The same seed undoes the same ones. */
  public static Loss strike(Path data, Takes mode, long seed) throws IOException {
    // Opening it forgets a change that was in the journal and not yet made.
    CrashableDisk.open(data).close();
    Path undo = CrashableDisk.undoFolder(data);
    Loss loss;
    try (UndoJournal journal = new UndoJournal(undo)) {
      loss = new PowerCut(data, journal, mode, seed).strike();
    }
    deleteFolder(undo);
    return loss;
  }

  /**
   * Copies a data directory without its unsynced changes, so that the copy holds only what was
   * flushed.
   *
   * @param target must not exist
   */
  public static Loss copyWithoutUnsynced(Path data, Path target) throws IOException {
    copyFolder(data, target);
    Path undo = CrashableDisk.undoFolder(data);
    if (!Files.exists(undo)) {
      return new Loss(0, 0, 0);
    }
    copyFolder(undo, CrashableDisk.undoFolder(target));
    return strike(target, Takes.ALL, 0);
  }

  private static void copyFolder(Path from, Path to) throws IOException {
    try (Stream<Path> entries = Files.walk(from)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        Files.copy(entry, to.resolve(from.relativize(entry).toString()));
      }
    }
  }

  private static void deleteFolder(Path folder) throws IOException {
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path entry : (Iterable<Path>) entries.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(entry);
      }
    }
  }

  private Loss strike() throws IOException {
    List<NameChange> names = new ArrayList<>();
    Map<Long, List<Overwritten>> writes = new TreeMap<>();
    for (UndoRecord.Change change : journal.unsynced()) {
      switch (change) {
        case NameChange name -> names.add(name);
        case Overwritten over ->
            writes.computeIfAbsent(over.file(), _ -> new ArrayList<>()).add(over);
      }
    }
    int keptNames =
        switch (mode) {
          case ALL -> 0;
          case NOTHING -> names.size();
          case SOME, TORN -> random.nextInt(names.size() + 1);
        };
    for (NameChange change : names.subList(keptNames, names.size()).reversed()) {
      undo(change);
    }
    int files = 0;
    long bytes = 0;
    for (Map.Entry<Long, List<Overwritten>> entry : writes.entrySet()) {
      long lost = undo(entry.getKey(), entry.getValue());
      files += lost > 0 ? 1 : 0;
      bytes += lost;
    }
    return new Loss(files, bytes, names.size() - keptNames);
  }

  private void undo(NameChange change) throws IOException {
    switch (change) {
      case Created created -> {
        Files.deleteIfExists(disk.resolve(created.path()));
        locations.remove(created.file());
      }
      case Renamed renamed -> {
        Files.move(disk.resolve(renamed.to()), disk.resolve(renamed.from()));
        locations.put(renamed.file(), renamed.from());
        if (renamed.replaced() >= 0) {
          bringBack(renamed.replaced(), renamed.to());
        }
      }
      case Deleted deleted -> bringBack(deleted.file(), deleted.path());
      case DirectoryMade made -> {
        // Even durable files below it are lost with it, since no path leads to them any more.
        if (disk.exists(made.path())) {
          deleteFolder(disk.resolve(made.path()));
        }
      }
      case DirectoryDeleted deleted -> disk.createDirectories(deleted.path());
    }
  }

  private void bringBack(long file, String path) throws IOException {
    Files.move(journal.trash(file), disk.resolve(path), StandardCopyOption.REPLACE_EXISTING);
    locations.put(file, path);
  }

  /** Undoes writes of one file, newest first; returns how many bytes are lost. */
  private long undo(long id, List<Overwritten> changes) throws IOException {
    String path = locations.getOrDefault(id, "");
    if (mode == Takes.NOTHING) {
      return 0;
    }
    if (path.isEmpty() || !disk.exists(path)) {
      return changes.stream().mapToLong(Overwritten::length).sum();
    }
    Survival survival =
        Survival.draw(
            changes.stream().map(each -> new Survival.Range(each.offset(), each.length())).toList(),
            mode,
            random);
    int keptSizes = survival.keptSizes();
    long[] lost = new long[1];
    try (DiskFile file = disk.open(path)) {
      long size = keptSizes == changes.size() ? file.size() : changes.get(keptSizes).sizeBefore();
      Overwritten[] read = new Overwritten[1];
      survival.forEachNewestFirst(
          (change, offset, length, survives) -> {
            if (!survives) {
              if (!changes.get(change).equals(read[0])) {
                read[0] = withOldBytes(changes.get(change));
              }
              restore(file, read[0], offset, length);
              lost[0] += length;
            }
          });
      file.truncate(size);
      file.sync();
    }
    return lost[0];
  }

  private Overwritten withOldBytes(Overwritten change) {
    try {
      return journal.withOldBytes(change);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Puts back what was there; beyond the old end of the file, zeroes. */
  private static void restore(DiskFile file, Overwritten change, long offset, int length) {
    byte[] piece = new byte[length];
    int index = (int) (offset - change.offset());
    int known = Math.clamp(change.old().length - index, 0, length);
    if (known > 0) {
      System.arraycopy(change.old(), index, piece, 0, known);
    }
    try {
      file.write(offset, ByteBuffer.wrap(piece));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
