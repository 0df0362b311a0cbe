package phaistos.cluster.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import phaistos.cluster.fuse.Inode.Entries;
import phaistos.cluster.fuse.Inode.Nothing;
import phaistos.cluster.fuse.Inode.Target;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.UserId;

/** Copies a tree to a folder of this machine, with modes and owners. */
final class TreeCopy {
  private static final PosixFilePermission[] BITS = {
    PosixFilePermission.OTHERS_EXECUTE,
    PosixFilePermission.OTHERS_WRITE,
    PosixFilePermission.OTHERS_READ,
    PosixFilePermission.GROUP_EXECUTE,
    PosixFilePermission.GROUP_WRITE,
    PosixFilePermission.GROUP_READ,
    PosixFilePermission.OWNER_EXECUTE,
    PosixFilePermission.OWNER_WRITE,
    PosixFilePermission.OWNER_READ
  };

  private final boolean withUnsynced;
  private final Map<Inode, Path> copied = new HashMap<>();

  TreeCopy(boolean withUnsynced) {
    this.withUnsynced = withUnsynced;
  }

  /**
   * @param target does not exist
   */
  void copy(Inode inode, Path target) throws IOException {
    switch (inode.content) {
      case VolatileFile file -> {
        Path first = copied.putIfAbsent(inode, target);
        if (first != null) {
          Files.createLink(target, first);
        } else {
          file.copyTo(target, withUnsynced);
          give(target, inode);
        }
      }
      case Entries entries -> {
        Files.createDirectory(target);
        give(target, inode);
        for (var entry : entries.names(withUnsynced).entrySet()) {
          copy(entry.getValue(), target.resolve(entry.getKey()));
        }
      }
      case Target link -> Files.createSymbolicLink(target, Path.of(link.path()));
      case Nothing _ -> {} // a socket is no file to copy
    }
  }

  private static void give(Path copy, Inode inode) throws IOException {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < BITS.length; bit++) {
      if ((inode.mode >> bit & 1) != 0) {
        permissions.add(BITS[bit]);
      }
    }
    MachineFiles.own(copy, new UserId(inode.uid, inode.gid));
    Files.setPosixFilePermissions(copy, permissions);
  }
}
