package phaistos.server.xact;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import phaistos.server.errors.PgError;

/**
 * The locks of sessions on tables (lock.c). A request waits for locks that conflict with it, and
 * behind requests that came earlier and conflict with it, but for those that wait for this session
 * itself. Thread-safe.
 */
public final class TableLocks {
  /** The database under whose OID a deadlock's report names a table. */
  private static final int DATABASE = 5;

  private static final List<TableLockMode> MODES = List.of(TableLockMode.values());

  private final LockWaits waits;
  private final Map<Integer, Table> tables = new TreeMap<>();

  /** A table with locks or requests. */
  private static final class Table {
    final Map<Proc, Set<TableLockMode>> held = new LinkedHashMap<>();
    final List<Request> queue = new ArrayList<>();

    /** How many sessions hold each mode: every statement asks, and there may be many sessions. */
    private final int[] holders = new int[TableLockMode.values().length];

    boolean isHeldAgainst(Proc proc, TableLockMode mode) {
      Set<TableLockMode> own = held.getOrDefault(proc, Set.of());
      for (TableLockMode other : MODES) {
        int others = holders[other.ordinal()] - (own.contains(other) ? 1 : 0);
        if (others > 0 && mode.conflicts(other)) {
          return true;
        }
      }
      return false;
    }

    void add(Proc proc, TableLockMode mode) {
      if (held.computeIfAbsent(proc, _ -> EnumSet.noneOf(TableLockMode.class)).add(mode)) {
        holders[mode.ordinal()]++;
      }
    }

    /** Whether the session held it. */
    boolean remove(Proc proc, TableLockMode mode) {
      Set<TableLockMode> own = held.get(proc);
      if (own == null || !own.remove(mode)) {
        return false;
      }
      holders[mode.ordinal()]--;
      if (own.isEmpty()) {
        held.remove(proc);
      }
      return true;
    }

    void removeAll(Proc proc) {
      held.remove(proc).forEach(mode -> holders[mode.ordinal()]--);
    }
  }

  private static final class Request {
    final Proc proc;
    final TableLockMode mode;
    final long beganNanos;
    boolean granted;

    Request(Proc proc, TableLockMode mode) {
      this.proc = proc;
      this.mode = mode;
      this.beganNanos = proc.monotonicNanos();
    }
  }

  /**
   * A row of pg_locks.
   *
   * @param waitedNanos how long a request has waited; 0 for a lock that is held
   */
  public record Row(int table, Proc proc, TableLockMode mode, boolean granted, long waitedNanos) {}

  TableLocks(LockWaits waits) {
    this.waits = waits;
  }

  /** Whether the session holds the table in this mode. Asked by the session's own task. */
  static boolean isHeld(Proc proc, int table, TableLockMode mode) {
    Set<TableLockMode> held = proc.tableLocks.get(table);
    return held != null && held.contains(mode);
  }

  /** Takes a lock if nobody is in the way. */
  boolean tryLock(Proc proc, int oid, TableLockMode mode) {
    waits.lock.lock();
    try {
      Table table = tables.computeIfAbsent(oid, _ -> new Table());
      boolean free =
          !table.isHeldAgainst(proc, mode) && table.queue.size() == place(table, proc, mode, true);
      if (free) {
        grant(oid, table, proc, mode);
      } else {
        forgetIfUnused(oid, table);
      }
      return free;
    } finally {
      waits.lock.unlock();
    }
  }

  /**
   * Takes a lock, and waits for it if need be.
   *
   * @throws PgError 40P01 on a deadlock, 57014 if the wait is cancelled, 55P03 after lock_timeout
   */
  void lock(Proc proc, int oid, TableLockMode mode) {
    Request request = request(proc, oid, mode);
    if (request.granted) {
      return;
    }
    proc.waitEvent("Lock/relation");
    try {
      while (true) {
        proc.latch().reset();
        if (isGranted(request)) {
          return;
        }
        proc.checkInterrupts();
        proc.awaitLock(request.beganNanos);
      }
    } finally {
      proc.waitEvent("");
      leave(oid, request);
    }
  }

  private Request request(Proc proc, int oid, TableLockMode mode) {
    waits.lock.lock();
    try {
      Table table = tables.computeIfAbsent(oid, _ -> new Table());
      Request request = new Request(proc, mode);
      int place = place(table, proc, mode, false);
      if (place == 0 && !table.isHeldAgainst(proc, mode)) {
        grant(oid, table, proc, mode);
        request.granted = true;
        return request;
      }
      String what = "%s on relation %d of database %d".formatted(mode.label(), oid, DATABASE);
      LockWaits.Wait wait = new LockWaits.Wait(what, () -> blockers(table, request));
      table.queue.add(place, request);
      try {
        LockWaits.check(proc, wait);
      } catch (PgError e) {
        table.queue.remove(request);
        forgetIfUnused(oid, table);
        throw e;
      }
      proc.waits = wait;
      return request;
    } finally {
      waits.lock.unlock();
    }
  }

