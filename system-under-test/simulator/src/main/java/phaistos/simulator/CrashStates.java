package phaistos.simulator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;

/**
 * A recorded disk, change by change, and what a power cut between two of them may leave. The fault
 * model is that of {@link SimulatedDisk}: of the writes since a file's last sync any subset may
 * survive, whole or in sectors; of the changes of names since their directory's last sync the first
 * ones may. Not thread-safe.
 */
public final class CrashStates {
  /** Which part of the unsynced writes is on the platter after the crash. */
  @FunctionalInterface
  public interface Survivors {
    /** Nothing of a write. */
    LongPredicate NOTHING = sector -> false;

    /** All of it. */
    LongPredicate WHOLE = sector -> true;

    /**
     * Which sectors of a write, of 512 bytes and counted from the begin of the file; a truncation
     * is sector 0.
     *
     * @param write as in {@link #unsynced}
     */
    LongPredicate of(Write write);
  }

  /** An unsynced write or truncation: the number of its change in the recording. */
  public record Write(long file, int change) {}

  private final DiskNames names = new DiskNames();
  private final Map<Long, SimulatedFile> files = new HashMap<>();

  /** The recording's number of each change of a name, in order. */
  private final List<Integer> nameChanges = new ArrayList<>();

  /** The recording's numbers of the changes of each file, in order. */
  private final Map<Long, List<Integer>> fileChanges = new HashMap<>();

  private int applied;

  /** Takes the next change of the recording. */
  public void apply(RecordedDisk.Change change) {
    switch (change) {
      case RecordedDisk.Change.Created(long number, String path) -> {
        SimulatedFile file = new SimulatedFile(number);
        files.put(number, file);
        fileChanges.put(number, new ArrayList<>());
        rename(List.of(new DiskNames.Name(path, Optional.of(file))));
      }
      case RecordedDisk.Change.Written(long number, long offset, byte[] bytes) -> {
        files.get(number).write(offset, bytes);
        fileChanges.get(number).add(applied);
      }
      case RecordedDisk.Change.Truncated(long number, long size) -> {
        files.get(number).truncate(size);
        fileChanges.get(number).add(applied);
      }
      case RecordedDisk.Change.Synced(long number, int begun) ->
          files.get(number).synced(before(fileChanges.get(number), begun));
      case RecordedDisk.Change.DirectoriesMade(String path) -> makeDirectories(path);
      case RecordedDisk.Change.Renamed(String from, String to) ->
          rename(
              List.of(
                  new DiskNames.Name(from, Optional.empty()),
                  new DiskNames.Name(to, Optional.of(names.get(from)))));
      case RecordedDisk.Change.Deleted(String path) ->
          rename(List.of(new DiskNames.Name(path, Optional.empty())));
      case RecordedDisk.Change.DirectorySynced(String path, int begun) -> {
        long last = before(nameChanges, begun);
        names.synced(
            names.changesToSync(path).stream().filter(due -> due.number() <= last).toList());
      }
    }
    applied++;
  }

  private void rename(List<DiskNames.Name> changed) {
    names.change(changed);
    nameChanges.add(applied);
  }

  private void makeDirectories(String path) {
    for (int end = 0; end >= 0 && !path.isEmpty(); ) {
      end = path.indexOf('/', end + 1);
      String part = end < 0 ? path : path.substring(0, end);
      if (names.get(part) == null) {
        rename(List.of(new DiskNames.Name(part, Optional.of(DiskNames.DIRECTORY))));
      }
    }
  }

  /** How many of the changes in rising order come before one of the recording. */
  private static int before(List<Integer> numbers, int limit) {
    int count = numbers.size();
    while (count > 0 && numbers.get(count - 1) >= limit) {
      count--;
    }
    return count;
  }

  /** The unsynced writes, oldest first. */
  public List<Write> unsynced() {
    List<Write> writes = new ArrayList<>();
    files.forEach(
        (number, file) -> {
          for (long change : file.unsyncedChanges()) {
            writes.add(new Write(number, fileChanges.get(number).get((int) change - 1)));
          }
        });
    writes.sort(java.util.Comparator.comparingInt(Write::change));
    return writes;
  }

  /** How many changes of names are unsynced. */
  public int unsyncedNames() {
    return names.unsyncedCount();
  }

  /**
   * The disk after a crash.
   *
   * @param keptNames how many of the unsynced changes of names survive, the oldest first
   */
  public DiskImage image(Survivors survivors, int keptNames) {
    TreeMap<String, Optional<Pages>> content = new TreeMap<>();
    names
        .durableWith(keptNames)
        .forEach(
            (path, entry) ->
                content.put(
                    path,
                    entry instanceof SimulatedFile file
                        ? Optional.of(file.imageWith(kept(file, survivors)))
                        : Optional.empty()));
    return new DiskImage("after change " + applied, content);
  }

  private LongFunction<LongPredicate> kept(SimulatedFile file, Survivors survivors) {
    List<Integer> numbers = fileChanges.get(file.id);
    return change -> survivors.of(new Write(file.id, numbers.get((int) change - 1)));
  }

  static long mix(long key, long value) {
    long z = key * 0x9E37_79B9_7F4A_7C15L + value;
    z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
    z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
    return z ^ z >>> 31;
  }
}
