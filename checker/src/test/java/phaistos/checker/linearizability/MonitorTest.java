package phaistos.checker.linearizability;

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
import phaistos.checker.linearizability.Definition.Op;

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

  private static void check(boolean isTrue, Monitored.Kind kind, List<Op> ops, String what) {
    if (!isTrue) {
      StringBuilder text = new StringBuilder(kind + ": " + what + ", seed " + SEED);
      ops.forEach(op -> text.append('\n').append(op));
      throw new AssertionError(text);
    }
  }
}
