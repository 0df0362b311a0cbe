package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.executor.Outcome.Column;
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
      case "pg_stat_replication" ->
          Optional.of(new View(StatisticsViews.REPLICATION, StatisticsViews::replication));
      case "pg_stat_activity" ->
          Optional.of(new View(StatisticsViews.ACTIVITY, StatisticsViews::activity));
      case "pg_locks" -> Optional.of(new View(LocksView.COLUMNS, LocksView::rows));
      case "pg_stat_wal" -> Optional.of(new View(WAL_COLUMNS, Views::wal));
      case "pg_stat_slru" -> Optional.of(new View(SLRU_COLUMNS, Views::slrus));
      case "pg_settings" -> Optional.of(new View(SettingsView.COLUMNS, SettingsView::rows));
      case "phaistos_steps" -> Optional.of(new View(StatisticsViews.STEPS, StatisticsViews::steps));
      case "phaistos_wait_events" ->
          Optional.of(new View(StatisticsViews.WAITS, StatisticsViews::waits));
      default ->
          SystemCatalog.named(name)
              .map(
                  catalog ->
                      new View(catalog.columns(), session -> SystemCatalog.rows(catalog, session)));
    };
  }

  static Column column(String name, SqlType type) {
    return new Column(name, type);
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
}
