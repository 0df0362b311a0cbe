package phaistos.checker.transactions.order;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Whether there is an order that a rule allows. */
public sealed interface Decision {
  /**
   * There is: all moments in order, twice the number of a transaction for its start, one more for
   * its commit.
   */
  record Possible(int[] moments) implements Decision {}

  /** There is none, not even of these transactions alone. */
  record Impossible(int[] core) implements Decision {}

  /** Neither was found. */
  record Open(String reason) implements Decision {}

  /** How much memory the closure may take. */
  long BYTES_MAX = 400L << 20;

  /** Pairs of writers of one key that are looked at one by one. */
  long PAIRS_MAX = 20_000_000;

  /** An order by running the transactions on a store, if that does not get stuck. */
  static Optional<int[]> schedule(Footprints f, Rule rule, BooleanSupplier isOver) {
    return Schedule.find(f, rule, isOver);
  }

  /** Decides by a schedule, or else by search. */
  static Decision of(Footprints f, Rule rule, BooleanSupplier isOver) {
    Optional<int[]> scheduled = Schedule.find(f, rule, isOver);
    if (scheduled.isPresent()) {
      return new Possible(scheduled.get());
    }
    if (isOver.getAsBoolean()) {
      return new Open("the time limit ended the search for an order");
    }
    if (isLarge(f, rule)) {
      return InParts.search(f, rule, isOver);
    }
    return bySearch(f, rule, isOver);
  }

  /** Whether the closure would take too much memory or time. */
  static boolean isLarge(Footprints f, Rule rule) {
    if (Closure.bytes(f, rule) > BYTES_MAX) {
      return true;
    }
    int[] starts = f.writersByKey()[0];
    long pairs = 0;
    for (int key = 0; key < f.keys(); key++) {
      long count = starts[key + 1] - starts[key];
      pairs += count * (count - 1) / 2;
    }
    return pairs > PAIRS_MAX;
  }

  /** Decides by the closure and the search. */
  static Decision bySearch(Footprints f, Rule rule, BooleanSupplier isOver) {
    Closure closure = new Closure(f, rule, isOver);
    if (!closure.saturate()) {
      return new Impossible(all(f));
    }
    if (closure.isStopped()) {
      return new Open("the time limit ended the search for an order");
    }
    OrderSearch search = new OrderSearch(closure, isOver);
    return switch (search.run()) {
      case FOUND -> new Possible(moments(f, rule, closure, search));
      case IMPOSSIBLE -> new Impossible(all(f));
      case STOPPED ->
          new Open(
              "the time limit ended the search for an order, with the order of "
                  + closure.open().size() / 2
                  + " pairs of writes open");
    };
  }

  private static int[] all(Footprints f) {
    int[] all = new int[f.size()];
    Arrays.setAll(all, i -> i);
    return all;
  }

  private static int[] moments(Footprints f, Rule rule, Closure closure, OrderSearch search) {
    int count = closure.moments();
    long[] sorted = new long[count];
    for (int node = 0; node < count; node++) {
      sorted[node] = (long) search.place(node) << 32 | node;
    }
    Arrays.sort(sorted);
    int[] moments = new int[2 * f.size()];
    int size = 0;
    for (long one : sorted) {
      int node = (int) one;
      if (rule.hasTwoMoments()) {
        moments[size++] = node;
      } else {
        moments[size++] = 2 * node;
        moments[size++] = 2 * node + 1;
      }
    }
    return moments;
  }
}
