package phaistos.server;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import phaistos.environment.Environment;
import phaistos.environment.Tasks;
import phaistos.formats.ControlFile;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.record.ClogBody;
import phaistos.formats.wal.WalLayout;
import phaistos.server.backends.Backends;
import phaistos.server.backends.BackgroundProcess;
import phaistos.server.backends.Timeouts;
import phaistos.server.background.Autovacuum;
import phaistos.server.background.Checkpointer;
import phaistos.server.background.DurableState;
import phaistos.server.background.WalWriter;
import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.KeyIndexes;
import phaistos.server.catalog.Sequences;
import phaistos.server.catalog.Vacuum;
import phaistos.server.clog.Clog;
import phaistos.server.clog.Subtrans;
import phaistos.server.clog.TransactionLog;
import phaistos.server.control.ControlFileStore;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.Log;
import phaistos.server.errors.PgError;
import phaistos.server.executor.Administration;
import phaistos.server.executor.Executor;
import phaistos.server.executor.Observed;
import phaistos.server.executor.Tables;
import phaistos.server.heap.Heap;
import phaistos.server.heap.Visibility;
import phaistos.server.multixact.MultiXact;
import phaistos.server.recovery.SnapshotConflicts;
import phaistos.server.recovery.StartupProcess;
import phaistos.server.replication.ReplicationState;
import phaistos.server.replication.SyncRep;
import phaistos.server.session.SessionParts;
import phaistos.server.settings.Configuration;
import phaistos.server.settings.MemoryLimits;
import phaistos.server.settings.Settings;
import phaistos.server.settings.StandbyNames;
import phaistos.server.slru.Slru;
import phaistos.server.slru.SlruOptions;
import phaistos.server.slru.SlruStatistics;
import phaistos.server.slru.SlruSyncing;
import phaistos.server.sql.SqlParser;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;
import phaistos.server.steps.StepTimes;
import phaistos.server.steps.Steps;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.Wal;
import phaistos.server.wal.WalFiles;
import phaistos.server.xact.Proc;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.TransactionLimits;
import phaistos.server.xact.Transactions;
import phaistos.server.xact.XidGenerator;

/**
 * Creates the parts of one server and connects them: what PostgreSQL keeps in shared memory. Two
 * servers share nothing. No part refers to this class. As thread-safe as its parts.
 */
final class Instance implements Administration, StartupProcess.Events {
  /** A record must fit into half of the WAL buffers. */
  private static final int RING_BYTES_MIN = 1 << 20;

  private final ServerContext server;
  private final Configuration configuration;
  private final AtomicReference<Settings> settings;
  private final ControlFileStore control;
  private final WalFiles walFiles;
  private final Wal wal;
  private final ProcArray procArray;
  private final Clog clog;
  private final TransactionLog transactionLog;
  private final SlruStatistics slrus;
  private final Catalog catalog;
  private final Tables tables;
  private final DurableState durable;
  private final ReplicationState replication;
  private final SyncRep syncRep;
  private final RecoveryProgress recovery;
  private final Checkpointer checkpointer;
  private final Timeouts timeouts;
  private final SessionParts sessions;

