package phaistos.server.executor;

import static phaistos.server.executor.Views.column;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import phaistos.formats.Lsn;
import phaistos.formats.PgTime;
import phaistos.formats.Xid;
import phaistos.server.backends.Activity;
import phaistos.server.backends.WaitEvents;
import phaistos.server.catalog.Catalog;
import phaistos.server.executor.Outcome.Column;
import phaistos.server.replication.WalSenderSlot;
import phaistos.server.steps.StepTimes;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * pg_stat_activity and pg_stat_replication with PostgreSQL 15's columns, and after the former's the
 * LSN that a session's commit waits for; and the wait events that were counted.
 */
final class StatisticsViews {
  private static final int POSTGRES_OID = 10;

  static final List<Column> REPLICATION =
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

  static final List<Column> ACTIVITY =
      List.of(
          column("datid", SqlType.OID),
          column("datname", SqlType.NAME),
          column("pid", SqlType.INT4),
          column("leader_pid", SqlType.INT4),
          column("usesysid", SqlType.OID),
          column("usename", SqlType.NAME),
          column("application_name", SqlType.TEXT),
          column("client_addr", SqlType.TEXT),
          column("client_hostname", SqlType.TEXT),
          column("client_port", SqlType.INT4),
          column("backend_start", SqlType.TIMESTAMPTZ),
          column("xact_start", SqlType.TIMESTAMPTZ),
          column("query_start", SqlType.TIMESTAMPTZ),
          column("state_change", SqlType.TIMESTAMPTZ),
          column("wait_event_type", SqlType.TEXT),
          column("wait_event", SqlType.TEXT),
          column("state", SqlType.TEXT),
          column("backend_xid", SqlType.XID),
          column("backend_xmin", SqlType.XID),
          column("query_id", SqlType.INT8),
          column("query", SqlType.TEXT),
          column("backend_type", SqlType.TEXT),
          column("waiting_for_lsn", SqlType.PG_LSN));

  static final List<Column> WAITS =
      List.of(
          column("wait_event_type", SqlType.TEXT),
          column("wait_event", SqlType.TEXT),
          column("waits", SqlType.INT8),
          column("microseconds", SqlType.INT8));

  static final List<Column> STEPS =
      List.of(
          column("part", SqlType.TEXT),
          column("step", SqlType.TEXT),
          column("taken", SqlType.INT8),
          column("microseconds", SqlType.INT8));

  private StatisticsViews() {}

  /** phaistos_profile(boolean): whether the time of each step is measured. */
  static void profile(SessionContext session, boolean on) {
    if (on) {
      session.observed().stepTimes().start();
    } else {
      session.observed().stepTimes().stop();
    }
  }

  static List<List<Datum>> steps(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    for (StepTimes.Count count : session.observed().stepTimes().counts()) {
      rows.add(
          List.of(
              Datum.of(count.step().part().label()),
              Datum.of(count.step().label()),
              Datum.of(count.count()),
              Datum.of(count.nanos() / 1000)));
    }
    return rows;
  }

  static List<List<Datum>> replication(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    for (WalSenderSlot.Row row : session.observed().syncRep().rows()) {
      rows.add(
          List.of(
              Datum.of(row.pid()),
              Datum.of(POSTGRES_OID),
              Datum.of(row.user()),
              Datum.of(row.applicationName()),
              address(row.client().host()),
              Datum.NULL,
              Datum.of(row.client().port()),
              Datum.of(PgTime.of(row.backendStart())),
              Datum.NULL,
              Datum.of(row.state().name().toLowerCase(Locale.ROOT)),
              lsn(row.sent()),
              lsn(row.write()),
              lsn(row.flush()),
              lsn(row.apply()),
              interval(row.writeLag()),
              interval(row.flushLag()),
              interval(row.applyLag()),
              Datum.of(row.priority()),
              Datum.of(row.syncState()),
              row.replyTime().map(time -> Datum.of(PgTime.of(time))).orElse(Datum.NULL)));
    }
    return rows;
  }

  static List<List<Datum>> activity(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    for (Activity activity : session.observed().backends().activities()) {
      rows.add(row(activity));
    }
    return rows;
  }

  private static List<Datum> row(Activity activity) {
    Optional<Activity.Client> client = activity.client();
    String event = activity.waitEvent();
    int slash = event.indexOf('/');
    String database = client.map(Activity.Client::database).orElse("");
    return List.of(
        database.isEmpty() ? Datum.NULL : Datum.of(Catalog.DATABASE),
        text(database),
        Datum.of(activity.pid()),
        Datum.NULL,
        client.isPresent() ? Datum.of(POSTGRES_OID) : Datum.NULL,
        of(client, Activity.Client::user),
        Datum.of(client.map(Activity.Client::applicationName).orElse("")),
        client.map(known -> address(known.address())).orElse(Datum.NULL),
        Datum.NULL,
        client.map(known -> Datum.of(known.port())).orElse(Datum.NULL),
        Datum.of(activity.startedAt()),
        time(activity.transactionStart()),
        time(activity.queryStart()),
        time(activity.stateChange()),
        text(slash < 0 ? "" : event.substring(0, slash)),
        text(slash < 0 ? "" : event.substring(slash + 1)),
        text(activity.state()),
        xid(activity.xid()),
        xid(activity.xmin()),
        Datum.NULL,
        Datum.of(activity.query()),
        Datum.of(activity.backendType()),
        lsn(activity.waitingFor()));
  }

  static List<List<Datum>> waits(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    for (WaitEvents.Count count : session.observed().backends().waits().counts()) {
      int slash = count.event().indexOf('/');
      rows.add(
          List.of(
              Datum.of(count.event().substring(0, slash)),
              Datum.of(count.event().substring(slash + 1)),
              Datum.of(count.count()),
              Datum.of(count.nanos() / 1000)));
    }
    return rows;
  }

  /** As PostgreSQL writes an interval of less than a day: without zeroes at the end. */
  private static Datum interval(OptionalLong micros) {
    if (micros.isEmpty()) {
      return Datum.NULL;
    }
    long value = micros.getAsLong();
    long seconds = value / 1_000_000;
    String text = "%02d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    String fraction = "%06d".formatted(value % 1_000_000).replaceAll("0+$", "");
    return Datum.of(fraction.isEmpty() ? text : text + "." + fraction);
  }

  /** A Unix socket has no address. */
  private static Datum address(String host) {
    return host.isEmpty() || host.startsWith("/") ? Datum.NULL : Datum.of(host);
  }

  private static Datum of(
      Optional<Activity.Client> client, Function<Activity.Client, String> column) {
    return client.map(column).map(Datum::of).orElse(Datum.NULL);
  }

  private static Datum lsn(Lsn lsn) {
    return lsn.isValid() ? Datum.of(lsn.value()) : Datum.NULL;
  }

  private static Datum xid(Xid xid) {
    return xid.isValid() ? Datum.of(Integer.toUnsignedLong(xid.value())) : Datum.NULL;
  }

  private static Datum time(OptionalLong micros) {
    return micros.isPresent() ? Datum.of(micros.getAsLong()) : Datum.NULL;
  }

  private static Datum text(String value) {
    return value.isEmpty() ? Datum.NULL : Datum.of(value);
  }
}
