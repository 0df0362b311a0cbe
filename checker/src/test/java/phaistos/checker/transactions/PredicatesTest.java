package phaistos.checker.transactions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/** Reads by predicate: which anomalies they show, at which models, and what stays unknown. */
class PredicatesTest {
  /** Transactions one after the other, or all at once. */
  private static Transactions history(boolean atOnce, String... values) throws IOException {
    TransactionsBuilder builder = new TransactionsBuilder(DataType.RW_REGISTER);
    for (int i = 0; i < values.length; i++) {
      if (atOnce) {
        builder.add(new Event.Invoke<>(i, -1, new Process.Client(i), call("[]"), Details.NONE));
      }
    }
    for (int i = 0; i < values.length; i++) {
      Process process = new Process.Client(i);
      if (!atOnce) {
        builder.add(new Event.Invoke<>(10 + 2L * i, -1, process, call("[]"), Details.NONE));
      }
      builder.add(new Event.Ok<>(11 + 2L * i, -1, process, call(values[i]), Details.NONE));
    }
    return builder.build();
  }

  private static UntypedCall call(String value) throws IOException {
    Edn steps = new EdnReader(new StringReader(value), "test").next().orElseThrow();
    return new UntypedCall(Edn.keyword("txn"), steps);
  }

  private static String check(Transactions txns, ConsistencyModel model) {
    TransactionsResult result =
        new TransactionChecker(DataType.RW_REGISTER, TransactionOptions.DEFAULT.withModels(model))
            .check(txns, CheckContext.UNLIMITED);
    return result.verdict().word() + " " + String.join(",", result.anomalies());
  }

  /** Two transactions each see no row and insert one: G2, but not of items. */
  @Test
  void writeSkewOverRowsThatWereNotThereIsG2() throws IOException {
    Transactions txns =
        history(
            true,
            "[[:rp :all {}] [:w :a 1]]",
            "[[:rp :all {}] [:w :b 2]]",
            "[[:r :a 1] [:r :b 2]]");
    assertEquals("invalid G2", check(txns, ConsistencyModel.PL_3));
    assertEquals("valid ", check(txns, ConsistencyModel.PL_2_99));
    assertEquals("valid ", check(txns, ConsistencyModel.PL_SI));
    assertTrue(txns.print(0).contains("[:rp :all {}]"), txns.print(0));
  }

  /** One row of a transaction is seen and the other is not: G-single, and no read is atomic. */
  @Test
  void aRowThatIsMissedBesideOneThatIsSeenIsGSingle() throws IOException {
    Transactions txns = history(true, "[[:w :a 2] [:w :b 4]]", "[[:rp [:mod 2 0] {:a 2}]]");
    assertEquals("invalid G-single", check(txns, ConsistencyModel.PL_3));
    assertEquals("invalid G-single", check(txns, ConsistencyModel.PL_SI));
    assertEquals("invalid read-atomic-cycle-exists", check(txns, ConsistencyModel.READ_ATOMIC));
    assertEquals("valid ", check(txns, ConsistencyModel.PL_2));
  }

  /** A row that was committed before the read began is a phantom that was missed. */
  @Test
  void aStaleReadByPredicateIsFoundByRealTime() throws IOException {
    Transactions txns = history(false, "[[:w :a 1]]", "[[:rp [:>= 1] {}]]");
    assertEquals("invalid G-single-realtime", check(txns, ConsistencyModel.PL_SS));
    assertEquals("valid ", check(txns, ConsistencyModel.PL_3));
  }

  /** Where several versions do not match, an order must still agree with the predicate. */
  @Test
  void whichVersionWasSeenMayBeOpenButNeverContradicted() throws IOException {
    String[] steps = {"[[:w :a 1]]", "[[:rp [:mod 2 0] {}] [:r :b nil]]", "[[:r :a 1] [:w :a 2]]"};
    assertEquals("valid ", check(history(false, steps), ConsistencyModel.PL_SS));
    String[] late = {steps[0], steps[2], "[[:rp [:mod 2 0] {}] [:r :a 2]]"};
    assertEquals("unknown ", check(history(false, late), ConsistencyModel.PL_SS));
  }

  @Test
  void whatIsNoPredicateIsRefused() {
    for (String bad :
        List.of(
            "[[:rp :some {}]]",
            "[[:rp [:< :a] {}]]",
            "[[:rp [:= 1] {:a 2}]]",
            "[[:rp :all [1 2]]]",
            "[[:rp [:mod 0 1] {}]]")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> history(true, bad), bad);
      assertTrue(e.getMessage().startsWith("event 11: "), e.getMessage());
    }
  }
}
