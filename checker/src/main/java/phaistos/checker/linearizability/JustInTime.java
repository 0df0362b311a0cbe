package phaistos.checker.linearizability;

import java.util.Arrays;
import java.util.Optional;

/**
 * Just-in-time linearization, Lowe 2017, section 5: walks through the returns in their order and
 * keeps the set of all configurations that explain the history so far. At a return, a configuration
 * that has not linearized the operation linearizes pending ones until it has. Knossos calls it
 * {@code linear}. Holds one set of configurations and the next, so memory follows the concurrency,
 * not the length.
 *
 * <p>A configuration here is which pending operations are linearized, the model's state, and which
 * crashed operations were used; configurations of one set stand at the same return. The reductions
 * are those that {@link Wgl} justifies. A set keeps only configurations that no other dominates
 * (same pending, same state, fewer crashed operations used); a better one that arrives later
 * removes the worse. Operations are linearized only on the way to a return that needs them; crashed
 * ones come last, when the sequences without them are already in the set and can dominate.
 *
 * <p>Not thread-safe. Shares no search code with {@link Wgl}.
 */
final class JustInTime<S, C> {
  private static final int NONE = -1;

  private final Problem<C> problem;
  private final Transitions<S, C> model;
  private final Limits limits;
  private final boolean areLastKept;
  private final int pendingWords;
  private final int stride;
  private Frontier here;
  private Frontier ahead;
  private final long[] made;
  private long visited;
  private int rank;

  /** The progress within one return: its pass, and the next configuration of {@code here}. */
  private int pass = NONE;

  private int walked;

  /** The largest rank of an observation that had become impossible in some configuration. */
  private int impossible = NONE;

  JustInTime(Problem<C> problem, Transitions<S, C> model, Limits limits) {
    this(problem, model, limits, false);
  }

  /**
   * @param areLastKept whether to keep states apart that no observation sees before the end, for
   *     callers that need them
   */
  JustInTime(Problem<C> problem, Transitions<S, C> model, Limits limits, boolean areLastKept) {
    this.areLastKept = areLastKept;
    this.problem = problem;
    this.model = model;
    this.limits = limits;
    pendingWords = Math.max(1, (problem.concurrency + 63) >> 6);
    stride = 1 + pendingWords + ((problem.crashed() + 63) >> 6);
    made = new long[stride];
    here = new Frontier();
    ahead = new Frontier();
  }

  /** The outcome; empty if this many more configurations gave none: then call it again. */
  Optional<SearchOutcome> run(long budget) {
    if (here.isEmpty()) {
      long[] start = new long[stride];
      start[0] = model.initial();
      if (problem.returns > 0) {
        observe(start, 0);
      }
      here.offer(start, 0, NONE, NONE);
    }
    long end = budget > Long.MAX_VALUE - visited ? Long.MAX_VALUE : visited + budget;
    while (rank < problem.returns) {
      if (!passReturn(end)) {
        return limits
            .exceeded(bytes())
            .map(cause -> new SearchOutcome.GivenUp(cause, rank, visited));
      }
      if (ahead.isEmpty()) {
        return Optional.of(new SearchOutcome.Stuck(rank, Math.max(rank, impossible), visited));
      }
      Frontier done = here;
      here = ahead;
      ahead = done;
      ahead.clear();
      rank++;
    }
    return Optional.of(new SearchOutcome.Linearizable(visited));
  }

  private long bytes() {
    return here.bytes() + ahead.bytes() + model.bytes();
  }

  /** After {@link SearchOutcome.Linearizable}: how many configurations explain all returns. */
  int count() {
    return here.size;
  }

  /** Whether no other configuration dominates this one. */
  boolean isAlive(int index) {
    return here.isAlive(index);
  }

  int state(int index) {
    return (int) here.words[index * stride];
  }

  /** Whether the crashed operation has happened in this configuration. */
  boolean isUsed(int index, int member) {
    return (here.words[index * stride + 1 + pendingWords + (member >> 6)] >>> member & 1) != 0;
  }

  /**
   * Moves from all configurations before the return to all after it. Returns false at a limit or
   * the end of the budget; then call it again.
   */
  private boolean passReturn(long end) {
    if (pass == NONE) {
      pass = 0;
      walked = 0;
    }
    int passes = problem.classCall.length == 0 ? 1 : 2;
    while (pass < passes) {
      while (walked < here.size) {
        if ((visited & 511) == 511 && (visited >= end || limits.exceeded(bytes()).isPresent())) {
          return false;
        }
        visited++;
        walk(walked++, pass == 1);
      }
      here.settleNew();
      pass++;
      walked = 0;
    }
    pass = NONE;
    return true;
  }

