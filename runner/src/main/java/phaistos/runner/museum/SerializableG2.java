package phaistos.runner.museum;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.transactions.ConsistencyModel;
import phaistos.checker.transactions.DataType;
import phaistos.checker.transactions.MicroOp;
import phaistos.checker.transactions.TransactionChecker;
import phaistos.checker.transactions.TransactionOptions;
import phaistos.checker.transactions.TransactionsResult;
import phaistos.checker.transactions.TxnCall;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;

/**
 * Two serializable transactions each miss the row that the other one inserts, and both commit. A
 * third one updates one of the rows before it is read, and does not commit in time; because of it
 * the server does not see that the reader misses a concurrent insert (predicate locks,
 * HeapCheckForSerializableConflictOut). The schedule is fixed, step by step. The versions have no
 * audit here: what the clients saw is enough.
 */
final class SerializableG2 {
  static final Exhibit EXHIBIT =
      new Exhibit(
          "serializable-g2",
          "two transactions under SERIALIZABLE miss each other's rows, and both commit (G2-item)",
          "Jepsen: PostgreSQL 12.3; release notes of 12.4",
          List.of("12.3"),
          List.of("12.6"),
          20,
          SerializableG2::run);

  private SerializableG2() {}

  private static void run(Place place, int tries, long seed, Consumer<Exhibit.Try> each)
      throws SQLException {
    try (Lab lab = new Lab(place, 1, seed, Map.of("synchronous_standby_names", ""))) {
      lab.execute(
          Lab.N1,
          "CREATE TABLE a (id int PRIMARY KEY, val text)",
          "CREATE TABLE b (id int PRIMARY KEY, val text)");
      for (int n = 0; n < tries; n++) {
        lab.execute(Lab.N1, "TRUNCATE a, b");
        each.accept(attempt(lab));
      }
    }
  }

  private static Exhibit.Try attempt(Lab lab) throws SQLException {
    try (Connection one = begin(lab);
        Connection other = begin(lab);
        Connection third = begin(lab)) {
      boolean oneSees = sees(one, "SELECT * FROM a WHERE id = 42");
      update(other, "INSERT INTO a VALUES (42, 'other')");
      update(one, "INSERT INTO b VALUES (7, 'one')");
      one.commit();
      update(third, "UPDATE b SET val = 'third' WHERE id = 7");
      boolean otherSees;
      try {
        otherSees = sees(other, "SELECT * FROM b WHERE id = 7");
        other.commit();
      } catch (SQLException e) {
        third.rollback();
        return new Exhibit.Try(
            false, "the second transaction is refused: " + e.getSQLState(), List.of());
      }
      third.rollback();
      return judge(oneSees, otherSees);
    }
  }

  private static Connection begin(Lab lab) throws SQLException {
    Connection connection = lab.connect(Lab.N1);
    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    connection.setAutoCommit(false);
    return connection;
  }

  private static boolean sees(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next();
    }
  }

  private static void update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  /** What the two saw, as a history of registers, for the checker. */
  private static Exhibit.Try judge(boolean oneSees, boolean otherSees) {
    Edn key42 = Edn.of(42);
    Edn key7 = Edn.of(7);
    List<Event<TxnCall>> events = new ArrayList<>();
    invoke(events, 0, new MicroOp.ReadRegister(key42, Edn.NIL), new MicroOp.Write(key7, Edn.of(1)));
    invoke(events, 1, new MicroOp.Write(key42, Edn.of(2)), new MicroOp.ReadRegister(key7, Edn.NIL));
    Edn seenByOne = oneSees ? Edn.of(2) : Edn.NIL;
    Edn seenByOther = otherSees ? Edn.of(1) : Edn.NIL;
    ok(events, 0, new MicroOp.ReadRegister(key42, seenByOne), new MicroOp.Write(key7, Edn.of(1)));
    ok(events, 1, new MicroOp.Write(key42, Edn.of(2)), new MicroOp.ReadRegister(key7, seenByOther));
    TransactionOptions options = TransactionOptions.DEFAULT.withModels(ConsistencyModel.PL_3);
    TransactionsResult result =
        new TransactionChecker(DataType.RW_REGISTER, options)
            .check(History.of(events), CheckContext.UNLIMITED);
    boolean isInvalid = result.verdict() instanceof Verdict.Invalid;
    return new Exhibit.Try(
        isInvalid,
        isInvalid
            ? String.join(", ", result.anomalies()) + ": neither sees the other's row"
            : "both commit, and one sees the other's row",
        List.of(result.verdict().reason()));
  }

  private static void invoke(List<Event<TxnCall>> events, long process, MicroOp... steps) {
    events.add(
        new Event.Invoke<>(
            events.size(),
            events.size(),
            new Process.Client(process),
            new TxnCall(List.of(steps)),
            Details.NONE));
  }

  private static void ok(List<Event<TxnCall>> events, long process, MicroOp... steps) {
    events.add(
        new Event.Ok<>(
            events.size(),
            events.size(),
            new Process.Client(process),
            new TxnCall(List.of(steps)),
            Details.NONE));
  }
}
