package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model with numbered states and calls and cached steps, so that a step of a search is an array
 * look-up (Knossos calls it memo). It is filled on demand, so the state space may be unbounded. For
 * few calls it is a dense table, for many a hash table that is emptied when it is full. Not
 * thread-safe: each search has its own.
 */
final class Transitions<S, C> {
  static final int INCONSISTENT = -1;

  /**
   * Stands for any state that is overwritten before it is observed ({@link Horizons}). Only in
   * models with foresight, where calls that change the state are always possible.
   */
  static final int VOID = Integer.MAX_VALUE;

  private static final int UNKNOWN = 0;
  private static final int DENSE_CALLS_MAX = 512;
  private static final int HASH_SLOTS_MAX = 1 << 22;

  private final Model<S, C> model;
  private final Optional<Foresight<S, C>> foresight;
  private final List<C> calls;
  private final int callCount;
  private final boolean isDense;
  private final Map<S, Integer> numbers = new HashMap<>();
  private final List<S> states = new ArrayList<>();

  /** Dense: for state * callCount + call, 0 unknown, 1 inconsistent, else the next state + 2. */
  private int[] table;

  private long[] keys;
  private int[] values;
  private int filled;

  Transitions(Model<S, C> model, List<C> calls) {
    this.model = model;
    this.foresight = model instanceof Foresight<S, C> f ? Optional.of(f) : Optional.empty();
    this.calls = calls;
    this.callCount = calls.size();
    this.isDense = callCount <= DENSE_CALLS_MAX;
    if (isDense) {
      table = new int[Math.max(callCount, 1) * 8];
    } else {
      keys = new long[1 << 12];
      values = new int[1 << 12];
    }
    number(model.initial());
  }

  int initial() {
    return 0;
  }

  S state(int number) {
    return states.get(number);
  }

  int stateCount() {
    return states.size();
  }

  /** A rough count, for limits. */
  long bytes() {
    long memo = isDense ? 4L * table.length : 12L * keys.length;
    return memo + 150L * states.size();
  }

  /** The state after the call, or {@link #INCONSISTENT}. */
  int step(int state, int call) {
    if (state == VOID) {
      return stepFromVoid(call);
    }
    if (isDense) {
      int known = table[state * callCount + call];
      return known == UNKNOWN ? compute(state, call) : known - 2;
    }
    long key = ((long) state << 32 | call) + 1;
    int slot = (int) (mix(key) & keys.length - 1);
    while (keys[slot] != 0) {
      if (keys[slot] == key) {
        return values[slot] - 2;
      }
      slot = slot + 1 & keys.length - 1;
    }
    return compute(state, call);
  }

  /** Whether the model can tell that an observation has become impossible. */
  boolean hasForesight() {
    return foresight.isPresent();
  }

  /** See {@link Foresight#canStillHappen}. */
  boolean canStillHappen(int state, int call) {
    return state != VOID && foresight.get().canStillHappen(states.get(state), calls.get(call));
  }

  private int stepFromVoid(int call) {
    if (model.isObservation(calls.get(call))) {
      return INCONSISTENT;
    }
    return model.isOverwrite(calls.get(call)) ? step(0, call) : VOID;
  }

  private int compute(int state, int call) {
    int next =
        switch (model.step(states.get(state), calls.get(call))) {
          case Step.Next<S> step -> number(step.state());
          case Step.Inconsistent<S> _ -> INCONSISTENT;
        };
    if (isDense) {
      table[state * callCount + call] = next + 2;
    } else {
      remember(((long) state << 32 | call) + 1, next + 2);
    }
    return next;
  }

  private int number(S state) {
    Integer known = numbers.get(state);
    if (known != null) {
      return known;
    }
    int number = states.size();
    numbers.put(state, number);
    states.add(state);
    if (isDense && (number + 1) * (long) callCount > table.length) {
      table = Arrays.copyOf(table, Math.toIntExact(Math.min(table.length * 2L, 1L << 30)));
    }
    return number;
  }

  private void remember(long key, int value) {
    if (filled * 2 >= keys.length) {
      rehash();
    }
    insert(key, value);
  }

  private void insert(long key, int value) {
    int slot = (int) (mix(key) & keys.length - 1);
    while (keys[slot] != 0) {
      slot = slot + 1 & keys.length - 1;
    }
    keys[slot] = key;
    values[slot] = value;
    filled++;
  }

  private void rehash() {
    filled = 0;
    if (keys.length >= HASH_SLOTS_MAX) {
      Arrays.fill(keys, 0);
      return;
    }
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new int[oldKeys.length * 2];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        insert(oldKeys[i], oldValues[i]);
      }
    }
  }

  private static long mix(long key) {
    long h = key * 0x9E3779B97F4A7C15L;
    return h ^ h >>> 32;
  }
}
