package phaistos.workloads;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import phaistos.cluster.Cluster;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.workloads.SqlOutcome.Stage;

/**
 * Transactions of one client process on the primary. It keeps its connection until an error, and
 * then looks for the primary again. It says how each transaction ended by the table of {@link
 * SqlOutcome}. Every completion carries the node, its timeline, and the settings that determine how
 * durable the commit must be. Not thread-safe.
 */
public final class Transactor implements AutoCloseable {
  private static final long PAUSE_NANOS = 100_000_000L;

  private final Cluster cluster;
  private final JdbcOptions options;

  /** At most one. */
  private final List<Primary> primary = new ArrayList<>();

  public Transactor(Cluster cluster, JdbcOptions options) {
    this.cluster = cluster;
    this.options = options;
  }

  /** The statements of a transaction. */
  public interface Body<C> {
    /**
     * Runs them; autocommit is off.
     *
     * @param details the details of the completion: marker, xid
     * @return the call with its result
     * @throws RolledBack to roll the transaction back: its call is a fail
     */
    C run(Connection connection, Details.Builder details) throws SQLException;
  }

  /** A {@link Body} throws it to roll its transaction back. */
  public static final class RolledBack extends RuntimeException {
    public RolledBack(String reason) {
      super(reason, null, false, false);
    }
  }

  /**
   * Runs a transaction and commits it.
   *
   * @param details the details that the completion has even if the body never ran
   */
  public <C> Completion<C> transaction(C call, Details.Builder details, Body<C> body) {
    Stage stage = Stage.CONNECT;
    try {
      Primary to = primary();
      to.describe(details);
      stage = Stage.STATEMENT;
      C done;
      try {
        done = body.run(to.connection(), details);
      } catch (RolledBack undone) {
        stage = Stage.ROLLBACK;
        to.connection().rollback();
        details.error(Completion.error("rolled-back", undone.getMessage()));
        return new Completion.Fail<>(call, details.build());
      }
      stage = Stage.COMMIT;
      return completion(done, details, CommitCommand.commit(to.connection()));
    } catch (SQLException e) {
      Stage reached = stage == Stage.STATEMENT && !isBegun() ? Stage.BEGIN : stage;
      Completion<C> completion = failed(call, details, reached, e);
      abandonUnlessRefused(stage, e);
      return completion;
    }
  }

  /** Whether the server ever answered that the connection is in a transaction block. */
  private boolean isBegun() {
    try {
      BaseConnection connection = primary.getFirst().connection().unwrap(BaseConnection.class);
      return connection.getTransactionState() != TransactionState.IDLE;
    } catch (SQLException _) {
      return false;
    }
  }

  /** Runs a transaction that changes nothing; after any error the call is a fail. */
  public <C> Completion<C> read(C call, Body<C> body) {
    Details.Builder details = Details.builder();
    Stage stage = Stage.CONNECT;
    try {
      Primary from = primary();
      from.describe(details);
      stage = Stage.READ;
      C done = body.run(from.connection(), details);
      from.connection().rollback();
      return new Completion.Ok<>(done, details.build());
    } catch (SQLException e) {
      abandon();
      return failed(call, details, stage, e);
    }
  }

  private Primary primary() throws SQLException {
    if (primary.isEmpty()) {
      Primary found = find();
      primary.add(options.owedTo().map(found::owedTo).orElse(found));
      found.connection().setAutoCommit(false);
    }
    return primary.getFirst();
  }

  /** Where no node takes writes, waits before it says so: asking at once again helps nobody. */
  private Primary find() throws SQLException {
    try {
      return Primary.find(cluster, options.properties());
    } catch (SQLException none) {
      cluster.control().tasks().sleep(PAUSE_NANOS);
      throw none;
    }
  }

  /**
   * Drops the connection, except after a refusal: then it can be used again once it has rolled
   * back.
   */
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

  /** The completion of a call whose driver threw while the client waited for {@code stage}. */
  public static <C> Completion<C> failed(
      C call, Details.Builder details, Stage stage, SQLException e) {
    return completion(call, details, SqlOutcome.of(stage, e));
  }

  private static <C> Completion<C> completion(C call, Details.Builder details, SqlOutcome outcome) {
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
}
