package phaistos.checker.linearizability;

import java.util.Arrays;
import java.util.Optional;

/**
 * Depth-first search for a linearization: Wing and Gong 1993, with the memory of configurations
 * already seen that Lowe 2017 added ("Testing for linearizability", section 3). A configuration is
 * the rank of the next return, which of the pending operations are linearized, which crashed ones
 * were used, and the model's state.
 *
 * <p>The reductions of the search, and why they are correct:
 *
 * <ul>
 *   <li><b>Observations at once.</b> A pending observation that agrees with the state is linearized
 *       right away. Any linearization that has it later stays one if it is moved to this place: it
 *       is pending, agrees, and never changes a state.
 *   <li><b>Fewer crashed operations used is better.</b> Of two configurations that differ only in
 *       the crashed operations used, the one that used a subset can do all that the other can: the
 *       others are optional. So a configuration is skipped if one with a subset was seen.
 *   <li><b>Equal crashed calls are interchangeable</b>: the one invoked first is taken first.
 *   <li><b>A crashed operation is not tried before something needs it.</b> Directly after a crashed
 *       x (with no observation in between), a y is skipped if the state without x would be the same
 *       (x was redundant), or if y then x leads to the same state and y returned, or is crashed and
 *       of a smaller class (they commute, and that order is tried). Each skipped configuration is
 *       reached, or bettered, through one whose last operation is larger in the order (returned,
 *       then class); there is a largest, so nothing is lost, also with the memory of what was seen.
 *   <li><b>Foresight.</b> If the model knows that an observation can no longer happen without an
 *       overwrite, and every overwrite after which it can happen is linearized or comes after its
 *       return, the configuration is a dead end ({@link Horizons}).
 *   <li><b>It ends when only crashed operations are left</b>, since those need not happen.
 * </ul>
 *
 * <p>Not thread-safe. Shares no search code with {@link JustInTime}, so that each can find the
 * other's mistakes.
 */
final class Wgl<S, C> {
  private static final int NONE = -1;

  private final Problem<C> problem;
  private final Transitions<S, C> transitions;
  private final Limits limits;

  private final int maskWords;
  private final int usedWords;
  private final int width;

  /** Configurations, each {@code width} long: rank and state, linearized bits, used bits. */
  private long[] arena;

  private int count;
  private int[] sameKey;
  private int[] parent;
  private int[] via;
  private int[] table;

  private int[] stack = new int[64];
  private int[] cursor = new int[64];
  private boolean[] observed = new boolean[64];
  private int depth;

  private final long[] scratch;
  private long expansions;
  private int deepest;

  /** The largest rank of an observation for which a configuration was a dead end. */
  private int foreseen = NONE;

  private boolean isObserving;

  Wgl(Problem<C> problem, Transitions<S, C> transitions, Limits limits) {
    this.problem = problem;
    this.transitions = transitions;
    this.limits = limits;
    maskWords = Math.max(1, (problem.concurrency + 63) >> 6);
    usedWords = (problem.crashed() + 63) >> 6;
    width = 1 + maskWords + usedWords;
    int capacity = Math.clamp(problem.returns + 16L, 32, 1 << 12);
    arena = new long[capacity * width];
    sameKey = new int[capacity];
    parent = new int[capacity];
    via = new int[capacity];
    table = new int[Integer.highestOneBit(capacity) * 4];
    scratch = new long[width];
  }

  /** The outcome; empty if this many more expansions gave none: then call it again. */
  Optional<SearchOutcome> run(long budget) {
    if (count == 0) {
      scratch[0] = transitions.initial();
      boolean isComplete = settle(0);
      push(add(NONE, NONE));
      if (isComplete) {
        return Optional.of(new SearchOutcome.Linearizable(1));
      }
    }
    long end = budget > Long.MAX_VALUE - expansions ? Long.MAX_VALUE : expansions + budget;
    while (depth > 0) {
      if ((++expansions & 1023) == 0) {
        Optional<String> cause = limits.exceeded(bytes());
        if (cause.isPresent()) {
          return Optional.of(new SearchOutcome.GivenUp(cause.get(), rank(deepest), count));
        }
        if (expansions >= end) {
          return Optional.empty();
        }
      }
      if (advance()) {
        return Optional.of(new SearchOutcome.Linearizable(count));
      }
    }
    int rank = rank(deepest);
    return Optional.of(new SearchOutcome.Stuck(rank, Math.max(rank, foreseen), count));
  }

  private long bytes() {
    return 8L * arena.length + 12L * sameKey.length + 4L * table.length + transitions.bytes();
  }

