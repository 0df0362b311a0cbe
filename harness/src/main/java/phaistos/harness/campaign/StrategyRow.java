package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one strategy made of the defects of a campaign.
 *
 * @param cells of a defect and what runs
 * @param found those with at least one detection
 * @param foundSoon those whose runs up to the first detection took no more than {@link #SOON_NANOS}
 * @param cpuNanos of all runs, or up to the first detection where a cell ended with it
 */
public record StrategyRow(String strategy, int cells, int found, int foundSoon, long cpuNanos) {
  public static final long SOON_NANOS = 10_000_000_000L;

  /** One row for each strategy, in the order of the first cells. */
  public static List<StrategyRow> of(List<DefectRow> rows) {
    Map<String, List<DefectRow>> byStrategy = new LinkedHashMap<>();
    for (DefectRow row : rows) {
      if (!row.trials().isEmpty()) {
        byStrategy.computeIfAbsent(row.strategy(), _ -> new ArrayList<>()).add(row);
      }
    }
    return byStrategy.entrySet().stream().map(e -> of(e.getKey(), e.getValue())).toList();
  }

  private static StrategyRow of(String strategy, List<DefectRow> rows) {
    int found = 0;
    int soon = 0;
    long cpu = 0;
    for (DefectRow row : rows) {
      long upToFirst = 0;
      boolean isFound = false;
      for (Trial trial : row.trials()) {
        cpu += trial.cpuNanos();
        upToFirst += isFound ? 0 : trial.cpuNanos();
        isFound |= trial.isFound();
      }
      found += isFound ? 1 : 0;
      soon += isFound && upToFirst <= SOON_NANOS ? 1 : 0;
    }
    return new StrategyRow(strategy, rows.size(), found, soon, cpu);
  }

  public double foundPerCpuHour() {
    return cpuNanos == 0 ? 0 : found * 3600e9 / cpuNanos;
  }
}
