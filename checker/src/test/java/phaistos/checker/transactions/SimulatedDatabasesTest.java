package phaistos.checker.transactions;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import phaistos.checker.CheckContext;
import phaistos.checker.transactions.SimulatedDatabase.Strength;
import phaistos.histories.History;

/**
 * Databases of known strength judge the checker: over many seeds each shows every anomaly that it
 * may show, and no other. {@code -Dphaistos.seeds=1000} for a long run.
 */
class SimulatedDatabasesTest {
  private static final int SEEDS = Integer.getInteger("phaistos.seeds", 200);

  private static final int ALL_SEEDS = 1_000;

  /**
   * Over a thousand seeds. That a cycle exists somewhere is said where its edges have two names.
   */
  private static Set<String> allowed(Strength strength) {
    return switch (strength) {
      case STRICT_SERIALIZABLE -> Set.of();
      case SERIALIZABLE -> Set.of("G-single-item-realtime");
      case SNAPSHOT_ISOLATION -> Set.of("G2-item", "G2-item-realtime");
      case READ_COMMITTED -> READ_COMMITTED;
      case READ_UNCOMMITTED ->
          without(
              with(READ_COMMITTED, "G1a", "G1b", "G1c", "G1c-realtime", "incompatible-order"),
              "G2-item-realtime");
      case DIRTY_READS ->
          with(READ_COMMITTED, "G1a", "G1b", "G1c", "G1c-realtime", "incompatible-order");
      case LOSES_UPDATES ->
          without(
              with(
                  READ_COMMITTED,
                  "G0",
                  "G0-realtime",
                  "G1c",
                  "G1c-realtime",
                  "incompatible-order",
                  "strong-PL-1-cycle-exists"),
              "internal",
              "G-nonadjacent-item-realtime");
      case LONG_FORK ->
          Set.of(
              "G-nonadjacent-item",
              "G-single-item-realtime",
              "G2-item",
              "G2-item-realtime",
              "strong-snapshot-isolation-cycle-exists");
    };
  }

  private static final Set<String> READ_COMMITTED =
      Set.of(
          "internal",
          "lost-update",
          "G-single-item",
          "G-single-item-realtime",
          "G-nonadjacent-item",
          "G-nonadjacent-item-realtime",
          "G2-item",
          "G2-item-realtime");

  private static Set<String> with(Set<String> some, String... more) {
    Set<String> all = new TreeSet<>(some);
    all.addAll(List.of(more));
    return all;
  }

  private static Set<String> without(Set<String> some, String... less) {
    Set<String> rest = new TreeSet<>(some);
    rest.removeAll(List.of(less));
    return rest;
  }

  @ParameterizedTest
  @EnumSource(Strength.class)
  void showsExactlyTheAnomaliesThatItMay(Strength strength) {
    Map<String, Integer> seen = new TreeMap<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      TransactionsResult result = check(strength, seed);
      for (String anomaly : result.anomalies()) {
        seen.merge(anomaly, 1, Integer::sum);
      }
    }
    Set<String> unexpected = new TreeSet<>(seen.keySet());
    unexpected.removeAll(allowed(strength));
    assertEquals(Set.of(), unexpected, "seeds 0 to " + (SEEDS - 1) + ": " + seen);
    if (SEEDS >= ALL_SEEDS) {
      assertEquals(new TreeSet<>(allowed(strength)), seen.keySet(), seen.toString());
    }
  }

  static TransactionsResult check(Strength strength, long seed) {
    SimulatedDatabase database = new SimulatedDatabase(strength, seed, 5, 3, 4);
    History<TxnCall> history = History.of(List.copyOf(database.run(40)));
    return new TransactionChecker(DataType.LIST_APPEND, TransactionOptions.DEFAULT)
        .check(history, CheckContext.UNLIMITED);
  }
}
