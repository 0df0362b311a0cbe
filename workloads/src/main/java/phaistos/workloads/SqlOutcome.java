package phaistos.workloads;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Optional;

/**
 * Turns what a client saw into an outcome. This is the only place that decides it. The source is
 * the meaning of PostgreSQL's answers (xact.c, syncrep.c, errcodes.txt): an ERROR in reply to
 * COMMIT comes from before the commit record; a lost connection says nothing; if the wait for
 * standbys was cut short, a WARNING precedes the tag COMMIT, and the commit did happen locally. In
 * doubt the outcome is info.
 *
 * <table>
 * <caption>The table</caption>
 * <tr><td>COMMIT, or an autocommit tag, no warning</td><td>ok</td></tr>
 * <tr><td>the same after WARNING 01000 "canceling wait..."</td><td>ok, unreplicated</td></tr>
 * <tr><td>WARNING 57P01 "canceling the wait...", then the end of the connection</td><td>info</td></tr>
 * <tr><td>tag ROLLBACK in answer to COMMIT</td><td>fail</td></tr>
 * <tr><td>anything before COMMIT was sent, but for the next row</td><td>fail</td></tr>
 * <tr><td>BEGIN was not answered, or refused: as an autocommit statement, since pgjdbc sends BEGIN
 *   and the first statement together as two queries. If only BEGIN is cancelled, the statement is a
 *   transaction of its own. FATAL 57P01 comes instead of it</td><td>info or fail</td></tr>
 * <tr><td>class 23, 25, 40, 42 in reply to COMMIT or to an autocommit statement</td><td>fail</td></tr>
 * <tr><td>connection lost, timeout, 57P01, 57P02, any other code after COMMIT or an autocommit
 *   statement was sent</td><td>info</td></tr>
 * <tr><td>57P03, 53300, refused, any other failure to connect</td><td>fail</td></tr>
 * <tr><td>anything in reply to ROLLBACK or to a read</td><td>fail</td></tr>
 * </table>
 */
public sealed interface SqlOutcome {
  /** {@code unreplicated}: the wait for the standbys was cut short. */
  record Ok(boolean unreplicated) implements SqlOutcome {}

  /** {@code state} is a SQLSTATE, or "none". */
  record Fail(String state, String message) implements SqlOutcome {}

  record Info(String state, String message) implements SqlOutcome {}

  /** What the client was waiting for. */
  enum Stage {
    /** A connection: no statement has been sent. */
    CONNECT,
    /** The first statement of a transaction; no answer has said that the transaction began. */
    BEGIN,
    /** A statement in a transaction whose COMMIT has not been sent. */
    STATEMENT,
    COMMIT,
    /** A statement that is a transaction of its own and writes. */
    AUTOCOMMIT,
    ROLLBACK,
    /** A statement that changes nothing, outside a transaction that does. */
    READ
  }

  /**
   * The outcome of COMMIT, or of an autocommit statement, that was answered with a tag.
   *
   * @param tag "COMMIT", "ROLLBACK", "INSERT 0 1"; empty if none came, which says nothing
   */
  static SqlOutcome answered(String tag, Optional<SQLWarning> warnings) {
    if (tag.equals("ROLLBACK")) {
      return new Fail("25P02", "the server answered ROLLBACK to COMMIT");
    }
    if (tag.isEmpty()) {
      return new Info("none", "the server answered without a tag");
    }
    SQLWarning warning = warnings.orElse(null);
    while (warning != null) {
      if ("01000".equals(warning.getSQLState()) && isCancelledWait(warning.getMessage())) {
        return new Ok(true);
      }
      warning = warning.getNextWarning();
    }
    return new Ok(false);
  }

  private static boolean isCancelledWait(String message) {
    return message != null && message.contains("canceling wait for synchronous replication");
  }

  /** The outcome where the driver threw. */
  static SqlOutcome of(Stage stage, SQLException exception) {
    String state = exception.getSQLState() == null ? "none" : exception.getSQLState();
    String message = exception.getMessage() == null ? "" : exception.getMessage();
    return switch (stage) {
      case CONNECT, STATEMENT, ROLLBACK, READ -> new Fail(state, message);
      case BEGIN ->
          isRefusal(exception) || state.startsWith("57P")
              ? new Fail(state, message)
              : new Info(state, message);
      case COMMIT, AUTOCOMMIT ->
          isRefusal(exception) ? new Fail(state, message) : new Info(state, message);
    };
  }

  /** Whether the server's code says that it rolled the transaction back and keeps running. */
  static boolean isRefusal(SQLException exception) {
    String state = exception.getSQLState() == null ? "none" : exception.getSQLState();
    return state.startsWith("23")
        || state.startsWith("25")
        || state.startsWith("40") && !state.equals("40003")
        || state.startsWith("42");
  }
}
