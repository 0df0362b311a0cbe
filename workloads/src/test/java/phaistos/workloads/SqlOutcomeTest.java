package phaistos.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.workloads.SqlOutcome.Stage;

class SqlOutcomeTest {
  @ParameterizedTest(name = "{1} at {0} is {2}")
  @CsvSource({
    "COMMIT,     25P02, Fail",
    "COMMIT,     40001, Fail",
    "COMMIT,     40P01, Fail",
    "COMMIT,     23505, Fail", // a deferred constraint
    "COMMIT,     40003, Info", // statement completion unknown
    "COMMIT,     08006, Info",
    "COMMIT,     08003, Info",
    "COMMIT,     57P01, Info",
    "COMMIT,     57P02, Info",
    "COMMIT,     57P03, Info",
    "COMMIT,     57014, Info",
    "COMMIT,     53100, Info",
    "COMMIT,     XX000, Info",
    "COMMIT,          , Info",
    "BEGIN,      57014, Info", // of BEGIN alone: the statement beside it commits by itself
    "BEGIN,      08006, Info",
    "BEGIN,           , Info",
    "BEGIN,      57P01, Fail", // the connection ended before the statement
    "BEGIN,      23505, Fail",
    "STATEMENT,  57014, Fail",
    "STATEMENT,  08006, Fail", // COMMIT was never sent
    "STATEMENT,  57P01, Fail",
    "STATEMENT,  23505, Fail",
    "STATEMENT,  25006, Fail",
    "STATEMENT,  42P01, Fail",
    "STATEMENT,  40001, Fail",
    "STATEMENT,       , Fail",
    "AUTOCOMMIT, 08006, Info",
    "AUTOCOMMIT, 57P01, Info",
    "AUTOCOMMIT, 57014, Info",
    "AUTOCOMMIT, 23505, Fail",
    "AUTOCOMMIT, 25006, Fail",
    "AUTOCOMMIT, 40P01, Fail",
    "AUTOCOMMIT, 42601, Fail",
    "CONNECT,    57P03, Fail",
    "CONNECT,    53300, Fail",
    "CONNECT,    08001, Fail", // refused
    "CONNECT,    08006, Fail",
    "ROLLBACK,   08006, Fail",
    "READ,       08006, Fail",
    "READ,       57014, Fail",
  })
  void tableOfErrors(Stage stage, String state, String expected) {
    SqlOutcome outcome = SqlOutcome.of(stage, new SQLException("text", state));
    assertEquals(expected, outcome.getClass().getSimpleName());
  }

  @Test
  void anAnswerWithoutAWarningIsOk() {
    assertEquals(new SqlOutcome.Ok(false), SqlOutcome.answered("COMMIT", Optional.empty()));
  }

  @Test
  void theTagRollbackIsAFailAndNoTagIsAnInfo() {
    assertEquals(
        new SqlOutcome.Fail("25P02", "the server answered ROLLBACK to COMMIT"),
        SqlOutcome.answered("ROLLBACK", Optional.empty()));
    assertEquals(
        new SqlOutcome.Info("none", "the server answered without a tag"),
        SqlOutcome.answered("", Optional.empty()));
  }

  @Test
  void aCancelledWaitIsOkButUnreplicated() {
    SQLWarning other = new SQLWarning("something else", "01000");
    other.setNextWarning(
        new SQLWarning("canceling wait for synchronous replication due to user request", "01000"));
    assertEquals(new SqlOutcome.Ok(true), SqlOutcome.answered("COMMIT", Optional.of(other)));
  }

  @Test
  void otherWarningsChangeNothing() {
    SQLWarning notice = new SQLWarning("relation \"commits\" already exists, skipping", "42P07");
    assertEquals(new SqlOutcome.Ok(false), SqlOutcome.answered("COMMIT", Optional.of(notice)));
    SQLWarning sameCode = new SQLWarning("another warning", "01000");
    assertEquals(new SqlOutcome.Ok(false), SqlOutcome.answered("COMMIT", Optional.of(sameCode)));
  }

  @Test
  void aPartOfAConnectionErrorsTextDoesNotCount() {
    SQLException cause = new SQLException("canceling statement due to user request", "57014");
    assertEquals(
        new SqlOutcome.Info("57014", "canceling statement due to user request"),
        SqlOutcome.of(Stage.COMMIT, cause));
  }
}
