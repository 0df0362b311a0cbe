package phaistos.harness.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import phaistos.harness.FaultPlan;
import phaistos.harness.LoadScript;
import phaistos.harness.TestPlan;
import phaistos.histories.Edn;

/**
 * Cases that are simple whatever the run was like: a few of its calls, no fault, and a crash of all
 * nodes. Each takes a fraction of a second, so that many can be tried.
 */
final class SimpleCases {
  private static final long MILLI = 1_000_000L;

  /** A case with more calls is not small. */
  private static final int CALLS_MAX = 19;

  /** So many crashes at other steps, with other losses. */
  private static final int CRASHES = 24;

  /** Bytes of the first segment; tables are made before the first call. */
  private static final int LEFT_MIN = 4 << 10;

  private static final int LEFT_MAX = 31 << 10;
  private static final int LEFT_STEP = 3 << 10;

  private static final long FIRST = 10 * MILLI;
  private static final int BURSTS = 8;

  private static final long BETWEEN = 4 * MILLI;

  /** Calls before, between and after two faults. */
  private static final int FEW = 12;

  private static final int GROUPS_MAX = 16;

  /** The longest fault. */
  private static final long LONG = 5_000 * MILLI;

  /** How long after a fault the calls go on. */
  private static final long SOON = 300 * MILLI;

  private final TestPlan plan;
  private final List<LoadScript.Call> calls;
  private final boolean endsAtCrash;

  /**
   * @param calls of the run, by time
   */
  SimpleCases(TestPlan plan, List<LoadScript.Call> calls, boolean endsAtCrash) {
    this.plan = plan;
    this.calls = calls;
    this.endsAtCrash = endsAtCrash;
  }

  /**
   * Calls of one kind in a row, each after the answer to the one before, and a crash after the last
   * answer: two calls, three, and so on. What goes wrong at every so many calls goes wrong at the
   * last of one of these.
   *
   * @param last the last one
   * @param atNanos when the first is made
   */
  List<Case> rows(LoadScript.Call last, long atNanos) {
    List<LoadScript.Call> longest = row(last, atNanos);
    List<Case> cases = new ArrayList<>();
    for (int count = 2; count <= longest.size(); count++) {
      List<LoadScript.Call> row = longest.subList(longest.size() - count, longest.size());
      cases.add(of(plan, row, List.of(), atNanos + BETWEEN).whenAnswered());
    }
    return cases;
  }

  private List<LoadScript.Call> row(LoadScript.Call last, long atNanos) {
    Edn kind = last.call().f();
    List<LoadScript.Call> same =
        calls.stream()
            .filter(call -> call.call().f().equals(kind) && call.atNanos() <= last.atNanos())
            .map(call -> new LoadScript.Call(atNanos, 0, call.call()))
            .toList();
    return same.subList(Math.max(0, same.size() - CALLS_MAX), same.size());
  }

  /**
   * The calls up to one, all at the same time, as several seeds let them meet.
   *
   * @param last the last one
   */
  List<Case> bursts(LoadScript.Call last) {
    int threads = plan.load().concurrency();
    List<LoadScript.Call> burst = new ArrayList<>();
    for (LoadScript.Call call : few(last)) {
      burst.add(new LoadScript.Call(FIRST, burst.size() % threads, call.call()));
    }
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < BURSTS; i++) {
      TestPlan other = plan.seed(plan.seed() + i);
      cases.add(of(other, burst, List.of(), FIRST + BETWEEN).whenAnswered());
    }
    return cases;
  }

  /**
   * A row of calls of one kind from a start near the end of the first WAL segment, so that some of
   * them cross it.
   *
   * @param last the last one
   */
  List<Case> overSegment(LoadScript.Call last) {
    List<Case> cases = new ArrayList<>();
    for (int left = LEFT_MIN; left <= LEFT_MAX; left += LEFT_STEP) {
      TestPlan near = plan.cluster(plan.cluster().withSegmentLeft(left));
      cases.add(of(near, row(last, FIRST), List.of(), FIRST + BETWEEN).whenAnswered());
    }
    return cases;
  }

  /**
   * Calls shortly after each other, and crashes at the steps that other seeds draw, with what they
   * let a crash leave.
   *
   * @param last the last one
   */
  List<Case> crashes(LoadScript.Call last) {
    List<LoadScript.Call> few = few(last);
    long crash = FIRST + few.size() * BETWEEN / 2;
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < CRASHES && plan.faults() instanceof FaultPlan.Swarm; i++) {
      cases.add(of(plan.seed(plan.seed() + i), few, List.of(), crash).atStep());
    }
    return cases;
  }

  /**
   * The calls before a fault and those after it, for each kind of fault that the run had, and the
   * same for two faults that followed each other.
   *
   * @param faults as they were in the run
   * @param ended when each was over
   */
  List<Case> aroundFaults(List<Case.Timed> faults, ToLongFunction<Case.Timed> ended) {
    Map<List<String>, List<Case.Timed>> some = new LinkedHashMap<>();
    for (Case.Timed fault : faults) {
      some.putIfAbsent(List.of(Case.word(fault)), List.of(fault));
    }
    for (int i = 1; i < faults.size() && some.size() < GROUPS_MAX; i++) {
      List<Case.Timed> both = faults.subList(i - 1, i + 1);
      some.putIfAbsent(both.stream().map(Case::word).toList(), both);
    }
    return some.values().stream().map(each -> around(each, ended)).toList();
  }

  private Case around(List<Case.Timed> faults, ToLongFunction<Case.Timed> ended) {
    int count = faults.size() == 1 ? CALLS_MAX : FEW;
    long first = faults.getFirst().fromNanos();
    List<LoadScript.Call> before = calls.stream().filter(call -> call.atNanos() < first).toList();
    List<LoadScript.Call> moved = new ArrayList<>();
    List<Case.Timed> closer = new ArrayList<>();
    long now = add(before.subList(Math.max(0, before.size() - count), before.size()), FIRST, moved);
    for (Case.Timed fault : faults) {
      long over = ended.applyAsLong(fault);
      long lasts = Math.min(over - fault.fromNanos(), LONG);
      closer.add(
          fault.at(
              now,
              fault.toNanos().isPresent() ? OptionalLong.of(now + lasts) : OptionalLong.empty()));
      List<LoadScript.Call> after =
          calls.stream().filter(call -> call.atNanos() > over).limit(count).toList();
      now = add(after, now + lasts + SOON, moved);
    }
    return of(plan, moved, closer, now).whenAnswered();
  }

  /** Adds calls shortly after each other; returns when they have been made. */
  private static long add(List<LoadScript.Call> some, long from, List<LoadScript.Call> to) {
    long now = from;
    for (LoadScript.Call call : some) {
      to.add(new LoadScript.Call(now, call.thread(), call.call()));
      now += BETWEEN;
    }
    return now;
  }

  /** The calls up to one, shortly after each other. */
  private List<LoadScript.Call> few(LoadScript.Call last) {
    List<LoadScript.Call> before =
        calls.stream().filter(call -> call.atNanos() <= last.atNanos()).toList();
    List<LoadScript.Call> few = new ArrayList<>();
    add(before.subList(Math.max(0, before.size() - CALLS_MAX), before.size()), FIRST, few);
    return few;
  }

  private Case of(
      TestPlan seeded, List<LoadScript.Call> some, List<Case.Timed> faults, long crash) {
    return new Case(
        seeded, Optional.of(some), Optional.of(faults), crash, false, false, endsAtCrash);
  }
}
