package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Collects cases of anomalies: all are counted, the ten smallest of each kind kept. */
final class Findings {
  static final int KEPT = 10;

  private final Map<Anomaly, Long> counts = new EnumMap<>(Anomaly.class);
  private final Map<Anomaly, List<Sized>> kept = new EnumMap<>(Anomaly.class);

  private record Sized(int size, Finding finding) {}

  /** Counts a case; makes its proof only if it is among the smallest so far. */
  void add(Anomaly anomaly, int size, Supplier<Finding> finding) {
    counts.merge(anomaly, 1L, Long::sum);
    List<Sized> list = kept.computeIfAbsent(anomaly, _ -> new ArrayList<>());
    if (list.size() == KEPT) {
      if (list.getLast().size <= size) {
        return;
      }
      list.removeLast();
    }
    list.add(new Sized(size, finding.get()));
    list.sort(Comparator.comparingInt(Sized::size));
  }

  /** Takes back all cases of this kind. */
  void remove(Anomaly anomaly) {
    counts.remove(anomaly);
    kept.remove(anomaly);
  }

  Set<Anomaly> anomalies() {
    return counts.keySet();
  }

  long count(Anomaly anomaly) {
    return counts.getOrDefault(anomaly, 0L);
  }

  /** The smallest first. */
  List<Finding> kept(Anomaly anomaly) {
    return kept.getOrDefault(anomaly, List.of()).stream().map(Sized::finding).toList();
  }
}
