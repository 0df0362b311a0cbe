package phaistos.server.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
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
import phaistos.server.wal.Wal;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.Transaction;

/**
 * The tables and functions of the database. They are rows of a catalog table, so that CREATE and
 * DROP are transactional, survive crashes and reach standbys as other rows do. The catalog is
 * cached until a transaction that changed it ends. Thread-safe.
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

  private final Heap heap;
  private final BufferPool buffers;
  private final Wal wal;
  private final ProcArray procArray;
  private final Steps steps;
  private final AtomicLong generation = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private Contents cached = new Contents(new TreeMap<>(), new TreeMap<>());
  private long cachedGeneration = -1;
  private int nextOid = FIRST_OID;

  /** OIDs of the temporary tables that sessions of this server made since its start. */
  private final Set<Integer> temporaries = new ConcurrentSkipListSet<>();

  /** Tables that are being created, by name, with the transaction. */
  private final Map<String, Xid> creators = new TreeMap<>();

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
  public int newOid() {
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

  /** Tables by name, and functions by signature. */
  private record Contents(Map<String, Table> tables, Map<String, SqlFunction> functions) {}

  /** How a temporary table's name is kept: other sessions have others of the same name. */
  private static String key(String name, int temporary) {
    return temporary == 0 ? name : "pg_temp_" + temporary + "." + name;
  }

  /** A table by name; a temporary one of the session first. */
  public Optional<Table> find(String name, Transaction own) {
    Map<String, Table> tables = contents(own).tables;
    int pid = own.proc().pid();
    Table temporary = temporaries.isEmpty() ? null : tables.get(key(name, pid));
    boolean mine = temporary != null && temporaries.contains(temporary.oid());
    return Optional.ofNullable(mine ? temporary : tables.get(name));
  }

  /** A table of the schema public, or a temporary one of the session. */
  public Optional<Table> find(String name, boolean temporary, Transaction own) {
    return temporary
        ? find(name, own).filter(Table::isTemporary)
        : Optional.ofNullable(contents(own).tables.get(name));
  }

  /**
   * @throws PgError 42P01 if there is none, 0A000 if PostgreSQL has one of this name
   */
  public Table named(String name, Transaction own) {
    return find(name, own).orElseThrow(() -> missing(name));
  }

  private static PgError missing(String name) {
    return name.startsWith("pg_")
        ? PgError.unsupported("catalog \"%s\"".formatted(name))
        : PgError.error("42P01", "relation \"%s\" does not exist".formatted(name));
  }

  /** All tables by name that the session of this transaction can reach. */
  public Map<String, Table> tables(Transaction own) {
    Map<String, Table> reached = new TreeMap<>();
    for (Table table : contents(own).tables.values()) {
      boolean mine = table.temporary() == own.proc().pid() && temporaries.contains(table.oid());
      if (!table.isTemporary()) {
        reached.putIfAbsent(table.name(), table);
      } else if (mine) {
        reached.put(table.name(), table);
      }
    }
    return reached;
  }

  /** All functions by signature. */
  public Map<String, SqlFunction> functions(Transaction own) {
    return contents(own).functions;
  }

  private Contents contents(Transaction own) {
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
    Contents fresh = read(own);
    lock.lock();
    try {
      cached = fresh;
      cachedGeneration = before;
    } finally {
      lock.unlock();
    }
    return fresh;
  }

  private Contents read(Transaction own) {
    Contents contents = new Contents(new TreeMap<>(), new TreeMap<>());
    scan(
        own,
        row -> {
          String definition = CatalogRows.definition(row);
          if (CatalogRows.isFunction(row)) {
            SqlFunction function = Definitions.function(CatalogRows.oid(row), definition);
            contents.functions.put(function.signature(), function);
          } else if (CatalogRows.isTable(row)) {
            Table table = Definitions.table(CatalogRows.oid(row), definition);
            contents.tables.put(CatalogRows.name(row), table);
          }
          return true;
        });
    return contents;
  }

  private void scan(Transaction own, Predicate<HeapRow> visitor) {
    heap.scan(LOCATOR, CatalogRows.TYPES, own.latestSnapshot(), own, visitor);
  }

  /** The stats of a table, of the catalog or of the database. */
  public RelationStats stats(int oid, Transaction own) {
    return CatalogRows.stats(row(oid, own));
  }

  /** Overwrites the stats in place, whatever becomes of the transaction. */
  public void stats(int oid, RelationStats stats, Transaction own) {
    HeapRow row = row(oid, own);
    heap.overwrite(LOCATOR, CatalogRows.TYPES, row.tid(), CatalogRows.withStats(row, stats));
  }

  /** The oldest frozenXid of all relations, or {@code start} (vac_update_datfrozenxid). */
  public Xid oldestFrozenXid(Xid start, Transaction own) {
    Xid[] oldest = {start};
    scan(
        own,
        row -> {
          boolean counts = CatalogRows.isTable(row) || CatalogRows.oid(row) == LOCATOR.relation();
          if (counts && CatalogRows.stats(row).frozenXid().precedes(oldest[0])) {
            oldest[0] = CatalogRows.stats(row).frozenXid();
          }
          return true;
        });
    return oldest[0];
  }

  private HeapRow row(int oid, Transaction own) {
    HeapRow[] found = new HeapRow[1];
    scan(
        own,
        row -> {
          found[0] = CatalogRows.oid(row) == oid ? row : found[0];
          return found[0] == null;
        });
    if (found[0] == null) {
      throw PgError.error("XX000", "could not open relation with OID %d".formatted(oid));
    }
    return found[0];
  }

  /** What a new table is made of, but for its OIDs. */
  public record Shape(
      String name, List<Table.Column> columns, List<Table.Check> checks, int temporary) {}

  /**
   * Makes a table without indexes.
   *
   * @throws PgError 42P07 if there is one of this name
   */
  public Table create(Shape shape, Transaction own) {
    String key = key(shape.name, shape.temporary);
    reserve(key, own);
    if (read(own).tables.containsKey(key)) {
      throw PgError.error("42P07", "relation \"%s\" already exists".formatted(shape.name));
    }
    int oid = newOid();
    if (shape.temporary != 0) {
      temporaries.add(oid);
    }
    Table table =
        new Table(
            oid,
            shape.name,
            CatalogRows.locator(oid),
            shape.columns,
            List.of(),
            shape.checks,
            shape.temporary);
    createFile(table.locator(), own);
    insert(oid, key, Definitions.of(table), statsOfNew(own), own);
    return table;
  }

  private void createFile(RelationLocator locator, Transaction own) {
    wal.insert(own.currentXid(), new StorageBody.Create(locator, 0));
    own.wroteWal();
    buffers.create(locator);
    own.created(locator);
  }

  /** No row of the new file can have an id that is older. */
  private RelationStats statsOfNew(Transaction own) {
    own.latestSnapshot();
    return RelationStats.ofNew(procArray.oldestXmin());
  }

  private void insert(
      int oid, String name, String definition, RelationStats stats, Transaction own) {
    own.changedCatalog();
    List<Datum> row = CatalogRows.of(oid, name, definition, stats);
    heap.insert(LOCATOR, CatalogRows.TYPES, row, own);
    own.nextCommand();
  }

  /** Replaces a table's definition. */
  public void replace(Table table, Transaction own) {
    replace(table, stats(table.oid(), own), own);
  }

  private void replace(Table table, RelationStats stats, Transaction own) {
    delete(table.oid(), own);
    insert(table.oid(), key(table.name(), table.temporary()), Definitions.of(table), stats, own);
  }

  /** Gives a table a new, empty file (TRUNCATE). */
  public void truncate(Table table, Transaction own) {
    RelationLocator file = CatalogRows.locator(newOid());
    createFile(file, own);
    own.dropped(table.locator());
    replace(table.in(file), statsOfNew(own), own);
  }

  public void drop(Table table, Transaction own) {
    delete(table.oid(), own);
    own.dropped(table.locator());
    table.sequences().forEach(own::dropped);
  }

  /** Makes a function; {@code old} is the one that it replaces. */
  public void create(SqlFunction function, Optional<SqlFunction> old, Transaction own) {
    awaitSameName(function.signature(), own);
    old.ifPresent(replaced -> delete(replaced.oid(), own));
    RelationStats none = RelationStats.ofNew(Xid.INVALID);
    insert(function.oid(), function.signature(), Definitions.of(function), none, own);
  }

  public void drop(SqlFunction function, Transaction own) {
    delete(function.oid(), own);
  }

  private void delete(int oid, Transaction own) {
    own.changedCatalog();
    boolean[] done = new boolean[1];
    scan(
        own,
        row -> {
          if (CatalogRows.oid(row) == oid) {
            done[0] = heap.delete(LOCATOR, row.tid(), own) instanceof Heap.Outcome.Done;
            return false;
          }
          return true;
        });
    if (!done[0]) {
      throw PgError.error("XX000", "tuple concurrently updated");
    }
    own.nextCommand();
  }

  /**
   * Temporary tables of sessions that have ended: those of this process number, which a new session
   * now has, and those from before a crash.
   */
  public List<Table> leftTemporaries(Transaction own, java.util.function.IntPredicate isAlive) {
    return contents(own).tables.values().stream()
        .filter(Table::isTemporary)
        .filter(table -> !temporaries.contains(table.oid()) || !isAlive.test(table.temporary()))
        .toList();
  }

  /** The temporary tables of the session that runs this transaction. */
  public List<Table> ownTemporaries(Transaction own) {
    return contents(own).tables.values().stream()
        .filter(table -> table.temporary() == own.proc().pid())
        .filter(table -> temporaries.contains(table.oid()))
        .toList();
  }

  /** Whether temporary tables were made since the start; if not, no session has any. */
  public boolean hasTemporaries() {
    return !temporaries.isEmpty();
  }

  /**
   * Waits until no other transaction is creating or dropping a table of this name, and keeps others
   * from creating one until this transaction has ended. PostgreSQL's unique indexes on pg_type and
   * pg_class do that.
   */
  private void reserve(String name, Transaction own) {
    Xid mine = own.currentXid();
    while (true) {
      awaitSameName(name, own);
      Xid other;
      lock.lock();
      try {
        creators.values().removeIf(xid -> !procArray.isInProgress(xid));
        other = creators.getOrDefault(name, mine);
        if (other.equals(mine)) {
          creators.put(name, mine);
          return;
        }
      } finally {
        lock.unlock();
      }
      procArray.awaitEnd(other, own.proc());
    }
  }

  /** Waits for transactions that are creating or dropping something of this name. */
  private void awaitSameName(String name, Transaction own) {
    while (true) {
      Xid[] wait = {Xid.INVALID};
      heap.scanAll(
          LOCATOR,
          CatalogRows.TYPES,
          row -> {
            if (CatalogRows.name(row).equals(name)) {
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
