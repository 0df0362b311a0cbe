package phaistos.workloads;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Optional;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Query;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.ResultHandlerBase;

/**
 * COMMIT by way of pgjdbc's executor. {@link Connection#commit()} does not tell the command tag: a
 * transaction that the server has undone, and answers with ROLLBACK, looks to it like a success
 * (pgjdbc 42.7.14, shown by a test).
 */
public final class CommitCommand {
  private CommitCommand() {}

  /**
   * Sends COMMIT, as a statement without a name (a named one would be closed whenever the garbage
   * collector finds it, by which no run could be repeated), and waits for the answer.
   *
   * @param connection pgjdbc's, with autocommit off
   * @throws SQLException if the answer is an error, or none comes: {@link SqlOutcome.Stage#COMMIT}
   */
  public static SqlOutcome commit(Connection connection) throws SQLException {
    QueryExecutor executor = connection.unwrap(BaseConnection.class).getQueryExecutor();
    Query query = executor.createSimpleQuery("COMMIT");
    TagHandler handler = new TagHandler();
    executor.execute(
        query,
        null,
        handler,
        0,
        0,
        QueryExecutor.QUERY_ONESHOT
            | QueryExecutor.QUERY_NO_METADATA
            | QueryExecutor.QUERY_NO_RESULTS
            | QueryExecutor.QUERY_SUPPRESS_BEGIN);
    return SqlOutcome.answered(handler.tag, handler.warnings);
  }

  private static final class TagHandler extends ResultHandlerBase {
    private String tag = "";
    private Optional<SQLWarning> warnings = Optional.empty();

    @Override
    public void handleCommandStatus(String status, long updateCount, long insertOid) {
      tag = status;
    }

    @Override
    public void handleWarning(SQLWarning warning) {
      warnings.ifPresentOrElse(
          first -> first.setNextWarning(warning), () -> warnings = Optional.of(warning));
    }
  }
}
