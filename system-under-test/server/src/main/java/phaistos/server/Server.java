package phaistos.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.Environment;
import phaistos.environment.Network;
import phaistos.environment.Task;
import phaistos.environment.Tasks;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.server.backends.Backends;
import phaistos.server.background.Autovacuum;
import phaistos.server.background.WalWriter;
import phaistos.server.defects.Defects;
import phaistos.server.errors.Log;
import phaistos.server.errors.LogSink;
import phaistos.server.errors.PgError;
import phaistos.server.errors.StartupException;
import phaistos.server.recovery.StartupProcess;
import phaistos.server.replication.WalSenderSlot;
import phaistos.server.session.Session;
import phaistos.server.settings.Configuration;
import phaistos.server.settings.Settings;
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;
import phaistos.server.steps.Steps;

/**
 * A running database server (the postmaster): the same code on the real ports and in a simulation.
 * A directory with {@code standby.signal} in it starts as a standby, and streams from {@code
 * primary_conninfo}. Thread-safe.
 *
 * <p>The server accepts connections from the start. Until recovery allows sessions it answers them
 * with 57P03.
 */
public final class Server {
  private static final long STOP_POLL_NANOS = 20_000_000;
  private static final long SENDERS_LIMIT_NANOS = 10_000_000_000L;

  /** How to stop. */
  public enum ShutdownMode {
    /** Ends the sessions, makes a checkpoint, and sends all WAL to the standbys. */
    FAST,
    /** Stops at once without a checkpoint; the next start recovers. */
    IMMEDIATE
  }

  private final Instance instance;
  private final ServerContext server;
  private final Listeners listeners;
  private final WalWriter walWriter;
  private final Autovacuum autovacuum;
  private final Task startup;
  private final Task checkpointer;
  private final Task autovacuumTask;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean stopBegun;
  private boolean stopped;
  private volatile boolean panicked;

  private Server(Instance instance, Listeners listeners, AtomicReference<Runnable> onPanic) {
    this.instance = instance;
    this.listeners = listeners;
    this.server = instance.context();
    this.walWriter = instance.walWriter();
    this.autovacuum = instance.autovacuum();
    Tasks tasks = server.tasks();
    onPanic.set(this::panicked);
    startup = tasks.spawn("startup", this::runStartup);
    checkpointer = tasks.spawn("checkpointer", this::runCheckpointer);
    tasks.spawn("walwriter", walWriter::run);
    autovacuumTask = tasks.spawn("autovacuum launcher", autovacuum::run);
    tasks.spawn("timeouts", instance.timeouts()::run);
    for (Network.Listener listener : listeners.all()) {
      tasks.spawn("postmaster", () -> acceptAll(listener));
    }
  }

  /**
   * Makes the data directory on the environment's disk.
   *
   * @throws StartupException if there is one already
   */
  public static void initialize(Environment environment, InitOptions options) {
    try {
      Initializer.run(environment, options);
    } catch (IOException e) {
      throw new StartupException("could not make the data directory: " + e.getMessage(), e);
    }
  }

  /** Turns the data directory into a standby that streams from the primary at this address. */
  public static void makeStandby(Environment environment) {
    try {
      if (!environment.disk().exists(StartupProcess.STANDBY_SIGNAL)) {
        environment.disk().create(StartupProcess.STANDBY_SIGNAL).close();
        environment.disk().syncDirectory("");
      }
    } catch (IOException e) {
      throw new StartupException("could not write standby.signal: " + e.getMessage(), e);
    }
  }

  /**
   * Starts the server on the environment's disk; returns once it listens.
   *
   * @param settings over those of the directory's configuration files
   * @throws StartupException if it cannot start, with the reason in one line
   */
  public static Server start(
      Environment environment, Settings settings, Defects defects, LogSink sink) {
    return start(environment, settings, defects, _ -> {}, sink);
  }

  /**
   * The same.
   *
   * @param watch gets the steps before the server takes any
   */
  public static Server start(
      Environment environment,
      Settings settings,
      Defects defects,
      Consumer<Steps> watch,
      LogSink sink) {
    Log log = new Log(environment.clock(), sink);
    try {
      checkVersion(environment.disk());
      Configuration configuration = new Configuration(environment.disk(), settings);
      Steps steps = new Steps();
      defects.plant(steps, environment);
      watch.accept(steps);
      AtomicReference<Runnable> onPanic = new AtomicReference<>(() -> {});
      Instance instance =
          new Instance(
              environment,
              configuration,
              steps,
              log,
              error -> {
                log.error(error);
                onPanic.get().run();
              });
      Listeners listeners = Listeners.open(environment.network(), instance.context().settings());
      log.log("starting PostgreSQL 15.18 (Phaistos)");
      for (Network.Listener listener : listeners.all()) {
        log.log(
            listener.address().isLocal()
                ? "listening on Unix socket \"%s/.s.PGSQL.%d\""
                    .formatted(listener.address().host(), listener.address().port())
                : "listening on %s".formatted(listener.address()));
      }
      return new Server(instance, listeners, onPanic);
    } catch (NoSuchFileException e) {
      throw new StartupException("file \"%s\" is missing".formatted(e.getFile()), e);
    } catch (IOException | FormatException | PgError e) {
      throw new StartupException(e.getMessage(), e);
    }
  }

  /**
   * The settings that a server on this disk would start with.
   *
   * @param commandLine over those of the directory's configuration files
   * @throws PgError naming the file and the line
   */
  public static Settings settings(Disk disk, Settings commandLine) {
    return new Configuration(disk, commandLine).read();
  }

