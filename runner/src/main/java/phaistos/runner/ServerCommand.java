package phaistos.runner;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import phaistos.environment.Disk;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.environment.crashable.CrashableDisk;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.runner.commitlog.TraceCommand;
import phaistos.runner.options.ExitCode;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.OutputException;
import phaistos.runner.options.UsageException;
import phaistos.server.InitOptions;
import phaistos.server.Server;
import phaistos.server.defects.Defects;
import phaistos.server.errors.PgError;
import phaistos.server.errors.StartupException;
import phaistos.server.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code phaistos server}: creates a data directory, or runs one database node on it. */
@Command(
    name = "server",
    description = "Makes a data directory, or runs one node of the database on it.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ServerCommand.Init.class,
      ServerCommand.Start.class,
      ServerProfileCommand.class,
      TraceCommand.class
    })
final class ServerCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UsageException("server needs a subcommand: init or start");
  }

  /** The options of both commands. */
  private static class Common {
    @Option(
        names = {"-D", "--data"},
        required = true,
        paramLabel = "DIR",
        description = "The data directory.")
    Path data;

    @Option(
        names = "-c",
        paramLabel = "NAME=VALUE",
        description = "A setting, by PostgreSQL's name. May be given many times.")
    List<String> settings = List.of();

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "A file of settings in postgresql.conf's form.")
    Path config;

    Settings settings() {
      Settings all = Settings.defaults();
      if (config != null) {
        try {
          all = Settings.parse(config.toString(), Files.readString(config));
        } catch (IOException e) {
          throw GivenPath.unusable(config, e);
        } catch (PgError e) {
          throw new UsageException(e.getMessage(), e);
        }
      }
      for (String setting : settings) {
        int equals = setting.indexOf('=');
        if (equals <= 0) {
          throw new UsageException("-c %s: expected name=value".formatted(setting));
        }
        try {
          all = all.given(setting.substring(0, equals), setting.substring(equals + 1));
        } catch (PgError e) {
          throw new UsageException("-c %s: %s".formatted(setting, e.getMessage()), e);
        }
      }
      return all;
    }
  }

  @Command(name = "init", description = "Makes a data directory.", mixinStandardHelpOptions = true)
  static final class Init extends Common implements Callable<Integer> {
    @Option(
        names = "--system-identifier",
        paramLabel = "N",
        description =
            "The cluster's number; nodes that are to stream from each other have the same.")
    String systemId;

    @Option(
        names = "--wal-segsize",
        paramLabel = "MB",
        description = "Size of WAL segments in megabytes, a power of two (default 16).")
    int segmentMegabytes = 16;

    @Option(
        names = "--next-xid",
        paramLabel = "N",
        description =
            "The first transaction id, of 64 bits with its epoch (default 3); as pg_resetwal -x.")
    String nextXid = "3";

    @Option(
        names = "--oldest-xid",
        paramLabel = "N",
        description =
            "The id from which the limits before a wrap-around count (default: the first one); as"
                + " pg_resetwal -u.")
    String oldestXid;

    @Option(
        names = "--standby",
        description = "Writes standby.signal, so that the node starts as a standby.")
    boolean standby;

    @Override
    public Integer call() {
      if (Integer.bitCount(segmentMegabytes) != 1 || segmentMegabytes > 1024) {
        throw new UsageException(
            "--wal-segsize %d: expected a power of two from 1 to 1024".formatted(segmentMegabytes));
      }
      OptionalLong id = OptionalLong.empty();
      if (systemId != null) {
        try {
          id = OptionalLong.of(Long.parseUnsignedLong(systemId));
        } catch (NumberFormatException e) {
          throw new UsageException("--system-identifier %s: not a number".formatted(systemId), e);
        }
      }
      InitOptions defaults = InitOptions.defaults();
      InitOptions options =
          new InitOptions(segmentMegabytes << 20, id, defaults.time(), settings(), ids(), 0);
      boolean existed = Files.exists(data);
      prepare();
      try {
        SystemEnvironment environment = environment(data);
        Server.initialize(environment, options);
        if (standby) {
          Server.makeStandby(environment);
        }
      } catch (StartupException e) {
        clear(existed);
        String message = data + ": " + e.getMessage();
        throw e.getCause() instanceof IOException
            ? new OutputException(message, e)
            : new UsageException(message, e);
      }
      System.out.println("data directory " + data + " is ready");
      return ExitCode.VALID;
    }

    private InitOptions.Ids ids() {
      FullXid next = new FullXid(number("--next-xid", nextXid));
      long oldest = oldestXid == null ? next.xid().toLong() : number("--oldest-xid", oldestXid);
      try {
        return new InitOptions.Ids(next, Xid.of(oldest));
      } catch (IllegalArgumentException e) {
        throw new UsageException(
            ("--next-xid %s --oldest-xid %d: expected two ids that are not 0, 1 or 2, the oldest of"
                    + " 32 bits and less than 2^31 before the next")
                .formatted(nextXid, oldest),
            e);
      }
    }

    private static long number(String option, String text) {
      try {
        return Long.parseUnsignedLong(text);
      } catch (NumberFormatException e) {
        throw new UsageException("%s %s: not a number".formatted(option, text), e);
      }
    }

    /** An empty directory. */
    private void prepare() {
      try {
        Files.createDirectories(data);
      } catch (IOException e) {
        throw GivenPath.unwritable(data, e);
      }
      try (Stream<Path> files = Files.list(data)) {
        if (files.findAny().isPresent()) {
          throw new UsageException("directory %s exists but is not empty".formatted(data));
        }
      } catch (IOException e) {
        throw GivenPath.unusable(data, e);
      }
    }

    /**
     * Removes what a failed attempt has written, so that the next one finds the directory empty.
     */
    private void clear(boolean existed) {
      try (Stream<Path> files = Files.walk(data)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          if (!existed || !file.equals(data)) {
            Files.delete(file);
          }
        }
      } catch (IOException e) {
        System.err.println("phaistos: cannot remove what is in " + GivenPath.problem(data, e));
      }
    }
  }

  @Command(
      name = "start",
      description = "Runs a node until SIGTERM (fast shutdown).",
      mixinStandardHelpOptions = true)
  static final class Start extends Common implements Callable<Integer> {
    @Option(
        names = {"-p", "--port"},
        paramLabel = "N",
        description = "The port to listen on (over -c port=N).")
    Integer port;

    @Option(
        names = "--insecure",
        description =
            "Lets listen_addresses name addresses beyond loopback. There is no authentication:"
                + " whoever reaches the port is a superuser.")
    boolean insecure;

    private static final String PID_FILE = PidFile.NAME;

    @Override
    public Integer call() {
      Settings settings = settings();
      if (port != null) {
        try {
          settings = settings.with("port", port.toString());
        } catch (PgError e) {
          throw new UsageException("--port %d: %s".formatted(port, e.getMessage()), e);
        }
      }
      if (!Files.exists(data)) {
        throw new UsageException(
            "no such directory: " + data + " (make one with ./phaistos server init)");
      }
      GivenPath.directory(data);
      if (!Files.exists(data.resolve("PG_VERSION"))) {
        throw new UsageException(
            ("%s is no data directory: it holds no PG_VERSION (make one with ./phaistos server"
                    + " init)")
                .formatted(data));
      }
      try (FileChannel pidFile = lockPidFile()) {
        int code = run(settings, pidFile);
        Files.deleteIfExists(data.resolve(PID_FILE));
        return code;
      } catch (IOException e) {
        throw GivenPath.unwritable(data, e);
      }
    }

    private FileChannel lockPidFile() throws IOException {
      Path path = data.resolve(PID_FILE);
      FileChannel file =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = null;
      try {
        lock = file.tryLock();
      } catch (OverlappingFileLockException e) {
        // held by this process
      }
      if (lock == null) {
        file.close();
        throw new UsageException(
            "lock file \"%s\" is held: is another server running on this data directory?"
                .formatted(path));
      }
      writePidFile(
          file, "%d%n%s%n".formatted(ProcessHandle.current().pid(), data.toAbsolutePath()));
      return file;
    }

    /** Through the channel that holds the lock: closing another one would give the lock up. */
    private static void writePidFile(FileChannel file, String text) throws IOException {
      file.truncate(0);
      file.write(
          java.nio.ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)), 0);
    }

    private PidFile pidFile(Server server, Settings settings) {
      List<String> sockets = settings.list("unix_socket_directories");
      boolean tcp = !server.address().isLocal();
      boolean any = server.address().host().equals("0.0.0.0");
      return new PidFile(
          ProcessHandle.current().pid(),
          data.toAbsolutePath().toString(),
          System.currentTimeMillis() / 1000,
          server.port(),
          sockets.isEmpty() ? "" : sockets.getFirst(),
          tcp ? any ? "localhost" : server.address().host() : "");
    }

    /** A relative directory of a Unix socket is one in the data directory, as in PostgreSQL. */
    private Settings withSocketDirectories(Settings settings) {
      String name = "unix_socket_directories";
      List<String> directories =
          Server.settings(new SystemDisk(data), settings).list(name).stream()
              .map(directory -> data.toAbsolutePath().resolve(directory).normalize().toString())
              .toList();
      return directories.isEmpty() ? settings : settings.with(name, String.join(",", directories));
    }

    private int run(Settings commandLine, FileChannel pidFile) throws IOException {
      Settings settings;
      Settings all;
      Defects defects;
      try {
        settings = withSocketDirectories(commandLine);
        all = Server.settings(new SystemDisk(data), settings);
        defects = Defects.parse(all.get("phaistos.defect"));
        ListenAddresses.check(all, insecure);
      } catch (IllegalArgumentException | PgError e) {
        throw new UsageException("%s: %s".formatted(data, e.getMessage()), e);
      }
      PrintStream err = System.err;
      SystemEnvironment environment =
          SystemEnvironment.of(
              "server",
              disk(all.bool("phaistos.crashable_disk")),
              System.nanoTime(),
              (task, failure) -> {
                err.println("PANIC:  task " + task.name() + " failed");
                failure.printStackTrace(err);
                Runtime.getRuntime().halt(ExitCode.CRASHED);
              });
      try {
        ListenAddresses.warning(all)
            .ifPresent(
                text ->
                    err.printf(
                        "%s [%d] WARNING:  %s%n",
                        java.time.Instant.now(), ProcessHandle.current().pid(), text));
        Server server =
            Server.start(
                environment,
                settings,
                defects,
                (time, severity, message) ->
                    err.printf(
                        "%s [%d] %s:  %s%n",
                        time, ProcessHandle.current().pid(), severity, message));
        writePidFile(pidFile, pidFile(server, settings).format());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
        server.awaitShutdown();
        return code(server);
      } catch (StartupException e) {
        throw new UsageException("%s: %s".formatted(data, e.getMessage()), e);
      }
    }

    /** Called on SIGTERM or SIGINT. Without the halt the exit code would be the signal's. */
    private void stop(Server server) {
      server.shutdown(Server.ShutdownMode.FAST);
      try {
        Files.deleteIfExists(data.resolve(PID_FILE));
      } catch (IOException e) {
        System.err.println(
            "phaistos: cannot remove %s: %s".formatted(PID_FILE, GivenPath.reason(e)));
      }
      Runtime.getRuntime().halt(code(server));
    }

    /** Returns 1, as PostgreSQL does, after a failure of the server; its log has the reason. */
    private static int code(Server server) {
      return server.hasPanicked() ? 1 : ExitCode.VALID;
    }

    private Disk disk(boolean crashable) {
      if (!crashable) {
        return new SystemDisk(data);
      }
      try {
        return CrashableDisk.open(data);
      } catch (IOException e) {
        throw new UsageException(
            "cannot open %s as a crashable disk: %s".formatted(data, GivenPath.reason(e)), e);
      }
    }
  }

  private static SystemEnvironment environment(Path data) {
    return SystemEnvironment.of(
        "init",
        new SystemDisk(data),
        System.nanoTime(),
        (task, failure) -> {
          throw new IllegalStateException(task.name(), failure);
        });
  }
}
