package phaistos.checker.linearizability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import phaistos.checker.Verdict;
import phaistos.checker.linearizability.Definition.Op;
import phaistos.checker.linearizability.models.Independent;
import phaistos.checker.linearizability.models.Queues;
import phaistos.checker.linearizability.models.Queues.QueueCall;
import phaistos.checker.linearizability.models.Stack;
import phaistos.histories.Edn;

/**
 * The monitors, and the checker with them, against the definition. The long version, for whoever
 * changes a monitor: {@code -Dphaistos.monitors.histories=10000000}, some fifteen minutes.
 */
class MonitorTest {
  private static final int HISTORIES = Integer.getInteger("phaistos.monitors.histories", 60_000);
  private static final long SEED = Long.getLong("phaistos.seed", System.nanoTime());

  private static final Limits NONE = new Limits(Long.MAX_VALUE / 2, () -> false, Long.MAX_VALUE);

  /** What was counted of one kind of object. */
  private static final class Counts {
    int histories;
    int linearizable;
    int undecided;
    int repeated;
    int speltOut;
    int open;
  }

  private final Map<Monitored.Kind, Counts> counts = new EnumMap<>(Monitored.Kind.class);

  @Test
  void randomHistoriesOfContainersGetTheVerdictOfTheDefinition() {
    Random random = new Random(SEED);
    Monitored.Kind[] kinds = Monitored.Kind.values();
    for (int i = 0; i < HISTORIES; i++) {
      Monitored.Kind kind = kinds[i % kinds.length];
      compare(kind, RandomObject.model(kind), RandomObject.history(random, kind, 9));
    }
    counts.forEach(
        (kind, c) -> {
          System.out.printf(
              "%s: %,d histories, %,d with open operations, %,d linearizable (%,d orders"
                  + " replayed); left to the search: %,d repeated elements, %,d others; seed %d%n",
              kind, c.histories, c.open, c.linearizable, c.speltOut, c.repeated, c.undecided, SEED);
        });
    counts.forEach(
        (kind, c) -> {
          assertTrue(c.linearizable > c.histories / 4 && c.linearizable < c.histories * 4 / 5);
          assertTrue(c.undecided < c.histories / 5);
        });
  }

  private <S, C> void compare(Monitored.Kind kind, Model<S, C> model, List<Op> ops) {
    boolean expected = Definition.isLinearizable(kind, ops);
    KeyLog<C> log = RandomObject.log(kind, ops);
    SearchOutcome outcome =
        new Decider<>(Algorithm.COMPETITION, model, new Semaphore(0)).decide(log, NONE);
    check(
        expected
            ? outcome instanceof SearchOutcome.Linearizable
            : outcome instanceof SearchOutcome.Stuck,
        kind,
        ops,
        "the verdict is " + outcome);
    Finding finding = Monitor.find(model, log).orElseThrow();
    Counts c = counts.computeIfAbsent(kind, _ -> new Counts());
    c.histories++;
    c.linearizable += expected ? 1 : 0;
    c.open += ops.stream().allMatch(Op::isOk) ? 0 : 1;
    switch (finding) {
      case Finding.Holds(Optional<int[]> order) -> {
        check(expected, kind, ops, "an order, but there is none");
        if (order.isPresent()) {
          c.speltOut++;
          Optional<String> fault = Replay.fault(model, log, order.get());
          check(fault.isEmpty(), kind, ops, "order " + Arrays.toString(order.get()) + ": " + fault);
        }
      }
      case Finding.Violated(int[] suspects) -> {
        check(!expected, kind, ops, "no order, but there is one");
        KeyLog<C> few = Monitor.suspects(model.monitored().orElseThrow(), log, suspects);
        List<Op> left = new ArrayList<>();
        for (int i = 0; i < few.size(); i++) {
          left.add(ops.get((int) few.process(i)));
        }
        check(
            !Definition.isLinearizable(kind, left),
            kind,
            ops,
            "the suspects " + Arrays.toString(suspects) + " have an order");
      }
      case Finding.Undecided(String why) -> {
        boolean isRepeated = why.contains("twice") || why.contains("more than once");
        c.repeated += isRepeated ? 1 : 0;
        c.undecided += isRepeated ? 0 : 1;
      }
    }
  }

  /** An order with one operation left out, twice in it, or before the one that it needs. */
  @Test
  void replayRejectsAnOrderInWhichOneOperationIsChanged() {
    Random random = new Random(SEED);
    int rejected = 0;
    for (int i = 0; i < 3_000; i++) {
      Monitored.Kind kind = Monitored.Kind.values()[i % Monitored.Kind.values().length];
      rejected += changed(kind, RandomObject.model(kind), RandomObject.history(random, kind, 9));
    }
    assertTrue(rejected > 2_000, "rejected=" + rejected);
  }

  private static <S, C> int changed(Monitored.Kind kind, Model<S, C> model, List<Op> ops) {
    KeyLog<C> log = RandomObject.log(kind, ops);
    if (!(Monitor.find(model, log).orElseThrow() instanceof Finding.Holds(Optional<int[]> found)
        && found.isPresent())) {
      return 0;
    }
    int[] order = found.get();
    int rejected = 0;
    for (int place = 0; place < order.length; place++) {
      int operation = order[place];
      if (!ops.get(operation).isOk()) {
        continue;
      }
      int[] shorter = new int[order.length - 1];
      System.arraycopy(order, 0, shorter, 0, place);
      System.arraycopy(order, place + 1, shorter, place, shorter.length - place);
      int[] longer = Arrays.copyOf(order, order.length + 1);
      longer[order.length] = operation;
      check(Replay.fault(model, log, shorter).isPresent(), kind, ops, "one is left out");
      check(Replay.fault(model, log, longer).isPresent(), kind, ops, "one is there twice");
      rejected++;
      for (int later = place + 1; later < order.length; later++) {
        if (isContainer(kind)
            && ops.get(operation).act() == Definition.Act.PUT
            && ops.get(order[later]).act() == Definition.Act.TAKE
            && ops.get(order[later]).answer() == ops.get(operation).element()
            && ops.stream().filter(o -> o.element() == ops.get(operation).element()).count() == 1) {
          int[] swapped = order.clone();
          swapped[place] = order[later];
          swapped[later] = operation;
          check(Replay.fault(model, log, swapped).isPresent(), kind, ops, "two are exchanged");
          rejected++;
        }
      }
    }
    return rejected;
  }

