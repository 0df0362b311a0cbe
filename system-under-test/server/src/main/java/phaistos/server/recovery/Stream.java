package phaistos.server.recovery;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.environment.Task;
import phaistos.formats.Lsn;
import phaistos.server.backends.Backends;
import phaistos.server.backends.BackgroundProcess;
import phaistos.server.control.ControlFileStore;
import phaistos.server.errors.PgError;
import phaistos.server.replication.WalReceiver;
import phaistos.server.settings.ConnectionInfo;
import phaistos.server.settings.Settings;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.state.ServerContext;
import phaistos.server.wal.WalFiles;

/** One attempt to stream from the primary, run beside replay. Thread-safe. */
final class Stream implements WalReceiver.Host {
  private final ServerContext server;
  private final ControlFileStore control;
  private final WalFiles files;
  private final RecoveryProgress recovery;
  private final Backends backends;
  private final WalReceiver receiver;
  private final AtomicReference<Lsn> received = new AtomicReference<>(Lsn.INVALID);
  private volatile Optioned optioned;
  private volatile boolean ended;
  private volatile boolean endedTimeline;
  private Optional<Task> task = Optional.empty();

  Stream(
      ServerContext server,
      ControlFileStore control,
      WalFiles files,
      RecoveryProgress recovery,
      Backends backends,
      String conninfo) {
    this.backends = backends;
    this.server = server;
    this.control = control;
    this.files = files;
    this.recovery = recovery;
    String name = server.settings().get("cluster_name");
    receiver =
        new WalReceiver(
            server.environment(),
            this,
            ConnectionInfo.parse(conninfo, name.isEmpty() ? "walreceiver" : name),
            this::options,
            server.steps(),
            server.critical(),
            server.log()::log);
  }

  /** The same object until the settings change: the receiver asks with each message. */
  private WalReceiver.Options options() {
    Settings settings = server.settings();
    Optioned known = optioned;
    if (known == null || known.settings != settings) {
      known =
          new Optioned(
              settings,
              new WalReceiver.Options(
                  settings.nanos("wal_receiver_status_interval"),
                  settings.nanos("wal_receiver_timeout"),
                  settings.bool("phaistos.timeline_fill")));
      optioned = known;
    }
    return known.options;
  }

  private record Optioned(Settings settings, WalReceiver.Options options) {}

  /** Starts streaming at the beginning of the segment that contains {@code position}. */
  void start(Lsn position, int timeline) {
    task = Optional.of(server.tasks().spawn("walreceiver", () -> run(position, timeline)));
  }

  private void run(Lsn position, int timeline) {
    BackgroundProcess process = backends.background("walreceiver", server.now());
    process.begin("Activity/WalReceiverMain");
    try {
      switch (receiver.run(position, timeline)) {
        case WalReceiver.Ending.EndOfTimeline _ -> endedTimeline = true;
        case WalReceiver.Ending.Disconnected disconnected ->
            server.log().log(disconnected.reason());
      }
    } catch (PgError e) {
      if (e.severity() == PgError.Severity.PANIC) {
        server.critical().panic(e);
      } else {
        server.log().error(e);
      }
    } finally {
      process.end();
      backends.ended(process);
      ended = true;
      recovery.wake().set();
    }
  }

  /** Stops the stream; returns once it no longer writes. Does not wait for a connection attempt. */
  void stop() {
    if (receiver.stop()) {
      task.ifPresent(Task::join);
    }
  }

  boolean hasEnded() {
    return ended;
  }

  boolean endedTimeline() {
    return endedTimeline;
  }

  /** The position up to which replay may read; nothing before the first WAL has arrived. */
  Lsn received() {
    return received.get();
  }

  /** Replay has moved. */
  void applied() {
    receiver.applied();
  }

  @Override
  public long systemId() {
    return control.get().systemId();
  }

  @Override
  public WalFiles walFiles() {
    return files;
  }

  @Override
  public Lsn lastApplied() {
    return recovery.replayed();
  }

  @Override
  public void received(int timeline, Lsn flushed) {
    received.set(flushed);
    if (flushed.compareTo(recovery.received()) > 0) {
      recovery.received(flushed);
    }
    recovery.wake().set();
  }
}