  /**
   * Behind how many requests one comes: behind all that it conflicts with, but before the first
   * that waits for a lock of the same session (ProcSleep).
   *
   * @param orEnd the queue's length where none of them is in the way
   */
  private static int place(Table table, Proc proc, TableLockMode mode, boolean orEnd) {
    Set<TableLockMode> own = table.held.getOrDefault(proc, Set.of());
    int behind = 0;
    for (int i = 0; i < table.queue.size(); i++) {
      Request before = table.queue.get(i);
      if (own.stream().anyMatch(before.mode::conflicts)) {
        break;
      }
      if (mode.conflicts(before.mode)) {
        behind = i + 1;
      }
    }
    if (behind == 0) {
      return orEnd ? table.queue.size() : 0;
    }
    return orEnd ? -1 : table.queue.size();
  }

  private static List<Proc> blockers(Table table, Request request) {
    List<Proc> blockers = new ArrayList<>();
    table.held.forEach(
        (proc, modes) -> {
          if (proc != request.proc && modes.stream().anyMatch(request.mode::conflicts)) {
            blockers.add(proc);
          }
        });
    for (Request before : table.queue) {
      if (before == request) {
        break;
      }
      if (request.mode.conflicts(before.mode)) {
        blockers.add(before.proc);
      }
    }
    return blockers;
  }

  private boolean isGranted(Request request) {
    waits.lock.lock();
    try {
      return request.granted;
    } finally {
      waits.lock.unlock();
    }
  }

  private void leave(int oid, Request request) {
    waits.lock.lock();
    try {
      request.proc.waits = null;
      Table table = tables.get(oid);
      if (table != null && table.queue.remove(request)) {
        grantNext(oid, table);
      }
    } finally {
      waits.lock.unlock();
    }
  }

  private static void grant(int oid, Table table, Proc proc, TableLockMode mode) {
    table.add(proc, mode);
    proc.tableLocks.computeIfAbsent(oid, _ -> EnumSet.noneOf(TableLockMode.class)).add(mode);
  }

  /** Grants the requests that nothing is in the way of any more, in order (ProcLockWakeup). */
  private void grantNext(int oid, Table table) {
    if (table.queue.isEmpty()) {
      forgetIfUnused(oid, table);
      return;
    }
    List<Request> ahead = new ArrayList<>();
    for (Request request : List.copyOf(table.queue)) {
      boolean waitsOn =
          table.isHeldAgainst(request.proc, request.mode)
              || ahead.stream().anyMatch(before -> request.mode.conflicts(before.mode));
      if (waitsOn) {
        ahead.add(request);
      } else {
        grant(oid, table, request.proc, request.mode);
        request.granted = true;
        request.proc.waits = null;
        table.queue.remove(request);
        request.proc.latch().set();
      }
    }
    forgetIfUnused(oid, table);
  }

  private void forgetIfUnused(int oid, Table table) {
    if (table.held.isEmpty() && table.queue.isEmpty()) {
      tables.remove(oid);
    }
  }

  /** Gives up one lock. */
  void release(Proc proc, int oid, TableLockMode mode) {
    waits.lock.lock();
    try {
      Table table = tables.get(oid);
      if (table == null || !table.remove(proc, mode)) {
        return;
      }
      proc.tableLocks.get(oid).remove(mode);
      if (proc.tableLocks.get(oid).isEmpty()) {
        proc.tableLocks.remove(oid);
      }
      grantNext(oid, table);
    } finally {
      waits.lock.unlock();
    }
  }

  /** Gives up all locks of a session: its transaction has ended. */
  public void releaseAll(Proc proc) {
    if (proc.tableLocks.isEmpty()) {
      return;
    }
    waits.lock.lock();
    try {
      for (int oid : proc.tableLocks.keySet()) {
        Table table = tables.get(oid);
        table.removeAll(proc);
        grantNext(oid, table);
      }
      proc.tableLocks.clear();
    } finally {
      waits.lock.unlock();
    }
  }

  /** All locks and requests. */
  public List<Row> rows() {
    waits.lock.lock();
    try {
      List<Row> rows = new ArrayList<>();
      tables.forEach(
          (oid, table) -> {
            table.held.forEach(
                (proc, modes) -> modes.forEach(m -> rows.add(new Row(oid, proc, m, true, 0))));
            table.queue.forEach(
                waiting ->
                    rows.add(
                        new Row(
                            oid,
                            waiting.proc,
                            waiting.mode,
                            false,
                            waiting.proc.monotonicNanos() - waiting.beganNanos)));
          });
      return rows;
    } finally {
      waits.lock.unlock();
    }
  }
}
