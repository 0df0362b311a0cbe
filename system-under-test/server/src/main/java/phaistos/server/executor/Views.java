package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.formats.Lsn;
import phaistos.formats.PgTime;
import phaistos.server.backends.Backends.Activity;
import phaistos.server.backends.Backends.Backend;
import phaistos.server.executor.Outcome.Column;
import phaistos.server.replication.WalSenderSlot;
import phaistos.server.settings.Parameter;
import phaistos.server.settings.Parameters;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** System views, with PostgreSQL 15's columns. */
final class Views {
  private static final int POSTGRES_OID = 10;

  private Views() {}

  /** A view's rows, made when they are asked for. */
  record View(List<Column> columns, Rows rows) {}

  @FunctionalInterface
  interface Rows {
    List<List<Datum>> of(SessionContext session);
  }

  static Optional<View> named(String name) {
    return switch (name) {
      case "pg_stat_replication" -> Optional.of(new View(REPLICATION_COLUMNS, Views::replication));
      case "pg_stat_activity" -> Optional.of(new View(ACTIVITY_COLUMNS, Views::activity));
      case "pg_stat_wal" -> Optional.of(new View(WAL_COLUMNS, Views::wal));
      case "pg_stat_slru" -> Optional.of(new View(SLRU_COLUMNS, Views::slrus));
      case "pg_settings" -> Optional.of(new View(SETTINGS_COLUMNS, Views::settings));
      case "pg_tables" -> Optional.of(new View(TABLES_COLUMNS, Views::tables));
      default -> Optional.empty();
    };
  }

  private static Column column(String name, SqlType type) {
    return new Column(name, type);
  }

  private static final List<Column> REPLICATION_COLUMNS =
      List.of(
          column("pid", SqlType.INT4),
          column("usesysid", SqlType.OID),
          column("usename", SqlType.NAME),
          column("application_name", SqlType.TEXT),
          column("client_addr", SqlType.TEXT),
          column("client_hostname", SqlType.TEXT),
          column("client_port", SqlType.INT4),
          column("backend_start", SqlType.TIMESTAMPTZ),
          column("backend_xmin", SqlType.XID),
          column("state", SqlType.TEXT),
          column("sent_lsn", SqlType.PG_LSN),
          column("write_lsn", SqlType.PG_LSN),
          column("flush_lsn", SqlType.PG_LSN),
          column("replay_lsn", SqlType.PG_LSN),
          column("write_lag", SqlType.TEXT),
          column("flush_lag", SqlType.TEXT),
          column("replay_lag", SqlType.TEXT),
          column("sync_priority", SqlType.INT4),
          column("sync_state", SqlType.TEXT),
          column("reply_time", SqlType.TIMESTAMPTZ));

  private static List<List<Datum>> replication(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    for (WalSenderSlot.Row row : session.observed().syncRep().rows()) {
      rows.add(
          List.of(
              Datum.of(row.pid()),
              Datum.of(POSTGRES_OID),
              Datum.of(row.user()),
              Datum.of(row.applicationName()),
              Datum.of(row.client().host()),
              Datum.NULL,
              Datum.of(row.client().port()),
              Datum.of(PgTime.of(row.backendStart())),
              Datum.NULL,
              Datum.of(row.state().name().toLowerCase(java.util.Locale.ROOT)),
              lsn(row.sent()),
              lsn(row.write()),
              lsn(row.flush()),
              lsn(row.apply()),
              Datum.NULL,
              Datum.NULL,
              Datum.NULL,
              Datum.of(row.priority()),
              Datum.of(row.syncState()),
              row.replyTime().map(time -> Datum.of(PgTime.of(time))).orElse(Datum.NULL)));
    }
    return rows;
  }

  private static Datum lsn(Lsn lsn) {
    return lsn.isValid() ? Datum.of(lsn.value()) : Datum.NULL;
  }

  private static final List<Column> ACTIVITY_COLUMNS =
      List.of(
          column("datname", SqlType.NAME),
          column("pid", SqlType.INT4),
          column("usename", SqlType.NAME),
          column("application_name", SqlType.TEXT),
          column("client_addr", SqlType.TEXT),
          column("client_port", SqlType.INT4),
          column("backend_start", SqlType.TIMESTAMPTZ),
          column("wait_event_type", SqlType.TEXT),
          column("wait_event", SqlType.TEXT),
          column("state", SqlType.TEXT),
          column("query", SqlType.TEXT),
          column("backend_type", SqlType.TEXT));

