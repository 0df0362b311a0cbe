package phaistos.server.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.record.StorageBody;
import phaistos.formats.record.XlogBody;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.heap.HeapRow;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.storage.BufferPool;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.wal.Wal;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.Snapshot;
import phaistos.server.xact.Transaction;

/**
 * The tables of the database. They are rows of a catalog table, so that CREATE and DROP are
 * transactional, survive crashes and reach standbys as other rows do. The catalog is cached until a
 * transaction that changed it ends. Thread-safe.
 */
public final class Catalog {
  /** The database, under PostgreSQL's OID of "postgres". */
  public static final int DATABASE = 5;

  /** The catalog's own table. */
  public static final RelationLocator LOCATOR =
      new RelationLocator(RelationLocator.DEFAULT_SPACE, DATABASE, 16_000);

  /** The first OID of a table that a user makes. */
  public static final int FIRST_OID = 16_384;

  /** How many OIDs one NEXTOID record covers (VAR_OID_PREFETCH). */
  private static final int OIDS_AHEAD = 8192;

  private static final List<SqlType> TYPES = List.of(SqlType.INT4, SqlType.TEXT, SqlType.TEXT);

  private final Heap heap;
  private final BufferPool buffers;
  private final Wal wal;
  private final ProcArray procArray;
  private final Steps steps;
  private final AtomicLong generation = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private Map<String, Table> cached = new TreeMap<>();
  private long cachedGeneration = -1;
  private int nextOid = FIRST_OID;

  /** How many more OIDs may be assigned before the next NEXTOID record. */
  private int oidsLogged;

  public Catalog(Heap heap, BufferPool buffers, Wal wal, ProcArray procArray, Steps steps) {
    this.steps = steps;
    this.heap = heap;
    this.buffers = buffers;
    this.wal = wal;
    this.procArray = procArray;
  }

  /** Rises whenever tables may have changed; older plans are invalid then. */
  public long generation() {
    return generation.get();
  }

  /** A transaction that changed the catalog has ended. */
  public void changed() {
    generation.incrementAndGet();
  }

  /** Sets the counter from a WAL record, or from the checkpoint where recovery begins. */
  public void nextOid(int oid) {
    lock.lock();
    try {
      nextOid = oid;
      oidsLogged = 0;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The counter for a checkpoint. Replay from there must know all OIDs that may be assigned before
   * the next NEXTOID record. A shutdown checkpoint stores the exact counter.
   */
  public int nextOidAt(boolean shutdown) {
    lock.lock();
    try {
      return shutdown ? nextOid : nextOid + oidsLogged;
    } finally {
      lock.unlock();
    }
  }

  /**
   * An OID that no table has had (GetNewObjectId). The record need not be flushed: any record that
   * brings the OID to disk comes after it in the WAL.
   */
  private int newOid() {
    lock.lock();
    try {
      if (oidsLogged == 0) {
        int upTo = nextOid + OIDS_AHEAD;
        steps.step(
            StorageSteps.OID_RECORD,
            upTo,
            () -> wal.insert(Xid.INVALID, new XlogBody.NextOid(upTo)));
        oidsLogged = OIDS_AHEAD;
      }
      oidsLogged--;
      return nextOid++;
    } finally {
      lock.unlock();
    }
  }

  public Optional<Table> find(String name, Transaction own) {
    return Optional.ofNullable(tables(own).get(name));
  }

  /**
   * @throws PgError 42P01 if there is none, 0A000 if PostgreSQL has one of this name
   */
  public Table named(String name, Transaction own) {
    return find(name, own).orElseThrow(() -> missing(name));
  }

  private static PgError missing(String name) {
    return name.startsWith("pg_")
        ? PgError.withHint(
            "0A000",
            "catalog \"%s\" is not supported by this server".formatted(name),
            "The view pg_tables lists the tables.")
        : PgError.error("42P01", "relation \"%s\" does not exist".formatted(name));
  }

  /** All tables by name, as this transaction sees them. */
  public Map<String, Table> tables(Transaction own) {
    if (own.hasChangedCatalog()) {
      return read(own);
    }
    long before = generation.get();
    lock.lock();
    try {
      if (cachedGeneration == before) {
        return cached;
      }
    } finally {
      lock.unlock();
    }
    Map<String, Table> fresh = read(own);
    lock.lock();
    try {
      cached = fresh;
      cachedGeneration = before;
    } finally {
      lock.unlock();
    }
    return fresh;
  }

  private Map<String, Table> read(Transaction own) {
    Map<String, Table> tables = new TreeMap<>();
    Snapshot latest = own.latestSnapshot();
    heap.scan(
        LOCATOR,
        TYPES,
        latest,
        own,
        row -> {
          Table table = table(row);
          tables.put(table.name(), table);
          return true;
        });
    return tables;
  }

  private static Table table(HeapRow row) {
    int oid = (int) ((Datum.Int) row.values().get(0)).value();
    String name = ((Datum.Text) row.values().get(1)).value();
    String definition = ((Datum.Text) row.values().get(2)).value();
    return Table.parse(oid, name, locator(oid), definition);
  }

  private static RelationLocator locator(int oid) {
    return new RelationLocator(RelationLocator.DEFAULT_SPACE, DATABASE, oid);
  }

  /**
   * Makes a table.
   *
   * @throws PgError 42P07 if there is one of this name
   */
  public Table create(
      String name, List<Table.Column> columns, List<Integer> keys, Transaction own) {
    awaitSameName(name, own);
    if (find(name, own).isPresent()) {
      throw PgError.error("42P07", "relation \"%s\" already exists".formatted(name));
    }
    int oid = newOid();
    Table table = new Table(oid, name, locator(oid), columns, keys);
    wal.insert(own.currentXid(), new StorageBody.Create(table.locator(), 0));
    own.wroteWal();
    buffers.create(table.locator());
    own.created(table.locator());
    List<Datum> row = List.of(Datum.of(oid), Datum.of(name), Datum.of(table.definition()));
    own.changedCatalog();
    heap.insert(LOCATOR, TYPES, row, own);
    own.nextCommand();
    return table;
  }

  public void drop(Table table, Transaction own) {
    Snapshot latest = own.latestSnapshot();
    own.changedCatalog();
    boolean[] done = new boolean[1];
    heap.scan(
        LOCATOR,
        TYPES,
        latest,
        own,
        row -> {
          if (table(row).oid() == table.oid()) {
            done[0] = heap.delete(LOCATOR, row.tid(), own) instanceof Heap.Outcome.Done;
            return false;
          }
          return true;
        });
    if (!done[0]) {
      throw PgError.error("XX000", "tuple concurrently updated");
    }
    own.dropped(table.locator());
    own.nextCommand();
  }

  /** Waits for transactions that are creating or dropping a table of this name. */
  private void awaitSameName(String name, Transaction own) {
    while (true) {
      Xid[] wait = {Xid.INVALID};
      heap.scanAll(
          LOCATOR,
          TYPES,
          row -> {
            if (table(row).name().equals(name)) {
              heap.conflicts(LOCATOR, row.tid(), own)
                  .filter(Xid::isValid)
                  .ifPresent(xid -> wait[0] = xid);
            }
          });
      if (!wait[0].isValid()) {
        return;
      }
      procArray.awaitEnd(wait[0], own.proc());
    }
  }
}
