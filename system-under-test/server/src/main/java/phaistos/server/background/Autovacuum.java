package phaistos.server.background;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.environment.Latch;
import phaistos.formats.Xid;
import phaistos.server.backends.BackgroundProcess;
import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.RelationStats;
import phaistos.server.catalog.Table;
import phaistos.server.catalog.Vacuum;
import phaistos.server.catalog.VacuumPace;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.heap.TableActivity;
import phaistos.server.heap.TableVacuum;
import phaistos.server.settings.Settings;
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;
import phaistos.server.xact.Proc;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.TableLockMode;
import phaistos.server.xact.Transaction;
import phaistos.server.xact.Transactions;

/**
 * Vacuums tables of which enough rows have died or were inserted, or whose oldest id is too old,
 * every autovacuum_naptime (autovacuum.c). One task does all of it, without workers. If autovacuum
 * is off it still freezes tables before transaction ids wrap around.
 */
public final class Autovacuum {
  private final ServerContext server;
  private final Catalog catalog;
  private final Heap heap;
  private final Vacuum vacuum;
  private final ProcArray procArray;
  private final Transactions transactions;
  private final Proc proc;
  private final BackgroundProcess process;
  private final Latch latch;
  private volatile boolean stopping;

  /** What it works on. */
  public record Parts(
      Catalog catalog, Heap heap, Vacuum vacuum, ProcArray procArray, Transactions transactions) {}

  public Autovacuum(ServerContext server, Parts parts, Proc proc, BackgroundProcess process) {
    this.server = server;
    this.catalog = parts.catalog;
    this.heap = parts.heap;
    this.vacuum = parts.vacuum;
    this.procArray = parts.procArray;
    this.transactions = parts.transactions;
    this.proc = proc;
    this.process = process;
    this.latch = server.tasks().newLatch();
  }

  public void run() {
    while (!stopping) {
      latch.reset();
      if (!stopping) {
        process.begin("Activity/AutoVacuumMain");
        latch.await(server.settings().nanos("autovacuum_naptime"));
        process.end();
      }
      if (!stopping && server.state().phase() == ServerState.Phase.RUNNING) {
        runRound();
      }
    }
  }

  /** Ends the task soon, also in the middle of a table. */
  public void stop() {
    stopping = true;
    proc.requestDie();
    latch.set();
  }

  private void runRound() {
    Transaction own = transactions.begin(proc, false, false);
    try {
      round(own);
    } catch (PgError e) {
      if (!stopping) {
        server.log().error(e);
      }
    } finally {
      transactions.abort(own);
    }
  }

  private void round(Transaction own) {
    Settings settings = server.settings();
    List<Table> due = new ArrayList<>();
    for (Table table : catalog.tables(own).values()) {
      if (isDue(catalog.stats(table.oid(), own), heap.activity().of(table.locator()), settings)) {
        due.add(table);
      }
    }
    int itself = Catalog.LOCATOR.relation();
    boolean catalogDue =
        isDue(catalog.stats(itself, own), heap.activity().of(Catalog.LOCATOR), settings);
    own.endStatement();
    for (Table table : due) {
      // what somebody has locked is left for the next round
      if (own.tryLockTable(table.oid(), TableLockMode.SHARE_UPDATE_EXCLUSIVE)) {
        try {
          Optional<Table> now = catalog.find(table.name(), table.isTemporary(), own);
          now.filter(same -> same.oid() == table.oid())
              .ifPresent(same -> table(same, settings, own));
        } finally {
          own.unlockTable(table.oid(), TableLockMode.SHARE_UPDATE_EXCLUSIVE);
        }
      }
    }
    if (catalogDue) {
      vacuum.catalog(Vacuum.Options.DEFAULT, settings, own, pace(settings));
    }
    if (catalogDue || !due.isEmpty()) {
      vacuum.database(own);
    }
  }

  /** An error, such as of a table that was dropped meanwhile, does not keep the others waiting. */
  private void table(Table table, Settings settings, Transaction own) {
    long start = server.monotonicNanos();
    try {
      TableVacuum.Done done =
          vacuum.table(table, Vacuum.Options.DEFAULT, settings, own, pace(settings));
      report(table.name(), done, server.monotonicNanos() - start, settings);
    } catch (PgError e) {
      if (stopping || e.severity() != PgError.Severity.ERROR) {
        throw e;
      }
      server.log().error(e);
    }
  }

  /** relation_needs_vacanalyze. */
  private boolean isDue(RelationStats stats, TableActivity.Counters activity, Settings settings) {
    if (isOld(stats.frozenXid(), settings)) {
      return true;
    }
    double tuples = Math.max(0, stats.tuples());
    double dead =
        settings.number("autovacuum_vacuum_threshold")
            + settings.real("autovacuum_vacuum_scale_factor") * tuples;
    long least = settings.number("autovacuum_vacuum_insert_threshold");
    double inserted = least + settings.real("autovacuum_vacuum_insert_scale_factor") * tuples;
    return settings.bool("autovacuum")
        && (activity.dead() > dead || least >= 0 && activity.insertedSinceVacuum() > inserted);
  }

  private boolean isOld(Xid frozen, Settings settings) {
    int age = (int) settings.number("autovacuum_freeze_max_age");
    return frozen.precedes(new Xid(procArray.next().xid().value() - age));
  }

  private VacuumPace pace(Settings settings) {
    double delay = settings.real("autovacuum_vacuum_cost_delay");
    double used = delay >= 0 ? delay : settings.real("vacuum_cost_delay");
    long limit = settings.number("autovacuum_vacuum_cost_limit");
    VacuumPace.Costs costs =
        new VacuumPace.Costs(
            (long) (used * 1_000_000),
            limit > 0 ? limit : settings.number("vacuum_cost_limit"),
            settings.number("vacuum_cost_page_hit"),
            settings.number("vacuum_cost_page_dirty"));
    return new VacuumPace(server.tasks(), costs, proc::checkInterrupts);
  }

  private void report(String table, TableVacuum.Done done, long nanos, Settings settings) {
    long least = settings.number("log_autovacuum_min_duration");
    if (least >= 0 && nanos >= least * 1_000_000) {
      server.log().log(
          ("automatic vacuum of table \"postgres.public.%s\": pages: %d removed, %d remain;"
                  + " tuples: %d removed, %d remain, %d are dead but not yet removable")
              .formatted(
                  table, done.cutOff(), done.pages(), done.removed(), done.live(), done.left()));
    }
  }
}
