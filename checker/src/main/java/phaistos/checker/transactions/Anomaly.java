package phaistos.checker.transactions;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What can be wrong with a history, under Elle's names (and one of ours, {@link #GARBAGE_READ}).
 * Most come from Adya's "Weak Consistency" (1999); "-process" means with at least one edge of a
 * process' own order, "-realtime" with at least one of real time; "-item" without predicates, which
 * is all that lists and registers can show. Some names are only steps between what is found and
 * what a model forbids.
 */
public enum Anomaly {
  G0("G0"),
  G0_PROCESS("G0-process"),
  G0_REALTIME("G0-realtime"),
  G1("G1"),
  G1_PROCESS("G1-process"),
  G1_REALTIME("G1-realtime"),
  G1A("G1a"),
  G1B("G1b"),
  G1C("G1c"),
  G1C_PROCESS("G1c-process"),
  G1C_REALTIME("G1c-realtime"),
  G_SINGLE("G-single"),
  G_SINGLE_PROCESS("G-single-process"),
  G_SINGLE_REALTIME("G-single-realtime"),
  G_SINGLE_ITEM("G-single-item"),
  G_SINGLE_ITEM_PROCESS("G-single-item-process"),
  G_SINGLE_ITEM_REALTIME("G-single-item-realtime"),
  G_NONADJACENT("G-nonadjacent"),
  G_NONADJACENT_PROCESS("G-nonadjacent-process"),
  G_NONADJACENT_REALTIME("G-nonadjacent-realtime"),
  G_NONADJACENT_ITEM("G-nonadjacent-item"),
  G_NONADJACENT_ITEM_PROCESS("G-nonadjacent-item-process"),
  G_NONADJACENT_ITEM_REALTIME("G-nonadjacent-item-realtime"),
  G2("G2"),
  G2_PROCESS("G2-process"),
  G2_REALTIME("G2-realtime"),
  G2_ITEM("G2-item"),
  G2_ITEM_PROCESS("G2-item-process"),
  G2_ITEM_REALTIME("G2-item-realtime"),
  GSI("GSI"),
  GSIA("GSIa"),
  GSIB("GSIb"),
  G_SI("G-SI"),
  G_SIB("G-SIb"),
  G_MSR("G-MSR"),
  G_MONOTONIC("G-monotonic"),
  G_CURSOR("G-cursor"),
  G_UPDATE("G-update"),
  INTERNAL("internal"),
  FUTURE_READ("future-read"),
  DIRTY_UPDATE("dirty-update"),
  INCOMPATIBLE_ORDER("incompatible-order"),
  DUPLICATE_ELEMENTS("duplicate-elements"),
  CYCLIC_VERSIONS("cyclic-versions"),
  LOST_UPDATE("lost-update"),
  WRITE_SKEW("write-skew"),
  PREDICATE_READ_MISS("predicate-read-miss"),
  /** A read of something that nobody wrote. Ours: Elle stops with an error there. */
  GARBAGE_READ("garbage-read"),
  PL_1_CYCLE_EXISTS("PL-1-cycle-exists"),
  PL_2_CYCLE_EXISTS("PL-2-cycle-exists"),
  PL_2_99_CYCLE_EXISTS("PL-2.99-cycle-exists"),
  PL_3_CYCLE_EXISTS("PL-3-cycle-exists"),
  PL_SI_CYCLE_EXISTS("PL-SI-cycle-exists"),
  PL_SS_CYCLE_EXISTS("PL-SS-cycle-exists"),
  STRONG_SESSION_PL_1_CYCLE_EXISTS("strong-session-PL-1-cycle-exists"),
  STRONG_SESSION_PL_2_CYCLE_EXISTS("strong-session-PL-2-cycle-exists"),
  STRONG_SESSION_SI_CYCLE_EXISTS("strong-session-snapshot-isolation-cycle-exists"),
  STRONG_SESSION_SERIALIZABLE_CYCLE_EXISTS("strong-session-serializable-cycle-exists"),
  STRONG_PL_1_CYCLE_EXISTS("strong-PL-1-cycle-exists"),
  STRONG_PL_2_CYCLE_EXISTS("strong-PL-2-cycle-exists"),
  STRONG_SI_CYCLE_EXISTS("strong-snapshot-isolation-cycle-exists"),
  MONOTONIC_ATOMIC_VIEW_CYCLE_EXISTS("monotonic-atomic-view-cycle-exists"),
  READ_ATOMIC_CYCLE_EXISTS("read-atomic-cycle-exists"),
  CAUSAL_CERONE_CYCLE_EXISTS("causal-cerone-cycle-exists"),
  CAUSAL_CYCLE_EXISTS("causal-cycle-exists"),
  PREFIX_CYCLE_EXISTS("prefix-cycle-exists"),