  /**
   * Tries the next candidate on top of the stack; returns whether that completes a linearization.
   */
  private boolean advance() {
    int top = depth - 1;
    int config = stack[top];
    int base = config * width;
    int rank = (int) (arena[base] >>> 32);
    int state = (int) arena[base];
    int first = problem.pendingMutators[rank];
    int mutators = problem.pendingStart[rank + 1] - first;
    int classes = problem.classCall.length;
    while (cursor[top] < mutators + classes) {
      int candidate = cursor[top]++;
      boolean isCrashed = candidate >= mutators;
      int chosen = isCrashed ? candidate - mutators : problem.pending[first + candidate];
      int call = isCrashed ? problem.classCall[chosen] : problem.callOf[chosen];
      int bit;
      if (isCrashed) {
        bit = nextMember(base, chosen, rank);
        if (bit == NONE) {
          continue;
        }
      } else {
        bit = problem.slotOf[chosen];
        if ((arena[base + 1 + (bit >> 6)] & 1L << bit) != 0) {
          continue;
        }
      }
      int next = transitions.step(state, call);
      if (next == Transitions.INCONSISTENT
          || isCrashed && next == state
          || isNeedless(top, config, chosen, isCrashed, call, next)) {
        continue;
      }
      System.arraycopy(arena, base, scratch, 0, width);
      scratch[0] = (long) rank << 32 | next;
      scratch[1 + (isCrashed ? maskWords : 0) + (bit >> 6)] |= 1L << bit;
      isObserving = false;
      boolean isComplete = settle(rank);
      if (isComplete || isPossible() && !isSeen()) {
        push(add(config, isCrashed ? ~bit : chosen));
        return isComplete;
      }
    }
    depth--;
    return false;
  }

  /** The member of the class that is to be used next, if it has been invoked; else NONE. */
  private int nextMember(int base, int cls, int rank) {
    int end = problem.classStart[cls + 1];
    for (int member = problem.classStart[cls]; member < end; member++) {
      if ((arena[base + 1 + maskWords + (member >> 6)] & 1L << member) == 0) {
        return problem.arrival[member] <= rank ? member : NONE;
      }
    }
    return NONE;
  }

  /** Whether the last operation was a crashed one that the next one does not need. */
  private boolean isNeedless(
      int top, int config, int chosen, boolean isCrashed, int call, int next) {
    int before = via[config];
    if (before >= 0 || before == NONE && parent[config] == NONE || observed[top]) {
      return false;
    }
    if (problem.isOverwrite[call]) {
      return true;
    }
    int without = (int) arena[parent[config] * width];
    int alone = transitions.step(without, call);
    if (alone == next) {
      return true;
    }
    if (alone == Transitions.INCONSISTENT) {
      return false;
    }
    int earlier = problem.classOf(~before);
    return (!isCrashed || chosen < earlier)
        && transitions.step(alone, problem.classCall[earlier]) == next;
  }

  /**
   * Advances the scratch configuration: linearizes pending observations that agree with its state,
   * and passes the returns of linearized operations. Returns whether nothing is left.
   */
  private boolean settle(int from) {
    int rank = from;
    int state = (int) scratch[0];
    while (rank < problem.returns) {
      int end = problem.pendingMutators[rank];
      for (int i = problem.pendingStart[rank]; i < end; i++) {
        int observation = problem.pending[i];
        int slot = problem.slotOf[observation];
        if ((scratch[1 + (slot >> 6)] & 1L << slot) == 0
            && transitions.step(state, problem.callOf[observation]) == state) {
          scratch[1 + (slot >> 6)] |= 1L << slot;
          isObserving = true;
        }
      }
      int passed = rank;
      while (rank < problem.returns) {
        int slot = problem.slotOf[rank];
        if ((scratch[1 + (slot >> 6)] & 1L << slot) == 0) {
          break;
        }
        scratch[1 + (slot >> 6)] &= ~(1L << slot);
        rank++;
      }
      if (rank == passed) {
        break;
      }
    }
    scratch[0] = (long) rank << 32 | state;
    return rank == problem.returns;
  }

  /**
   * Whether all pending observations and the next one are still possible. A state that is
   * overwritten before it is observed is replaced by void.
   */
  private boolean isPossible() {
    if (!transitions.hasForesight()) {
      return true;
    }
    int rank = (int) (scratch[0] >>> 32);
    int state = (int) scratch[0];
    int first = problem.horizons.upcoming[rank];
    if (first >= 0 && isHopeless(first, rank, state)) {
      return false;
    }
    for (int i = problem.pendingMutators[rank] - 1; i >= problem.pendingStart[rank]; i--) {
      int observation = problem.pending[i];
      if (!isLinearized(observation)) {
        if (isHopeless(observation, rank, state)) {
          return false;
        }
        first = first < 0 ? observation : Math.min(first, observation);
      }
    }
    if (first < 0 || isUnseen(first, rank, state)) {
      scratch[0] = (long) rank << 32 | Transitions.VOID;
    }
    return true;
  }

