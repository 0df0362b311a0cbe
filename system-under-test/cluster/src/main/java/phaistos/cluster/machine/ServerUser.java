package phaistos.cluster.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.ClusterException;

/**
 * The ordinary user that runs servers on this machine: whoever runs this process, or {@code
 * postgres} if that is root, because PostgreSQL's programs refuse to run as root.
 */
public record ServerUser(String name, UserId id, boolean isSwitched) {
  private static final String FOR_ROOT = "postgres";
  private static final Path USERS = Path.of("/etc/passwd");

  /** Why no server can be run, with the remedy; empty if one can. */
  public static Optional<String> missing() {
    if (!UserId.self().isRoot()) {
      return Optional.empty();
    }
    if (line().isEmpty()) {
      return Optional.of(
          "root cannot run PostgreSQL, and there is no user "
              + FOR_ROOT
              + " to run it as: make one (useradd --system "
              + FOR_ROOT
              + "), or run this as an ordinary user");
    }
    return Files.isExecutable(Path.of("/usr/bin/setpriv"))
        ? Optional.empty()
        : Optional.of("root needs setpriv to run PostgreSQL as another user: install util-linux");
  }

  /**
   * @throws ClusterException if one is {@link #missing}
   */
  public static ServerUser find() {
    missing()
        .ifPresent(
            why -> {
              throw new ClusterException(why);
            });
    if (!UserId.self().isRoot()) {
      return new ServerUser(System.getProperty("user.name"), UserId.self(), false);
    }
    String[] fields = line().orElseThrow().split(":");
    return new ServerUser(
        FOR_ROOT, new UserId(Integer.parseInt(fields[2]), Integer.parseInt(fields[3])), true);
  }

  /** The same command, run by this user. */
  public List<String> command(List<String> command) {
    if (!isSwitched) {
      return command;
    }
    List<String> all =
        new ArrayList<>(
            List.of(
                "setpriv", "--reuid=" + id.uid(), "--regid=" + id.gid(), "--clear-groups", "--"));
    all.addAll(command);
    return all;
  }

  private static Optional<String> line() {
    try {
      return Files.readAllLines(USERS).stream()
          .filter(line -> line.startsWith(FOR_ROOT + ":"))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