  /** No two transactions depend on each other: most likely something went wrong. */
  EMPTY_TRANSACTION_GRAPH("empty-transaction-graph"),
  /** The time limit ended the search for cycles of some class. */
  CYCLE_SEARCH_TIMEOUT("cycle-search-timeout"),
  /** The version order that the data type needs is not there: a value was written twice. */
  DUPLICATE_WRITES("duplicate-writes");

  private static final Map<String, String> COMMON_NAMES =
      Map.of(
          "dirty-write", "G0",
          "aborted-read", "G1a",
          "intermediate-read", "G1b",
          "circular-information-flow", "G1c",
          "read-skew", "G-single-item",
          "long-fork", "G-nonadjacent-item");

  private static final Map<Anomaly, List<Anomaly>> IMPLIED = implied();

  private final String label;

  Anomaly(String label) {
    this.label = label;
  }

  /** Elle's name. */
  public String label() {
    return label;
  }

  /** The anomaly with this name, Elle's or one that people use for the same. */
  public static Optional<Anomaly> named(String label) {
    String name = COMMON_NAMES.getOrDefault(label, label);
    for (Anomaly anomaly : values()) {
      if (anomaly.label.equals(name)) {
        return Optional.of(anomaly);
      }
    }
    return Optional.empty();
  }

  /**
   * What is looked for in histories of this type. The other names stand for what would need
   * predicates, cursors or the moments at which transactions started.
   */
  public static Set<Anomaly> searched(DataType type) {
    Set<Anomaly> searched = EnumSet.of(G1A, G1B, INTERNAL, LOST_UPDATE, WRITE_SKEW, GARBAGE_READ);
    searched.addAll(
        switch (type) {
          case LIST_APPEND ->
              List.of(FUTURE_READ, DIRTY_UPDATE, INCOMPATIBLE_ORDER, DUPLICATE_ELEMENTS);
          case RW_REGISTER -> List.of(FUTURE_READ, CYCLIC_VERSIONS);
        });
    CycleClass.ALL.forEach(one -> searched.add(one.anomaly()));
    if (type == DataType.RW_REGISTER) {
      CycleClass.ALL.forEach(one -> searched.add(one.anomaly().withPredicate()));
    }
    for (Anomaly anomaly : values()) {
      if (anomaly.isCycleExists()) {
        searched.add(anomaly);
      }
    }
    return searched;
  }

  /** What is looked for in histories of this type and shows this anomaly, by name, sorted. */
  public List<String> shownBy(DataType type) {
    Set<Anomaly> showing = withImplying(List.of(this));
    showing.retainAll(searched(type));
    return showing.stream().map(Anomaly::label).sorted().toList();
  }

  /** Whether this anomaly itself is looked for, or all that it is made of. */
  boolean isShownInFull(DataType type) {
    return searched(type).contains(this) || this == G1 || this == G1_PROCESS || this == G1_REALTIME;
  }

  boolean isCycleExists() {
    return label.endsWith("-cycle-exists");
  }

  /** The same with a dependency by predicate in it. */
  Anomaly withPredicate() {
    return named(label.replace("-item", "")).orElseThrow();
  }

  boolean isProcess() {
    return label.endsWith("-process");
  }

  boolean isRealtime() {
    return label.endsWith("-realtime");
  }

  /** Makes an answer unknown rather than invalid. */
  public boolean isUnknown() {
    return this == EMPTY_TRANSACTION_GRAPH
        || this == CYCLE_SEARCH_TIMEOUT
        || this == DUPLICATE_WRITES;
  }

  /** These and all that they imply: who finds the one has found the other. */
  static Set<Anomaly> withImplied(Collection<Anomaly> anomalies) {
    Set<Anomaly> all = EnumSet.noneOf(Anomaly.class);
    Deque<Anomaly> left = new ArrayDeque<>(anomalies);
    while (!left.isEmpty()) {
      Anomaly anomaly = left.pop();
      if (all.add(anomaly)) {
        left.addAll(IMPLIED.getOrDefault(anomaly, List.of()));
      }
    }
    return all;
  }