  /** Whether no observation that may come before the return of this first one can see the state. */
  private boolean isUnseen(int first, int rank, int state) {
    for (int i = problem.pendingStart[first]; i < problem.pendingMutators[first]; i++) {
      int observation = problem.pending[i];
      boolean isAhead =
          problem.horizons.isUpcoming(observation, rank) || !isLinearized(observation);
      if (isAhead && transitions.canStillHappen(state, problem.callOf[observation])) {
        return false;
      }
    }
    return true;
  }

  private boolean isLinearized(int pending) {
    int slot = problem.slotOf[pending];
    return (scratch[1 + (slot >> 6)] & 1L << slot) != 0;
  }

  private boolean isHopeless(int observation, int rank, int state) {
    if (!problem.horizons.isPast(observation, rank)
        || transitions.canStillHappen(state, problem.callOf[observation])) {
      return false;
    }
    foreseen = Math.max(foreseen, observation);
    return true;
  }

  private int rank(int config) {
    return (int) (arena[config * width] >>> 32);
  }

  private void push(int config) {
    if (depth == stack.length) {
      stack = Arrays.copyOf(stack, depth * 2);
      cursor = Arrays.copyOf(cursor, depth * 2);
      observed = Arrays.copyOf(observed, depth * 2);
    }
    stack[depth] = config;
    observed[depth] = isObserving;
    cursor[depth++] = 0;
    if (rank(config) > rank(deepest)) {
      deepest = config;
    }
  }

  /** Whether a configuration with the same key was seen that used no more crashed operations. */
  private boolean isSeen() {
    for (int i = table[slot(scratch, 0)] - 1; i != NONE; i = sameKey[i]) {
      int other = i * width;
      int word = 1 + maskWords;
      while (word < width && (arena[other + word] & ~scratch[word]) == 0) {
        word++;
      }
      if (word == width) {
        return true;
      }
    }
    return false;
  }

  /** The slot of the key (rank, state, linearized bits), or the free one where it belongs. */
  private int slot(long[] words, int base) {
    long hash = words[base] * 0x9E3779B97F4A7C15L;
    for (int i = 1; i <= maskWords; i++) {
      hash = (hash ^ hash >>> 29 ^ words[base + i]) * 0xBF58476D1CE4E5B9L;
    }
    int slot = (int) (hash >>> 32) & table.length - 1;
    while (table[slot] != 0) {
      int other = (table[slot] - 1) * width;
      int i = 0;
      while (i <= maskWords && arena[other + i] == words[base + i]) {
        i++;
      }
      if (i > maskWords) {
        return slot;
      }
      slot = slot + 1 & table.length - 1;
    }
    return slot;
  }

  /** Keeps the scratch configuration; its number. */
  private int add(int from, int by) {
    if (count == sameKey.length) {
      grow();
    }
    int slot = slot(scratch, 0);
    System.arraycopy(scratch, 0, arena, count * width, width);
    sameKey[count] = table[slot] - 1;
    table[slot] = count + 1;
    parent[count] = from;
    via[count] = by;
    return count++;
  }

  private void grow() {
    int capacity = Math.toIntExact(Math.min(count * 2L, Integer.MAX_VALUE / width - 8L));
    if (capacity <= count) {
      throw new OutOfMemoryError("more configurations than an array holds: count=" + count);
    }
    arena = Arrays.copyOf(arena, capacity * width);
    sameKey = Arrays.copyOf(sameKey, capacity);
    parent = Arrays.copyOf(parent, capacity);
    via = Arrays.copyOf(via, capacity);
    int[] old = table;
    table = new int[old.length * 2];
    for (int head : old) {
      if (head != 0) {
        table[slot(arena, (head - 1) * width)] = head;
      }
    }
  }

  /**
   * The choices up to the deepest configuration, from the start: ranks, and the complement of
   * members for crashed operations. Observations are not included; {@link Witness} inserts them.
   */
  int[] deepestPath() {
    int length = 0;
    for (int i = deepest; i != NONE && parent[i] != NONE; i = parent[i]) {
      length++;
    }
    int[] path = new int[length];
    for (int i = deepest; length > 0; i = parent[i]) {
      path[--length] = via[i];
    }
    return path;
  }
}
