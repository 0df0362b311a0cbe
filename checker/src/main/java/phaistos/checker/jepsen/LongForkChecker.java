package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Keys form groups of n. Each key is written once, alone ({@code [[:w k 1]]}), and a group is read
 * as a whole ({@code [[:r k v] ...]}). Of two reads of a group one must see all writes that the
 * other sees. If each sees a write that the other does not, they saw the writes in different
 * orders: a long fork. Unknown without reads, if a key is written twice, or if a read does not
 * cover a whole group.
 */
public final class LongForkChecker implements Checker<UntypedCall, Report> {
  private final int groupSize;

  public LongForkChecker(int groupSize) {
    this.groupSize = groupSize;
  }

  private record Read(long index, Map<Edn, Edn> seen) {}

  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Map<Edn, Long> writes = new LinkedHashMap<>();
    Map<Long, List<Read>> groups = new LinkedHashMap<>();
    long early = 0;
    long late = 0;
    long reads = 0;
    for (Event<UntypedCall> event : history.events()) {
      if (!event.isClient() || event.call().value() instanceof Edn.Nil) {
        continue;
      }
      List<List<Edn>> steps = steps(event);
      if (event.isInvoke() && steps.size() == 1 && isWrite(steps.getFirst())) {
        Edn key = steps.getFirst().get(1);
        if (writes.put(key, event.index()) != null) {
          return Report.unknown("key " + EdnWriter.print(key) + " is written more than once");
        }
      } else if (event instanceof Event.Ok && !isWrite(steps.getFirst())) {
        Optional<Read> read = read(event, steps);
        if (read.isEmpty()) {
          return Report.unknown(
              "event %d reads no whole group of %d keys".formatted(event.index(), groupSize));
        }
        reads++;
        long seen = read.get().seen.values().stream().filter(v -> v != Edn.NIL).count();
        early += seen == 0 ? 1 : 0;
        late += seen == groupSize ? 1 : 0;
        long group = group(event, read.get().seen.keySet().iterator().next());
        groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(read.get());
      }
    }
    return report(groups, new long[] {reads, early, late});
  }

  private static List<List<Edn>> steps(Event<UntypedCall> event) {
    String expected = "a value is a list of steps [:r key value] or [:w key value]";
    List<List<Edn>> steps = new ArrayList<>();
    for (Edn step : Values.list(event, expected)) {
      List<Edn> parts = Values.elements(event, step, expected);
      if (parts.size() < 2) {
        throw new WrongValueException(event, expected);
      }
      steps.add(parts);
    }
    if (steps.isEmpty()) {
      throw new WrongValueException(event, expected);
    }
    return steps;
  }

  private static boolean isWrite(List<Edn> step) {
    return new UntypedCall(step.getFirst(), Edn.NIL).name().equals("w");
  }

  private long group(Event<UntypedCall> event, Edn key) {
    return Math.floorDiv(
        Values.integer(key)
            .orElseThrow(() -> new WrongValueException(event, "a key is an integer")),
        groupSize);
  }

  private Optional<Read> read(Event<UntypedCall> event, List<List<Edn>> steps) {
    Map<Edn, Edn> seen = new LinkedHashMap<>();
    for (List<Edn> parts : steps) {
      seen.put(parts.get(1), parts.size() > 2 ? parts.get(2) : Edn.NIL);
    }
    long groups = seen.keySet().stream().map(key -> group(event, key)).distinct().count();
    return seen.size() == groupSize && groups == 1
        ? Optional.of(new Read(event.index(), seen))
        : Optional.empty();
  }

  private Report report(Map<Long, List<Read>> groups, long[] counts) {
    List<Edn> forks = new ArrayList<>();
    for (List<Read> reads : groups.values()) {
      // Reads that see the same need no comparison.
      Map<Map<Edn, Edn>, Read> distinct = new LinkedHashMap<>();
      reads.forEach(read -> distinct.putIfAbsent(read.seen, read));
      List<Read> states = List.copyOf(distinct.values());
      for (int i = 0; i < states.size(); i++) {
        for (int j = 0; j < i; j++) {
          if (seesMore(states.get(i), states.get(j)) && seesMore(states.get(j), states.get(i))) {
            forks.add(fork(states.get(j), states.get(i)));
          }
        }
      }
    }
    Report.Builder report =
        Report.builder()
            .put("reads-count", counts[0])
            .put("early-read-count", counts[1])
            .put("late-read-count", counts[2])
            .putSome("forks", forks);
    if (counts[0] == 0) {
      return report.unknown("no group was ever read");
    }
    return forks.isEmpty()
        ? report.valid()
        : report.invalid(
            forks.size() + " pairs of reads fork, for example " + Values.some(forks.subList(0, 1)));
  }

  private static boolean seesMore(Read a, Read b) {
    return a.seen.entrySet().stream()
        .anyMatch(entry -> entry.getValue() != Edn.NIL && b.seen.get(entry.getKey()) == Edn.NIL);
  }

  private static Edn fork(Read a, Read b) {
    LinkedHashMap<Edn, Edn> fork = new LinkedHashMap<>();
    fork.put(Edn.of(a.index), new Edn.Table(new LinkedHashMap<>(a.seen)));
    fork.put(Edn.of(b.index), new Edn.Table(new LinkedHashMap<>(b.seen)));
    return new Edn.Table(fork);
  }
}
