package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Consistency models, which of them imply which, and what each forbids: a history with a forbidden
 * anomaly rules the model out, and with it every stronger one. Names, order and what is forbidden
 * are those that Elle uses; the sources are Adya 1999, Bailis et al. 2013, Berenson et al. 1995,
 * Cerone et al. 2015, Daudjee and Salem 2004 and 2006.
 */
public enum ConsistencyModel {
  PL_1("read-uncommitted", "PL-1"),
  PL_2("read-committed", "PL-2"),
  PL_CS("cursor-stability", "PL-CS"),
  PL_2L("monotonic-view", "PL-2L"),
  PL_MSR("monotonic-snapshot-read", "PL-MSR"),
  PL_2_PLUS("consistent-view", "PL-2+"),
  PL_FCV("forward-consistent-view", "PL-FCV"),
  PL_2_99("repeatable-read", "PL-2.99"),
  PL_SI("snapshot-isolation", "PL-SI"),
  PL_3U("update-serializable", "PL-3U"),
  PL_3("serializable", "PL-3", "conflict-serializable"),
  PL_SS("strong-serializable", "PL-SS", "strict-serializable"),
  MONOTONIC_ATOMIC_VIEW("monotonic-atomic-view"),
  READ_ATOMIC("read-atomic"),
  UPDATE_ATOMIC("update-atomic"),
  CAUSAL_CERONE("causal-cerone"),
  PREFIX("prefix"),
  PARALLEL_SI("parallel-snapshot-isolation"),
  STRONG_SESSION_PL_1("strong-session-read-uncommitted", "strong-session-PL-1"),
  STRONG_SESSION_PL_2("strong-session-read-committed", "strong-session-PL-2"),
  STRONG_PL_1("strong-read-uncommitted", "strong-PL-1"),
  STRONG_PL_2("strong-read-committed", "strong-PL-2"),
  STRONG_SESSION_SI("strong-session-snapshot-isolation"),
  STRONG_SI("strong-snapshot-isolation"),
  STRONG_SESSION_SERIALIZABLE("strong-session-serializable"),
  SESSION_SERIALIZABLE("session-serializable"),
  ONE_SR("1SR"),
  VIEW_SERIALIZABLE("view-serializable"),
  LINEARIZABLE("linearizable"),
  SEQUENTIAL("sequential"),
  CAUSAL("causal"),
  PRAM("PRAM"),
  WRITES_FOLLOW_READS("writes-follow-reads"),
  MONOTONIC_READS("monotonic-reads"),
  MONOTONIC_WRITES("monotonic-writes"),
  READ_YOUR_WRITES("read-your-writes");

  private static final Map<ConsistencyModel, List<ConsistencyModel>> IMPLIED = implied();
  private static final Map<ConsistencyModel, List<Anomaly>> FORBIDDEN = forbidden();

  private final String label;
  private final List<String> otherNames;

  ConsistencyModel(String label, String... otherNames) {
    this.label = label;
    this.otherNames = List.of(otherNames);
  }

  /** The name under which reports show it. */
  public String label() {
    return label;
  }

  /** The model with this name, whichever of its names it is. */
  public static Optional<ConsistencyModel> named(String name) {
    for (ConsistencyModel model : values()) {
      if (model.label.equals(name) || model.otherNames.contains(name)) {
        return Optional.of(model);
      }
    }
    return Optional.empty();
  }

