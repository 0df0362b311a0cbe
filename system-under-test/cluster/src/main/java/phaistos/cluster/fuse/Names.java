package phaistos.cluster.fuse;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The unsynced changes of names in a tree, in order, as {@code simulator.DiskNames} has them for
 * paths: a change is one step even if it touches two names (a rename), a power cut loses all
 * changes from some moment on, and a sync of a directory makes the changes in it durable, with the
 * earlier changes of the same names. Here a name is an entry of a directory's inode, since
 * directories are renamed. Guarded by the lock of its tree.
 */
final class Names {
  /** An entry of a directory before and after a change. */
  record Name(Inode directory, String name, Optional<Inode> before, Optional<Inode> after) {}

  private record Key(long directory, String name) {}

  private record Change(long number, List<Name> names) {}

  private List<Change> unsynced = new ArrayList<>();
  private long changes;

  /** Makes a change, in one step. */
  void change(List<Name> names) {
    for (Name name : names) {
      Inode.Entries entries = name.directory.entries();
      name.before.ifPresent(
          inode -> {
            inode.links--;
            entries.remove(name.name);
          });
      name.after.ifPresent(
          inode -> {
            inode.links++;
            entries.put(name.name, inode);
            if (inode.content instanceof Inode.Entries moved) {
              moved.parent = name.directory;
            }
          });
    }
    Change change = new Change(++changes, names);
    unsynced.add(change);
    forEachInode(change, inode -> inode.unsyncedChanges++);
  }

  private static void forEachInode(Change change, Consumer<Inode> act) {
    for (Name name : change.names) {
      act.accept(name.directory);
      name.before.ifPresent(act);
      name.after.ifPresent(act);
    }
  }

  int unsyncedCount() {
    return unsynced.size();
  }

  /**
   * Makes the changes in a directory durable; returns the inodes that they are about. A rename must
   * not lose a durable file: what makes its new directory reachable goes with it.
   */
  Set<Inode> synced(Inode directory) {
    Set<Inode> reachable = new HashSet<>();
    Set<Key> touched = new HashSet<>();
    List<Change> due = new ArrayList<>();
    for (Change change : unsynced.reversed()) {
      boolean isDue =
          leadsTo(change, reachable)
              || change.names.stream()
                  .anyMatch(name -> name.directory == directory || touched.contains(key(name)));
      if (isDue) {
        change.names.forEach(name -> touched.add(key(name)));
        if (change.names.size() > 1 || leadsTo(change, reachable)) {
          change.names.forEach(name -> reachable.add(name.directory));
        }
        due.add(change);
      }
    }
    Set<Inode> inodes = new LinkedHashSet<>();
    due.reversed().forEach(change -> makeDurable(change, inodes));
    Set<Change> done = new HashSet<>(due);
    unsynced.removeIf(done::contains);
    return inodes;
  }

  private static boolean leadsTo(Change change, Set<Inode> inodes) {
    return change.names.stream().anyMatch(name -> name.after.filter(inodes::contains).isPresent());
  }

  private static Key key(Name name) {
    return new Key(name.directory.number, name.name);
  }

  private static void makeDurable(Change change, Set<Inode> inodes) {
    for (Name name : change.names) {
      var durable = name.directory.entries().durable;
      Optional.ofNullable(durable.remove(name.name)).ifPresent(gone -> gone.durableLinks--);
      name.after.ifPresent(
          inode -> {
            durable.put(name.name, inode);
            inode.durableLinks++;
          });
    }
    forEachInode(
        change,
        inode -> {
          inode.unsyncedChanges--;
          inodes.add(inode);
        });
  }

  /** Makes the first changes durable and forgets all others; returns the inodes of all of them. */
  Set<Inode> keep(int count) {
    Set<Inode> inodes = new LinkedHashSet<>();
    unsynced.subList(0, count).forEach(change -> makeDurable(change, inodes));
    for (Change lost : unsynced.subList(count, unsynced.size())) {
      forEachInode(
          lost,
          inode -> {
            inode.unsyncedChanges--;
            inodes.add(inode);
          });
    }
    unsynced.clear();
    return inodes;
  }

  /**
   * Makes the durable names the current ones, which the kernel does not know.
   *
   * @param all every inode
   * @return those that can still be reached
   */
  Set<Inode> becomeDurable(Collection<Inode> all, Inode root) {
    for (Inode inode : all) {
      inode.links = 0;
      inode.lookups = 0;
      inode.durableLinks = 0;
      inode.unsyncedChanges = 0;
    }
    root.links = 1;
    root.durableLinks = 1;
    Set<Inode> reached = new HashSet<>();
    reach(root, reached);
    return reached;
  }

  private static void reach(Inode directory, Set<Inode> reached) {
    reached.add(directory);
    Inode.Entries entries = directory.entries();
    List.copyOf(entries.current.keySet()).forEach(entries::remove);
    entries.durable.forEach(
        (name, inode) -> {
          entries.put(name, inode);
          inode.links++;
          inode.durableLinks++;
          reached.add(inode);
          if (inode.content instanceof Inode.Entries below) {
            below.parent = directory;
            reach(inode, reached);
          }
        });
  }
}
