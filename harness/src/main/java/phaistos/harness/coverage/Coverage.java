package phaistos.harness.coverage;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import phaistos.harness.run.CrashAudit;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Goal;

/**
 * Counts the goals of a run, event by event, up to the crash of all nodes. Not thread-safe.
 *
 * <p>Beside the goals there is one rule: every function that clients called was acknowledged at
 * least once. A run in which no transfer ever succeeded says nothing of transfers.
 */
public final class Coverage {
  /** Calls that roll back on purpose, and so are never acknowledged. */
  private static final Set<String> UNDONE = Set.of("rollback", "undone");

  private record Counted(Goal goal, Goal.Counter counter) {}

  private final List<Counted> goals = new ArrayList<>();
  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private final Set<String> called = new TreeSet<>();
  private final Set<String> acknowledged = new HashSet<>();
  private boolean isOver;

  /**
   * @param ofWorkload the workload's own goals
   * @param minimum of the run's faults
   */
  public Coverage(List<Goal> ofWorkload, FaultMinimum minimum) {
    List<Goal> all = new ArrayList<>(RunGoals.all(minimum));
    all.addAll(ofWorkload);
    for (Goal goal : all) {
      goals.add(new Counted(goal, goal.counter().get()));
      counts.put(goal.name(), 0);
    }
  }

  /** The coverage of a whole run. */
  public static Coverage of(
      List<Goal> ofWorkload, FaultMinimum minimum, List<Event<UntypedCall>> events) {
    Coverage coverage = new Coverage(ofWorkload, minimum);
    events.forEach(coverage::heard);
    return coverage;
  }

  /** The next event. After the crash of all nodes only the nemesis still counts. */
  public void heard(Event<UntypedCall> event) {
    if (event.isClient() && isOver) {
      return;
    }
    isOver |= event.call().name().equals(CrashAudit.CRASH_ALL);
    for (Counted each : goals) {
      int count = each.counter.count(event);
      if (count != 0) {
        counts.merge(each.goal.name(), count, Integer::sum);
      }
    }
    if (event.isClient()) {
      String function = event.call().name();
      if (event.isInvoke()) {
        called.add(function);
      } else if (event instanceof Event.Ok) {
        acknowledged.add(answers(function));
      }
    }
  }

  /** The function that was called, where the answer bears another name. */
  private static String answers(String function) {
    return function.endsWith("read-nil") || function.endsWith("cas-mismatch")
        ? function.substring(0, function.lastIndexOf('-'))
        : function;
  }

  /** Adds what was counted elsewhere. */
  public void add(String goal, int count) {
    counts.merge(goal, count, Integer::sum);
  }

  /** How often each goal was reached. */
  public Map<String, Integer> counts() {
    return new LinkedHashMap<>(counts);
  }

  /** What is below its minimum, one sentence each. */
  public List<String> unmet() {
    List<String> unmet = new ArrayList<>();
    for (Counted each : goals) {
      int count = counts.get(each.goal.name());
      if (count < each.goal.minimum()) {
        unmet.add("%s (%d of %d)".formatted(each.goal.name(), count, each.goal.minimum()));
      }
    }
    for (String function : called) {
      String plain = function.substring(function.indexOf('/') + 1);
      if (!acknowledged.contains(function) && !UNDONE.contains(plain)) {
        unmet.add("a call of " + function + " was acknowledged (0 of 1)");
      }
    }
    return unmet;
  }

  /** Whether the faults have had the effects that they must have. */
  public boolean isMetByFaults() {
    return goals.stream()
        .map(Counted::goal)
        .filter(goal -> goal.name().equals(RunGoals.EFFECTS) || goal.name().equals(RunGoals.KINDS))
        .allMatch(goal -> counts.get(goal.name()) >= goal.minimum());
  }

  /** The goals that were not reached at all, of those that count too. */
  public List<String> notReached() {
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() == 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** For results.edn. */
  public Edn.Table toEdn() {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    counts.forEach((goal, count) -> table.put(Edn.of(goal), Edn.of(count)));
    return new Edn.Table(table);
  }
}
