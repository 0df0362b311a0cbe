package phaistos.cluster.fuse;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What names lead to. Its attributes (owner, mode, times) are durable at once; a power cut is not
 * modelled for them. Guarded by the lock of its {@link VolatileTree}; a file's content has a lock
 * of its own.
 */
final class Inode {
  /** Linux's file types in the mode. */
  static final int TYPE_MASK = 0170000;

  static final int DIRECTORY = 0040000;
  static final int REGULAR = 0100000;
  static final int SYMLINK = 0120000;

  /** What an inode holds. */
  sealed interface Content permits VolatileFile, Entries, Target, Nothing {}

  /** A symbolic link's. */
  record Target(String path) implements Content {}

  /** A socket's, a pipe's. */
  record Nothing() implements Content {}

  /** A name as processes see it. */
  record Entry(long cookie, Inode inode) {}

  /**
   * A directory's names: those that processes see, with a number that says where a listing goes on,
   * and those that are durable.
   */
  static final class Entries implements Content {
    final Map<String, Entry> current = new LinkedHashMap<>();
    final TreeMap<Long, String> listing = new TreeMap<>();
    final Map<String, Inode> durable = new LinkedHashMap<>();
    private long cookies = 2; // after "." and ".."
    Inode parent;

    Entries(Inode parent) {
      this.parent = parent;
    }

    void put(String name, Inode inode) {
      remove(name);
      long cookie = ++cookies;
      current.put(name, new Entry(cookie, inode));
      listing.put(cookie, name);
    }

    /** Inodes by name, as processes see them or as they are durable. */
    Map<String, Inode> names(boolean withUnsynced) {
      if (!withUnsynced) {
        return durable;
      }
      Map<String, Inode> names = new LinkedHashMap<>();
      current.forEach((name, entry) -> names.put(name, entry.inode));
      return names;
    }

    void remove(String name) {
      Entry gone = current.remove(name);
      if (gone != null) {
        listing.remove(gone.cookie);
      }
    }
  }

  final long number;
  final Content content;
  int mode;
  int uid;
  int gid;
  long accessedNanos;
  long modifiedNanos;
  long changedNanos;

  /** How many names lead to it. */
  int links;

  /** How often the kernel has been told of it and has not forgotten it. */
  long lookups;

  /** How many durable names, and unsynced changes of names, there are of it. */
  int durableLinks;

  int unsyncedChanges;

  Inode(long number, Content content, int mode, int uid, int gid) {
    this.number = number;
    this.content = content;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
  }

  /** Its content has changed now. */
  void touch() {
    changed();
    modifiedNanos = changedNanos;
    accessedNanos = accessedNanos == 0 ? changedNanos : accessedNanos;
  }

  /** Its attributes have changed now. */
  void changed() {
    Instant now = Instant.now();
    changedNanos = now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  boolean isDirectory() {
    return content instanceof Entries;
  }

  Entries entries() {
    if (content instanceof Entries entries) {
      return entries;
    }
    throw Errno.NOT_A_DIRECTORY.error();
  }

  VolatileFile file() {
    return switch (content) {
      case VolatileFile file -> file;
      case Entries _ -> throw Errno.IS_A_DIRECTORY.error();
      case Target _, Nothing _ -> throw Errno.INVALID.error();
    };
  }

  long size() {
    return switch (content) {
      case VolatileFile file -> file.size();
      case Target target -> target.path().length();
      case Entries _, Nothing _ -> 0;
    };
  }

  /** Nothing leads to it, now or after a power cut. */
  boolean isGone() {
    return links == 0 && lookups == 0 && durableLinks == 0 && unsyncedChanges == 0;
  }
}