  private void walk(int index, boolean withCrashed) {
    if (!here.isAlive(index)) {
      return;
    }
    boolean isFirstVisit = !withCrashed || here.isNew(index);
    int returning = problem.slotOf[rank];
    if (has(here.words, index * stride, returning)) {
      if (isFirstVisit) {
        leave(index, returning);
      }
      return;
    }
    if (isFirstVisit) {
      linearizeReturned(index);
    }
    if (withCrashed) {
      linearizeCrashed(index);
    }
  }

  private static boolean has(long[] words, int base, int bit) {
    return (words[base + 1 + (bit >> 6)] >>> bit & 1) != 0;
  }

  /** The operation that returns is linearized: the configuration stands at the next return. */
  private void leave(int index, int returning) {
    System.arraycopy(here.words, index * stride, made, 0, stride);
    made[1 + (returning >> 6)] &= ~(1L << returning);
    if (rank + 1 < problem.returns) {
      observe(made, rank + 1);
      if (isImpossible(rank + 1)) {
        return;
      }
    }
    ahead.offer(made, 0, -1, -1);
  }

  private void linearizeReturned(int index) {
    int base = index * stride;
    for (int i = problem.pendingMutators[rank]; i < problem.pendingStart[rank + 1]; i++) {
      int operation = problem.pending[i];
      int slot = problem.slotOf[operation];
      if (has(here.words, base, slot)) {
        continue;
      }
      int call = problem.callOf[operation];
      int state = (int) here.words[base];
      int after = model.step(state, call);
      if (after < 0 || isWithoutNeed(index, call, after, -1)) {
        continue;
      }
      System.arraycopy(here.words, base, made, 0, stride);
      made[0] = after;
      made[1 + (slot >> 6)] |= 1L << slot;
      observe(made, rank);
      if (!isImpossible(rank)) {
        here.offer(made, 0, -1, -1);
      }
    }
  }

  private void linearizeCrashed(int index) {
    int base = index * stride;
    int state = (int) here.words[base];
    int usedBase = base + 1 + pendingWords;
    for (int c = 0; c < problem.classCall.length; c++) {
      int member = problem.classStart[c];
      int end = problem.classStart[c + 1];
      while (member < end && (here.words[usedBase + (member >> 6)] >>> member & 1) != 0) {
        member++;
      }
      if (member == end || problem.arrival[member] > rank) {
        continue;
      }
      int call = problem.classCall[c];
      int after = model.step(state, call);
      if (after < 0 || after == state || isWithoutNeed(index, call, after, c)) {
        continue;
      }
      System.arraycopy(here.words, base, made, 0, stride);
      made[0] = after;
      made[1 + pendingWords + (member >> 6)] |= 1L << member;
      boolean observing = observe(made, rank);
      if (!isImpossible(rank)) {
        here.offer(made, 1, observing ? -1 : state, observing ? -1 : c);
      }
    }
  }

  /**
   * Whether this configuration came from a crashed operation that the next call does not need:
   * without it the state would be the same, or it can also come later.
   *
   * @param cls the next call's class if it is a crashed one, else -1
   */
  private boolean isWithoutNeed(int index, int call, int after, int cls) {
    int crashedClass = here.lastClass[index];
    if (crashedClass < 0) {
      return false;
    }
    if (problem.isOverwrite[call]) {
      return true;
    }
    int alone = model.step(here.stateBefore[index], call);
    if (alone < 0) {
      return false;
    }
    boolean mayFollow = cls < 0 || cls < crashedClass;
    return alone == after
        || mayFollow && model.step(alone, problem.classCall[crashedClass]) == after;
  }

  /** Linearizes the pending observations of this rank that agree; returns whether there was one. */
  private boolean observe(long[] config, int at) {
    boolean any = false;
    int state = (int) config[0];
    for (int i = problem.pendingStart[at]; i < problem.pendingMutators[at]; i++) {
      int operation = problem.pending[i];
      int slot = problem.slotOf[operation];
      if (!has(config, 0, slot) && model.step(state, problem.callOf[operation]) == state) {
        config[1 + (slot >> 6)] |= 1L << slot;
        any = true;
      }
    }
    return any;
  }

