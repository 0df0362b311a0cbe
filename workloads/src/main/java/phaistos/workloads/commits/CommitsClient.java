package phaistos.workloads.commits;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.workloads.Client;
import phaistos.workloads.CommitCommand;
import phaistos.workloads.Completion;
import phaistos.workloads.SqlOutcome;
import phaistos.workloads.SqlOutcome.Stage;
import phaistos.workloads.commits.CommitsCall.FinalRead;
import phaistos.workloads.commits.CommitsCall.InsertMany;
import phaistos.workloads.commits.CommitsCall.InsertOne;
import phaistos.workloads.commits.CommitsCall.Rollback;
import phaistos.workloads.commits.CommitsCall.StandbyRead;

/**
 * JDBC clients of the workload {@code commits}. A session keeps its connection to the primary until
 * something goes wrong on it, then looks for the primary again. Every transaction records its node,
 * xid, marker, and the settings that say how durable its commit must be. Waiting is bounded by the
 * sockets' time limits (pgjdbc's query timeout would start threads of its own).
 */
public final class CommitsClient implements Client<CommitsCall> {
  static final String CREATE =
      "create table if not exists commits (value bigint primary key, note text)";

  private final Cluster cluster;
  private final Options options;

  /**
   * @param connectSeconds limit for a connection
   * @param answerSeconds limit for an answer, the wait for standbys included
   * @param synchronousCommit set by every session; empty for the node's own setting
   */
  public record Options(int connectSeconds, int answerSeconds, Optional<String> synchronousCommit) {
    public static final Options DEFAULT = new Options(2, 5, Optional.empty());

    Properties properties() {
      Properties properties = new Properties();
      properties.setProperty("connectTimeout", Integer.toString(connectSeconds));
      properties.setProperty("socketTimeout", Integer.toString(answerSeconds));
      properties.setProperty("ApplicationName", "phaistos-client");
      synchronousCommit.ifPresent(
          level -> properties.setProperty("options", "-c synchronous_commit=" + level));
      return properties;
    }
  }

  public CommitsClient(Cluster cluster, Options options) {
    this.cluster = cluster;
    this.options = options;
  }

  @Override
  public void setup() throws SQLException {
    try (Connection connection = Primary.find(cluster, options.properties()).connection();
        Statement statement = connection.createStatement()) {
      statement.execute(CREATE);
      statement.execute("delete from commits");
    }
  }

  @Override
  public Session<CommitsCall> open(int thread, Process.Client process) {
    return new CommitsSession();
  }

  private final class CommitsSession implements Session<CommitsCall> {
    /** At most one. */
    private final List<Primary> primary = new ArrayList<>();

    @Override
    public Completion<CommitsCall> invoke(Event.Invoke<CommitsCall> invocation) {
      return switch (invocation.call()) {
        case InsertOne call -> write(call, true);
        case InsertMany call -> write(call, true);
        case Rollback call -> write(call, false);
        case FinalRead _ -> finalRead();
        case StandbyRead call -> standbyRead(call);
      };
    }

    private Completion<CommitsCall> write(CommitsCall call, boolean commits) {
      Details.Builder details = Details.builder();
      details.marker(
          call instanceof InsertOne one ? Edn.of(one.value()) : CommitsCall.vector(call.written()));
      Stage stage = Stage.CONNECT;
      try {
        Primary to = primary();
        to.describe(details);
        stage = Stage.STATEMENT;
        Connection connection = to.connection();
        insert(connection, call.written());
        details.xid(queryLong(connection, "select txid_current()"));
        if (!commits) {
          stage = Stage.ROLLBACK;
          connection.rollback();
          details.error(Completion.error("rolled-back", "on purpose"));
          return new Completion.Fail<>(call, details.build());
        }
        stage = Stage.COMMIT;
        return completion(call, details, CommitCommand.commit(connection));
      } catch (SQLException e) {
        Completion<CommitsCall> completion = failed(call, details, stage, e);
        abandonUnlessRefused(stage, e);
        return completion;
      }
    }

