package phaistos.checker.linearizability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Operation;

/**
 * The searches against the definition. The long version, for whoever changes a search: {@code
 * -Dphaistos.bruteforce.histories=10000000 -Dphaistos.bruteforce.operations=4}, some half an hour.
 */
class BruteForceTest {
  private static final int HISTORIES = Integer.getInteger("phaistos.bruteforce.histories", 45_000);
  private static final int OPERATIONS = Integer.getInteger("phaistos.bruteforce.operations", 3);
  private static final long SEED = Long.getLong("phaistos.seed", System.nanoTime());

  private long compared;
  private long valid;

  @Test
  void randomHistoriesOfEveryModelGetTheVerdictOfTheDefinition() {
    Random random = new Random(SEED);
    List<Sample<?, ?>> samples = Sample.all();
    for (int i = 0; i < HISTORIES; i++) {
      compareRandom(samples.get(i % samples.size()), random);
    }
    System.out.printf(
        "random: %,d histories of %d models compared, %,d linearizable, seed %d%n",
        compared, samples.size(), valid, SEED);
    assertTrue(valid > compared / 5 && valid < compared * 4 / 5 + 1, "valid=" + valid);
  }

  private <S, C> void compareRandom(Sample<S, C> sample, Random random) {
    int operations = 5 + random.nextInt(5);
    int threads = 2 + random.nextInt(4);
    double crashing = random.nextInt(3) == 0 ? 0 : 0.3;
    History<C> history = sample.valid(random, operations, threads, crashing);
    for (int i = random.nextInt(3); i > 0; i--) {
      history = sample.mutated(random, history);
    }
    compare(sample.name(), sample.model(), history);
  }

  private <S, C> void compare(String name, Model<S, C> model, History<C> history) {
    boolean expected = BruteForce.isLinearizable(model, history);
    boolean isChecked = history.operations().stream().anyMatch(Operation::isOk);
    String answer =
        expected
            ? isChecked ? "valid" : "unknown"
            : "invalid, stop at " + BruteForce.stop(model, history);
    for (Algorithm algorithm : Algorithm.values()) {
      LinearizabilityResult result = Linearizability.of(model).with(algorithm).check(history);
      String given =
          result.verdict().word()
              + result.failure().map(failure -> ", stop at " + failure.stopIndex()).orElse("");
      if (!given.equals(answer)) {
        throw new AssertionError(
            name + " " + algorithm + " says " + given + ", seed " + SEED + "\n" + text(history));
      }
    }
    compared++;
    valid += expected ? 1 : 0;
  }

  private static <C> String text(History<C> history) {
    StringBuilder text = new StringBuilder();
    history.events().forEach(e -> text.append(e).append('\n'));
    return text.toString();
  }

  @Test
  void allShortHistoriesGetTheVerdictOfTheDefinition() {
    List<Sample<?, ?>> samples =
        Sample.all().stream()
            .filter(
                s -> List.of("register", "cas-register", "mutex", "fifo-queue").contains(s.name()))
            .toList();
    for (Sample<?, ?> sample : samples) {
      compared = 0;
      valid = 0;
      new Enumeration<>(sample, OPERATIONS).run();
      System.out.printf(
          "exhaustive: %s up to %d operations: %,d histories compared, %,d linearizable%n",
          sample.name(), OPERATIONS, compared, valid);
      assertTrue(valid > 0 && valid < compared);
    }
  }

  /**
   * All histories up to renaming: operations are numbered by their invocations, values by their
   * first use; returns between two invocations come in the order of their operations; at most three
   * calls that return are open at once. A failed operation leaves a shorter history, which is
   * counted itself.
   */
  private final class Enumeration<S, C> {
    private final Sample<S, C> sample;
    private final int operations;
    private final List<C> results = new ArrayList<>();
    private final List<C> crashes = new ArrayList<>();

    Enumeration(Sample<S, C> sample, int operations) {
      this.sample = sample;
      this.operations = operations;
      Set<C> seen = new HashSet<>();
      Set<C> invoked = new HashSet<>();
      for (Sample.Call<C> call : sample.calls()) {
        call.results().stream().filter(seen::add).forEach(results::add);
        if (invoked.add(call.invoked())) {
          crashes.add(call.invoked());
        }
      }
    }

    void run() {
      extend(new ArrayList<>(), -1, 0, new ArrayList<>());
    }

    private record Made<C>(boolean isInvoke, int operation, Optional<C> call) {}

    private void extend(List<Integer> open, int lastReturned, int count, List<Made<C>> made) {
      if (open.isEmpty() && count > 0) {
        check(made);
      }
      for (int i = 0; i < open.size(); i++) {
        int operation = open.get(i);
        if (operation > lastReturned) {
          List<Integer> fewer = new ArrayList<>(open);
          fewer.remove(i);
          made.add(new Made<>(false, operation, Optional.empty()));
          extend(fewer, operation, count, made);
          made.removeLast();
        }
      }
      if (count == operations) {
        return;
      }
      if (open.size() < 3) {
        List<Integer> more = new ArrayList<>(open);
        more.add(count);
        for (C call : results) {
          if (isCanonical(made, call)) {
            made.add(new Made<>(true, count, Optional.of(call)));
            extend(more, -1, count + 1, made);
            made.removeLast();
          }
        }
      }
      for (C call : crashes) {
        if (isCanonical(made, call)) {
          made.add(new Made<>(true, count, Optional.of(call)));
          extend(open, -1, count + 1, made);
          made.removeLast();
        }
      }
    }