  /**
   * Whether a pending observation, or the next one, has become impossible by the model's foresight.
   * A state that no observation will see is made void.
   */
  private boolean isImpossible(int at) {
    if (!model.hasForesight()) {
      return false;
    }
    int dead = NONE;
    int next = problem.horizons.upcoming[at];
    if (next >= 0 && isLost(next, at)) {
      dead = next;
    }
    for (int i = problem.pendingStart[at]; i < problem.pendingMutators[at] && dead < 0; i++) {
      int operation = problem.pending[i];
      if (!has(made, 0, problem.slotOf[operation])) {
        next = next < 0 || operation < next ? operation : next;
        dead = isLost(operation, at) ? operation : NONE;
      }
    }
    impossible = Math.max(impossible, dead);
    if (dead < 0 && (next < 0 ? !areLastKept : isInvisible(next, at))) {
      made[0] = Transitions.VOID;
    }
    return dead >= 0;
  }

  /** Whether no observation sees the state until the next one has returned. */
  private boolean isInvisible(int next, int at) {
    boolean isSeen = false;
    for (int i = problem.pendingStart[next]; i < problem.pendingMutators[next] && !isSeen; i++) {
      int operation = problem.pending[i];
      boolean isDone =
          !problem.horizons.isUpcoming(operation, at) && has(made, 0, problem.slotOf[operation]);
      isSeen = !isDone && model.canStillHappen((int) made[0], problem.callOf[operation]);
    }
    return !isSeen;
  }

  private boolean isLost(int observation, int at) {
    return problem.horizons.isPast(observation, at)
        && !model.canStillHappen((int) made[0], problem.callOf[observation]);
  }

  /**
   * The configurations at one return, none of which dominates another. Grows while it is walked.
   */
  private final class Frontier {
    private static final int DEAD = -2;

    private long[] words = new long[16 * stride];
    private int[] next = new int[16];
    private int[] stateBefore = new int[16];
    private int[] lastClass = new int[16];
    private int[] heads = new int[64];
    private int size;
    private int settled;

    boolean isEmpty() {
      return size == 0;
    }

    boolean isAlive(int index) {
      return lastClass[index] != DEAD;
    }

    /** Whether it came after the last call of {@link #settleNew}. */
    boolean isNew(int index) {
      return index >= settled;
    }

    void settleNew() {
      settled = size;
    }

    long bytes() {
      return 8L * words.length + 12L * next.length + 4L * heads.length;
    }

    void clear() {
      if (heads.length > 1024 && heads.length > 16 * size) {
        heads = new int[64];
      } else if (size > 0) {
        Arrays.fill(heads, 0);
      }
      size = 0;
      settled = 0;
    }

    /** Adds a configuration unless an existing one is as good; removes those that it dominates. */
    void offer(long[] config, int crashed, int before, int cls) {
      int place = find(config, 0);
      int previous = 0;
      for (int i = heads[place]; i != 0; i = next[i - 1]) {
        if (isSubset(words, (i - 1) * stride, config, 0)) {
          return;
        }
        if (crashed == 0 && isSubset(config, 0, words, (i - 1) * stride)) {
          lastClass[i - 1] = DEAD;
          if (previous != 0) {
            next[previous - 1] = next[i - 1];
            continue;
          }
        }
        previous = i;
      }
      if (size == next.length) {
        grow();
      }
      if (2 * size >= heads.length) {
        rehash();
        place = find(config, 0);
      }
      System.arraycopy(config, 0, words, size * stride, stride);
      stateBefore[size] = before;
      lastClass[size] = cls;
      next[size] = heads[place];
      heads[place] = ++size;
    }

    private boolean isSubset(long[] a, int aBase, long[] b, int bBase) {
      for (int i = 1 + pendingWords; i < stride; i++) {
        if ((a[aBase + i] & ~b[bBase + i]) != 0) {
          return false;
        }
      }
      return true;
    }

    private int find(long[] config, int base) {
      long hash = 0;
      for (int i = 0; i <= pendingWords; i++) {
        hash = (hash + config[base + i]) * 0xD6E8FEB86659FD93L;
        hash ^= hash >>> 32;
      }
      int place = (int) hash & heads.length - 1;
      while (heads[place] != 0) {
        int other = (heads[place] - 1) * stride;
        int i = 0;
        while (i <= pendingWords && words[other + i] == config[base + i]) {
          i++;
        }
        if (i > pendingWords) {
          break;
        }
        place = place + 1 & heads.length - 1;
      }
      return place;
    }

    private void grow() {
      int capacity = Math.multiplyExact(size, 2);
      words = Arrays.copyOf(words, Math.multiplyExact(capacity, stride));
      next = Arrays.copyOf(next, capacity);
      stateBefore = Arrays.copyOf(stateBefore, capacity);
      lastClass = Arrays.copyOf(lastClass, capacity);
    }

    private void rehash() {
      int[] old = heads;
      heads = new int[old.length * 2];
      for (int head : old) {
        if (head != 0) {
          heads[find(words, (head - 1) * stride)] = head;
        }
      }
    }
  }
}
