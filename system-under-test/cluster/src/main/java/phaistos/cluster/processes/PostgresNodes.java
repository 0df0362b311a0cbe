package phaistos.cluster.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.OneValue;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.machine.Command;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.ServerUser;
import phaistos.cluster.postgres.BackupCopy;
import phaistos.cluster.postgres.KeptWal;
import phaistos.cluster.postgres.PostgresConfiguration;
import phaistos.cluster.postgres.PostgresPrograms;
import phaistos.formats.wal.SegmentName;

/** The data directories of a cluster of processes: made, configured, rewound, copied. */
final class PostgresNodes {
  static final String USER = "postgres";

  /** How long the making of a data directory may take on a very busy machine. */
  private static final Duration COPY_MAX = Duration.ofMinutes(5);

  private final PostgresPrograms programs;
  private final ServerUser user;
  private final ClusterOptions options;
  private final ProcessCluster cluster;
  private final Path archive;
  private final Map<NodeId, Listen> listens = new HashMap<>();
  private final Map<NodeId, Optional<NodeId>> followed = new ConcurrentHashMap<>();

  private record Listen(String host, int port) {}

  /**
   * @param archive the folder of the run's archive
   */
  PostgresNodes(
      PostgresPrograms programs,
      ServerUser user,
      ClusterOptions options,
      ProcessCluster cluster,
      Path archive) {
    this.archive = archive;
    this.programs = programs;
    this.user = user;
    this.options = options;
    this.cluster = cluster;
  }

  /** Where the server of a node is to listen. */
  void listen(NodeId id, String host, int port) {
    listens.put(id, new Listen(host, port));
  }

  /** {@code host:port} of the server itself. */
  String address(NodeId id) {
    return listens.get(id).host + ":" + listens.get(id).port;
  }

  /** Makes the data directory of the first node. */
  void initialize(ProcessNode node) {
    execute(
        node,
        "initdb",
        List.of(
            "-D",
            node.data().toString(),
            "-U",
            USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync"));
    PostgresConfiguration.prepare(node.data(), "127.0.0.0/8");
  }

  /** Makes the folder of the archive. */
  void makeArchive() {
    MachineFiles.makeVolume(archive, user.id());
  }

  /** Copies the data directory of a node whose server does not run. */
  void cloneStopped(Path from, Path to) {
    try {
      MachineFiles.copy(from, to, List.of());
      MachineFiles.ownAll(to, user.id());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + from + " to " + to, e);
    }
  }

  /**
   * Writes the settings of a node.
   *
   * @param follows the primary of a standby
   */
  void configure(ProcessNode node, Optional<NodeId> follows) {
    followed.put(node.id(), follows);
    write(node, settings(node), follows.isPresent());
  }

  /** Writes the settings of a node with some more; it goes on following whom it follows. */
  void configureMore(ProcessNode node, Map<String, String> more) {
    Map<String, String> settings = settings(node);
    settings.putAll(more);
    PostgresConfiguration.writeSettings(node.data(), settings);
  }

  String restoreCommand() {
    return PostgresConfiguration.restoring(archive.toString());
  }

  private Map<String, String> settings(ProcessNode node) {
    Map<String, String> settings = new LinkedHashMap<>(PostgresConfiguration.settings(major()));
    Listen own = listens.get(node.id());
    settings.put("listen_addresses", own.host);
    settings.put("port", Integer.toString(own.port));
    settings.put("unix_socket_directories", "");
    settings.putAll(PostgresConfiguration.archiving(archive.toString()));
    settings.putAll(options.settings());
    PostgresConfiguration.nameArchive(settings, archive.toString());
    followed
        .getOrDefault(node.id(), Optional.empty())
        .ifPresent(primary -> settings.put("primary_conninfo", connectionInfo(node.id(), primary)));
    return settings;
  }

  private void write(ProcessNode node, Map<String, String> settings, boolean isStandby) {
    PostgresConfiguration.write(node.data(), settings, isStandby);
    try {
      MachineFiles.ownAll(node.data(), user.id());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot give " + node.data() + " to " + user.name(), e);
    }
  }

  private String connectionInfo(NodeId dialer, NodeId target) {
    String[] address = cluster.addressOf(Optional.of(dialer), target).split(":");
    return "host=%s port=%s user=%s application_name=%s sslmode=disable gssencmode=disable"
        .formatted(address[0], address[1], USER, dialer);
  }

  int major() {
    return programs.version().major();
  }

  List<String> startCommand(ProcessNode node) {
    return List.of(programs.path("postgres"), "-D", node.data().toString());
  }

  /**
   * Makes a copy of a primary that runs: by pg_basebackup, or, where that is not there, by a copy
   * of ours in backup mode.
   */
  void copy(ProcessNode node, ProcessNode primary) {
    try {
      MachineFiles.delete(node.data());
      if (programs.has("pg_basebackup")) {
        String source = connectionInfo(node.id(), primary.id());
        execute(
            node,
            "pg_basebackup",
            List.of("-d", source, "-D", node.data().toString(), "-c", "fast", "--no-sync"));
      } else {
        BackupCopy.make(cluster, primary.id(), programs.version(), primary.data(), node.data());
        note(node, "copied from " + primary.id() + " in backup mode");
      }
      SegmentName current = KeptWal.current(cluster, primary.id());
      KeptWal.complete(current, primary.data(), node.data());
      Files.setPosixFilePermissions(node.data(), PosixFilePermissions.fromString("rwx------"));
      node.volume().syncAll();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + primary.id() + " to " + node.id(), e);
    }
  }

  /**
   * Makes a former primary a copy of another by pg_rewind; false if that program is not there, or
   * fails. A primary writes its new timeline into its control file, where pg_rewind looks for it,
   * with its next checkpoint only; so it is asked for one.
   */
  boolean rewind(ProcessNode node, ProcessNode from) {
    NodeId primary = from.id();
    if (!programs.has("pg_rewind") || !Files.exists(node.data().resolve("global/pg_control"))) {
      return false;
    }
    OneValue.of(cluster, primary, "CHECKPOINT", OneValue.limits(5, 65, "phaistos-control"));
    List<String> command = new ArrayList<>(List.of(programs.path("pg_rewind")));
    command.add("--target-pgdata=" + node.data());
    command.add("--source-server=" + connectionInfo(node.id(), primary) + " dbname=postgres");
    command.add("--no-sync");
    Command.Result result = Command.run(user.command(command), node.volume().folder(), COPY_MAX);
    note(node, "pg_rewind exits with " + result.exitCode() + ": " + result.lastLine());
    if (result.exitCode() == 0) {
      KeptWal.complete(KeptWal.current(cluster, primary), from.data(), node.data());
      node.volume().syncAll();
    }
    return result.exitCode() == 0;
  }

  private void execute(ProcessNode node, String program, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(programs.path(program)));
    command.addAll(arguments);
    Command.mustRun(user.command(command), node.volume().folder(), COPY_MAX);
    note(node, program + " ended");
  }

  /** Writes a line of ours into the node's log. */
  static void note(ProcessNode node, String line) {
    try {
      Path log = node.logFile();
      Files.writeString(
          log, "phaistos: " + line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
