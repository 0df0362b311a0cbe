package phaistos.simulator;

import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The names on one disk: those that processes see, those that are durable, and the unsynced changes
 * between the two, in order. A change may touch two names (a rename) and is one step. Not
 * thread-safe.
 */
final class DiskNames {
  /** What a path names. */
  sealed interface Entry permits SimulatedFile, Directory {}

  record Directory() implements Entry {}

  record Name(String path, Optional<Entry> entry) {}

  record Change(long number, List<Name> names) {}

  static final Directory DIRECTORY = new Directory();

  private final TreeMap<String, Entry> current = new TreeMap<>();
  private final TreeMap<String, Entry> durable = new TreeMap<>();
  private List<Change> unsynced = new ArrayList<>();
  private long changes;

  DiskNames() {
    current.put("", DIRECTORY);
    durable.put("", DIRECTORY);
  }

  /** What processes see under a normalized path; null if nothing. */
  Entry get(String key) {
    return current.get(key);
  }

  /** The same, or what is durable under it. */
  Entry get(String key, boolean withUnsynced) {
    return (withUnsynced ? current : durable).get(key);
  }

  void requireDirectory(String key) throws NoSuchFileException {
    if (!(current.get(key) instanceof Directory)) {
      throw new NoSuchFileException(key);
    }
  }

  List<String> children(String directory) throws NoSuchFileException {
    return children(current, directory, DIRECTORY::equals);
  }

  void change(List<Name> changed) {
    changed.forEach(name -> put(current, name));
    unsynced.add(new Change(++changes, changed));
  }

  private static void put(TreeMap<String, Entry> names, Name name) {
    if (name.entry.isPresent()) {
      names.put(name.path, name.entry.get());
    } else {
      names.remove(name.path);
    }
  }

  /**
   * The unsynced changes of names in a directory, and earlier changes to any name that these touch:
   * a rename includes its other half.
   */
  List<Change> changesToSync(String directory) {
    Set<String> touched = new HashSet<>();
    List<Change> due = new ArrayList<>();
    for (Change change : unsynced.reversed()) {
      boolean wanted =
          change.names.stream()
              .anyMatch(
                  name ->
                      (!name.path.isEmpty() && parent(name.path).equals(directory))
                          || touched.contains(name.path));
      if (wanted) {
        change.names.forEach(name -> touched.add(name.path));
        due.add(change);
      }
    }
    return due.reversed();
  }

  void synced(List<Change> due) {
    for (Change change : due) {
      change.names.forEach(name -> put(durable, name));
    }
    unsynced.removeIf(due::contains);
  }

  /** The same for those of them that are not synced yet. */
  void syncedStill(List<Change> due) {
    synced(unsynced.stream().filter(due::contains).toList());
  }

  int unsyncedCount() {
    return unsynced.size();
  }

  /**
   * The first {@code keptChanges} unsynced changes become durable; the rest are lost.
   *
   * @return the files that had a name before or have one afterwards
   */
  Set<SimulatedFile> crash(int keptChanges) {
    Set<SimulatedFile> files = files();
    for (Change change : unsynced.subList(0, keptChanges)) {
      change.names.forEach(name -> put(durable, name));
    }
    durable.keySet().removeIf(path -> !hasParents(durable, path));
    collect(durable, files);
    unsynced = new ArrayList<>();
    current.clear();
    current.putAll(durable);
    return files;
  }

  /** The durable names if the first {@code keptChanges} unsynced changes are durable too. */
  SortedMap<String, Entry> durableWith(int keptChanges) {
    TreeMap<String, Entry> names = new TreeMap<>(durable);
    for (Change change : unsynced.subList(0, keptChanges)) {
      change.names.forEach(name -> put(names, name));
    }
    names.keySet().removeIf(path -> !hasParents(names, path));
    return names;
  }

  private static boolean hasParents(TreeMap<String, Entry> names, String path) {
    for (String key = path; !key.isEmpty(); key = parent(key)) {
      if (!(names.get(parent(key)) instanceof Directory)) {
        return false;
      }
    }
    return true;
  }

  /** Every file that has a name, in the order of the names. */
  Set<SimulatedFile> files() {
    Set<SimulatedFile> files = new LinkedHashSet<>();
    collect(current, files);
    return files;
  }

  private static void collect(TreeMap<String, Entry> names, Set<SimulatedFile> files) {
    for (Entry entry : names.values()) {
      if (entry instanceof SimulatedFile file) {
        files.add(file);
      }
    }
  }

  /** Content by path; empty for a directory. */
  SortedMap<String, Optional<Pages>> image(boolean withUnsynced) {
    TreeMap<String, Optional<Pages>> copy = new TreeMap<>();
    (withUnsynced ? current : durable)
        .forEach(
            (path, entry) ->
                copy.put(
                    path,
                    entry instanceof SimulatedFile file
                        ? Optional.of(file.image(withUnsynced))
                        : Optional.empty()));
    return copy;
  }

  /** Without slashes at its ends; the root is the empty path. */
  static String normalize(String path) {
    String key = path.equals(".") ? "" : path;
    while (key.endsWith("/")) {
      key = key.substring(0, key.length() - 1);
    }
    if (key.startsWith("/") || key.contains("//") || List.of(key.split("/")).contains("..")) {
      throw new IllegalArgumentException("path leads out of the disk: path=" + path);
    }
    return key;
  }

  static String parent(String key) {
    int slash = key.lastIndexOf('/');
    return slash < 0 ? "" : key.substring(0, slash);
  }

  static <E> List<String> children(
      SortedMap<String, E> names, String directory, Predicate<E> isDirectory)
      throws NoSuchFileException {
    String key = normalize(directory);
    E entry = names.get(key);
    if (entry == null || !isDirectory.test(entry)) {
      throw new NoSuchFileException(directory);
    }
    String prefix = key.isEmpty() ? "" : key + "/";
    List<String> children = new ArrayList<>();
    for (String path : names.tailMap(prefix).keySet()) {
      if (!path.startsWith(prefix)) {
        break;
      }
      String name = path.substring(prefix.length());
      if (!name.isEmpty() && name.indexOf('/') < 0) {
        children.add(name);
      }
    }
    return children;
  }
}