    private void insert(Connection connection, List<Long> values) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("insert into commits (value, note) values (?, ?)")) {
        for (long value : values) {
          statement.setLong(1, value);
          statement.setString(2, note(value));
          statement.executeUpdate();
        }
      }
    }

    private Completion<CommitsCall> finalRead() {
      Details.Builder details = Details.builder();
      FinalRead asked = new FinalRead(List.of());
      Stage stage = Stage.CONNECT;
      try {
        Primary from = primary();
        from.describe(details);
        stage = Stage.READ;
        List<Long> values = readAll(from.connection());
        from.connection().rollback();
        return new Completion.Ok<>(new FinalRead(values), details.build());
      } catch (SQLException e) {
        abandon();
        return failed(asked, details, stage, e);
      }
    }

    private Completion<CommitsCall> standbyRead(StandbyRead asked) {
      Details.Builder details = Details.builder().node(asked.node());
      Stage stage = Stage.CONNECT;
      try (Connection connection =
          cluster.connect(new NodeId(asked.node()), options.properties())) {
        stage = Stage.READ;
        if (!Primary.isInRecovery(connection)) {
          throw new SQLException("not a standby", "25006");
        }
        return new Completion.Ok<>(
            new StandbyRead(asked.node(), readAll(connection)), details.build());
      } catch (SQLException e) {
        return failed(asked, details, stage, e);
      }
    }

    private Primary primary() throws SQLException {
      if (primary.isEmpty()) {
        Primary found = Primary.find(cluster, options.properties());
        primary.add(found);
        found.connection().setAutoCommit(false);
      }
      return primary.getFirst();
    }

    /** After a refusal the connection can be used again, once it has rolled back. */
    private void abandonUnlessRefused(Stage stage, SQLException e) {
      boolean isUsable =
          stage != Stage.CONNECT && SqlOutcome.isRefusal(e) && !"25006".equals(e.getSQLState());
      try {
        if (isUsable) {
          primary.getFirst().connection().rollback();
          return;
        }
      } catch (SQLException _) {
        // Not usable after all.
      }
      abandon();
    }

    private void abandon() {
      for (Primary old : primary) {
        try {
          old.connection().close();
        } catch (SQLException _) {
          // It is of no use any more, whatever the reason.
        }
      }
      primary.clear();
    }

    @Override
    public void close() {
      abandon();
    }
  }

  private static Completion<CommitsCall> failed(
      CommitsCall call, Details.Builder details, Stage stage, SQLException e) {
    return completion(call, details, SqlOutcome.of(stage, e));
  }

  private static Completion<CommitsCall> completion(
      CommitsCall call, Details.Builder details, SqlOutcome outcome) {
    return switch (outcome) {
      case SqlOutcome.Ok(boolean unreplicated) ->
          new Completion.Ok<>(call, details.unreplicated(unreplicated).build());
      case SqlOutcome.Fail(String state, String message) ->
          new Completion.Fail<>(call, details.error(sqlError(state, message)).build());
      case SqlOutcome.Info(String state, String message) ->
          new Completion.Info<>(call, details.error(sqlError(state, message)).build());
    };
  }

  private static Edn sqlError(String state, String message) {
    return Edn.vector(Edn.keyword("sql"), Edn.of(state), Edn.of(message));
  }

  private static List<Long> readAll(Connection connection) throws SQLException {
    List<Long> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select value from commits")) {
      while (rows.next()) {
        values.add(rows.getLong(1));
      }
    }
    values.sort(null);
    return values;
  }

  static long queryLong(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        throw new SQLException("no row: " + sql, "02000");
      }
      return rows.getLong(1);
    }
  }

  /** Text of 0 to 199 characters, by the value: rows of all sizes, records across pages. */
  static String note(long value) {
    return "x".repeat((int) Math.floorMod(value * 31, 200L));
  }
}
