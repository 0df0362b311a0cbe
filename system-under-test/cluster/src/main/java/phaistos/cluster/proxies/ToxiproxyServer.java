package phaistos.cluster.proxies;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import phaistos.cluster.ClusterException;
import phaistos.cluster.machine.CacheFolder;
import phaistos.cluster.machine.Pause;
import phaistos.cluster.machine.ServerUser;

/** The real Toxiproxy server as a process of this machine. */
public final class ToxiproxyServer {
  private static final String VERSION = "2.12.0";
  private static final Duration START_MAX = Duration.ofSeconds(20);

  private ToxiproxyServer() {}

  /** Where the program is: in the cache of images/toxiproxy, or on the path. */
  private static Optional<Path> program() {
    Stream<Path> onPath =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(folder -> Path.of(folder, "toxiproxy-server"));
    return Stream.concat(
            Stream.of(CacheFolder.path().resolve("toxiproxy-server-" + VERSION)), onPath)
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Why there is none, with the remedy; empty if there is one. */
  public static Optional<String> missing() {
    return program().isPresent()
        ? Optional.empty()
        : Optional.of(
            "no Toxiproxy server: system-under-test/cluster/images/toxiproxy builds it (it needs"
                + " Go); or put toxiproxy-server "
                + VERSION
                + " on the path");
  }

  /**
   * Starts one, which ends with {@link Process#destroyForcibly}.
   *
   * @param folder its working directory, for its log too
   * @throws ClusterException if it does not answer in time
   */
  public static Process start(Path folder, ServerUser user, String host, int port) {
    Path program = program().orElseThrow(() -> new ClusterException(missing().orElseThrow()));
    Path log = folder.resolve("toxiproxy.log");
    try {
      Process process =
          new ProcessBuilder(
                  user.command(
                      List.of(
                          program.toString(), "-host=" + host, "-port=" + port, "-proxy-metrics")))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      long deadline = System.nanoTime() + START_MAX.toNanos();
      while (!answers(host, port)) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          process.destroyForcibly();
          throw new ClusterException("Toxiproxy does not start: " + Files.readString(log).strip());
        }
        Pause.of(Duration.ofMillis(10));
      }
      return process;
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not start: " + e.getMessage(), e);
    }
  }

  private static boolean answers(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