  private static List<List<Datum>> activity(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    for (Backend backend : session.observed().backends().all()) {
      Activity activity = backend.activity();
      int slash = activity.waitEvent().indexOf('/');
      rows.add(
          List.of(
              Datum.of(activity.database()),
              Datum.of(activity.pid()),
              Datum.of(activity.user()),
              Datum.of(activity.applicationName()),
              Datum.of(activity.clientAddress()),
              Datum.of(activity.clientPort()),
              Datum.of(activity.startedAt()),
              slash < 0 ? Datum.NULL : Datum.of(activity.waitEvent().substring(0, slash)),
              slash < 0 ? Datum.NULL : Datum.of(activity.waitEvent().substring(slash + 1)),
              Datum.of(activity.state()),
              Datum.of(activity.query()),
              Datum.of(activity.backendType())));
    }
    return rows;
  }

  private static final List<Column> WAL_COLUMNS =
      List.of(
          column("wal_records", SqlType.INT8),
          column("wal_fpi", SqlType.INT8),
          column("wal_bytes", SqlType.NUMERIC),
          column("wal_buffers_full", SqlType.INT8),
          column("wal_write", SqlType.INT8),
          column("wal_sync", SqlType.INT8),
          column("wal_write_time", SqlType.FLOAT8),
          column("wal_sync_time", SqlType.FLOAT8),
          column("stats_reset", SqlType.TIMESTAMPTZ));

  private static List<List<Datum>> wal(SessionContext session) {
    var counts = session.observed().wal().counters().counts();
    return List.of(
        List.of(
            Datum.of(counts.records()),
            Datum.of(counts.images()),
            new Datum.Numeric(java.math.BigDecimal.valueOf(counts.bytes())),
            Datum.of(counts.buffersFull()),
            Datum.of(counts.writes()),
            Datum.of(counts.syncs()),
            new Datum.Float(0),
            new Datum.Float(0),
            Datum.of(session.observed().startedAt())));
  }

  private static final List<Column> SLRU_COLUMNS =
      List.of(
          column("name", SqlType.TEXT),
          column("blks_zeroed", SqlType.INT8),
          column("blks_hit", SqlType.INT8),
          column("blks_read", SqlType.INT8),
          column("blks_written", SqlType.INT8),
          column("blks_exists", SqlType.INT8),
          column("flushes", SqlType.INT8),
          column("truncates", SqlType.INT8),
          column("stats_reset", SqlType.TIMESTAMPTZ));

  private static List<List<Datum>> slrus(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    session
        .observed()
        .slrus()
        .all()
        .forEach(
            (name, counters) -> {
              var counts = counters.counts();
              rows.add(
                  List.of(
                      Datum.of(name),
                      Datum.of(counts.zeroed()),
                      Datum.of(counts.hits()),
                      Datum.of(counts.reads()),
                      Datum.of(counts.writes()),
                      Datum.of(counts.exists()),
                      Datum.of(counts.flushes()),
                      Datum.of(counts.truncates()),
                      Datum.of(counts.resetAt())));
            });
    return rows;
  }

  private static final List<Column> SETTINGS_COLUMNS =
      List.of(column("name", SqlType.TEXT), column("setting", SqlType.TEXT));

  private static List<List<Datum>> settings(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    for (Parameter parameter : Parameters.all()) {
      rows.add(
          List.of(Datum.of(parameter.name()), Datum.of(session.settings().get(parameter.name()))));
    }
    return rows;
  }

  private static final List<Column> TABLES_COLUMNS =
      List.of(
          column("schemaname", SqlType.NAME),
          column("tablename", SqlType.NAME),
          column("tableowner", SqlType.NAME));

  private static List<List<Datum>> tables(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    for (String name : session.tables().catalog().tables(session.transaction()).keySet()) {
      rows.add(List.of(Datum.of("public"), Datum.of(name), Datum.of("postgres")));
    }
    return rows;
  }
}
