package phaistos.recorder;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A connection that records its commits. Before a transaction that wrote commits, it sends one more
 * query. This asks for the xid, the level and the standby names, and writes a unique message into
 * the WAL as part of the transaction (pg_logical_emit_message). The audit finds the transaction by
 * this message, whatever its rows contain. Then it sends the commit and records its outcome: ok; ok
 * but unreplicated, by the warning of a cancelled wait; fail; or info if the connection broke.
 *
 * <p>For this purpose, a statement that writes under autocommit gets a transaction of its own. Not
 * recorded are transactions that wrote nothing, SELECTs under autocommit that call a writing
 * function, COPY through the other driver's own interface, COMMIT PREPARED, COMMIT within CALL or
 * DO.
 */
final class RecordingConnection implements InvocationHandler {
  private static final String IDENTIFY =
      "select pg_current_xact_id_if_assigned()::text, current_setting('synchronous_commit'),"
          + " current_setting('synchronous_standby_names'),"
          + " case when pg_current_xact_id_if_assigned() is not null"
          + " then pg_logical_emit_message(true, 'phaistos', '%s')::text end";
  private static final Pattern WRITES =
      Pattern.compile(
          "\\A(?:\\s|\\(|--[^\\n"
              + "]*\\n"
              + "|/\\*.*?\\*/)*(?:insert|update|delete|merge|with|truncate)\\b.*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern COMMITS =
      Pattern.compile(
          "\\s*(?:commit|end)(?:\\s+(?:work|transaction))?\\s*;?\\s*", Pattern.CASE_INSENSITIVE);

  private final Connection inner;
  private final HistoryFile history;
  private final String node;
  private long process;
  private Connection proxy;

  private RecordingConnection(Connection inner, HistoryFile history, Optional<String> node) {
    this.inner = inner;
    this.history = history;
    this.node = node.map(name -> ",\"node\":" + HistoryFile.quote(name)).orElse("");
    this.process = history.newProcess();
  }

  static Connection wrap(Connection inner, HistoryFile history, Optional<String> node) {
    RecordingConnection handler = new RecordingConnection(inner, history, node);
    handler.proxy = proxy(Connection.class, handler);
    return handler.proxy;
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            RecordingConnection.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** A call on the other driver's object. */
  private interface Act {
    Object run() throws SQLException;
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Override
  public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "equals":
        return self == arguments[0];
      case "commit":
        commit(
            () -> {
              inner.commit();
              return null;
            });
        return null;
      case "setAutoCommit":
        if ((Boolean) arguments[0] && !inner.getAutoCommit()) {
          // this commits too
          commit(
              () -> {
                inner.setAutoCommit(true);
                return null;
              });
          return null;
        }
        break;
      default:
        break;
    }
    Object result = call(inner, method, arguments);
    if (result instanceof CallableStatement) {
      return statement(CallableStatement.class, (CallableStatement) result, sql(arguments));
    }
    if (result instanceof PreparedStatement) {
      return statement(PreparedStatement.class, (PreparedStatement) result, sql(arguments));
    }
    if (result instanceof Statement) {
      return statement(Statement.class, (Statement) result, "");
    }
    return result;
  }

  private static String sql(Object[] arguments) {
    return (String) arguments[0];
  }

  private <T extends Statement> T statement(Class<T> type, T target, String prepared) {
    return proxy(type, new RecordingStatement(target, prepared));
  }

  /** A statement that may end a transaction. */
  private final class RecordingStatement implements InvocationHandler {
    private final Statement target;
    private final String prepared;
    private boolean isBatchWriting;

    RecordingStatement(Statement target, String prepared) {
      this.target = target;
      this.prepared = prepared;
    }

    @Override
    public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
      String name = method.getName();
      if (name.equals("getConnection")) {
        return proxy;
      }
      if (name.equals("equals")) {
        return self == arguments[0];
      }
      boolean hasText = arguments != null && arguments.length > 0 && arguments[0] instanceof String;
      String sql = hasText ? (String) arguments[0] : prepared;
      if (name.equals("addBatch")) {
        isBatchWriting |= WRITES.matcher(sql).matches();
      }
      if (!name.startsWith("execute")) {
        return call(target, method, arguments);
      }
      boolean isBatch = name.equals("executeBatch") || name.equals("executeLargeBatch");
      Act act = () -> sneaky(method, arguments);
      if (!isBatch && COMMITS.matcher(sql).matches()) {
        return commit(act, target::getWarnings);
      }
      boolean isWriting = isBatch ? isBatchWriting : WRITES.matcher(sql).matches();
      isBatchWriting &= !isBatch;
      return isWriting && inner.getAutoCommit() ? alone(act) : act.run();
    }

    private Object sneaky(Method method, Object[] arguments) throws SQLException {
      try {
        return call(target, method, arguments);
      } catch (SQLException | RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new SQLException(e);
      }
    }
  }

