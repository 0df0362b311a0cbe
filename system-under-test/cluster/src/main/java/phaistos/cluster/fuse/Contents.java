package phaistos.cluster.fuse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The contents of a tree's files, on a disk with its faults. Thread-safe. */
final class Contents {
  private final VolatileTree tree;
  private final Faults faults;

  /** Inodes by what a lying sync should have made durable: a file's last change. */
  private final Map<Inode, Long> lies = new ConcurrentHashMap<>();

  Contents(VolatileTree tree, Faults faults) {
    this.tree = tree;
    this.faults = faults;
  }

  void read(long number, long offset, ByteBuffer target) throws IOException {
    faults.slow();
    faults.flippedBitsRead(tree.inode(number).file().read(offset, target));
  }

  /**
   * Writes.
   *
   * @param isSynced whether the file was opened with O_SYNC or O_DSYNC
   */
  void write(long number, long offset, ByteBuffer source, boolean isSynced) throws IOException {
    faults.slow();
    Inode inode = tree.inode(number);
    VolatileFile file = inode.file();
    long more = Math.max(0, offset + source.remaining() - file.size());
    faults.grow(more);
    file.write(offset, source);
    inode.touch();
    if (isSynced) {
      sync(number);
    }
  }

  void truncate(long number, long size) throws IOException {
    Inode inode = tree.inode(number);
    faults.grow(size - inode.file().size());
    inode.file().truncate(size);
    inode.touch();
  }

  void allocate(long number, long end) throws IOException {
    Inode inode = tree.inode(number);
    faults.grow(Math.max(0, end - inode.file().size()));
    inode.file().allocate(end);
    inode.touch();
  }

  /** Makes a file's content, or a directory's names, durable, unless a fault prevents it. */
  void sync(long number) throws IOException {
    Inode inode = tree.inode(number);
    switch (inode.content) {
      case VolatileFile file -> {
        long last = file.lastChange();
        switch (faults.sync()) {
          case WORKS -> {
            file.synced(last);
            tree.syncNameOf(inode);
          }
          case LIES -> {
            faults.lied(file.unsyncedBytes() > 0);
            lies.put(inode, last);
          }
          case FAILS -> {
            file.forgotten(last);
            throw Errno.INPUT_OUTPUT.error();
          }
          case ENDS_IN_THE_DARK -> throw Errno.INPUT_OUTPUT.error();
        }
      }
      case Inode.Entries _ -> {
        switch (faults.sync()) {
          case WORKS -> tree.syncNames(inode);
          case LIES -> lies.put(inode, 0L);
          case FAILS, ENDS_IN_THE_DARK -> throw Errno.INPUT_OUTPUT.error();
        }
      }
      case Inode.Target _, Inode.Nothing _ -> {}
    }
  }

  /** Syncs are right from now on, and what earlier ones should have made durable is. */
  void endLies() throws IOException {
    for (Map.Entry<Inode, Long> lie : lies.entrySet()) {
      switch (lie.getKey().content) {
        case VolatileFile file -> {
          file.synced(lie.getValue());
          tree.syncNameOf(lie.getKey());
        }
        case Inode.Entries _ -> tree.syncNames(lie.getKey());
        case Inode.Target _, Inode.Nothing _ -> {}
      }
    }
    lies.clear();
  }

  /** The power was cut: what lies left undone is lost. */
  void forgetLies() {
    lies.clear();
  }
}
