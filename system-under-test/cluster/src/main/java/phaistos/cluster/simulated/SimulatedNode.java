package phaistos.cluster.simulated;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.ClusterException;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.server.InitOptions;
import phaistos.server.Server;
import phaistos.server.settings.Settings;
import phaistos.simulator.SimulatedEnvironment;
import phaistos.simulator.SimulatedMachine;

/**
 * One node: its machine, the server that runs on it, and its log. Used by the tasks of the control
 * party only, but for the log, which the node's own tasks write.
 */
final class SimulatedNode {
  private final NodeId id;
  private final SimulatedMachine machine;
  private static final String NAMES = "synchronous_standby_names";
  private static final String CONFIGURATION = "postgresql.conf";

  private final Settings settings;
  private final SimulatedCluster.Options options;
  private final SimulatedSteps steps;
  private final SimulatedReplies replies;
  private final List<String> log = new ArrayList<>();
  private Optional<Server> server = Optional.empty();
  private Optional<NodeId> upstream = Optional.empty();
  private boolean paused;

  SimulatedNode(
      NodeId id,
      SimulatedMachine machine,
      Settings settings,
      SimulatedCluster.Options options,
      SimulatedSteps steps,
      SimulatedReplies replies) {
    this.id = id;
    this.machine = machine;
    this.settings = settings;
    this.options = options;
    this.steps = steps;
    this.replies = replies;
  }

  NodeId id() {
    return id;
  }

  SimulatedMachine machine() {
    return machine;
  }

  List<String> log() {
    return log;
  }

  NodeState state() {
    if (!machine.isRunning()) {
      return NodeState.DOWN;
    }
    return paused ? NodeState.PAUSED : NodeState.UP;
  }

  boolean isReady() {
    return machine.isRunning() && server.isPresent() && server.get().isReady();
  }

  /** Makes the data directory anew; whatever was there is gone, durably. */
  void initialize(InitOptions options) {
    SimulatedEnvironment process = machine.start();
    try {
      deleteAll(process.disk(), "");
    } catch (IOException e) {
      throw new ClusterException("node " + id + ": " + e.getMessage(), e);
    }
    Server.initialize(process, options);
    machine.kill();
    machine.disk().madeSound();
  }

  private static void deleteAll(Disk disk, String directory) throws IOException {
    for (String name : disk.list(directory)) {
      String path = directory.isEmpty() ? name : directory + "/" + name;
      if (isDirectory(disk, path)) {
        deleteAll(disk, path);
      } else {
        disk.delete(path);
      }
    }
    disk.syncDirectory(directory);
  }

  private static boolean isDirectory(Disk disk, String path) {
    try {
      disk.list(path);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** As whose standby it runs; empty for a primary. */
  void upstream(Optional<NodeId> primary) {
    upstream = primary;
  }

  /** Starts the process; does not wait for recovery. */
  void start() {
    SimulatedEnvironment process = machine.start();
    paused = false;
    server = Optional.empty();
    Settings own = settings;
    if (upstream.isPresent()) {
      Server.makeStandby(process);
      own =
          own.with(
              "primary_conninfo",
              "host=%s port=5432 user=postgres application_name=%s".formatted(upstream.get(), id));
    }
    ViewDirectory files = new ViewDirectory(machine.disk().view(true), id + ", as it is");
    String names = own.get(NAMES);
    // In the file and not on the command line, so that ALTER SYSTEM can change it.
    Settings effective = own.without(NAMES);
    process
        .tasks()
        .spawn(
            "main",
            () -> {
              configure(process, NAMES + " = '" + names.replace("'", "''") + "'\n");
              Server started =
                  Server.start(
                      process,
                      effective,
                      options.defects(),
                      planted -> options.watch().starts(id, planted, files),
                      this::write);
              replies.started(id, machine, started);
              steps.started(id, process, started);
              server = Optional.of(started);
            });
  }

  /** Writes {@code postgresql.conf}, unless it says that already. */
  private static void configure(SimulatedEnvironment process, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      if (process.disk().exists(CONFIGURATION)) {
        try (DiskFile file = process.disk().open(CONFIGURATION)) {
          ByteBuffer old = ByteBuffer.allocate((int) file.size());
          file.read(0, old);
          if (Arrays.equals(bytes, old.array())) {
            return;
          }
        }
        process.disk().delete(CONFIGURATION);
      }
      try (DiskFile file = process.disk().create(CONFIGURATION)) {
        file.write(0, ByteBuffer.wrap(bytes));
        file.sync();
      }
      process.disk().syncDirectory("");
    } catch (IOException e) {
      throw new UncheckedIOException(CONFIGURATION + " cannot be written", e);
    }
  }

  private void write(Instant time, String severity, String message) {
    log.add(time + " " + severity + ":  " + message);
  }

  /** Asks the server to end; whether it has. A server that is not there yet never does. */
  BooleanSupplier shutDown() {
    boolean[] ended = new boolean[1];
    server.ifPresent(
        running ->
            machine
                .process()
                .orElseThrow()
                .tasks()
                .spawn(
                    "shutdown",
                    () -> {
                      running.shutdown(Server.ShutdownMode.FAST);
                      ended[0] = true;
                    }));
    return () -> ended[0];
  }

  void kill() {
    machine.kill();
    server = Optional.empty();
    paused = false;
  }

  void pause() {
    machine.pause();
    paused = true;
  }

  void resume() {
    machine.resume();
    paused = false;
  }

  /** Throws if the process has died of something that escaped it. */
  void requireSound() {
    machine
        .failure()
        .ifPresent(
            failure -> {
              throw new ClusterException(
                  "node %s: task %s died: %s"
                      .formatted(id, failure.task(), failure.cause().getMessage()),
                  failure.cause());
            });
  }
}