  private static void checkVersion(Disk disk) throws IOException {
    if (!disk.exists(Initializer.VERSION_FILE)) {
      throw new StartupException("the data directory was not initialized");
    }
    try (DiskFile file = disk.open(Initializer.VERSION_FILE)) {
      ByteBuffer bytes = ByteBuffer.allocate(16);
      file.read(0, bytes);
      String version =
          new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
      if (!version.equals("15")) {
        throw new StartupException(
            "the data directory was initialized by PostgreSQL version %s, which is not compatible with this version 15.18"
                .formatted(version));
      }
    }
  }

  public Network.Address address() {
    return listeners.address();
  }

  public int port() {
    return listeners.address().port();
  }

  /**
   * The steps of this server, to which actions can be attached; see {@link
   * phaistos.server.steps.Step}.
   */
  public Steps steps() {
    return server.steps();
  }

  /** Whether it replays, serves or stops. */
  public ServerState state() {
    return server.state();
  }

  /** Whether queries are accepted. */
  public boolean isReady() {
    return server.state().isOpen();
  }

  /** How far this node has replayed since it started, or invalid. */
  public Lsn replayed() {
    return instance.recovery().replayed();
  }

  /** The timeline on which this node writes WAL; empty while it replays. */
  public OptionalInt writesTimeline() {
    return state().mayWriteWal() ? OptionalInt.of(instance.wal().timeline()) : OptionalInt.empty();
  }

  /** Up to where this node counts its own WAL as flushed; empty while it replays. */
  public Optional<Lsn> flushed() {
    return state().mayWriteWal() ? Optional.of(instance.wal().flushedLsn()) : Optional.empty();
  }

  /** Asks a standby to become a primary, as pg_ctl promote does; it need not take connections. */
  public void promote() {
    instance.recovery().requestPromotion();
  }

  /** The parts, for tests of this package. */
  Instance instance() {
    return instance;
  }

  /**
   * Whether the server stopped, or is about to stop, because of a failure. Its log gives the
   * reason.
   */
  public boolean hasPanicked() {
    return panicked;
  }

  /** Waits until the server has stopped. */
  public void awaitShutdown() {
    lock.lock();
    try {
      while (!stopped) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Stops; returns once it is done. */
  public void shutdown(ShutdownMode mode) {
    if (!beginStop()) {
      awaitShutdown();
      return;
    }
    switch (mode) {
      case FAST -> stopFast();
      case IMMEDIATE -> stopImmediately();
    }
    finishStop();
  }

  private boolean beginStop() {
    lock.lock();
    try {
      boolean first = !stopBegun;
      stopBegun = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  private void finishStop() {
    server.state().stopping(ServerState.Stop.DONE);
    instance.timeouts().stop();
    listeners.close();
    server.log().log("database system is shut down");
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void stopFast() {
    server.log().log("received fast shutdown request");
    server.state().stopping(ServerState.Stop.REQUESTED);
    instance.recovery().requestStop();
    server.log().log("aborting any active transactions");
    endSessions(false);
    startup.join();
    autovacuum.stop();
    autovacuumTask.join();
    walWriter.stop();
    instance.checkpointer().stop();
    checkpointer.join();
    try {
      if (server.state().isInRecovery()) {
        instance.checkpointer().restartPoint("shutdown immediate");
      } else {
        instance.checkpointer().createAtShutdown();
        awaitSenders();
      }
    } catch (PgError e) {
      server.log().error(e);
    }
    endSessions(true);
  }

  /** Connected standbys receive all WAL, the shutdown checkpoint included. */
  private void awaitSenders() {
    Lsn end = instance.wal().flushedLsn();
    long until = server.monotonicNanos() + SENDERS_LIMIT_NANOS;
    while (server.monotonicNanos() < until
        && instance.syncRep().rows().stream().anyMatch(row -> isBehind(row, end))) {
      server.tasks().sleep(STOP_POLL_NANOS);
    }
  }

  private static boolean isBehind(WalSenderSlot.Row row, Lsn end) {
    return row.state() == WalSenderSlot.State.STREAMING && row.flush().compareTo(end) < 0;
  }

  private void endSessions(boolean walSendersToo) {
    for (Backends.Backend backend : instance.backends().all()) {
      if (walSendersToo || !backend.isWalSender()) {
        backend.terminate();
      }
    }
    instance.backends().awaitNone(walSendersToo);
  }

  private void stopImmediately() {
    server.log().log("received immediate shutdown request");
    server.state().stopping(ServerState.Stop.REQUESTED);
    instance.recovery().requestStop();
    autovacuum.stop();
    walWriter.stop();
    instance.checkpointer().stop();
    instance.backends().all().forEach(Backends.Backend::abandon);
  }

  private void panicked() {
    panicked = true;
    if (beginStop()) {
      server
          .tasks()
          .spawn(
              "panic",
              () -> {
                stopImmediately();
                finishStop();
              });
    }
  }

  private void runStartup() {
    try {
      instance.startupProcess().run();
    } catch (PgError e) {
      server.critical().panic(e);
    } catch (StartupException e) {
      server.critical().panic(PgError.panic(e.getMessage(), e));
    } catch (FormatException e) {
      server.critical().panic(PgError.panic("recovery failed: " + e.getMessage(), e));
    }
  }

  private void runCheckpointer() {
    try {
      instance.checkpointer().run();
    } catch (PgError e) {
      server.critical().panic(e);
    }
  }

  private void acceptAll(Network.Listener listener) {
    while (true) {
      try {
        Network.Connection connection = listener.accept();
        Session session = new Session(instance.sessions(), connection);
        server.tasks().spawn("session " + session.pid(), session::run);
      } catch (IOException e) {
        if (server.state().stop() != ServerState.Stop.DONE) {
          server.log().log("could not accept new connection: " + e.getMessage());
        }
        return;
      }
    }
  }
}
