package phaistos.harness.sweep;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import phaistos.environment.Environment;
import phaistos.environment.Network.Address;
import phaistos.environment.NetworkSockets;
import phaistos.server.Server;
import phaistos.server.defects.Defects;
import phaistos.simulator.DiskImage;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/** Starts a node on what a crash has left, and reads what is there. */
final class Recovery {
  private static final long POLL_NANOS = 20_000_000;
  private static final int POLLS = 1500;

  /** Beyond every id of a script. */
  private static final int AFTER = 1_000_000_000;

  /**
   * What a recovered node says.
   *
   * @param tables content by client
   * @param statuses of the transactions that were asked for, by client; null where truncated
   * @param problem why it does not serve, or empty
   */
  record Found(
      List<SortedMap<Integer, String>> tables, List<List<String>> statuses, String problem) {}

  private final DiskImage image;
  private final boolean standby;
  private final Defects defects;
  private final List<List<Long>> xids;
  private final List<String> log = new ArrayList<>();

  /**
   * @param xids by client, whose status to ask for
   */
  Recovery(DiskImage image, boolean standby, Defects defects, List<List<Long>> xids) {
    this.image = image;
    this.standby = standby;
    this.defects = defects;
    this.xids = xids;
  }

  Found run() {
    var result =
        Simulation.run(SimulationOptions.seed(1).withLimit(Duration.ofMinutes(2)), this::recover);
    if (result.value().isEmpty()) {
      return broken(result.breakage().orElseThrow().describe());
    }
    return result.failures().isEmpty()
        ? result.value().get()
        : broken(result.failures().getFirst().toString());
  }

  private Found broken(String problem) {
    List<String> end = log.subList(Math.max(0, log.size() - 5), log.size());
    return new Found(List.of(), List.of(), problem + " " + end);
  }

  private Found recover(SimulatedWorld world) {
    world.machine(Recording.PRIMARY).disk().load(image);
    Environment node = world.machine(Recording.PRIMARY).start();
    try {
      Server server =
          Server.start(
              node,
              Recording.settings(Recording.PRIMARY).with("primary_conninfo", ""),
              defects,
              (time, severity, text) -> log.add(severity + ": " + text));
      if (standby) {
        // not by SQL: where the WAL ends inside of a transaction with many subtransactions, a
        // standby takes no connections before it
        server.promote();
      }
    } catch (RuntimeException e) {
      return broken("could not start: " + e.getMessage());
    }
    Environment control = world.environment();
    try (NetworkSockets sockets = NetworkSockets.over(control.network())) {
      world.atEnd(sockets::close);
      String url = sockets.url(List.of(new Address(Recording.PRIMARY, 5432)), "postgres");
      try (Connection connection = connect(control, url);
          Statement statement = connection.createStatement()) {
        List<SortedMap<Integer, String>> tables = new ArrayList<>();
        List<List<String>> statuses = new ArrayList<>();
        for (int client = 0; client < Recording.CLIENTS; client++) {
          tables.add(table(statement, client));
          statuses.add(statuses(statement, xids.get(client)));
        }
        // later, since these transactions may get the ids of lost ones
        for (int client = 0; client < Recording.CLIENTS; client++) {
          write(statement, client);
        }
        return new Found(tables, statuses, "");
      } catch (SQLException e) {
        return broken(e.getSQLState() + " " + e.getMessage());
      }
    }
  }

  /** Once it takes writes; in recovery it refuses with 57P03, or is read-only. */
  private static Connection connect(Environment control, String url) throws SQLException {
    for (int i = 1; ; i++) {
      try {
        Connection connection = Recording.connect(url);
        try (Statement statement = connection.createStatement()) {
          if (i == POLLS || number(statement, "select pg_is_in_recovery()::int") == 0) {
            return connection;
          }
        }
        connection.close();
      } catch (SQLException e) {
        if (i == POLLS || !"57P03".equals(e.getSQLState())) {
          throw e;
        }
      }
      control.tasks().sleep(POLL_NANOS);
    }
  }

  private static SortedMap<Integer, String> table(Statement statement, int client)
      throws SQLException {
    SortedMap<Integer, String> found = new TreeMap<>();
    try (ResultSet rows = statement.executeQuery("select id, v from " + Script.table(client))) {
      while (rows.next()) {
        String twice = found.put(rows.getInt(1), rows.getString(2));
        if (twice != null) {
          throw new SQLException("row %d is there twice".formatted(rows.getInt(1)), "XX001");
        }
      }
    }
    return found;
  }

  private static List<String> statuses(Statement statement, List<Long> xids) throws SQLException {
    List<String> found = new ArrayList<>();
    for (long xid : xids) {
      try (ResultSet rows = statement.executeQuery("select txid_status(" + xid + ")")) {
        rows.next();
        found.add(rows.getString(1));
      } catch (SQLException e) {
        // an id that was lost with its transaction and not given out again
        if (!"22023".equals(e.getSQLState())) {
          throw e;
        }
        found.add("in the future");
      }
    }
    return found;
  }

  /** It goes on working, and its sequence gives out no value again that a row has. */
  private static void write(Statement statement, int client) throws SQLException {
    String table = Script.table(client);
    long greatest = number(statement, "select coalesce(max(n), 0) from " + table);
    String insert = "insert into %s values (%d, 'after') returning n".formatted(table, AFTER);
    long next = number(statement, insert);
    if (next <= greatest) {
      throw new SQLException(
          "%s: the sequence gives %d, a row has %d".formatted(table, next, greatest), "XX001");
    }
    try (ResultSet rows =
        statement.executeQuery("select v from %s where id = %d".formatted(table, AFTER))) {
      if (!rows.next()) {
        throw new SQLException("a row written after recovery is not there", "XX001");
      }
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
