package phaistos.checker.transactions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.histories.Edn;

/** An order of versions that is known from elsewhere decides what reads leave open. */
class VersionOrderTest {
  private static final Edn X = Edn.keyword("x");

  private static TransactionsResult check(Transactions txns, ConsistencyModel model) {
    return new TransactionChecker(
            DataType.RW_REGISTER, TransactionOptions.DEFAULT.withModels(model))
        .check(txns, CheckContext.UNLIMITED);
  }

  private static Transactions ordered(String text, int... values) {
    List<Edn> order = java.util.Arrays.stream(values).<Edn>mapToObj(Edn::of).toList();
    return AnomalyNamesTest.history(DataType.RW_REGISTER, text).withVersionOrder(Map.of(X, order));
  }

  @Test
  void theOrderGivenIsTheOneThatCounts() {
    // Who reads 1 and then 2 in one session: fine if 1 came first.
    String text = "wx1; wx2; 7:rx1; 7:rx2";
    assertEquals("valid", check(ordered(text, 1, 2), ConsistencyModel.PL_3).verdict().word());
    assertEquals(
        "valid",
        check(ordered(text, 1, 2), ConsistencyModel.STRONG_SESSION_SERIALIZABLE).verdict().word());
    assertEquals(
        "invalid",
        check(ordered(text, 2, 1), ConsistencyModel.STRONG_SESSION_SERIALIZABLE).verdict().word());
    assertEquals("valid", check(ordered(text, 2, 1), ConsistencyModel.PL_3).verdict().word());
  }

  @Test
  void anomaliesHaveTheirNamesWhereTheOrderIsKnown() {
    assertEquals(
        List.of("G0"),
        check(
                AnomalyNamesTest.history(DataType.RW_REGISTER, "wx1 wy1; wx2 wy2; rx2")
                    .withVersionOrder(
                        Map.of(
                            X,
                            List.of(Edn.of(1), Edn.of(9), Edn.of(2)),
                            Edn.keyword("y"),
                            List.of(Edn.of(2), Edn.of(1)))),
                ConsistencyModel.PL_3)
            .anomalies());
  }

  @Test
  void aValueTwiceInTheOrderIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> ordered("wx1; rx1", 1, 1));
  }
}