  /** These and all that imply one of them. */
  static Set<Anomaly> withImplying(Collection<Anomaly> anomalies) {
    Set<Anomaly> all = EnumSet.noneOf(Anomaly.class);
    for (Anomaly anomaly : values()) {
      for (Anomaly step : withImplied(List.of(anomaly))) {
        if (anomalies.contains(step)) {
          all.add(anomaly);
        }
      }
    }
    return all;
  }

  private static Map<Anomaly, List<Anomaly>> implied() {
    Map<Anomaly, List<Anomaly>> implied = new EnumMap<>(Anomaly.class);
    implied.put(G0, List.of(G1C, G0_PROCESS));
    implied.put(G0_PROCESS, List.of(G1C_PROCESS, G0_REALTIME));
    implied.put(G0_REALTIME, List.of(G1C_REALTIME));
    implied.put(G1A, List.of(G1));
    implied.put(G1B, List.of(G1));
    implied.put(G1C, List.of(G1, G1C_PROCESS));
    implied.put(G1C_PROCESS, List.of(G1C_REALTIME, G1_PROCESS));
    implied.put(G1C_REALTIME, List.of(G1_REALTIME));
    implied.put(G1, List.of(G1_PROCESS));
    implied.put(G1_PROCESS, List.of(G1_REALTIME));
    implied.put(G_SINGLE_ITEM, List.of(G_SINGLE, G_SINGLE_ITEM_PROCESS, G_NONADJACENT_ITEM));
    implied.put(
        G_SINGLE_ITEM_PROCESS,
        List.of(G_SINGLE_PROCESS, G_SINGLE_ITEM_REALTIME, G_NONADJACENT_ITEM_PROCESS));
    implied.put(G_SINGLE_ITEM_REALTIME, List.of(G_SINGLE_REALTIME, G_NONADJACENT_ITEM_REALTIME));
    implied.put(G_SINGLE, List.of(G_NONADJACENT, GSIB, G_SINGLE_PROCESS));
    implied.put(G_SINGLE_PROCESS, List.of(G_NONADJACENT_PROCESS, G_SINGLE_REALTIME));
    implied.put(G_SINGLE_REALTIME, List.of(G_NONADJACENT_REALTIME));
    implied.put(G_NONADJACENT_ITEM, List.of(G_NONADJACENT, G2_ITEM, G_NONADJACENT_ITEM_PROCESS));
    implied.put(
        G_NONADJACENT_ITEM_PROCESS,
        List.of(G_NONADJACENT_PROCESS, G2_ITEM_PROCESS, G_NONADJACENT_ITEM_REALTIME));
    implied.put(G_NONADJACENT_ITEM_REALTIME, List.of(G2_ITEM_REALTIME, G_NONADJACENT_REALTIME));
    implied.put(G_NONADJACENT, List.of(G2, G_NONADJACENT_PROCESS));
    implied.put(G_NONADJACENT_PROCESS, List.of(G2_PROCESS, G_NONADJACENT_REALTIME));
    implied.put(G_NONADJACENT_REALTIME, List.of(G2_REALTIME));
    implied.put(G2, List.of(G2_PROCESS));
    implied.put(G2_ITEM, List.of(G2, G2_ITEM_PROCESS));
    implied.put(G2_ITEM_PROCESS, List.of(G2_PROCESS, G2_ITEM_REALTIME));
    implied.put(G2_ITEM_REALTIME, List.of(G2_REALTIME));
    implied.put(G2_PROCESS, List.of(G2_REALTIME));
    implied.put(GSIA, List.of(GSI));
    implied.put(GSIB, List.of(GSI));
    implied.put(INCOMPATIBLE_ORDER, List.of(G1A));
    implied.put(FUTURE_READ, List.of(G1C));
    implied.put(DIRTY_UPDATE, List.of(G1A));
    implied.put(GARBAGE_READ, List.of(G1A));
    implied.put(LOST_UPDATE, List.of(WRITE_SKEW, G2_ITEM));
    implied.put(WRITE_SKEW, List.of(G2));
    return implied;
  }
}
