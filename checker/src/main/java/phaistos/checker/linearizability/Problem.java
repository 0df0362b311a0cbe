package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One key's operations in the form for searches: numbers in arrays.
 *
 * <p>The operations that returned are numbered by the order of their returns: their <i>rank</i>. A
 * search is at a rank r: all operations of smaller ranks are linearized, and only pending
 * operations may come before the one of rank r. {@code pending} lists, for each r, what was invoked
 * before return r and returns at r or later: observations first, then calls that may change the
 * state, each in the order of their ranks. Which of them are linearized early is a bit at their
 * {@code slot}, used again after their return; so a configuration's bits are as many as the
 * concurrency, not the length, of the history.
 *
 * <p>Operations that never returned are in <i>crashed classes</i> of equal calls, each in the order
 * of invocation. Crashed observations constrain nothing and are dropped. Equal calls are
 * interchangeable, so a search takes the oldest first. {@code arrival} is the rank from which a
 * crashed operation may be linearized.
 */
final class Problem<C> {
  final List<C> calls;
  final boolean[] isObservation;
  final boolean[] isOverwrite;

  /** How many operations returned. */
  final int returns;

  /** By rank. */
  final int[] callOf;

  final int[] slotOf;
  final int[] operationOf;

  /** By rank, with one more at the end of pendingStart. */
  final int[] pendingStart;

  final int[] pendingMutators;
  final int[] pending;

  /** The data of a model's {@link Foresight}; empty arrays for a model without it. */
  final Horizons horizons;

  /** How many slots are used at most. */
  final int concurrency;

  /** Classes of crashed operations: the call, and where their members start. */
  final int[] classCall;

  final int[] classStart;

  /** By member. */
  final int[] arrival;

  final int[] crashedOperation;

  private Problem(Builder<C> b) {
    calls = b.calls;
    isObservation = b.isObservation;
    isOverwrite = b.isOverwrite;
    returns = b.returns;
    callOf = b.callOf;
    slotOf = b.slotOf;
    operationOf = b.operationOf;
    pendingStart = b.pendingStart;
    pendingMutators = b.pendingMutators;
    pending = b.pending;
    horizons = b.horizons;
    concurrency = b.concurrency;
    classCall = b.classCall;
    classStart = b.classStart;
    arrival = b.arrival;
    crashedOperation = b.crashedOperation;
  }

  int crashed() {
    return arrival.length;
  }

  /** The class of a crashed operation, by its member number. */
  int classOf(int member) {
    int place = Arrays.binarySearch(classStart, member);
    return place >= 0 ? place : -place - 2;
  }

  static <S, C> Problem<C> of(Model<S, C> model, KeyLog<C> log) {
    Builder<C> builder = new Builder<>();
    builder.numberCalls(model, log);
    builder.rank(log);
    builder.layOut(log);
    if (model instanceof Foresight<S, C> foresight) {
      builder.foresee(foresight);
    }
    builder.classify();
    return new Problem<>(builder);
  }

  /** The arrays while they grow. */
  private static final class Builder<C> {
    final List<C> calls = new ArrayList<>();
    boolean[] isObservation = new boolean[16];
    boolean[] isOverwrite = new boolean[16];
    int returns;
    int[] callOf;
    int[] slotOf;
    int[] operationOf;
    int[] pendingStart;
    int[] pendingMutators;
    int[] pending;
    Horizons horizons = Horizons.NONE;
    int concurrency;
    int[] classCall;
    int[] classStart;
    int[] arrival;
    int[] crashedOperation;

    private int[] callOfOperation;
    private int[] rankOf;
    private int[] arrivalOf;
    private int[] crashed;
    private int[] crashedArrival;
    private int crashedCount;

    <S> void numberCalls(Model<S, C> model, KeyLog<C> log) {
      callOfOperation = new int[log.size()];
      Map<C, Integer> numbers = new HashMap<>();
      for (int i = 0; i < callOfOperation.length; i++) {
        if (log.outcome(i) == KeyLog.FAILED) {
          continue;
        }
        C call = log.call(i);
        Integer known = numbers.get(call);
        if (known == null) {
          known = calls.size();
          numbers.put(call, known);
          calls.add(call);
          if (known == isObservation.length) {
            isObservation = Arrays.copyOf(isObservation, known * 2);
            isOverwrite = Arrays.copyOf(isOverwrite, known * 2);
          }
          isObservation[known] = model.isObservation(call);
          isOverwrite[known] = model.isOverwrite(call);
        }
        callOfOperation[i] = known;
      }
    }

    void rank(KeyLog<C> log) {
      rankOf = new int[log.size()];
      operationOf = new int[log.size()];
      callOf = new int[log.size()];
      for (int i = 0; i < log.scheduled(); i++) {
        int entry = log.schedule(i);
        if (entry < 0) {
          rankOf[~entry] = returns;
          operationOf[returns] = ~entry;
          callOf[returns] = callOfOperation[~entry];
          returns++;
        }
      }
    }

