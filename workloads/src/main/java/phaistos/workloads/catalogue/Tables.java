package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.List;
import phaistos.histories.Edn;
import phaistos.workloads.journal.Sql;

/** Statements that several workloads need. */
final class Tables {
  private Tables() {}

  /** Creates a table, or empties it. */
  static List<String> fresh(String table, String columns) {
    return List.of(
        "create table if not exists " + table + " (" + columns + ")", "delete from " + table);
  }

  /**
   * Sets a row's value, and inserts the row if there is none. If another transaction inserts it at
   * the same time, this one fails (23505).
   */
  static void put(Sql sql, String table, Edn id, Edn value) throws SQLException {
    if (sql.update("update " + table + " set value = ? where id = ?", value, id) == 0) {
      sql.update("insert into " + table + " (id, value) values (?, ?)", id, value);
    }
  }

  /** The row's value; nil without a row. */
  static Edn get(Sql sql, String table, Edn id) throws SQLException {
    return sql.value("select value from " + table + " where id = ?", id).orElse(Edn.NIL);
  }
}
