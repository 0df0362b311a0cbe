package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static phaistos.server.LockScenes.play;
import static phaistos.server.LockScenes.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.environment.Task;

/** Statements that a session runs again, after what their plans rest on has changed. */
class KeptPlansTest {
  private static final String READ = "select * from t where id >= ?";
  private static final String INTO_T = "insert into t values (?, 0)";
  private static final String INTO_U = "insert into u values (?)";

  /** A session in a transaction block, which prepares each statement by a message of its own. */
  private static Connection extended(SimulatedNodes nodes) throws SQLException {
    Connection connection = nodes.connect("n1", "preferQueryMode", "extended");
    connection.setAutoCommit(false);
    return connection;
  }

  /** The rows of a read, columns with commas between; or the SQLSTATE of the error. */
  private static String read(Connection connection) {
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setInt(1, 0);
      List<String> all = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
            row.add(rows.getString(i));
          }
          all.add(String.join(",", row));
        }
      }
      return String.join(" ", all);
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  /** "ok", or the SQLSTATE of the error. */
  private static String write(Connection connection, String sql, int id) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, id);
      statement.executeUpdate();
      return "ok";
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  @Test
  void aTableThatAnotherSessionMadeAnewIsReadAsItIsNow() {
    play(
        (_, nodes) -> {
          Connection connection = extended(nodes);
          assertEquals("1,0", read(connection));
          connection.commit();
          nodes.ask("n1", "drop table t");
          assertEquals("42P01", read(connection));
          connection.rollback();
          nodes.ask("n1", "create table t(id int)");
          nodes.ask("n1", "insert into t values (7)");
          assertEquals("7", read(connection));
        });
  }

  @Test
  void whatItsOwnTransactionChangedIsSeenAndForgottenWithIt() {
    play(
        (_, nodes) -> {
          Connection connection = extended(nodes);
          assertEquals("1,0", read(connection));
          assertEquals("ok", run(connection.createStatement(), "drop table t"));
          assertEquals("ok", run(connection.createStatement(), "create table t(id int)"));
          assertEquals("ok", run(connection.createStatement(), "insert into t values (5)"));
          assertEquals("5", read(connection));
          connection.rollback();
          assertEquals("1,0", read(connection));
        });
  }

  @Test
  void aTemporaryTableStandsBeforeTheOther() {
    play(
        (_, nodes) -> {
          Connection connection = extended(nodes);
          assertEquals("1,0", read(connection));
          connection.commit();
          assertEquals("ok", run(connection.createStatement(), "create temp table t(id int)"));
          connection.commit();
          assertEquals("", read(connection));
          assertEquals("ok", run(connection.createStatement(), "drop table t"));
          connection.commit();
          assertEquals("1,0", read(connection));
        });
  }

  @Test
  void whoReadsAgainLocksTheTableAgain() {
    play(
        (_, nodes) -> {
          Connection connection = extended(nodes);
          assertEquals("1,0", read(connection));
          connection.commit();
          assertEquals("1,0", read(connection));
          List<String> answer = new ArrayList<>();
          Task drops =
              nodes
                  .clients()
                  .tasks()
                  .spawn("drops", () -> answer.add(nodes.ask("n1", "truncate t")));
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND / 2);
          assertEquals(List.of(), answer);
          connection.commit();
          drops.join();
          assertEquals("", read(connection));
        });
  }

  @Test
  void aReadOnlyTransactionDoesNotWriteWhatOneBeforeItWrote() {
    play(
        (_, nodes) -> {
          Connection connection = extended(nodes);
          assertEquals("ok", write(connection, INTO_T, 2));
          connection.commit();
          assertEquals("ok", run(connection.createStatement(), "set transaction read only"));
          assertEquals("25006", write(connection, INTO_T, 3));
          connection.rollback();
          assertEquals("ok", write(connection, INTO_T, 4));
          connection.commit();
          assertEquals("1,0 2,0 4,0", read(connection));
        });
  }

  @Test
  void anIndexAndACheckThatCameLaterCount() {
    play(
        (_, nodes) -> {
          nodes.ask("n1", "create table u(id int)");
          Connection connection = extended(nodes);
          assertEquals("ok", write(connection, INTO_U, 1));
          connection.commit();
          nodes.ask("n1", "create unique index on u(id)");
          assertEquals("23505", write(connection, INTO_U, 1));
          connection.rollback();
          nodes.ask("n1", "alter table u add check (id < 5)");
          assertEquals("23514", write(connection, INTO_U, 6));
        });
  }
}
