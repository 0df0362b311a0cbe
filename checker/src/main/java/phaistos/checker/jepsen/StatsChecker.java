package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Counts ok, failed and indeterminate operations, in total and for each function. A function
 * without an ok was not tested: the verdict is then unknown (Jepsen's is false).
 */
public final class StatsChecker implements Checker<UntypedCall, Report> {
  private static final int OK = 0;
  private static final int FAIL = 1;
  private static final int INFO = 2;

  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Map<String, long[]> byFunction = new TreeMap<>();
    long[] all = new long[3];
    for (Event<UntypedCall> event : history.events()) {
      if (!event.isClient() || event.isInvoke()) {
        continue;
      }
      int kind =
          switch (event) {
            case Event.Ok<UntypedCall> _ -> OK;
            case Event.Fail<UntypedCall> _ -> FAIL;
            default -> INFO;
          };
      all[kind]++;
      byFunction.computeIfAbsent(event.call().name(), _ -> new long[3])[kind]++;
    }
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    List<String> never = new ArrayList<>();
    byFunction.forEach(
        (f, counts) -> {
          table.put(Edn.keyword(f), counts(counts));
          if (counts[OK] == 0) {
            never.add(f);
          }
        });
    Report.Builder report =
        Report.builder().put("all", counts(all)).put("by-f", new Edn.Table(table));
    if (byFunction.isEmpty()) {
      return report.unknown("no operation ever completed");
    }
    return never.isEmpty()
        ? report.valid()
        : report.unknown("never ok: " + String.join(", ", never));
  }

  private static Edn counts(long[] counts) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("count"), Edn.of(counts[OK] + counts[FAIL] + counts[INFO]));
    table.put(Edn.keyword("ok-count"), Edn.of(counts[OK]));
    table.put(Edn.keyword("fail-count"), Edn.of(counts[FAIL]));
    table.put(Edn.keyword("info-count"), Edn.of(counts[INFO]));
    return new Edn.Table(table);
  }
}