    /** Values come in the order 1, 2, 3: what a call names must be at most one more than before. */
    private boolean isCanonical(List<Made<C>> made, C call) {
      int used = 0;
      for (Made<C> one : made) {
        if (one.isInvoke) {
          used = Math.max(used, largest(one.call.get()));
        }
      }
      String text = call.toString();
      int next = used;
      for (int i = 0; i < text.length(); i++) {
        if (text.startsWith("Int[value=", i)) {
          int value = text.charAt(i + 10) - '0';
          if (value > next + 1) {
            return false;
          }
          next = Math.max(next, value);
        }
      }
      return true;
    }

    private int largest(C call) {
      String text = call.toString();
      int largest = 0;
      for (int i = text.indexOf("Int[value="); i >= 0; i = text.indexOf("Int[value=", i + 1)) {
        largest = Math.max(largest, text.charAt(i + 10) - '0');
      }
      return largest;
    }

    private void check(List<Made<C>> made) {
      List<Event<C>> events = new ArrayList<>();
      List<C> calls = new ArrayList<>();
      for (Made<C> one : made) {
        phaistos.histories.Process who = new phaistos.histories.Process.Client(one.operation);
        phaistos.histories.Details none = phaistos.histories.Details.NONE;
        if (one.isInvoke) {
          calls.add(one.call.get());
          events.add(new Event.Invoke<>(-1, -1, who, one.call.get(), none));
        } else {
          events.add(new Event.Ok<>(-1, -1, who, calls.get(one.operation), none));
        }
      }
      compare(sample.name(), sample.model(), History.of(events));
    }
  }

  @Test
  void aMutatedHistoryOfAThousandOperationsIsCaughtWheneverItsWindowsSaySo() {
    Random random = new Random(SEED);
    int caught = 0;
    int rounds = Math.max(6, HISTORIES / 50_000);
    for (int round = 0; round < rounds; round++) {
      for (Sample<?, ?> sample : Sample.all()) {
        if (!sample.name().equals("noop")) {
          caught += compareLong(sample, random) ? 1 : 0;
        }
      }
    }
    System.out.printf(
        "mutated: %,d histories of 1,000 operations, %,d not linearizable, seed %d%n",
        rounds * (Sample.all().size() - 1L), caught, SEED);
    assertTrue(caught > rounds);
  }

  private <S, C> boolean compareLong(Sample<S, C> sample, Random random) {
    Optional<History<C>> whole = chain(sample, random);
    if (whole.isEmpty()) {
      return false;
    }
    History<C> mutated = sample.mutated(random, whole.get());
    boolean expected = windows(sample.model(), mutated);
    for (Algorithm algorithm : Algorithm.values()) {
      LinearizabilityResult result =
          Linearizability.of(sample.model())
              .with(algorithm)
              .check(mutated, CheckContext.within(20_000_000_000L));
      assertEquals(
          expected ? "valid" : "invalid",
          result.verdict().word(),
          () -> sample.name() + " " + algorithm + " seed " + SEED);
    }
    return !expected;
  }

  /** A thousand operations by four threads; the threads pause together now and then. */
  private static <S, C> Optional<History<C>> chain(Sample<S, C> sample, Random random) {
    for (int attempt = 0; attempt < 20; attempt++) {
      History<C> history = sample.valid(random, 1_000, 3, 0);
      if (longestWindow(history) <= 14) {
        return Optional.of(history);
      }
    }
    return Optional.empty();
  }

  private static <C> int longestWindow(History<C> history) {
    int longest = 0;
    for (List<Operation<C>> window : split(history)) {
      longest = Math.max(longest, window.size());
    }
    return longest;
  }

  /** Operations between moments at which none is open. */
  private static <C> List<List<Operation<C>>> split(History<C> history) {
    List<List<Operation<C>>> windows = new ArrayList<>();
    List<Operation<C>> window = new ArrayList<>();
    long end = -1;
    for (Operation<C> operation : history.operations()) {
      if (operation.invocation().index() > end && !window.isEmpty()) {
        windows.add(window);
        window = new ArrayList<>();
      }
      window.add(operation);
      end = Math.max(end, operation.completion().orElseThrow().index());
    }
    windows.add(window);
    return windows;
  }

  private static <S, C> boolean windows(Model<S, C> model, History<C> history) {
    Set<Map<Optional<Edn>, S>> states = Set.of(Map.of());
    for (List<Operation<C>> window : split(history)) {
      states = BruteForce.finalStates(model, window, states);
    }
    return !states.isEmpty();
  }
}
