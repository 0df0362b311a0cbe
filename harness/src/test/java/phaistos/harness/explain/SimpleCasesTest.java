package phaistos.harness.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import phaistos.harness.LoadScript;
import phaistos.harness.Mix;
import phaistos.harness.TestPlan;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.nemesis.Handle;
import phaistos.nemesis.NetworkFaults.Partition;
import phaistos.nemesis.NetworkFaults.Shape;

/** The cases with a few calls of a run, made of a run of a hundred calls with two kinds. */
class SimpleCasesTest {
  private static final long MILLI = 1_000_000L;
  private static final TestPlan PLAN = Mix.plan(1);

  /** Writes and reads in turn, one each ten milliseconds. */
  private static List<LoadScript.Call> calls() {
    List<LoadScript.Call> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Edn kind = Edn.keyword(i % 2 == 0 ? "write" : "read");
      calls.add(new LoadScript.Call(i * 10 * MILLI, i % 5, new UntypedCall(kind, Edn.of(i))));
    }
    return calls;
  }

  private static SimpleCases cases() {
    return new SimpleCases(PLAN, calls(), true);
  }

  private static List<LoadScript.Call> of(Case each) {
    return each.calls().orElseThrow();
  }

  private static Case.Timed fault(int number, Shape shape, long from, long to) {
    return new Case.Timed(
        new Handle("f" + number), new Partition(shape, number), from, OptionalLong.of(to));
  }

  @Test
  void rowsAreOfOneKindAndEndWithTheCall() {
    LoadScript.Call last = calls().get(80);
    List<Case> rows = cases().rows(last, 5 * MILLI);
    assertEquals(18, rows.size());
    for (int i = 0; i < rows.size(); i++) {
      List<LoadScript.Call> row = of(rows.get(i));
      assertEquals(i + 2, row.size());
      assertEquals(last.call(), row.getLast().call());
      assertTrue(row.stream().allMatch(call -> call.call().name().equals("write")));
      assertTrue(row.stream().allMatch(call -> call.thread() == 0), "one after the other");
      assertEquals(Optional.of(List.of()), rows.get(i).faults());
      assertTrue(rows.get(i).crashesWhenAnswered());
    }
  }

  @Test
  void aRowIsNoLongerThanTheRun() {
    assertEquals(1, cases().rows(calls().get(2), 0).size());
    assertEquals(0, cases().rows(calls().get(0), 0).size());
  }

  @Test
  void burstsComeAtOnceWithSeveralSeeds() {
    List<Case> bursts = cases().bursts(calls().get(80));
    Set<Long> seeds = new HashSet<>();
    for (Case burst : bursts) {
      assertEquals(1, of(burst).stream().mapToLong(LoadScript.Call::atNanos).distinct().count());
      assertTrue(of(burst).stream().mapToInt(LoadScript.Call::thread).distinct().count() > 1);
      seeds.add(burst.plan().seed());
    }
    assertEquals(bursts.size(), seeds.size());
  }

  @Test
  void crashesAreAtStepsOfOtherSeedsWhileCallsAreMade() {
    List<Case> crashes = cases().crashes(calls().get(80));
    assertTrue(crashes.size() > 10);
    for (Case crash : crashes) {
      assertTrue(crash.crashesAtStep());
      assertTrue(of(crash).size() < 20);
      assertTrue(crash.crashAtNanos() < of(crash).getLast().atNanos());
    }
  }

  @Test
  void segmentsEndSoonAfterTheStart() {
    Set<OptionalInt> left = new HashSet<>();
    for (Case each : cases().overSegment(calls().get(80))) {
      left.add(each.plan().cluster().segmentLeft());
      assertTrue(of(each).size() < 20);
    }
    assertTrue(left.contains(OptionalInt.of(4096)), left.toString());
    assertEquals(cases().overSegment(calls().get(80)).size(), left.size());
  }

  @Test
  void callsAreBeforeEachFaultAndAfterIt() {
    List<Case.Timed> faults =
        List.of(
            fault(1, Shape.ISOLATE_PRIMARY, 300 * MILLI, 400 * MILLI),
            fault(2, Shape.RING, 500 * MILLI, 600 * MILLI),
            fault(3, Shape.RING, 700 * MILLI, 800 * MILLI));
    List<Case> around = cases().aroundFaults(faults, fault -> fault.toNanos().orElseThrow());
    List<List<String>> names =
        around.stream()
            .map(each -> each.faults().orElseThrow().stream().map(f -> f.handle().name()).toList())
            .toList();
    assertEquals(
        List.of(List.of("f1"), List.of("f2"), List.of("f1", "f2"), List.of("f2", "f3")), names);
    Case first = around.getFirst();
    Case.Timed fault = first.faults().orElseThrow().getFirst();
    assertEquals(100 * MILLI, fault.toNanos().orElseThrow() - fault.fromNanos());
    List<Edn> before = new ArrayList<>();
    List<Edn> after = new ArrayList<>();
    for (LoadScript.Call call : of(first)) {
      (call.atNanos() < fault.fromNanos() ? before : after).add(call.call().value());
    }
    assertEquals(Edn.of(29), before.getLast(), "the last one before 300 ms");
    assertEquals(Edn.of(41), after.getFirst(), "the first one behind 400 ms");
    assertTrue(of(first).getLast().atNanos() < first.crashAtNanos());
  }
}
