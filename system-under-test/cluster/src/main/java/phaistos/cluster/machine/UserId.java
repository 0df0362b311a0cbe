package phaistos.cluster.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import phaistos.cluster.ClusterException;

/** A user of this machine by the numbers of files and processes. */
public record UserId(int uid, int gid) {
  public static final int ROOT = 0;

  /** Who runs this process. */
  public static UserId self() {
    Path own = Path.of("/proc/self");
    try {
      Path mine = Files.exists(own) ? own.toRealPath() : Path.of(System.getProperty("user.home"));
      return new UserId(
          (int) Files.getAttribute(mine, "unix:uid"), (int) Files.getAttribute(mine, "unix:gid"));
    } catch (IOException | UnsupportedOperationException e) {
      throw new ClusterException("cannot tell who runs this process", e);
    }
  }

  public boolean isRoot() {
    return uid == ROOT;
  }
}