    void layOut(KeyLog<C> log) {
      slotOf = new int[returns];
      arrivalOf = new int[returns];
      pendingStart = new int[returns + 1];
      pendingMutators = new int[returns];
      pending = new int[returns * 4 + 16];
      crashed = new int[16];
      crashedArrival = new int[16];
      Slots slots = new Slots();
      int[] open = new int[16];
      int opened = 0;
      int at = 0;
      int returned = 0;
      for (int i = 0; i < log.scheduled() && returned < returns; i++) {
        int entry = log.schedule(i);
        if (entry < 0) {
          at = snapshot(open, opened, returned, at);
          opened = remove(open, opened, returned);
          slots.free(slotOf[returned]);
          returned++;
        } else if (log.outcome(entry) == KeyLog.OK) {
          if (opened == open.length) {
            open = Arrays.copyOf(open, opened * 2);
          }
          int rank = rankOf[entry];
          arrivalOf[rank] = returned;
          slotOf[rank] = slots.take();
          int place = opened++;
          while (place > 0 && open[place - 1] > rank) {
            open[place] = open[place - 1];
            place--;
          }
          open[place] = rank;
        } else if (log.outcome(entry) == KeyLog.OPEN && !isObservation[callOfOperation[entry]]) {
          crash(entry, returned);
        }
      }
      concurrency = slots.used;
    }

    private int snapshot(int[] open, int opened, int rank, int from) {
      int at = from;
      if (at + opened > pending.length) {
        pending = Arrays.copyOf(pending, Math.max(pending.length * 2, at + opened));
      }
      for (int i = 0; i < opened; i++) {
        if (isObservation[callOf[open[i]]]) {
          pending[at++] = open[i];
        }
      }
      pendingMutators[rank] = at;
      for (int i = 0; i < opened; i++) {
        if (!isObservation[callOf[open[i]]]) {
          pending[at++] = open[i];
        }
      }
      pendingStart[rank + 1] = at;
      return at;
    }

    /** The smallest rank returns first, so it stands in front. */
    private static int remove(int[] open, int opened, int rank) {
      if (open[0] != rank) {
        throw new IllegalStateException("the next return is not the smallest rank: rank=" + rank);
      }
      System.arraycopy(open, 1, open, 0, opened - 1);
      return opened - 1;
    }

    private void crash(int operation, int rank) {
      if (crashedCount == crashed.length) {
        crashed = Arrays.copyOf(crashed, crashedCount * 2);
        crashedArrival = Arrays.copyOf(crashedArrival, crashedCount * 2);
      }
      crashed[crashedCount] = operation;
      crashedArrival[crashedCount++] = rank;
    }

    <S> void foresee(Foresight<S, C> model) {
      int[] crashedCalls = new int[crashedCount];
      for (int i = 0; i < crashedCount; i++) {
        crashedCalls[i] = callOfOperation[crashed[i]];
      }
      horizons =
          Horizons.of(
              model,
              new Horizons.Layout<>(
                  calls,
                  isObservation,
                  isOverwrite,
                  callOf,
                  arrivalOf,
                  pendingStart,
                  pendingMutators,
                  pending,
                  crashedCalls,
                  crashedArrival));
    }

    /** Crashed operations by class, classes by their first invocation. */
    void classify() {
      int[] classOfCall = new int[calls.size()];
      int[] members = new int[crashedCount + 1];
      classCall = new int[crashedCount];
      int classes = 0;
      for (int i = 0; i < crashedCount; i++) {
        int call = callOfOperation[crashed[i]];
        if (classOfCall[call] == 0) {
          classCall[classes++] = call;
          classOfCall[call] = classes;
        }
        members[classOfCall[call]]++;
      }
      classCall = Arrays.copyOf(classCall, classes);
      classStart = Arrays.copyOf(members, classes + 1);
      for (int c = 0; c < classes; c++) {
        classStart[c + 1] += classStart[c];
      }
      arrival = new int[crashedCount];
      crashedOperation = new int[crashedCount];
      int[] next = classStart.clone();
      for (int i = 0; i < crashedCount; i++) {
        int place = next[classOfCall[callOfOperation[crashed[i]]] - 1]++;
        arrival[place] = crashedArrival[i];
        crashedOperation[place] = crashed[i];
      }
    }
  }

  /** The smallest free number first. */
  private static final class Slots {
    private long[] taken = new long[1];
    private int used;

    int take() {
      for (int word = 0; ; word++) {
        if (word == taken.length) {
          taken = Arrays.copyOf(taken, word * 2);
        }
        if (taken[word] != -1L) {
          int slot = word * 64 + Long.numberOfTrailingZeros(~taken[word]);
          taken[word] |= 1L << slot;
          used = Math.max(used, slot + 1);
          return slot;
        }
      }
    }

    void free(int slot) {
      taken[slot >> 6] &= ~(1L << slot);
    }
  }
}
