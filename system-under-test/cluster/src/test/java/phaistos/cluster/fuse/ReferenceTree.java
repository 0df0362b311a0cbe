package phaistos.cluster.fuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What {@link VolatileTree} promises, computed without any thought of speed: the durable state is
 * kept as a whole and synced changes are redone on it, where the tree undoes. Directories and files
 * are numbers.
 */
final class ReferenceTree {
  static final long NONE = -1;

  /** A write of bytes, or a truncation ({@code bytes} null) to {@code offset}. */
  record Change(long offset, byte[] bytes) {
    byte[] on(byte[] content) {
      if (bytes == null) {
        return Arrays.copyOf(content, (int) offset);
      }
      byte[] after = Arrays.copyOf(content, (int) Math.max(content.length, offset + bytes.length));
      System.arraycopy(bytes, 0, after, (int) offset, bytes.length);
      return after;
    }
  }

  static final class Content {
    byte[] current = {};
    byte[] durable = {};
    List<Change> unsynced = new ArrayList<>();

    /** The content after none, one, two of the unsynced changes, and so on. */
    List<byte[]> moments() {
      List<byte[]> moments = new ArrayList<>(List.of(durable));
      unsynced.forEach(change -> moments.add(change.on(moments.getLast())));
      return moments;
    }
  }

  record Key(long directory, String name) {}

  final Map<Long, Content> files = new HashMap<>();
  final Set<Long> directories = new HashSet<>(Set.of(VolatileTree.ROOT));
  Map<Key, Long> current = new HashMap<>();
  Map<Key, Long> durable = new HashMap<>();
  List<Map<Key, Long>> unsynced = new ArrayList<>();

  void change(Map<Key, Long> names) {
    apply(current, names);
    unsynced.add(new LinkedHashMap<>(names));
  }

  private static void apply(Map<Key, Long> state, Map<Key, Long> names) {
    names.forEach(
        (key, inode) -> {
          if (inode == NONE) {
            state.remove(key);
          } else {
            state.put(key, inode);
          }
        });
  }

  void write(long file, Change change) {
    Content content = files.get(file);
    content.current = change.on(content.current);
    content.unsynced.add(change);
  }

  /** A file without a durable name gets it, with all changes of names before. */
  void sync(long file) {
    Content content = files.get(file);
    content.durable = content.moments().getLast();
    content.unsynced.clear();
    if (current.containsValue(file) && !durable.containsValue(file)) {
      unsynced.forEach(change -> apply(durable, change));
      unsynced = new ArrayList<>();
    }
  }

  void syncFails(long file) {
    files.get(file).unsynced.clear();
  }

  void syncDirectory(long directory) {
    boolean[] due = new boolean[unsynced.size()];
    for (int i = 0; i < due.length; i++) {
      due[i] = unsynced.get(i).keySet().stream().anyMatch(key -> key.directory == directory);
    }
    boolean more = true;
    while (more) {
      more = false;
      for (int i = 0; i < due.length; i++) {
        for (int later = i + 1; later < due.length && !due[i]; later++) {
          due[i] = due[later] && isNeeded(unsynced.get(i), unsynced.get(later), due, later);
          more |= due[i];
        }
      }
    }
    List<Map<Key, Long>> left = new ArrayList<>();
    for (int i = 0; i < due.length; i++) {
      if (due[i]) {
        apply(durable, unsynced.get(i));
      } else {
        left.add(unsynced.get(i));
      }
    }
    unsynced = left;
  }

  /** An earlier change of one of its names, or one that made the directory of a rename. */
  private boolean isNeeded(Map<Key, Long> earlier, Map<Key, Long> later, boolean[] due, int index) {
    if (earlier.keySet().stream().anyMatch(later::containsKey)) {
      return true;
    }
    return leadsToRename(earlier, due, index);
  }

  private boolean leadsToRename(Map<Key, Long> earlier, boolean[] due, int from) {
    Set<Long> reachable = new HashSet<>();
    for (int i = due.length - 1; i >= from; i--) {
      Map<Key, Long> change = unsynced.get(i);
      if (due[i] && (change.size() > 1 || change.values().stream().anyMatch(reachable::contains))) {
        change.keySet().forEach(key -> reachable.add(key.directory));
      }
    }
    return earlier.values().stream().anyMatch(reachable::contains);
  }

  /** What can be reached from the root: inodes by path. */
  static TreeMap<String, Long> paths(Map<Key, Long> names) {
    TreeMap<String, Long> paths = new TreeMap<>();
    collect(names, VolatileTree.ROOT, "", paths);
    return paths;
  }

  private static void collect(
      Map<Key, Long> names, long directory, String prefix, TreeMap<String, Long> paths) {
    names.forEach(
        (key, inode) -> {
          if (key.directory == directory) {
            paths.put(prefix + key.name, inode);
            collect(names, inode, prefix + key.name + "/", paths);
          }
        });
  }

  /** The names after none, one, two of the unsynced changes, and so on. */
  List<Map<Key, Long>> nameMoments() {
    List<Map<Key, Long>> moments = new ArrayList<>(List.of(durable));
    for (Map<Key, Long> change : unsynced) {
      Map<Key, Long> next = new HashMap<>(moments.getLast());
      apply(next, change);
      moments.add(next);
    }
    return moments;
  }

  /** Makes a state the durable one, without what cannot be reached in it. */
  void become(Map<Key, Long> names, Map<Long, byte[]> contents) {
    Set<Long> reached = new HashSet<>(paths(names).values());
    reached.add(VolatileTree.ROOT);
    durable = new HashMap<>(names);
    durable.keySet().removeIf(key -> !reached.contains(key.directory));
    current = new HashMap<>(durable);
    unsynced = new ArrayList<>();
    files.keySet().retainAll(reached);
    directories.retainAll(reached);
    files.forEach(
        (inode, content) -> {
          content.durable = contents.get(inode);
          content.current = content.durable;
          content.unsynced = new ArrayList<>();
        });
  }
}
