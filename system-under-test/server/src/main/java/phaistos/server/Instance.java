package phaistos.server;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import phaistos.environment.Environment;
import phaistos.environment.Tasks;
import phaistos.formats.ControlFile;
import phaistos.formats.PgTime;
import phaistos.formats.Xid;
import phaistos.formats.record.ClogBody;
import phaistos.formats.wal.WalLayout;
import phaistos.server.catalog.Catalog;
import phaistos.server.clog.Clog;
import phaistos.server.executor.Executor;
import phaistos.server.heap.Heap;
import phaistos.server.heap.KeyIndexes;
import phaistos.server.heap.Visibility;
import phaistos.server.recovery.RecoveryProgress;
import phaistos.server.replication.StandbyNames;
import phaistos.server.replication.SyncRep;
import phaistos.server.settings.Settings;
import phaistos.server.sql.SqlParser;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.Wal;
import phaistos.server.wal.WalFiles;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.Transactions;

/**
 * All parts of one running server, wired together: what PostgreSQL keeps in shared memory. Nothing
 * here is shared between two servers. Thread-safe as its parts are.
 */
public final class Instance {
  private static final int CLOG_BUFFERS = 32;
  private static final int RING_BYTES = 4 << 20;

  private final Environment environment;
  private final Configuration configuration;
  private volatile Consumer<PgError> panicHandler = error -> {};
  private final SqlParser parser = new SqlParser();
  private final Executor executor = new Executor(parser);
  private final AtomicReference<Settings> settings;
  private final Log log;
  private final InjectionPoints points = new InjectionPoints();
  private final ControlFileStore control;
  private final WalFiles walFiles;
  private final Wal wal;
  private final ProcArray procArray;
  private final Clog clog;
  private final BufferPool buffers;
  private final Heap heap;
  private final Catalog catalog;
  private final KeyIndexes indexes;
  private final Transactions transactions;
  private final ReplicationState replication;
  private final SyncRep syncRep;
  private final Sequences sequences;
  private final RecoveryProgress recovery;
  private final Checkpointer checkpointer;
  private final Backends backends;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.STARTING);
  private final long startedAt;

  /** What the server is doing. */
  public enum Phase {
    /** Not open, a crash recovery included. */
    STARTING,
    /** A standby that is not yet consistent. */
    RECOVERY,
    /** Replaying and open for queries. */
    HOT_STANDBY,
    RUNNING,
    SHUTTING_DOWN,
    STOPPED
  }

  Instance(Environment environment, Configuration configuration, Defects defects, Log log)
      throws IOException {
    this.environment = environment;
    this.configuration = configuration;
    control = ControlFileStore.open(environment.disk());
    Settings settings = ofDirectory(configuration.read());
    this.settings = new AtomicReference<>(settings);
    this.log = log;
    defects.attachTo(points);
    ControlFile file = control.get();
    WalLayout layout = new WalLayout(file.format().walSegmentSize());
    Tasks tasks = environment.tasks();
    walFiles = new WalFiles(environment.disk(), layout);
    int ring = Math.min(RING_BYTES, layout.segmentSize());
    wal = new Wal(tasks, walFiles, file.systemId(), ring);
    procArray = new ProcArray(tasks);
    clog = new Clog(environment.disk(), tasks, CLOG_BUFFERS, this::flushWal, log::log);
    buffers = new BufferPool(environment.disk(), tasks, this::flushWal);
    Visibility visibility = new Visibility(procArray, clog, wal);
    heap = new Heap(tasks, buffers, wal, visibility);
    catalog = new Catalog(heap, buffers, wal, procArray);
    indexes = new KeyIndexes(heap, procArray);
    transactions = new Transactions(environment.clock(), procArray, wal, clog, buffers, points);
    StandbyNames names = StandbyNames.parse(settings.get("synchronous_standby_names"));
    syncRep = new SyncRep(tasks, names, log::log);
    sequences = new Sequences(heap);
    recovery = new RecoveryProgress(tasks);
    checkpointer = new Checkpointer(this);
    backends = new Backends(tasks);
    startedAt = PgTime.of(environment.clock().wallClock());
    procArray.listen(this::extendCommitLog);
    replication = new ReplicationState(this);
    wal.onFlush(replication::moved);
  }

  /** WAL before data. In recovery all WAL that was replayed is on disk already. */
  private void flushWal(phaistos.formats.Lsn lsn) {
    if (wal.isOpen()) {
      wal.flush(lsn);
    } else {
      control.coverPage(lsn, recovery.replayed(), recovery.timeline());
    }
  }

  /** A page of the commit log begins with this id (ExtendCLOG). */
  private void extendCommitLog(Xid xid) {
    if (Clog.beginsPage(xid)) {
      int page = phaistos.formats.CommitLog.page(xid);
      clog.zeroPage(page);
      wal.insert(Xid.INVALID, new ClogBody.ZeroPage(page));
    }
  }

  public Environment environment() {
    return environment;
  }

  public Tasks tasks() {
    return environment.tasks();
  }

  /** Microseconds since 2000. */
  public long now() {
    return PgTime.of(environment.clock().wallClock());
  }

  public long startedAt() {
    return startedAt;
  }

  public Settings settings() {
    return settings.get();
  }

  /** With what was chosen when the data directory was made. */
  private Settings ofDirectory(Settings read) {
    return read.with("wal_segment_size", control.get().format().walSegmentSize() / 1024 + "kB");
  }

  /** Takes other settings (pg_reload_conf). */
  public void reload(Settings changed) {
    settings.set(changed);
    syncRep.setNames(StandbyNames.parse(changed.get("synchronous_standby_names")));
    wal.setFullPageWrites(changed.bool("full_page_writes"));
  }

  /** Reads the configuration files again; what the command line said stays above them. */
  public void reloadConfiguration() {
    reload(ofDirectory(configuration.read()));
  }

  public Log log() {
    return log;
  }

  public Configuration configuration() {
    return configuration;
  }

  public Executor executor() {
    return executor;
  }

  public SqlParser parser() {
    return parser;
  }

  /** Something happened after which nobody may trust this server: it stops at once. */
  public void panic(PgError error) {
    log.error(error);
    panicHandler.accept(error);
  }

  void onPanic(Consumer<PgError> handler) {
    panicHandler = handler;
  }

  public InjectionPoints points() {
    return points;
  }

  public ControlFileStore control() {
    return control;
  }

  public WalFiles walFiles() {
    return walFiles;
  }

  public Wal wal() {
    return wal;
  }

  public ProcArray procArray() {
    return procArray;
  }

  public Clog clog() {
    return clog;
  }

  public BufferPool buffers() {
    return buffers;
  }

  public Heap heap() {
    return heap;
  }

  public Catalog catalog() {
    return catalog;
  }

  public KeyIndexes indexes() {
    return indexes;
  }

  public Transactions transactions() {
    return transactions;
  }

  public ReplicationState replication() {
    return replication;
  }

  public SyncRep syncRep() {
    return syncRep;
  }

  public Sequences sequences() {
    return sequences;
  }

  public RecoveryProgress recovery() {
    return recovery;
  }

  public Checkpointer checkpointer() {
    return checkpointer;
  }

  public Backends backends() {
    return backends;
  }

  public Phase phase() {
    return phase.get();
  }

  /** Goes on to {@code next}, unless the server is already further on its way down. */
  public void enter(Phase next) {
    phase.updateAndGet(now -> next.compareTo(now) < 0 ? now : next);
  }

  public boolean isInRecovery() {
    return !wal.isOpen();
  }
}
