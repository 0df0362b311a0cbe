package phaistos.harness.explain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import phaistos.harness.LoadScript;
import phaistos.harness.TestPlan;
import phaistos.workloads.Workloads;

/**
 * Makes a case smaller while its violation stays: delta debugging (Zeller and Hildebrandt,
 * Simplifying and isolating failure-inducing input, 2002) over calls and faults, then workloads,
 * nodes and time. A smaller case runs another schedule, so that the violation may be gone by
 * chance; the result is minimal for the steps that were tried, not among all cases.
 */
final class Shrinker {
  private static final long MILLI = 1_000_000L;

  private static final int FEW = 40;

  /** A case with so many calls is worth more tries. */
  private static final int STILL_MANY = 10;

  private static final int MORE_SEEDS = 4;

  private final Attempts attempts;
  private Case best;

  /** So many other seeds are tried with a few calls. */
  private int seeds = 1;

  /**
   * @param start has the violation
   */
  Shrinker(Attempts attempts, Case start) {
    this.attempts = attempts;
    this.best = start;
  }

  Case best() {
    return best;
  }

  /**
   * Runs to the end.
   *
   * @throws Attempts.OverException if the time is up; {@link #best} has what was reached
   */
  void run() {
    fewerWorkloads();
    fewerNodes();
    if (!best.crashesWhenAnswered()) {
      take(best.whenAnswered());
    }
    for (int round = 0; round < 3; round++) {
      Case before = best;
      reduce(Case::withFaults, best.faults().orElseThrow());
      reduce(Case::withCalls, best.calls().orElseThrow());
      if (best.equals(before)) {
        break;
      }
      fewerWorkloads();
    }
    lessTime();
    fewerNodes();
    fewerThreads();
    withoutHeals();
    if (best.callCount() >= STILL_MANY && best.callCount() <= FEW) {
      seeds = MORE_SEEDS;
      reduce(Case::withCalls, best.calls().orElseThrow());
    }
  }

  private boolean take(Case smaller) {
    if (smaller.equals(best) || !isPossible(smaller)) {
      return false;
    }
    if (attempts.fails(smaller.toPlan())) {
      best = smaller;
      return true;
    }
    // a small one is cheap: perhaps its calls only meet in another way
    for (int i = 1; i <= seeds && smaller.callCount() <= FEW; i++) {
      Case other = smaller.with(smaller.plan().seed(smaller.plan().seed() + i));
      if (attempts.fails(other.toPlan())) {
        best = other;
        return true;
      }
    }
    return false;
  }

  private static boolean isPossible(Case smaller) {
    return phaistos.harness.Harness.objections(smaller.toPlan()).isEmpty();
  }

  /** How a list goes into a case. */
  private interface Setter<T> {
    Case set(Case old, List<T> list);
  }

  /** Delta debugging: halves first, then complements of ever smaller parts. */
  private <T> void reduce(Setter<T> setter, List<T> start) {
    List<T> left = start;
    if (!left.isEmpty() && take(setter.set(best, List.of()))) {
      return;
    }
    int parts = 2;
    while (left.size() >= 2) {
      boolean isReduced = false;
      int size = Math.max(1, (left.size() + parts - 1) / parts);
      if (parts == 2) {
        for (int from = 0; from < left.size() && !isReduced; from += size) {
          List<T> part = left.subList(from, Math.min(left.size(), from + size));
          if (take(setter.set(best, part))) {
            left = List.copyOf(part);
            isReduced = true;
          }
        }
      }
      for (int from = 0; from < left.size() && !isReduced; from += size) {
        List<T> rest = new ArrayList<>(left.subList(0, from));
        rest.addAll(left.subList(Math.min(left.size(), from + size), left.size()));
        if (!rest.isEmpty() && take(setter.set(best, rest))) {
          left = List.copyOf(rest);
          isReduced = true;
        }
      }
      if (isReduced) {
        parts = Math.max(2, parts - 1);
      } else if (size == 1) {
        return;
      } else {
        parts = Math.min(left.size(), parts * 2);
      }
    }
  }

