package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.RelationStats;
import phaistos.server.catalog.Table;
import phaistos.server.catalog.Vacuum;
import phaistos.server.catalog.VacuumPace;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.settings.Settings;
import phaistos.server.sql.Command;
import phaistos.server.sql.Statement;
import phaistos.server.xact.TableLockMode;
import phaistos.server.xact.Transaction;

/** VACUUM and ANALYZE. */
final class Vacuums {
  private Vacuums() {}

  static Outcome run(Statement.Vacuum statement, SessionContext session) {
    if (!session.server().state().isRunning()) {
      throw PgError.error("25006", "cannot execute %s during recovery".formatted(statement.tag()));
    }
    Transaction own = session.transaction();
    Catalog catalog = session.tables().catalog();
    List<Table> tables = new ArrayList<>();
    for (Command.Name name : statement.tables()) {
      tables.add(TableNames.find(name.schema(), name.name(), session));
    }
    boolean all = tables.isEmpty();
    List<Table> chosen = all ? List.copyOf(catalog.tables(own).values()) : tables;
    if (statement.tag().equals("VACUUM")) {
      vacuum(statement, chosen, all, session);
    } else {
      for (Table table : chosen) {
        locked(table, statement, session, now -> analyze(now, session));
      }
    }
    return Outcome.tag(statement.tag());
  }

  /** Does something to a table that is locked, if it is still there. */
  private static void locked(
      Table table, Statement.Vacuum statement, SessionContext session, Consumer<Table> act) {
    Transaction own = session.transaction();
    TableLockMode mode = TableLockMode.SHARE_UPDATE_EXCLUSIVE;
    if (!statement.options().skipLocked()) {
      own.lockTable(table.oid(), mode);
    } else if (!own.tryLockTable(table.oid(), mode)) {
      session.warning(
          "55P03",
          "skipping %s of \"%s\" --- lock not available"
              .formatted(statement.tag().toLowerCase(Locale.ROOT), table.name()));
      return;
    }
    try {
      // what was dropped meanwhile, or has another file now, is left alone
      session
          .tables()
          .catalog()
          .find(table.name(), table.isTemporary(), own)
          .filter(same -> same.oid() == table.oid())
          .ifPresent(act);
    } finally {
      own.unlockTable(table.oid(), mode);
    }
  }

  /** Counts pages and rows for pg_class. This server keeps no statistics of columns. */
  private static void analyze(Table table, SessionContext session) {
    Transaction own = session.transaction();
    Heap heap = session.tables().heap();
    Catalog catalog = session.tables().catalog();
    long[] rows = new long[1];
    heap.scan(
        table.locator(),
        table.types(),
        own.statementSnapshot(),
        own,
        row -> {
          rows[0]++;
          return true;
        });
    RelationStats before = catalog.stats(table.oid(), own);
    RelationStats after =
        new RelationStats(before.frozenXid(), heap.pages(table.locator()), rows[0]);
    if (!after.equals(before)) {
      catalog.stats(table.oid(), after, own);
    }
  }

  private static void vacuum(
      Statement.Vacuum statement, List<Table> tables, boolean catalogToo, SessionContext session) {
    Vacuum vacuum = session.tables().vacuum();
    Transaction own = session.transaction();
    Settings settings = session.settings();
    Statement.VacuumOptions given = statement.options();
    Vacuum.Options options =
        new Vacuum.Options(given.freeze(), given.indexCleanup(), given.truncate());
    VacuumPace.Costs costs =
        new VacuumPace.Costs(
            (long) (settings.real("vacuum_cost_delay") * 1_000_000),
            settings.number("vacuum_cost_limit"),
            settings.number("vacuum_cost_page_hit"),
            settings.number("vacuum_cost_page_dirty"));
    Vacuum.Pace pace = new VacuumPace(session.server().tasks(), costs, own.proc()::checkInterrupts);
    for (Table table : tables) {
      locked(table, statement, session, now -> vacuum.table(now, options, settings, own, pace));
    }
    if (catalogToo) {
      vacuum.catalog(options, settings, own, pace);
    }
    vacuum.database(own);
  }
}
