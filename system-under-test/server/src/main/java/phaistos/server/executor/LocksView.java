package phaistos.server.executor;

import static phaistos.server.executor.Views.column;

import java.util.ArrayList;
import java.util.List;
import phaistos.formats.Xid;
import phaistos.server.catalog.Catalog;
import phaistos.server.executor.Outcome.Column;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.xact.Proc;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.TableLocks;
import phaistos.server.xact.XactLocks;

/**
 * pg_locks with PostgreSQL 15's columns: the locks on tables and on transactions. There are no
 * virtual transaction ids here: process numbers stand in their place.
 */
final class LocksView {
  static final List<Column> COLUMNS =
      List.of(
          column("locktype", SqlType.TEXT),
          column("database", SqlType.OID),
          column("relation", SqlType.OID),
          column("page", SqlType.INT4),
          column("tuple", SqlType.INT2),
          column("virtualxid", SqlType.TEXT),
          column("transactionid", SqlType.XID),
          column("classid", SqlType.OID),
          column("objid", SqlType.OID),
          column("objsubid", SqlType.INT2),
          column("virtualtransaction", SqlType.TEXT),
          column("pid", SqlType.INT4),
          column("mode", SqlType.TEXT),
          column("granted", SqlType.BOOL),
          column("fastpath", SqlType.BOOL),
          column("waitstart", SqlType.TIMESTAMPTZ));

  private LocksView() {}

  static List<List<Datum>> rows(SessionContext session) {
    ProcArray procArray = session.observed().procArray();
    List<List<Datum>> rows = new ArrayList<>();
    for (TableLocks.Row lock : procArray.tableLocks().rows()) {
      Datum since =
          lock.granted()
              ? Datum.NULL
              : Datum.of(session.server().now() - lock.waitedNanos() / 1000);
      rows.add(
          row(
              "relation",
              Datum.of(lock.table()),
              Datum.NULL,
              lock.proc(),
              lock.mode().label(),
              lock.granted(),
              since));
    }
    for (XactLocks.Row lock : procArray.xactLocks()) {
      rows.add(
          row(
              "transactionid",
              Datum.NULL,
              xid(lock.xid()),
              lock.proc(),
              lock.granted() ? "ExclusiveLock" : "ShareLock",
              lock.granted(),
              Datum.NULL));
    }
    return rows;
  }

  private static Datum xid(Xid xid) {
    return Datum.of(Integer.toUnsignedLong(xid.value()));
  }

  private static List<Datum> row(
      String kind,
      Datum relation,
      Datum transaction,
      Proc proc,
      String mode,
      boolean granted,
      Datum since) {
    return List.of(
        Datum.of(kind),
        relation.isNull() ? Datum.NULL : Datum.of(Catalog.DATABASE),
        relation,
        Datum.NULL,
        Datum.NULL,
        Datum.NULL,
        transaction,
        Datum.NULL,
        Datum.NULL,
        Datum.NULL,
        Datum.of(proc.pid() + "/0"),
        Datum.of(proc.pid()),
        Datum.of(mode),
        Datum.of(granted),
        Datum.of(false),
        since);
  }
}
