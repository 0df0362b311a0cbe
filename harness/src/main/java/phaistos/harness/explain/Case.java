package phaistos.harness.explain;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Collectors;
import phaistos.harness.FaultPlan;
import phaistos.harness.LoadScript;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;
import phaistos.nemesis.Fault;
import phaistos.nemesis.Handle;
import phaistos.nemesis.Schedule;
import phaistos.nemesis.Trigger;

/**
 * A run as data, so that parts of it can be left out. Times are nanoseconds since the start of the
 * load. Immutable.
 *
 * @param plan of the run; its faults and its load are replaced by what follows
 * @param calls of the clients, by time; empty: what the plan's workload draws
 * @param faults by their beginning; empty: what the plan draws
 * @param crashAtNanos when all nodes crash at the latest
 * @param crashesWhenAnswered whether they crash as soon as every call is answered
 * @param crashesAtStep whether the seed may choose a step of the server for the crash
 * @param endsAtCrash whether nothing comes after it
 */
record Case(
    TestPlan plan,
    Optional<List<LoadScript.Call>> calls,
    Optional<List<Timed>> faults,
    long crashAtNanos,
    boolean crashesWhenAnswered,
    boolean crashesAtStep,
    boolean endsAtCrash) {
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  /**
   * A fault with its times.
   *
   * @param toNanos empty if it ends by itself, or with the run
   */
  record Timed(Handle handle, Fault fault, long fromNanos, OptionalLong toNanos) {
    Timed later(long nanos) {
      OptionalLong to =
          toNanos.isPresent() ? OptionalLong.of(toNanos.getAsLong() + nanos) : toNanos;
      return at(fromNanos + nanos, to);
    }

    Timed at(long from, OptionalLong to) {
      return new Timed(handle, fault, from, to);
    }
  }

  Case {
    calls = calls.map(List::copyOf);
    faults = faults.map(List::copyOf);
  }

  Case withCalls(List<LoadScript.Call> others) {
    return new Case(
        plan,
        Optional.of(others),
        faults,
        crashAtNanos,
        crashesWhenAnswered,
        crashesAtStep,
        endsAtCrash);
  }

  Case withFaults(List<Timed> others) {
    return new Case(
        plan,
        calls,
        Optional.of(others),
        crashAtNanos,
        crashesWhenAnswered,
        crashesAtStep,
        endsAtCrash);
  }

  Case withCrashAt(long nanos) {
    return new Case(plan, calls, faults, nanos, crashesWhenAnswered, crashesAtStep, endsAtCrash);
  }

  /** With everything so much later. */
  Case later(long nanos) {
    return new Case(
        plan,
        calls.map(list -> Calls.later(list, nanos)),
        faults.map(list -> list.stream().map(each -> each.later(nanos)).toList()),
        crashAtNanos + nanos,
        crashesWhenAnswered,
        crashesAtStep,
        endsAtCrash);
  }

  /** With a crash as the seed draws it: at a step of the server, and what it leaves. */
  Case atStep() {
    return new Case(plan, calls, faults, crashAtNanos, crashesWhenAnswered, true, endsAtCrash);
  }

  /** With a crash as soon as every call is answered, however much longer that takes. */
  Case whenAnswered() {
    return new Case(
        plan, calls, faults, crashAtNanos + PATIENCE_NANOS, true, crashesAtStep, endsAtCrash);
  }

  Case with(TestPlan other) {
    return new Case(
        other, calls, faults, crashAtNanos, crashesWhenAnswered, crashesAtStep, endsAtCrash);
  }

  /** What runs. */
  TestPlan toPlan() {
    LoadScript script =
        new LoadScript(calls, crashAtNanos, crashesWhenAnswered, crashesAtStep, endsAtCrash);
    TestPlan scripted = plan.load(plan.load().withScript(script));
    return faults
        .map(list -> scripted.faults(new FaultPlan.Given(schedule(list), "schedule.edn")))
        .orElse(scripted);
  }

  static Schedule schedule(List<Timed> faults) {
    record Due(long nanos, Schedule.Entry entry) {}
    List<Due> due = new ArrayList<>();
    for (Timed each : faults) {
      due.add(
          new Due(each.fromNanos, Schedule.begin(each.fromNanos, each.handle.name(), each.fault)));
      if (each.toNanos.isPresent() && each.fault.kind().end().isPresent()) {
        long to = each.toNanos.getAsLong();
        due.add(
            new Due(
                to,
                new Schedule.Entry(
                    new Trigger.At(to),
                    new Schedule.End(each.handle, each.fault.kind().end().orElseThrow()))));
      }
    }
    due.sort(Comparator.comparingLong(Due::nanos));
    return new Schedule(due.stream().map(Due::entry).toList());
  }

  /** The faults of a stored run's schedule. */
  static Map<Handle, Fault> drawn(StoredRun stored) {
    Map<Handle, Fault> faults = new HashMap<>();
    try {
      String text = Files.readString(stored.schedule());
      for (Schedule.Entry entry : Schedule.ofEdn(text, stored.schedule().toString()).entries()) {
        if (entry.act() instanceof Schedule.Begin(Handle handle, Fault fault)) {
          faults.put(handle, fault);
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(stored.schedule() + " cannot be read", e);
    }
    return faults;
  }

  int callCount() {
    return calls.map(List::size).orElse(Integer.MAX_VALUE);
  }

  int faultCount() {
    return faults.map(List::size).orElse(Integer.MAX_VALUE);
  }

  /**
   * What it is made of, without times and seeds: "insert x2; partition isolate-primary; crash-all".
   */
  String shape() {
    List<String> words = new ArrayList<>();
    faults.ifPresent(
        list -> new TreeSet<>(list.stream().map(Case::word).toList()).forEach(words::add));
    words.add("crash of all nodes");
    return words.stream().collect(Collectors.joining("; "));
  }

  /** Its kind, and what it is aimed at. */
  static String word(Timed timed) {
    StringBuilder word = new StringBuilder(timed.fault.kind().name());
    for (String key : List.of("shape", "target", "loss", "mode", "way")) {
      if (timed.fault.value().get(key) instanceof phaistos.histories.Edn.Keyword(String name)) {
        word.append(' ').append(name);
      }
    }
    return word.toString();
  }
}