  /**
   * @param onPanic called at the first PANIC
   */
  Instance(
      Environment ports,
      Configuration configuration,
      Steps steps,
      Log log,
      Consumer<PgError> onPanic)
      throws IOException {
    this.configuration = configuration;
    CriticalSections critical = new CriticalSections(onPanic);
    settings = new AtomicReference<>(Settings.defaults());
    Environment environment = new SyncSetting(ports, () -> settings.get().bool("fsync"));
    control = ControlFileStore.open(environment.disk(), steps, critical);
    settings.set(load(Optional.empty(), log));
    ServerState state = new ServerState();
    server = new ServerContext(environment, settings::get, log, state, steps, critical);
    Tasks tasks = environment.tasks();
    ControlFile file = control.get();
    WalLayout layout = new WalLayout(file.format().walSegmentSize());
    walFiles = new WalFiles(environment.disk(), layout, steps);
    int ring = ringBytes(layout.segmentSize());
    wal = new Wal(tasks, walFiles, file.systemId(), ring, state, steps, critical);
    recovery = new RecoveryProgress(tasks);
    slrus = new SlruStatistics(server.now());
    clog = new Clog(slru(Clog.slruOptions(settings.get())), new ClogRecords(), tasks, steps);
    transactionLog = new TransactionLog(clog, new Subtrans(slru(Subtrans.SLRU)));
    TransactionLimits limits =
        new TransactionLimits(
            clog, (int) settings.get().number("autovacuum_freeze_max_age"), log::log);
    procArray = new ProcArray(tasks, state, steps, transactionLog, limits);
    BufferPool buffers = new BufferPool(environment.disk(), tasks, this::flushWal, steps, critical);
    MultiXact multiXact =
        new MultiXact(slru(MultiXact.OFFSETS), slru(MultiXact.MEMBERS), wal, procArray);
    Visibility visibility = new Visibility(procArray, multiXact, clog, wal, state, steps);
    Heap heap = new Heap(tasks, buffers, wal, visibility, state, steps, critical);
    catalog = new Catalog(heap, buffers, wal, procArray, steps);
    KeyIndexes indexes = new KeyIndexes(heap, procArray);
    Vacuum vacuum = new Vacuum(catalog, heap, indexes, procArray, log::warning);
    tables =
        new Tables(
            catalog,
            heap,
            indexes,
            new Sequences(buffers, wal, steps, critical),
            vacuum,
            procArray);
    durable = new DurableState(wal, clog, transactionLog.subtrans(), multiXact, buffers, control);
    Backends backends = new Backends(environment.clock());
    checkpointer =
        new Checkpointer(
            server,
            durable,
            procArray,
            catalog,
            recovery,
            backends.background("checkpointer", server.now()));
    syncRep = new SyncRep(tasks, environment.clock(), standbyNames(), log::log, steps);
    replication = new ReplicationState(control, wal, walFiles, recovery, state);
    timeouts = new Timeouts(tasks, environment.clock());
    sessions = sessions(backends, buffers);
    wal.onFlush(replication::moved);
    wal.onFlush(() -> checkpointer.walReached(wal.flushedLsn(), wal.redoLsn()));
  }

  private SessionParts sessions(Backends backends, BufferPool buffers) {
    SqlParser parser = new SqlParser();
    Transactions transactions =
        new Transactions(
            server.environment().clock(),
            procArray,
            new XidGenerator(
                server.tasks(), server.state(), server.steps(), procArray, transactionLog),
            wal,
            transactionLog,
            buffers,
            !settings.get().get("wal_level").equals("minimal"),
            server.steps(),
            server.critical(),
            server.log()::log);
    return new SessionParts(
        server,
        configuration,
        parser,
        new Executor(),
        tables,
        new Observed(
            wal,
            clog,
            slrus,
            syncRep,
            backends,
            recovery,
            procArray,
            new StepTimes(server.steps(), server::monotonicNanos),
            server.now()),
        this,
        transactions,
        backends,
        timeouts,
        syncRep,
        replication,
        recovery);
  }

  /** WAL before data. In recovery all replayed WAL is on disk already. */
  private void flushWal(Lsn lsn) {
    if (server.state().isInRecovery()) {
      control.coverPage(lsn, recovery.replayed(), recovery.timeline());
    } else {
      wal.flush(lsn);
    }
  }

  private Slru slru(SlruOptions options) {
    return new Slru(
        options,
        () -> SlruSyncing.of(settings.get()),
        slrus.of(options.name()),
        server.environment().disk(),
        this::flushWal,
        server.log()::log,
        server.state(),
        server.steps());
  }

  private final class ClogRecords implements Clog.Records {
    @Override
    public void zeroPage(int page) {
      wal.insert(Xid.INVALID, new ClogBody.ZeroPage(page));
    }

    @Override
    public void truncate(int page, Xid oldest, int database) {
      wal.flush(wal.insert(Xid.INVALID, new ClogBody.Truncate(page, oldest, database)).end());
    }
  }