  /** Only the workloads that still have calls, and the one whose check fails. */
  private void fewerWorkloads() {
    List<String> names = List.of(best.plan().workload().name().split(","));
    if (names.size() < 2 || best.calls().isEmpty()) {
      return;
    }
    Set<String> needed = new LinkedHashSet<>();
    for (LoadScript.Call call : best.calls().get()) {
      needed.add(call.call().name().split("/", 2)[0]);
    }
    List<Workloads.Entry> left = new ArrayList<>();
    for (String name : names) {
      Optional<Workloads.Entry> entry = Workloads.named(name);
      if (entry.isEmpty()) {
        return;
      }
      if (needed.contains(name) || attempts.wanted().part().startsWith(name + ":")) {
        left.add(entry.get());
      }
    }
    if (!left.isEmpty() && left.size() < names.size()) {
      TestPlan plan = best.plan();
      String name = String.join(",", left.stream().map(Workloads.Entry::name).toList());
      take(best.with(plan.workload(name, Workloads.combined(left))));
    }
  }

  /** Earlier beginning, closer faults, earlier crash. */
  private void lessTime() {
    long first = best.crashAtNanos();
    for (LoadScript.Call call : best.calls().orElseThrow()) {
      first = Math.min(first, call.atNanos());
    }
    for (Case.Timed fault : best.faults().orElseThrow()) {
      first = Math.min(first, fault.fromNanos());
    }
    long idle = first - 10 * MILLI;
    if (idle > 0) {
      take(mapped(best, time -> Math.max(MILLI, time - idle)));
    }
    for (int tries = 0; tries < 4; tries++) {
      long last = lastNanos(best);
      boolean isEarlier =
          !best.crashesWhenAnswered()
              && best.crashAtNanos() - last > 2 * MILLI
              && (take(best.withCrashAt(last + MILLI))
                  || take(best.withCrashAt((last + best.crashAtNanos()) / 2)));
      boolean isCloser = take(mapped(best, time -> Math.max(MILLI, time / 2)));
      if (!isEarlier && !isCloser) {
        return;
      }
    }
  }

  private static long lastNanos(Case of) {
    long last = 0;
    for (LoadScript.Call call : of.calls().orElseThrow()) {
      last = Math.max(last, call.atNanos());
    }
    for (Case.Timed fault : of.faults().orElseThrow()) {
      last = Math.max(last, fault.fromNanos());
    }
    return last;
  }

  private static Case mapped(Case of, Function<Long, Long> time) {
    List<LoadScript.Call> calls =
        of.calls().orElseThrow().stream()
            .map(c -> new LoadScript.Call(time.apply(c.atNanos()), c.thread(), c.call()))
            .toList();
    List<Case.Timed> faults = new ArrayList<>();
    for (Case.Timed each : of.faults().orElseThrow()) {
      OptionalLong to =
          each.toNanos().isPresent()
              ? OptionalLong.of(time.apply(each.toNanos().getAsLong()))
              : OptionalLong.empty();
      faults.add(each.at(time.apply(each.fromNanos()), to));
    }
    return of.withCalls(calls).withFaults(faults).withCrashAt(time.apply(of.crashAtNanos()));
  }

  private void fewerNodes() {
    while (best.plan().cluster().nodes() > 2) {
      TestPlan plan = best.plan();
      if (!take(best.with(plan.cluster(plan.cluster().withNodes(plan.cluster().nodes() - 1))))) {
        return;
      }
    }
  }

  private void fewerThreads() {
    Map<Integer, Integer> numbers = new TreeMap<>();
    List<LoadScript.Call> calls = new ArrayList<>();
    for (LoadScript.Call call : best.calls().orElseThrow()) {
      int number = numbers.computeIfAbsent(call.thread(), _ -> numbers.size());
      calls.add(new LoadScript.Call(call.atNanos(), number, call.call()));
    }
    TestPlan plan = best.plan();
    int threads = Math.max(1, numbers.size());
    take(best.with(plan.load(plan.load().withConcurrency(threads))).withCalls(calls));
  }

  /** Ends of faults that come after the crash anyway, or do not matter. */
  private void withoutHeals() {
    for (int i = 0; i < best.faultCount(); i++) {
      List<Case.Timed> faults = new ArrayList<>(best.faults().orElseThrow());
      Case.Timed each = faults.get(i);
      if (each.toNanos().isPresent()) {
        faults.set(i, each.at(each.fromNanos(), OptionalLong.empty()));
        take(best.withFaults(faults));
      }
    }
  }
}
