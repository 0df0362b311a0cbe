package phaistos.cluster.fuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.cluster.fuse.Inode.Content;
import phaistos.cluster.fuse.Inode.Entries;
import phaistos.cluster.fuse.Inode.Entry;
import phaistos.cluster.fuse.Inode.Nothing;
import phaistos.cluster.fuse.Inode.Target;
import phaistos.cluster.fuse.Names.Name;
import phaistos.environment.SeededRandomness;
import phaistos.environment.crashable.PowerCut.Loss;
import phaistos.environment.crashable.PowerCut.Takes;

/**
 * A tree of files whose unsynced changes a power cut can take back. The contents lie in files of
 * this machine, the names in memory: it lasts as long as its process.
 *
 * <p>Guarantees: content and size of a file are durable once {@link Contents#sync} was called after
 * they were changed, and so is the name of a new file; other changes of names once it was called on
 * their directory. Syncs cost no time: the machine itself keeps running. All operations throw
 * {@link Errno.FileError}, and whoever sees an {@link IOException} has a machine that cannot keep
 * the files. Thread-safe; nobody may work in it during a {@link #cut}.
 */
final class VolatileTree {
  static final long ROOT = 1;

  private final Path store;
  private final Faults faults;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Long, Inode> inodes = new ConcurrentHashMap<>();
  private final Names names = new Names();
  private long numbers = ROOT;

  /** What a caller of Linux's file functions is and wants for a new file. */
  record Making(int mode, int uid, int gid) {}