  /**
   * Reads the settings, and adds those fixed at the creation of the data directory. Warns of
   * settings without effect that were not given before, and keeps those that only a start sets.
   *
   * @param before the settings in force; empty at the start
   */
  private Settings load(Optional<Settings> before, Log log) {
    Settings read = configuration.read();
    for (String name : read.withoutEffect()) {
      if (before.isEmpty()
          || !before.get().isGiven(name)
          || !before.get().get(name).equals(read.get(name))) {
        log.warning(Settings.noEffect(name));
      }
    }
    Settings held =
        MemoryLimits.cut(
            read,
            Runtime.getRuntime().maxMemory(),
            before.isEmpty() ? log::warning : ignored -> {});
    int segmentSize = control.get().format().walSegmentSize();
    held = held.with("wal_segment_size", segmentSize + "B");
    if (held.number("wal_buffers") < 0) {
      // shown as what it became, as PostgreSQL does
      String chosen = MemoryLimits.walBuffers(held, segmentSize) / 8192 + "";
      held = held.with("wal_buffers", before.map(s -> s.get("wal_buffers")).orElse(chosen));
    }
    return before.isEmpty() ? held : held.reloadedOver(before.get(), log::log);
  }

  private int ringBytes(int segmentSize) {
    long asked = MemoryLimits.walBuffers(settings.get(), segmentSize);
    int least = Math.min(RING_BYTES_MIN, segmentSize);
    if (asked < least) {
      server
          .log()
          .warning(
              "WAL buffers of %d kB are too small for this server: it takes %d kB"
                  .formatted(asked / 1024, least / 1024));
    }
    return Math.clamp(asked, least, Integer.MAX_VALUE / 2);
  }

  private StandbyNames standbyNames() {
    return StandbyNames.parse(settings.get().get("synchronous_standby_names"));
  }

  // ---- Administration ----

  @Override
  public void checkpoint() {
    checkpointer.requestAndWait();
  }

  @Override
  public void alterSystem(String name, Optional<String> value) {
    configuration.alterSystem(name, value);
  }

  @Override
  public void reload() {
    try {
      settings.set(load(Optional.of(settings.get()), server.log()));
    } catch (PgError e) {
      server.log().log(e.getMessage());
      server.log().log("configuration files contain errors; no changes were applied");
      return;
    }
    syncRep.setNames(standbyNames());
    wal.setFullPageWrites(settings.get().bool("full_page_writes"));
    checkpointer.reloaded();
    recovery.wake().set();
  }

  // ---- StartupProcess.Events ----

  @Override
  public void replayed() {
    replication.moved();
  }

  @Override
  public void tablesChanged() {
    tables.heap().clear();
    tables.indexes().clear();
  }

  // ---- for the postmaster ----

  ServerContext context() {
    return server;
  }

  StartupProcess startupProcess() {
    return new StartupProcess(
        server,
        durable,
        procArray,
        catalog,
        walFiles,
        recovery,
        checkpointer,
        new SnapshotConflicts(server, procArray.held(), backends(), recovery),
        backends(),
        this);
  }

  WalWriter walWriter() {
    return new WalWriter(
        server, wal, checkpointer, backends().background("walwriter", server.now()));
  }

  Autovacuum autovacuum() {
    Autovacuum.Parts parts =
        new Autovacuum.Parts(
            catalog, tables.heap(), tables.vacuum(), procArray, sessions.transactions());
    BackgroundProcess process = backends().background("autovacuum launcher", server.now());
    Proc proc = new Proc(process.pid(), server.tasks().newLatch(), backends().waits());
    return new Autovacuum(server, parts, proc, process);
  }

  Wal wal() {
    return wal;
  }

  SyncRep syncRep() {
    return syncRep;
  }

  RecoveryProgress recovery() {
    return recovery;
  }

  Checkpointer checkpointer() {
    return checkpointer;
  }

  Timeouts timeouts() {
    return timeouts;
  }

  Backends backends() {
    return sessions.backends();
  }

  SessionParts sessions() {
    return sessions;
  }
}
