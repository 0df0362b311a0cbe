package phaistos.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.server.InitOptions;
import phaistos.server.Server;
import phaistos.server.defects.Defects;
import phaistos.server.settings.Settings;

/** Our server in this JVM, on loopback, with a data directory in a folder. */
final class LocalServer implements AutoCloseable {
  private static final long SYSTEM_ID = 42;

  private final Server server;
  private final List<String> log;

  private LocalServer(Server server, List<String> log) {
    this.server = server;
    this.log = log;
  }

  /** A primary that takes connections. */
  static LocalServer start(Path folder) {
    return start(folder, "");
  }

  /** A standby of the node at that port. */
  static LocalServer standby(Path folder, int port) {
    return start(folder, "host=localhost port=%d application_name=standby".formatted(port));
  }

  /** The same primary on the data directory that it left behind. */
  static LocalServer restart(Path folder) {
    return start(folder, "", false, Settings.defaults());
  }

  /**
   * A primary, or a standby.
   *
   * @param primary how a standby connects; empty for a primary
   */
  static LocalServer start(Path folder, String primary, Settings settings) {
    return start(folder, primary, true, settings);
  }

  private static LocalServer start(Path folder, String primary) {
    return start(folder, primary, true, Settings.defaults());
  }

  private static LocalServer start(Path folder, String primary, boolean isNew, Settings given) {
    List<String> log = new CopyOnWriteArrayList<>();
    SystemEnvironment environment =
        SystemEnvironment.of(
            folder.getFileName().toString(),
            new SystemDisk(folder),
            1,
            (task, failure) -> log.add("task " + task.name() + " failed: " + failure));
    InitOptions defaults = InitOptions.defaults();
    if (isNew) {
      Server.initialize(environment, defaults.withWalSegmentSize(1 << 20).withSystemId(SYSTEM_ID));
    }
    Settings settings = given.with("port", "0");
    if (!primary.isEmpty()) {
      Server.makeStandby(environment);
      settings =
          settings.with("primary_conninfo", primary).with("wal_retrieve_retry_interval", "100ms");
    }
    Server server =
        Server.start(
            environment,
            settings,
            Defects.none(),
            (_, severity, message) -> log.add(severity + ":  " + message));
    Awaitility.await(folder + " takes connections: " + log)
        .atMost(Duration.ofMinutes(1))
        .until(() -> log.stream().anyMatch(line -> line.contains("ready to accept")));
    return new LocalServer(server, log);
  }

  int port() {
    return server.port();
  }

  Server server() {
    return server;
  }

  List<String> log() {
    return log;
  }

  @Override
  public void close() {
    server.shutdown(Server.ShutdownMode.FAST);
  }
}
