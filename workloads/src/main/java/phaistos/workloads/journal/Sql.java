package phaistos.workloads.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * Statements of one transaction, with values as the history has them: integers, texts and nil. Not
 * thread-safe.
 *
 * @param details of the completion, which has them even if the commit's outcome stays unknown
 */
public record Sql(Connection connection, Details.Builder details) {
  /** Runs a statement; returns how many rows it changed. */
  public long update(String sql, Edn... parameters) throws SQLException {
    try (PreparedStatement statement = prepared(sql, parameters)) {
      return statement.executeUpdate();
    }
  }

  /** Each row is the list of its columns. */
  public List<List<Edn>> rows(String sql, Edn... parameters) throws SQLException {
    try (PreparedStatement statement = prepared(sql, parameters);
        ResultSet found = statement.executeQuery()) {
      ResultSetMetaData columns = found.getMetaData();
      List<List<Edn>> rows = new ArrayList<>();
      while (found.next()) {
        List<Edn> row = new ArrayList<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          row.add(value(found, i, columns.getColumnType(i)));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  /** The first column of every row. */
  public List<Edn> column(String sql, Edn... parameters) throws SQLException {
    return rows(sql, parameters).stream().map(List::getFirst).toList();
  }

  /** The first column of the only row, if there is a row. */
  public Optional<Edn> value(String sql, Edn... parameters) throws SQLException {
    return rows(sql, parameters).stream().map(List::getFirst).findFirst();
  }

  private static Edn value(ResultSet rows, int column, int type) throws SQLException {
    if (type == Types.BIGINT || type == Types.INTEGER || type == Types.SMALLINT) {
      long number = rows.getLong(column);
      return rows.wasNull() ? Edn.NIL : Edn.of(number);
    }
    String text = rows.getString(column);
    return text == null ? Edn.NIL : Edn.of(text);
  }

  private PreparedStatement prepared(String sql, Edn... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      switch (parameters[i]) {
        case Edn.Int(long number) -> statement.setLong(i + 1, number);
        case Edn.Text(String text) -> statement.setString(i + 1, text);
        case Edn.Nil _ -> statement.setNull(i + 1, Types.BIGINT);
        default ->
            throw new IllegalArgumentException(
                "no value of a column: " + EdnWriter.print(parameters[i]));
      }
    }
    return statement;
  }
}