  /**
   * An empty tree.
   *
   * @param store an empty folder of this machine for the contents
   * @param root the mode and owner of the root directory
   */
  VolatileTree(Path store, Making root, Faults faults) {
    this.store = store;
    this.faults = faults;
    Inode inode =
        new Inode(ROOT, new Entries(null), Inode.DIRECTORY | root.mode & 07777, root.uid, root.gid);
    inode.links = 1;
    inode.durableLinks = 1;
    inode.touch();
    inodes.put(ROOT, inode);
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T locked(Step<T> step) throws IOException {
    lock.lock();
    try {
      return step.run();
    } finally {
      lock.unlock();
    }
  }

  Inode inode(long number) {
    Inode inode = inodes.get(number);
    if (inode == null) {
      throw Errno.NO_ENTRY.error();
    }
    return inode;
  }

  // Names.

  /** The inode of a name; the kernel remembers it from now on. Empty if there is none. */
  Optional<Inode> lookUp(long directory, String name) throws IOException {
    return locked(
        () -> {
          Entry entry = inode(directory).entries().current.get(name);
          if (entry == null) {
            return Optional.empty();
          }
          entry.inode().lookups++;
          return Optional.of(entry.inode());
        });
  }

  /** The kernel forgets so many lookups. */
  void forget(long number, long lookups) throws IOException {
    locked(
        () -> {
          Inode inode = inodes.get(number);
          if (inode != null) {
            inode.lookups = Math.max(0, inode.lookups - lookups);
            collect(Set.of(inode));
          }
          return null;
        });
  }

  /** Makes a file, directory, socket or pipe, by the type in the mode; the kernel knows it. */
  Inode make(long directory, String name, Making making) throws IOException {
    return locked(
        () -> {
          Inode parent = inode(directory);
          long number = ++numbers;
          int type = making.mode & Inode.TYPE_MASK;
          Content content =
              switch (type) {
                case Inode.DIRECTORY -> new Entries(parent);
                case Inode.REGULAR, 0 -> new VolatileFile(store.resolve(Long.toString(number)));
                default -> new Nothing();
              };
          int mode = type == 0 ? making.mode | Inode.REGULAR : making.mode;
          return add(parent, name, new Inode(number, content, mode, making.uid, making.gid));
        });
  }

  Inode symlink(long directory, String name, String target, Making making) throws IOException {
    return locked(
        () ->
            add(
                inode(directory),
                name,
                new Inode(
                    ++numbers, new Target(target), Inode.SYMLINK | 0777, making.uid, making.gid)));
  }

  private Inode add(Inode parent, String name, Inode inode) {
    if (parent.entries().current.containsKey(name)) {
      throw Errno.EXISTS.error();
    }
    inode.touch();
    parent.touch();
    names.change(List.of(new Name(parent, name, Optional.empty(), Optional.of(inode))));
    inodes.put(inode.number, inode);
    inode.lookups++;
    return inode;
  }

  /** A second name for a file. */
  Inode link(long number, long directory, String name) throws IOException {
    return locked(
        () -> {
          Inode inode = inode(number);
          if (inode.isDirectory()) {
            throw Errno.IS_A_DIRECTORY.error();
          }
          return add(inode(directory), name, inode);
        });
  }

  private static Inode existing(Inode directory, String name) {
    Entry entry = directory.entries().current.get(name);
    if (entry == null) {
      throw Errno.NO_ENTRY.error();
    }
    return entry.inode();
  }

  private static void requireEmpty(Inode inode) {
    if (!inode.entries().current.isEmpty()) {
      throw Errno.NOT_EMPTY.error();
    }
  }

  /** Removes a name of a file, or an empty directory. */
  void remove(long directory, String name, boolean isDirectory) throws IOException {
    locked(
        () -> {
          Inode parent = inode(directory);
          Inode gone = existing(parent, name);
          if (isDirectory) {
            requireEmpty(gone);
          } else if (gone.isDirectory()) {
            throw Errno.IS_A_DIRECTORY.error();
          }
          parent.touch();
          names.change(List.of(new Name(parent, name, Optional.of(gone), Optional.empty())));
          release(gone);
          return null;
        });
  }

  /** Gives the room of a file back that has lost its last name. */
  private void release(Inode gone) {
    if (gone.links == 0) {
      faults.grow(-gone.size());
    }
    collect(Set.of(gone));
  }

  /** A place for a name. */
  record Place(long directory, String name) {}

  /**
   * Renames a file or directory.
   *
   * @param replaces whether it may take the place of another
   */
  void rename(Place from, Place to, boolean replaces) throws IOException {
    locked(
        () -> {
          Inode source = inode(from.directory);
          Inode target = inode(to.directory);
          Inode moved = existing(source, from.name);
          Optional<Inode> old =
              Optional.ofNullable(target.entries().current.get(to.name)).map(Entry::inode);
          if (old.isPresent() && !replaces) {
            throw Errno.EXISTS.error();
          }
          if (old.equals(Optional.of(moved))) {
            return null; // as POSIX has it, two names of one file both stay
          }
          old.ifPresent(replaced -> requireReplaceable(moved, replaced));
          for (Inode above = target; above != null; above = above.entries().parent) {
            if (above == moved) {
              throw Errno.INVALID.error();
            }
          }
          source.touch();
          target.touch();
          names.change(
              List.of(
                  new Name(source, from.name, Optional.of(moved), Optional.empty()),
                  new Name(target, to.name, old, Optional.of(moved))));
          old.ifPresent(this::release);
          return null;
        });
  }

  private static void requireReplaceable(Inode moved, Inode replaced) {
    if (replaced.isDirectory()) {
      if (!moved.isDirectory()) {
        throw Errno.IS_A_DIRECTORY.error();
      }
      requireEmpty(replaced);
    } else if (moved.isDirectory()) {
      throw Errno.NOT_A_DIRECTORY.error();
    }
  }

  /** A line of a listing. */
  record Listed(long cookie, String name, Inode inode) {}

  /** The entries of a directory after one, by its cookie; 0 begins. */
  List<Listed> list(long number, long after, int countMax) throws IOException {
    return locked(
        () -> {
          Inode directory = inode(number);
          Entries entries = directory.entries();
          List<Listed> listed = new ArrayList<>();
          if (after < 1) {
            listed.add(new Listed(1, ".", directory));
          }
          if (after < 2) {
            Inode parent = entries.parent == null ? directory : entries.parent;
            listed.add(new Listed(2, "..", parent));
          }
          for (var line : entries.listing.tailMap(Math.max(2, after), false).entrySet()) {
            if (listed.size() >= countMax) {
              break;
            }
            Entry entry = entries.current.get(line.getValue());
            listed.add(new Listed(line.getKey(), line.getValue(), entry.inode()));
          }
          return listed;
        });
  }

  /**
   * Finds an inode by a path from the root.
   *
   * @throws NoSuchFileException if there is none
   */
  Inode find(String path) throws IOException {
    return locked(
        () -> {
          Inode inode = inode(ROOT);
          for (String name : path.split("/")) {
            Entry entry = inode.isDirectory() ? inode.entries().current.get(name) : null;
            if (entry == null) {
              throw new NoSuchFileException(path);
            }
            inode = entry.inode();
          }
          return inode;
        });
  }

  /** Changes the attributes of an inode. */
  void change(Inode inode, Runnable act) throws IOException {
    locked(
        () -> {
          act.run();
          inode.changed();
          return null;
        });
  }

  /** Makes the names in a directory durable. */
  void syncNames(Inode directory) throws IOException {
    locked(() -> collect(names.synced(directory)));
  }

  /**
   * A synced file that has no durable name yet gets its name, and with it every change of names so
   * far, as the journal of ext4 has it. PostgreSQL relies on it: it makes its relations' files and
   * never syncs their directory.
   */
  void syncNameOf(Inode file) throws IOException {
    locked(
        () -> {
          if (file.links > 0 && file.durableLinks == 0) {
            collect(names.keep(names.unsyncedCount()));
          }
          return null;
        });
  }

  // Power.

  /** Makes everything durable, whatever faults there are. */
  void syncAll() throws IOException {
    locked(
        () -> {
          collect(names.keep(names.unsyncedCount()));
          for (Inode inode : inodes.values()) {
            if (inode.content instanceof VolatileFile file) {
              file.synced(Long.MAX_VALUE);
            }
          }
          return null;
        });
  }

  long unsyncedBytes() {
    return inodes.values().stream()
        .mapToLong(each -> each.content instanceof VolatileFile file ? file.unsyncedBytes() : 0)
        .sum();
  }

  /**
   * Cuts the power: unsynced changes are lost, all or as the seed decides. What is left is durable,
   * and the kernel knows nothing of it any more.
   */
  Loss cut(Takes takes, long seed) throws IOException {
    SeededRandomness random = new SeededRandomness(seed);
    return locked(
        () -> {
          int count = names.unsyncedCount();
          int kept =
              switch (takes) {
                case ALL -> 0;
                case NOTHING -> count;
                case SOME, TORN -> random.nextInt(count + 1);
              };
          names.keep(kept);
          Set<Inode> left = names.becomeDurable(inodes.values(), inode(ROOT));
          int files = 0;
          long bytes = 0;
          for (Inode inode : sorted()) {
            if (inode.content instanceof VolatileFile file) {
              long lost = left.contains(inode) ? file.cut(takes, random) : file.unsyncedBytes();
              files += lost > 0 ? 1 : 0;
              bytes += lost;
              if (!left.contains(inode)) {
                file.remove();
              }
            }
          }
          inodes.values().retainAll(left);
          faults.used(inodes.values().stream().mapToLong(Inode::size).sum());
          return new Loss(files, bytes, count - kept);
        });
  }

  private List<Inode> sorted() {
    return inodes.values().stream().sorted(Comparator.comparingLong(each -> each.number)).toList();
  }

  /** Copies everything, with or without what is unsynced, to a folder that does not exist. */
  void copyTo(Path target, boolean withUnsynced) throws IOException {
    locked(
        () -> {
          new TreeCopy(withUnsynced).copy(inode(ROOT), target);
          return null;
        });
  }

  /** Removes inodes that nothing leads to. */
  private Void collect(Set<Inode> candidates) {
    for (Inode inode : candidates) {
      if (inode.isGone() && inodes.remove(inode.number) != null) {
        if (inode.content instanceof VolatileFile file) {
          try {
            file.remove();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }
    return null;
  }
}