  /**
   * Runs a statement under autocommit in a transaction of its own, which can be asked for its xid.
   */
  private Object alone(Act act) throws SQLException {
    inner.setAutoCommit(false);
    boolean isDone = false;
    try {
      Object result = act.run();
      commit(
          () -> {
            inner.commit();
            return null;
          });
      isDone = true;
      return result;
    } finally {
      if (!inner.isClosed()) {
        if (!isDone) {
          inner.rollback();
        }
        inner.setAutoCommit(true);
      }
    }
  }

  /** The source of the server's warnings on a commit. */
  private interface Warnings {
    SQLWarning first() throws SQLException;
  }

  private Object commit(Act act) throws SQLException {
    return commit(act, inner::getWarnings);
  }

  /** Ends the transaction by {@code act}, and records the outcome if the transaction wrote. */
  private Object commit(Act act, Warnings warnings) throws SQLException {
    if (inner.getAutoCommit()) {
      return act.run();
    }
    Optional<String> identity = identify();
    if (identity.isEmpty()) {
      return act.run();
    }
    String fields = identity.get();
    history.append("invoke", process, fields);
    try {
      inner.clearWarnings();
      Object result = act.run();
      history.append(
          "ok", process, fields + (isCutShort(warnings.first()) ? ",\"unreplicated\":true" : ""));
      return result;
    } catch (SQLException e) {
      boolean isUnknown = isUnknown(e.getSQLState());
      String error = ",\"error\":" + HistoryFile.quote(String.valueOf(e.getMessage()));
      history.append(isUnknown ? "info" : "fail", process, fields + error);
      if (isUnknown) {
        process = history.newProcess();
      }
      throw e;
    }
  }

  /** The fields of this transaction; empty if it wrote nothing or can no longer commit. */
  private Optional<String> identify() {
    String marker = history.newMarker();
    try (Statement statement = inner.createStatement();
        ResultSet row = statement.executeQuery(IDENTIFY.formatted(marker))) {
      row.next();
      if (row.getString(1) == null) {
        return Optional.empty();
      }
      return Optional.of(
          ",\"xid\":%s,\"marker\":%s,\"synchronous-commit\":%s,\"standby-names\":%s%s"
              .formatted(
                  row.getString(1),
                  HistoryFile.quote(marker),
                  HistoryFile.quote(row.getString(2)),
                  HistoryFile.quote(row.getString(3)),
                  node));
    } catch (SQLException e) {
      return Optional.empty();
    }
  }

  /** Whether the wait for the standbys was cancelled (syncrep.c: WARNING 01000 or 57P01). */
  private static boolean isCutShort(SQLWarning first) {
    for (SQLWarning w = first; w != null; w = w.getNextWarning()) {
      if (String.valueOf(w.getMessage()).contains("synchronous replication")) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the outcome of the commit is unknown: the connection broke, or the server went down.
   */
  private static boolean isUnknown(String state) {
    return state == null
        || state.startsWith("08")
        || state.startsWith("57P0")
        || state.equals("40003");
  }
}
