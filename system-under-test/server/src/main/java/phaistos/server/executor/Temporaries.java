package phaistos.server.executor;

import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.Table;

/** Temporary tables: their session is gone, so they go. */
public final class Temporaries {
  private Temporaries() {}

  /** Drops what sessions left that ended without doing so: before a crash, or in one. */
  static void dropLeft(SessionContext session) {
    Catalog catalog = session.tables().catalog();
    for (Table table :
        catalog.leftTemporaries(
            session.transaction(), pid -> session.observed().backends().find(pid).isPresent())) {
      catalog.drop(table, session.transaction());
    }
  }

  /** Drops the session's own, at its end. */
  public static void dropOwn(SessionContext session) {
    Catalog catalog = session.tables().catalog();
    for (Table table : catalog.ownTemporaries(session.transaction())) {
      catalog.drop(table, session.transaction());
    }
  }
}
