package phaistos.harness.campaign;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A night in figures.
 *
 * @param counts its runs by their ending, canaries aside
 * @param findings causes of its failures
 * @param worked how long it was at work, over all calls
 */
record NightSummary(
    Entry.Night night, Map<RunResult.Ending, Integer> counts, int findings, Duration worked) {

  /** All nights of a journal, in their order. */
  static List<NightSummary> of(List<Entry> entries) {
    List<NightSummary> nights = new ArrayList<>();
    Map<Integer, Cause> all = Cause.all(entries);
    for (Entry entry : entries) {
      if (entry instanceof Entry.Night night) {
        Map<RunResult.Ending, Integer> counts = new EnumMap<>(RunResult.Ending.class);
        Set<Cause> causes = new HashSet<>();
        for (Entry other : entries) {
          if (other instanceof Entry.Run run
              && run.night().equals(night.id())
              && run.why() != Entry.Why.CANARY) {
            counts.merge(run.result().ending(), 1, Integer::sum);
            if (run.isFailure()) {
              causes.add(all.get(run.number()));
            }
          }
        }
        nights.add(
            new NightSummary(night, counts, causes.size(), Schedule.worked(entries, night.id())));
      }
    }
    return nights;
  }

  int of(RunResult.Ending ending) {
    return counts.getOrDefault(ending, 0);
  }

  int total() {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  double runsAnHour() {
    return worked.isZero() ? 0 : total() * 3_600_000.0 / worked.toMillis();
  }
}