  /** Every name that {@link #named} knows, sorted. */
  public static Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (ConsistencyModel model : values()) {
      names.add(model.label);
      names.addAll(model.otherNames);
    }
    return names;
  }

  /** The anomalies that must not be there if all these models hold. */
  public static Set<Anomaly> forbiddenBy(Collection<ConsistencyModel> models) {
    Set<Anomaly> forbidden = EnumSet.noneOf(Anomaly.class);
    for (ConsistencyModel model : models) {
      for (ConsistencyModel weaker : model.withWeaker()) {
        forbidden.addAll(FORBIDDEN.getOrDefault(weaker, List.of()));
      }
    }
    return Anomaly.withImplying(forbidden);
  }

  /** The models that forbid this anomaly themselves, not through a weaker one. */
  static Set<ConsistencyModel> forbidding(Anomaly anomaly) {
    Set<ConsistencyModel> models = EnumSet.noneOf(ConsistencyModel.class);
    FORBIDDEN.forEach(
        (model, forbidden) -> {
          if (forbidden.contains(anomaly)) {
            models.add(model);
          }
        });
    return weakest(models);
  }

  /**
   * What of what this model forbids is looked for in histories of this type, by name, sorted;
   * nothing if no history is judged by it.
   */
  public List<String> searched(DataType type) {
    if (!isJudged()) {
      return List.of();
    }
    Set<Anomaly> searched = forbiddenBy(List.of(this));
    searched.retainAll(Anomaly.searched(type));
    searched.removeIf(Anomaly::isCycleExists);
    return searched.stream().map(Anomaly::label).sorted().toList();
  }

  /** Whether histories are judged by it at all. */
  boolean isJudged() {
    return switch (this) {
      case PL_1, STRONG_SESSION_PL_1, STRONG_PL_1 -> true;
      default -> Question.of(this).isPresent();
    };
  }

  /** The models that cannot hold if these anomalies are there. */
  public static Set<ConsistencyModel> ruledOutBy(Collection<Anomaly> anomalies) {
    Set<Anomaly> all = Anomaly.withImplied(anomalies);
    Set<ConsistencyModel> direct = EnumSet.noneOf(ConsistencyModel.class);
    FORBIDDEN.forEach(
        (model, forbidden) -> {
          if (forbidden.stream().anyMatch(all::contains)) {
            direct.add(model);
          }
        });
    return withStronger(direct);
  }

  /** These and every model that implies one of them. */
  static Set<ConsistencyModel> withStronger(Collection<ConsistencyModel> models) {
    Set<ConsistencyModel> all = EnumSet.noneOf(ConsistencyModel.class);
    for (ConsistencyModel model : values()) {
      if (model.withWeaker().stream().anyMatch(models::contains)) {
        all.add(model);
      }
    }
    return all;
  }

  /** Of these models the weakest: those that imply no other of them. */
  public static Set<ConsistencyModel> weakest(Set<ConsistencyModel> models) {
    Set<ConsistencyModel> weakest = EnumSet.noneOf(ConsistencyModel.class);
    for (ConsistencyModel model : models) {
      Set<ConsistencyModel> weaker = model.withWeaker();
      weaker.remove(model);
      weaker.retainAll(models);
      if (weaker.isEmpty()) {
        weakest.add(model);
      }
    }
    return weakest;
  }

  /** Their labels, sorted. */
  public static List<String> labels(Collection<ConsistencyModel> models) {
    return models.stream().map(ConsistencyModel::label).sorted().toList();
  }

  /** This model and all that it implies. */
  Set<ConsistencyModel> withWeaker() {
    Set<ConsistencyModel> all = EnumSet.noneOf(ConsistencyModel.class);
    List<ConsistencyModel> left = new ArrayList<>(List.of(this));
    while (!left.isEmpty()) {
      ConsistencyModel model = left.removeLast();
      if (all.add(model)) {
        left.addAll(IMPLIED.getOrDefault(model, List.of()));
      }
    }
    return all;
  }

  private static Map<ConsistencyModel, List<ConsistencyModel>> implied() {
    Map<ConsistencyModel, List<ConsistencyModel>> implied = new EnumMap<>(ConsistencyModel.class);
    implied.put(PL_2, List.of(PL_1));
    implied.put(PL_CS, List.of(PL_2));
    implied.put(PL_2L, List.of(PL_2));
    implied.put(PL_MSR, List.of(PL_2));
    implied.put(PL_2_PLUS, List.of(PL_CS, PL_2L));
    implied.put(PL_FCV, List.of(PL_2_PLUS));
    implied.put(PL_2_99, List.of(PL_CS, MONOTONIC_ATOMIC_VIEW));
    implied.put(PL_SI, List.of(PL_FCV, MONOTONIC_ATOMIC_VIEW, PL_MSR, PARALLEL_SI, PREFIX));
    implied.put(PL_3U, List.of(PL_FCV));
    implied.put(PL_3, List.of(PL_2_99, PL_3U, PL_SI, VIEW_SERIALIZABLE));
    implied.put(
        PL_SS,
        List.of(
            PL_3,
            LINEARIZABLE,
            PL_SI,
            STRONG_SI,
            STRONG_SESSION_SERIALIZABLE,
            SESSION_SERIALIZABLE));
    implied.put(MONOTONIC_ATOMIC_VIEW, List.of(PL_2));
    implied.put(READ_ATOMIC, List.of(MONOTONIC_ATOMIC_VIEW));
    implied.put(UPDATE_ATOMIC, List.of(READ_ATOMIC));
    implied.put(CAUSAL_CERONE, List.of(READ_ATOMIC));
    implied.put(PREFIX, List.of(CAUSAL_CERONE));
    implied.put(PARALLEL_SI, List.of(CAUSAL_CERONE, UPDATE_ATOMIC));
    implied.put(STRONG_SESSION_PL_1, List.of(PL_1));
    implied.put(STRONG_SESSION_PL_2, List.of(PL_2, STRONG_SESSION_PL_1));
    implied.put(STRONG_PL_1, List.of(STRONG_SESSION_PL_1));
    implied.put(STRONG_PL_2, List.of(STRONG_SESSION_PL_2, STRONG_PL_1));
    implied.put(STRONG_SESSION_SI, List.of(PL_SI, STRONG_SESSION_PL_2));
    implied.put(STRONG_SI, List.of(STRONG_SESSION_SI, STRONG_PL_2));
    implied.put(STRONG_SESSION_SERIALIZABLE, List.of(PL_3, STRONG_SESSION_SI));
    implied.put(SESSION_SERIALIZABLE, List.of(ONE_SR));
    implied.put(LINEARIZABLE, List.of(SEQUENTIAL));
    implied.put(SEQUENTIAL, List.of(CAUSAL));
    implied.put(CAUSAL, List.of(WRITES_FOLLOW_READS, PRAM));
    implied.put(PRAM, List.of(MONOTONIC_READS, MONOTONIC_WRITES, READ_YOUR_WRITES));
    return implied;
  }

  private static Map<ConsistencyModel, List<Anomaly>> forbidden() {
    Map<ConsistencyModel, List<Anomaly>> forbidden = new EnumMap<>(ConsistencyModel.class);
    forbidden.put(
        PL_1,
        List.of(
            Anomaly.G0,
            Anomaly.DUPLICATE_ELEMENTS,
            Anomaly.CYCLIC_VERSIONS,
            Anomaly.GARBAGE_READ,
            Anomaly.PL_1_CYCLE_EXISTS));
    forbidden.put(PL_2, List.of(Anomaly.G1, Anomaly.PL_2_CYCLE_EXISTS));
    forbidden.put(PL_CS, List.of(Anomaly.G1, Anomaly.G_CURSOR, Anomaly.LOST_UPDATE));
    forbidden.put(PL_2L, List.of(Anomaly.G1, Anomaly.G_MONOTONIC));
    forbidden.put(PL_MSR, List.of(Anomaly.G1, Anomaly.G_MSR));
    forbidden.put(PL_2_PLUS, List.of(Anomaly.G1, Anomaly.G_SINGLE));
    forbidden.put(PL_FCV, List.of(Anomaly.G1, Anomaly.G_SIB));
    forbidden.put(
        PL_2_99,
        List.of(Anomaly.G1, Anomaly.G2_ITEM, Anomaly.PL_2_99_CYCLE_EXISTS, Anomaly.LOST_UPDATE));
    forbidden.put(
        PL_SI,
        List.of(
            Anomaly.INTERNAL,
            Anomaly.G1,
            Anomaly.G_SI,
            Anomaly.G_NONADJACENT,
            Anomaly.PL_SI_CYCLE_EXISTS));
    forbidden.put(PL_3U, List.of(Anomaly.G1, Anomaly.G_UPDATE));
    forbidden.put(
        PL_3,
        List.of(
            Anomaly.G1,
            Anomaly.G2,
            Anomaly.PREDICATE_READ_MISS,
            Anomaly.INTERNAL,
            Anomaly.PL_3_CYCLE_EXISTS));
    forbidden.put(
        PL_SS,
        List.of(Anomaly.G1, Anomaly.G1C_REALTIME, Anomaly.G2_REALTIME, Anomaly.PL_SS_CYCLE_EXISTS));
    forbidden.put(MONOTONIC_ATOMIC_VIEW, List.of(Anomaly.MONOTONIC_ATOMIC_VIEW_CYCLE_EXISTS));
    forbidden.put(
        READ_ATOMIC,
        List.of(
            Anomaly.INTERNAL, Anomaly.G1A, Anomaly.FUTURE_READ, Anomaly.READ_ATOMIC_CYCLE_EXISTS));
    forbidden.put(UPDATE_ATOMIC, List.of(Anomaly.LOST_UPDATE));
    forbidden.put(
        CAUSAL_CERONE, List.of(Anomaly.INTERNAL, Anomaly.G1A, Anomaly.CAUSAL_CERONE_CYCLE_EXISTS));
    forbidden.put(CAUSAL, List.of(Anomaly.CAUSAL_CYCLE_EXISTS));
    forbidden.put(PREFIX, List.of(Anomaly.INTERNAL, Anomaly.G1A, Anomaly.PREFIX_CYCLE_EXISTS));
    forbidden.put(PARALLEL_SI, List.of(Anomaly.INTERNAL, Anomaly.G1A));
    addSessions(forbidden);
    return forbidden;
  }

  private static void addSessions(Map<ConsistencyModel, List<Anomaly>> forbidden) {
    forbidden.put(
        STRONG_SESSION_PL_1, List.of(Anomaly.G0_PROCESS, Anomaly.STRONG_SESSION_PL_1_CYCLE_EXISTS));
    forbidden.put(
        STRONG_SESSION_PL_2,
        List.of(Anomaly.G1C_PROCESS, Anomaly.STRONG_SESSION_PL_2_CYCLE_EXISTS));
    forbidden.put(STRONG_PL_1, List.of(Anomaly.G0_REALTIME, Anomaly.STRONG_PL_1_CYCLE_EXISTS));
    forbidden.put(STRONG_PL_2, List.of(Anomaly.G1C_REALTIME, Anomaly.STRONG_PL_2_CYCLE_EXISTS));
    forbidden.put(
        STRONG_SESSION_SI,
        List.of(
            Anomaly.INTERNAL,
            Anomaly.G1_PROCESS,
            Anomaly.G_NONADJACENT_PROCESS,
            Anomaly.STRONG_SESSION_SI_CYCLE_EXISTS));
    forbidden.put(
        STRONG_SI,
        List.of(
            Anomaly.INTERNAL,
            Anomaly.G1_REALTIME,
            Anomaly.G_NONADJACENT_REALTIME,
            Anomaly.STRONG_SI_CYCLE_EXISTS));
    forbidden.put(
        STRONG_SESSION_SERIALIZABLE,
        List.of(
            Anomaly.G1_PROCESS,
            Anomaly.G2_PROCESS,
            Anomaly.STRONG_SESSION_SERIALIZABLE_CYCLE_EXISTS));
  }
}
