package phaistos.workloads.commits;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.workloads.Client;
import phaistos.workloads.Completion;
import phaistos.workloads.JdbcOptions;
import phaistos.workloads.Primary;
import phaistos.workloads.SqlOutcome.Stage;
import phaistos.workloads.Transactor;
import phaistos.workloads.commits.CommitsCall.FinalRead;
import phaistos.workloads.commits.CommitsCall.InsertMany;
import phaistos.workloads.commits.CommitsCall.InsertOne;
import phaistos.workloads.commits.CommitsCall.Rollback;
import phaistos.workloads.commits.CommitsCall.StandbyRead;

/** JDBC clients of the workload {@code commits}. Every transaction records its xid and marker. */
public final class CommitsClient implements Client<CommitsCall> {
  static final String CREATE =
      "create table if not exists commits (value bigint primary key, note text)";

  private final Cluster cluster;
  private final JdbcOptions options;

  public CommitsClient(Cluster cluster, JdbcOptions options) {
    this.cluster = cluster;
    this.options = options;
  }

  @Override
  public void setup() throws SQLException {
    Primary.execute(cluster, options, List.of(CREATE, "delete from commits"));
  }

  @Override
  public Session<CommitsCall> open(int thread, Process.Client process) {
    return new CommitsSession();
  }

  private final class CommitsSession implements Session<CommitsCall> {
    private final Transactor transactor = new Transactor(cluster, options);

    @Override
    public Completion<CommitsCall> invoke(Event.Invoke<CommitsCall> invocation) {
      return switch (invocation.call()) {
        case InsertOne call -> write(call, true);
        case InsertMany call -> write(call, true);
        case Rollback call -> write(call, false);
        case FinalRead call ->
            transactor.read(call, (connection, _) -> new FinalRead(readAll(connection)));
        case StandbyRead call -> standbyRead(call);
      };
    }

    private Completion<CommitsCall> write(CommitsCall call, boolean commits) {
      Edn marker =
          call instanceof InsertOne one ? Edn.of(one.value()) : CommitsCall.vector(call.written());
      return transactor.transaction(
          call,
          Details.builder().marker(marker),
          (connection, details) -> {
            insert(connection, call.written());
            details.xid(queryLong(connection, "select txid_current()"));
            if (!commits) {
              throw new Transactor.RolledBack("on purpose");
            }
            return call;
          });
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

    private Completion<CommitsCall> standbyRead(StandbyRead asked) {
      Details.Builder details = Details.builder().node(asked.node());
      Stage stage = Stage.CONNECT;
      try (Connection connection =
          cluster.connect(new NodeId(asked.node()), options.forStandby().properties())) {
        stage = Stage.READ;
        if (!Primary.isInRecovery(connection)) {
          throw new SQLException("not a standby", "25006");
        }
        return new Completion.Ok<>(
            new StandbyRead(asked.node(), readAll(connection)), details.build());
      } catch (SQLException e) {
        return Transactor.failed(asked, details, stage, e);
      }
    }

    @Override
    public void close() {
      transactor.close();
    }
  }

  private static List<Long> readAll(Connection connection) throws SQLException {
    List<Long> values = Primary.queryLongs(connection, "select value from commits");
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

  /**
   * A text of 0 to 199 characters, by the value, so that rows differ in size and records cross
   * pages.
   */
  static String note(long value) {
    return "x".repeat((int) Math.floorMod(value * 31, 200L));
  }
}
