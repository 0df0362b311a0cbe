package phaistos.cluster.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What is mounted on this machine. */
public final class Mounts {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Mounts() {}

  /**
   * Unmounts whatever is mounted below a folder. A file system whose process was killed is still
   * mounted, and its files cannot even be removed.
   */
  public static void removeBelow(Path folder) {
    below(folder).forEach(Mounts::unmount);
  }

  /** The last one mounted first. */
  private static List<Path> below(Path folder) {
    try {
      return Files.readAllLines(Path.of("/proc/self/mounts")).reversed().stream()
          .map(line -> Path.of(line.split(" ")[1]))
          .filter(mount -> mount.startsWith(folder))
          .toList();
    } catch (IOException e) {
      return List.of(); // not on Linux
    }
  }

  private static void unmount(Path mount) {
    Path root = Path.of("/");
    String path = mount.toString();
    if (Command.run(List.of("umount", "-l", path), root, LIMIT).exitCode() != 0) {
      Command.run(List.of("fusermount3", "-u", "-z", path), root, LIMIT);
    }
  }
}