  private static boolean isContainer(Monitored.Kind kind) {
    return kind != Monitored.Kind.REGISTER && kind != Monitored.Kind.SET;
  }

  /** So many elements by two processes side by side; in the middle, two answers are exchanged. */
  private static Recorder<QueueCall> longRun(int count, boolean isStack, boolean isWrong) {
    Recorder<QueueCall> r = new Recorder<>();
    for (int i = 0; i < count; i += 2) {
      boolean isHere = isWrong && i == count / 2;
      QueueCall[] calls = new QueueCall[4];
      for (int k = 0; k < 2; k++) {
        int out = isStack != isHere ? i + 1 - k : i + k;
        calls[k] = new Queues.Enqueue(Edn.of(i + k));
        calls[2 + k] = new Queues.Dequeue(Optional.of(Edn.of(out)));
      }
      QueueCall ask = new Queues.Dequeue(Optional.empty());
      r.invoke(9, ask).ok(9, new Queues.FoundEmpty());
      for (int k = 0; k < 2; k++) {
        r.invoke(1, calls[k]).ok(1, calls[k]);
      }
      for (int k = 2; k < 4; k++) {
        r.invoke(k, ask).ok(k, calls[k]);
      }
    }
    return r;
  }

  @Test
  void aLongHistoryIsExplainedByTheFewOperationsThatContradictEachOther() {
    for (boolean isStack : new boolean[] {false, true}) {
      Model<?, QueueCall> model = isStack ? new Stack() : new Queues.FifoQueue();
      LinearizabilityResult good =
          Linearizability.of(model).check(longRun(20_000, isStack, false).history());
      assertEquals("valid", good.verdict().word());
      assertEquals(50_000, good.acknowledged());
      assertEquals(50_000, good.replayed());
      LinearizabilityResult bad =
          Linearizability.of(model).check(longRun(20_000, isStack, true).history());
      Failure<?, ?> failure = bad.failure().orElseThrow();
      // ten events for each pair of elements; the eighth takes the second before the first
      assertEquals(5 * 10_000 + 7, failure.stopIndex(), bad.verdict().toString());
      Explanation explanation = failure.explain(java.time.Duration.ofSeconds(20));
      assertEquals(3, explanation.minimal().size(), explanation.minimal().toString());
      assertTrue(
          explanation.minimalNote().startsWith("3 of 50000 operations"), explanation.minimalNote());
    }
  }

  @Test
  void eachKeyOfAnIndependentHistoryHasItsMonitor() {
    Recorder<Independent.Call<QueueCall>> r = new Recorder<>();
    for (int i = 0; i < 2_000; i++) {
      Edn key = Edn.of(i % 10);
      QueueCall in = new Queues.Enqueue(Edn.of(i));
      r.invoke(0, new Independent.Call<>(key, in)).ok(0, new Independent.Call<>(key, in));
    }
    Model<?, Independent.Call<QueueCall>> model = new Independent<>(new Queues.FifoQueue());
    for (int i = 0; i < 2_000; i++) {
      Edn key = Edn.of(i % 10);
      Independent.Call<QueueCall> ask =
          new Independent.Call<>(key, new Queues.Dequeue(Optional.empty()));
      QueueCall out = new Queues.Dequeue(Optional.of(Edn.of(i)));
      r.invoke(1, ask).ok(1, new Independent.Call<>(key, out));
    }
    LinearizabilityResult good = Linearizability.of(model).check(r.history());
    assertEquals(
        List.of("valid", 4_000L, 10), List.of(good.verdict().word(), good.replayed(), good.keys()));
    QueueCall again = new Queues.Dequeue(Optional.of(Edn.of(13)));
    r.invoke(1, new Independent.Call<>(Edn.of(3), new Queues.Dequeue(Optional.empty())))
        .ok(1, new Independent.Call<>(Edn.of(3), again));
    LinearizabilityResult bad = Linearizability.of(model).check(r.history());
    assertEquals(Optional.of(Edn.of(3)), bad.failure().orElseThrow().key());
  }

  @Test
  void aHistoryOfWhichNothingWasAcknowledgedIsUnknown() {
    QueueCall in = new Queues.Enqueue(Edn.of(1));
    Recorder<QueueCall> r = new Recorder<>();
    r.invoke(0, in).info(0, in).invoke(1, in).fail(1, in).invoke(2, in);
    assertEquals(
        new Verdict.Unknown("nothing was checked: no operation was ever acknowledged"),
        Linearizability.of(new Queues.FifoQueue()).check(r.history()).verdict());
  }

  private static void check(boolean isTrue, Monitored.Kind kind, List<Op> ops, String what) {
    if (!isTrue) {
      StringBuilder text = new StringBuilder(kind + ": " + what + ", seed " + SEED);
      ops.forEach(op -> text.append('\n').append(op));
      throw new AssertionError(text);
    }
  }
}
