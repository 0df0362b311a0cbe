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
 * Sends COMMIT through pgjdbc's executor. {@link Connection#commit()} does not return the command
 * tag: if the server rolls the transaction back and answers ROLLBACK, it reports success (pgjdbc
 * 42.7.14, shown by a test).
 */
public final class CommitCommand {
  private CommitCommand() {}

  /**
   * Sends COMMIT, as a statement without a name, and waits for the answer. (A named one would be
   * closed when the garbage collector finds it, so that no run could be repeated.)
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
