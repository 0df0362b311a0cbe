package phaistos.checker.transactions.order;

import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Who must wait for whose commit by the order of processes or real time, and by known versions.
 * Real time in linear size: who was invoked at a place waits until all that completed before it are
 * through. Not thread-safe.
 */
final class Following {
  private final Footprints f;
  private final Rule.Outside order;

  /** Pairs from outside: who waits for t stands in a list from head[t]. */
  private final int[] head;

  private int[] next = new int[16];
  private int[] target = new int[16];
  private int pairs;

  /** Acknowledged transactions by completion, and those with an invocation by invocation. */
  private int[] byCompletion = {};

  private int[] byInvocation = {};
  private boolean[] through = {};
  private int completedUpTo;
  private int released;

  Following(Footprints f, Rule.Outside order) {
    this.f = f;
    this.order = order;
    head = new int[f.size()];
    Arrays.fill(head, -1);
    switch (order) {
      case NONE -> {}
      case PROCESS -> addProcesses();
      case REALTIME -> {
        byCompletion = sorted(f, f.completedAt(), true);
        byInvocation = sorted(f, f.invokedAt(), false);
        through = new boolean[f.size()];
      }
    }
  }

  /** Transactions by such a place, as far as they have one. */
  static int[] sorted(Footprints f, int[] places, boolean onlyAcknowledged) {
    long[] keys = new long[f.size()];
    int count = 0;
    for (int t = 0; t < f.size(); t++) {
      if (onlyAcknowledged ? f.acknowledged()[t] : places[t] >= 0) {
        keys[count++] = (long) places[t] << 32 | t;
      }
    }
    Arrays.sort(keys, 0, count);
    int[] result = new int[count];
    for (int i = 0; i < count; i++) {
      result[i] = (int) keys[i];
    }
    return result;
  }

  private void addProcesses() {
    forEachInProcess(f, this::add);
  }

  interface Pair {
    void accept(int before, int after);
  }

  /**
   * Each transaction of a process with the next. Nothing follows a pending one: it may take place
   * after what its process did next.
   */
  static void forEachInProcess(Footprints f, Pair pairs) {
    int processes = 0;
    for (int process : f.process()) {
      processes = Math.max(processes, process + 1);
    }
    int[] last = new int[processes];
    for (int t = 0; t < f.size(); t++) {
      int process = f.process()[t];
      if (last[process] > 0) {
        pairs.accept(last[process] - 1, t);
      }
      if (f.acknowledged()[t]) {
        last[process] = t + 1;
      }
    }
  }

  void add(int before, int after) {
    if (pairs == next.length) {
      next = Arrays.copyOf(next, pairs * 2);
      target = Arrays.copyOf(target, pairs * 2);
    }
    target[pairs] = after;
    next[pairs] = head[before];
    head[before] = pairs++;
  }

  /** Counts for each transaction what this holds it back by, the pairs added by others aside. */
  void addNeeds(int[] needs) {
    if (order == Rule.Outside.PROCESS) {
      forEachInProcess(f, (_, after) -> needs[after]++);
    }
    for (int t : byInvocation) {
      needs[t]++;
    }
  }

  /** Releases those that nothing precedes in real time. */
  void begin(IntConsumer satisfied) {
    release(satisfied);
  }

  void completed(int t, IntConsumer satisfied) {
    for (int pair = head[t]; pair >= 0; pair = next[pair]) {
      satisfied.accept(target[pair]);
    }
    if (order == Rule.Outside.REALTIME) {
      through[t] = true;
      release(satisfied);
    }
  }

  private void release(IntConsumer satisfied) {
    while (completedUpTo < byCompletion.length && through[byCompletion[completedUpTo]]) {
      completedUpTo++;
    }
    int until =
        completedUpTo == byCompletion.length
            ? Integer.MAX_VALUE
            : f.completedAt()[byCompletion[completedUpTo]];
    while (released < byInvocation.length && f.invokedAt()[byInvocation[released]] < until) {
      satisfied.accept(byInvocation[released++]);
    }
  }
}
