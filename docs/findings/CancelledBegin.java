import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicBoolean;

/** Rows of transactions that threw at their first statement and were rolled back, and are there. */
class CancelledBegin {
  private static final int TRANSACTIONS = 2000;

  public static void main(String[] arguments) throws Exception {
    String url = arguments[0];
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists cancelled_begin");
      statement.execute("create table cancelled_begin (value int primary key)");
      int pid = number(statement, "select pg_backend_pid()");
      AtomicBoolean isDone = new AtomicBoolean();
      Thread canceller = new Thread(() -> cancel(url, pid, isDone));
      canceller.start();
      connection.setAutoCommit(false);
      List<Integer> threw = new ArrayList<>();
      try (PreparedStatement insert =
          connection.prepareStatement("insert into cancelled_begin values (?)")) {
        for (int value = 1; value <= TRANSACTIONS; value++) {
          boolean isInserted = false;
          try {
            insert.setInt(1, value);
            insert.executeUpdate();
            isInserted = true;
            connection.commit();
          } catch (SQLException e) {
            rollback(connection);
            if (!isInserted) {
              threw.add(value);
            }
          }
        }
      }
      isDone.set(true);
      canceller.join();
      StringJoiner there = new StringJoiner(", ");
      int count = 0;
      for (int value : threw) {
        if (number(statement, "select count(*) from cancelled_begin where value = " + value) > 0) {
          there.add(Integer.toString(value));
          count++;
        }
      }
      connection.commit();
      System.out.println(
          TRANSACTIONS
              + " transactions, "
              + threw.size()
              + " of them threw at the insert, "
              + count
              + " of these rows are in the table: "
              + there);
    }
  }

  /** A ROLLBACK can be cancelled too. */
  private static void rollback(Connection connection) {
    while (true) {
      try {
        connection.rollback();
        return;
      } catch (SQLException e) {
        // Again.
      }
    }
  }

  private static void cancel(String url, int pid, AtomicBoolean isDone) {
    try (Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      while (!isDone.get()) {
        number(statement, "select pg_cancel_backend(" + pid + ")::int");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int number(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
