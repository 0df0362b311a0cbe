package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which models a component rules out by the mere existence of cycles in some of its relationships:
 * linear, where the search for a cycle of a class may take long.
 *
 * @param size how many transactions the smallest such component has
 */
record CycleExists(Anomaly anomaly, ConsistencyModel model, int size) {
  /** {@code hop}: anti-dependencies too, but never two in a row. */
  private record Spec(Anomaly anomaly, ConsistencyModel model, int mask, boolean hop) {}

  private static final int INFORMATION = Edges.WW | Edges.WR;
  private static final int DATA = INFORMATION | Edges.RW;

  private static final List<Spec> SPECS =
      List.of(
          new Spec(Anomaly.PL_1_CYCLE_EXISTS, ConsistencyModel.PL_1, Edges.WW, false),
          new Spec(Anomaly.PL_2_CYCLE_EXISTS, ConsistencyModel.PL_2, INFORMATION, false),
          new Spec(Anomaly.PL_SI_CYCLE_EXISTS, ConsistencyModel.PL_SI, INFORMATION, true),
          new Spec(Anomaly.PL_2_99_CYCLE_EXISTS, ConsistencyModel.PL_2_99, DATA, false),
          new Spec(Anomaly.PL_3_CYCLE_EXISTS, ConsistencyModel.PL_3, DATA, false),
          new Spec(
              Anomaly.STRONG_SESSION_PL_1_CYCLE_EXISTS,
              ConsistencyModel.STRONG_SESSION_PL_1,
              Edges.WW | Edges.PROCESS,
              false),
          new Spec(
              Anomaly.STRONG_SESSION_PL_2_CYCLE_EXISTS,
              ConsistencyModel.STRONG_SESSION_PL_2,
              INFORMATION | Edges.PROCESS,
              false),
          new Spec(
              Anomaly.STRONG_SESSION_SI_CYCLE_EXISTS,
              ConsistencyModel.STRONG_SESSION_SI,
              INFORMATION | Edges.PROCESS,
              true),
          new Spec(
              Anomaly.STRONG_SESSION_SERIALIZABLE_CYCLE_EXISTS,
              ConsistencyModel.STRONG_SESSION_SERIALIZABLE,
              DATA | Edges.PROCESS,
              false),
          new Spec(
              Anomaly.STRONG_PL_1_CYCLE_EXISTS,
              ConsistencyModel.STRONG_PL_1,
              Edges.WW | Edges.REALTIME,
              false),
          new Spec(
              Anomaly.STRONG_PL_2_CYCLE_EXISTS,
              ConsistencyModel.STRONG_PL_2,
              INFORMATION | Edges.REALTIME,
              false),
          new Spec(
              Anomaly.STRONG_SI_CYCLE_EXISTS,
              ConsistencyModel.STRONG_SI,
              INFORMATION | Edges.REALTIME,
              true),
          new Spec(
              Anomaly.PL_SS_CYCLE_EXISTS, ConsistencyModel.PL_SS, DATA | Edges.REALTIME, false));

  /** The weakest models that the component rules out so. */
  static List<CycleExists> in(LocalGraph graph) {
    List<CycleExists> found = new ArrayList<>();
    Set<ConsistencyModel> ruledOut = EnumSet.noneOf(ConsistencyModel.class);
    for (Spec spec : SPECS) {
      if (!ruledOut.contains(spec.model)) {
        smallest(graph, spec)
            .ifPresent(
                size -> {
                  found.add(new CycleExists(spec.anomaly, spec.model, size));
                  ruledOut.addAll(ConsistencyModel.withStronger(Set.of(spec.model)));
                });
      }
    }
    return found;
  }

  /** The model that an anomaly of this kind rules out. */
  static Optional<ConsistencyModel> modelOf(Anomaly anomaly) {
    return SPECS.stream().filter(spec -> spec.anomaly == anomaly).map(Spec::model).findFirst();
  }

  /**
   * The models that the check covers but that no cycle rules out: their anomalies are not there.
   */
  static Set<ConsistencyModel> notRuledOut(List<CycleExists> found) {
    Set<ConsistencyModel> models = EnumSet.noneOf(ConsistencyModel.class);
    SPECS.forEach(spec -> models.add(spec.model));
    Set<ConsistencyModel> ruledOut = EnumSet.noneOf(ConsistencyModel.class);
    found.forEach(one -> ruledOut.add(one.model));
    models.removeAll(ConsistencyModel.withStronger(ruledOut));
    return models;
  }

  private static Optional<Integer> smallest(LocalGraph graph, Spec spec) {
    List<int[]> components =
        spec.hop
            ? Components.of(hopGraph(graph, spec.mask), ~0)
            : Components.of(graph.edges, spec.mask);
    return components.stream()
        .map(component -> spec.hop ? distinct(component, graph.size()) : component.length)
        .min(Integer::compare);
  }

  /**
   * Each vertex twice: v for having come by anything else, v + n for having come by an
   * anti-dependency, after which another one must not follow.
   */
  private static Edges hopGraph(LocalGraph graph, int mask) {
    int n = graph.size();
    return Edges.of(
        2 * n,
        sink -> {
          for (int vertex = 0; vertex < n; vertex++) {
            for (int e = graph.edges.from(vertex); e < graph.edges.to(vertex); e++) {
              int target = graph.edges.target(e);
              if ((graph.edges.mask(e) & mask) != 0) {
                sink.edge(vertex, target, 1);
                sink.edge(vertex + n, target, 1);
              }
              if ((graph.edges.mask(e) & Edges.RW) != 0) {
                sink.edge(vertex, target + n, 1);
              }
            }
          }
        });
  }

  private static int distinct(int[] component, int n) {
    return (int) Arrays.stream(component).map(v -> v % n).distinct().count();
  }
}
