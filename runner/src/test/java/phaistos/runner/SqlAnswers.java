package phaistos.runner;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What a server answers to a statement, as one line of text. Not thread-safe. */
final class SqlAnswers implements AutoCloseable {
  private final Connection connection;

  SqlAnswers(int port) throws SQLException {
    this.connection =
        DriverManager.getConnection(
            "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres&socketTimeout=30".formatted(port)
                + "&preferQueryMode=simple&options=-c%20timezone=UTC%20-c%20extra_float_digits=1");
  }

  /** Column names and rows, or a count, or the error's SQLSTATE and message. */
  String of(String sql) {
    try (Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return "count " + statement.getUpdateCount();
      }
      return rows(statement.getResultSet());
    } catch (SQLException e) {
      String message = e.getMessage().lines().findFirst().orElse("");
      // functions that only a syntax of their own calls have their schema in PostgreSQL's messages
      return e.getSQLState() + " " + message.replace("function pg_catalog.", "function ");
    }
  }

  private static String rows(ResultSet result) throws SQLException {
    ResultSetMetaData data = result.getMetaData();
    List<String> lines = new ArrayList<>();
    List<String> head = new ArrayList<>();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      head.add(data.getColumnLabel(i));
    }
    lines.add(String.join("|", head));
    while (result.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= data.getColumnCount(); i++) {
        String value = result.getString(i);
        row.add(value == null ? "<null>" : value);
      }
      lines.add(String.join("|", row));
    }
    return String.join(" / ", lines)
        .replace("\\", "\\\\")
        .replace("\n", "\\n")
        .replace("\t", "\\t");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
