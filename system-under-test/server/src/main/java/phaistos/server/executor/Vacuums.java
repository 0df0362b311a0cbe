package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.Table;
import phaistos.server.catalog.Vacuum;
import phaistos.server.catalog.VacuumPace;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Settings;
import phaistos.server.sql.Statement;
import phaistos.server.xact.TableLockMode;
import phaistos.server.xact.Transaction;

/** VACUUM and ANALYZE. */
final class Vacuums {
  private Vacuums() {}

  static Outcome run(Statement.Vacuum statement, SessionContext session) {
    if (session.server().state().isInRecovery()) {
      throw PgError.error("25006", "cannot execute %s during recovery".formatted(statement.tag()));
    }
    Transaction own = session.transaction();
    Catalog catalog = session.tables().catalog();
    List<Table> tables = new ArrayList<>();
    for (String name : statement.tables()) {
      tables.add(catalog.named(name.startsWith("public.") ? name.substring(7) : name, own));
    }
    if (statement.tag().equals("VACUUM")) {
      boolean all = tables.isEmpty();
      vacuum(statement, all ? List.copyOf(catalog.tables(own).values()) : tables, all, session);
    }
    return Outcome.tag(statement.tag());
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
      own.lockTable(table.oid(), TableLockMode.SHARE_UPDATE_EXCLUSIVE);
      try {
        // what was dropped meanwhile, or has another file now, is not vacuumed
        Optional<Table> now =
            session.tables().catalog().find(table.name(), table.isTemporary(), own);
        if (now.filter(same -> same.oid() == table.oid()).isPresent()) {
          vacuum.table(now.get(), options, settings, own, pace);
        }
      } finally {
        own.unlockTable(table.oid(), TableLockMode.SHARE_UPDATE_EXCLUSIVE);
      }
    }
    if (catalogToo) {
      vacuum.catalog(options, settings, own, pace);
    }
    vacuum.database(own);
  }
}
