package phaistos.runner.commitlog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Uses up transaction ids with transactions that do nothing else, many in one message. */
public final class XidBurner {
  /** Transactions in a message. */
  private static final int BATCH = 256;

  private XidBurner() {}

  /** Ends transactions until the next id is at least this one. */
  public static void until(Connection connection, long xid) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set synchronous_commit = off");
      while (true) {
        long left = xid - current(statement) - 1;
        if (left <= 0) {
          return;
        }
        int count = (int) Math.min(BATCH, left);
        statement.execute("begin;select txid_current();commit;".repeat(count));
      }
    }
  }

  private static long current(Statement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery("select txid_current()")) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
