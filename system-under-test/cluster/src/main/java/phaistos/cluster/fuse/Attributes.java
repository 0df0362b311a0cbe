package phaistos.cluster.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.UserId;

/** Mode and owner of an inode's copy. */
final class Attributes {
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

  private Attributes() {}

  static void give(Path copy, Inode inode) throws IOException {
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
