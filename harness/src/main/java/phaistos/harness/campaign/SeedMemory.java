package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.harness.campaign.Entry.Key;
import phaistos.harness.campaign.Entry.Why;

/**
 * Which seeds a night begins with: those that failed when they were last run, quick ones first;
 * then those that reached what none before them had reached.
 */
final class SeedMemory {
  /** Of one cause the quickest ones are enough to see whether it is still there. */
  static final int OF_ONE_CAUSE_MAX = 3;

  /** The latest ones. */
  static final int COVERAGE_MAX = 50;

  /** A seed to be run again. */
  record Remembered(Key key, Why why) {}

  private SeedMemory() {}

  static List<Remembered> order(List<Entry> entries) {
    Map<Key, Entry.Run> last = new LinkedHashMap<>();
    Set<Key> reached = new LinkedHashSet<>();
    Features features = new Features();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Run run && run.why() != Why.CANARY) {
        last.put(run.key(), run);
        if (features.add(run.result())) {
          reached.add(run.key());
        }
      }
    }
    List<Remembered> order = new ArrayList<>();
    Map<Cause, Integer> taken = new HashMap<>();
    last.values().stream()
        .filter(Entry.Run::isFailure)
        .sorted(Comparator.comparing(run -> run.result().realMillis()))
        .filter(run -> taken.merge(Cause.of(run), 1, Integer::sum) <= OF_ONE_CAUSE_MAX)
        .forEach(run -> order.add(new Remembered(run.key(), Why.FAILED)));
    List<Key> passed = reached.stream().filter(key -> !last.get(key).isFailure()).toList();
    passed.subList(Math.max(0, passed.size() - COVERAGE_MAX), passed.size()).reversed().stream()
        .forEach(key -> order.add(new Remembered(key, Why.COVERAGE)));
    return order;
  }
}
