package phaistos.server.session;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import phaistos.environment.Network.Address;
import phaistos.formats.Lsn;
import phaistos.server.backends.Activity;
import phaistos.server.settings.Settings;
import phaistos.server.state.ServerContext;
import phaistos.server.xact.Proc;

/**
 * What a session does, for pg_stat_activity (backend_status.c). The session's task writes it, and
 * others read it.
 */
final class SessionActivity {
  private final ServerContext server;
  private final Proc proc;
  private final Address client;
  private final long startedAt;
  private String name = "";
  private volatile String user = "";
  private volatile String database = "";
  private volatile String applicationName = "";
  private volatile boolean replication;
  private volatile boolean shown = true;
  private volatile boolean titled = true;
  private volatile int longestQuery = Integer.MAX_VALUE;
  private volatile String query = "";
  private volatile String state = "";
  private volatile long queryStart;
  private volatile long stateChange;
  private final LongSupplier transactionStart;

  /**
   * @param transactionStart in microseconds since 2000; 0 while there is no transaction
   */
  SessionActivity(ServerContext server, Proc proc, Address client, LongSupplier transactionStart) {
    this.server = server;
    this.transactionStart = transactionStart;
    this.proc = proc;
    this.client = client;
    this.startedAt = server.now();
  }

  /**
   * Shows in the thread's name, as PostgreSQL does in the process title, what the session's commit
   * waits for.
   */
  void waitsFor(Lsn commit) {
    if (!titled) {
      return;
    }
    Thread thread = Thread.currentThread();
    if (!commit.isValid()) {
      thread.setName(name);
      return;
    }
    name = thread.getName();
    String text = query.stripLeading();
    int end = 0;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    // joined, not formatted: this is done for every commit that waits
    String from = client.isLocal() ? "[local]" : client.host() + "(" + client.port() + ")";
    String command = text.substring(0, end).toUpperCase(Locale.ROOT);
    thread.setName(
        "postgres: "
            + user
            + " "
            + database
            + " "
            + from
            + " "
            + command
            + " waiting for "
            + commit);
  }

  void opened(StartupPacket.Start asked) {
    user = asked.user();
    database = asked.database();
    replication = asked.replication();
  }

  /** The settings may have changed. */
  void settings(Settings settings) {
    applicationName = settings.get("application_name");
    shown = settings.bool("track_activities");
    titled = settings.bool("update_process_title");
    longestQuery = (int) settings.number("track_activity_query_size") - 1;
  }

  /** A statement begins, or goes on with its next message. */
  void runs(String text) {
    if (state.equals("active") && query.equals(text)) {
      return;
    }
    long now = server.now();
    query = text;
    queryStart = now;
    if (!state.equals("active")) {
      state = "active";
      stateChange = now;
    }
  }

  /**
   * Waits for its client.
   *
   * @param status as in ReadyForQuery
   */
  void idles(char status) {
    state =
        switch (status) {
          case 'I' -> "idle";
          case 'T' -> "idle in transaction";
          default -> "idle in transaction (aborted)";
        };
    stateChange = server.now();
  }

  String user() {
    return user;
  }

  String database() {
    return database;
  }

  boolean isReplication() {
    return replication;
  }

  /** The statement that runs, or the last one. */
  String query() {
    return query;
  }

  long startedAt() {
    return startedAt;
  }

  Activity row() {
    String text = query;
    return new Activity(
        proc.pid(),
        replication ? "walsender" : "client backend",
        Optional.of(
            new Activity.Client(
                user, replication ? "" : database, applicationName, client.host(), client.port())),
        startedAt,
        time(transactionStart.getAsLong()),
        shown ? time(queryStart) : OptionalLong.empty(),
        shown ? time(stateChange) : OptionalLong.empty(),
        shown ? state : "disabled",
        proc.shownXid(),
        proc.shownXmin(),
        shown ? text.substring(0, Math.min(text.length(), longestQuery)) : "",
        proc.waitEvent(),
        proc.waitLsn());
  }

  private static OptionalLong time(long micros) {
    return micros == 0 ? OptionalLong.empty() : OptionalLong.of(micros);
  }
}
