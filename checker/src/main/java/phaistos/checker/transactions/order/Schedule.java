package phaistos.checker.transactions.order;

import java.util.Arrays;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/**
 * Runs the transactions on a store, in the order in which they completed as far as what they read
 * allows: a transaction runs when the store holds what it read, and nothing is overwritten that
 * somebody still has to read. Never goes back: it finds an order of nearly every history that a
 * database of the asked strength made, in time that grows linearly, and proves nothing where it
 * gets stuck. Not thread-safe.
 *
 * <p>Under snapshots a transaction starts and commits at once where it can. One that must read what
 * another is about to overwrite starts before, and holds its keys until it commits.
 */
final class Schedule {
  /** How often all transactions together may wait again before the attempt is given up. */
  private static final int WAITS_PER_TRANSACTION = 64;

  private static final int CHECK_EVERY = 4_096;

  private static final int FREE = -1;

  private final Footprints f;
  private final Rule rule;
  private final BooleanSupplier isOver;

  /** What a transaction still waits for: reads and predecessors; its own start takes none away. */
  private final int[] needs;

  private final boolean[] started;
  private final boolean[] done;

  /** For each key the transaction whose write it holds. */
  private final int[] current;

  /** For each key who has started, will write it and has not committed; {@link #FREE} if nobody. */
  private final int[] holder;

  /** The readers of each write, and of the initial state of each key at the end. */
  private final int[] readersStart;

  private final int[] readers;
  private final int[] unread;

  private final int[] waitingHead;
  private final int[] waitingNext;
  private final PriorityQueue<Long> ready = new PriorityQueue<>();
  private final int[] events;
  private int eventCount;
  private final Following following;

  private Schedule(Footprints f, Rule rule, BooleanSupplier isOver) {
    this.f = f;
    this.rule = rule;
    this.isOver = isOver;
    int n = f.size();
    needs = new int[n];
    started = new boolean[n];
    done = new boolean[n];
    current = new int[f.keys()];
    Arrays.fill(current, Footprints.INITIAL);
    holder = new int[f.keys()];
    Arrays.fill(holder, FREE);
    int versions = f.writeKey().length + f.keys();
    readersStart = new int[versions + 1];
    readers = new int[f.readKey().length];
    unread = new int[versions];
    indexReaders();
    waitingHead = new int[f.keys()];
    Arrays.fill(waitingHead, -1);
    waitingNext = new int[n];
    events = new int[2 * n];
    following = new Following(f, rule.order());
  }

  /**
   * The moments in order: twice the number of the transaction for its start, one more for its
   * commit; nothing if the schedule got stuck.
   */
  static Optional<int[]> find(Footprints f, Rule rule, BooleanSupplier isOver) {
    return new Schedule(f, rule, isOver).run();
  }

  private void indexReaders() {
    int[] versions = new int[f.readKey().length];
    for (int r = 0; r < versions.length; r++) {
      versions[r] = f.versionOf(f.readKey()[r], f.readFrom()[r]);
      readersStart[versions[r] + 1]++;
      unread[versions[r]]++;
    }
    for (int v = 0; v < unread.length; v++) {
      readersStart[v + 1] += readersStart[v];
    }
    int[] next = readersStart.clone();
    for (int t = 0; t < f.size(); t++) {
      for (int r = f.readStart()[t]; r < f.readStart()[t + 1]; r++) {
        readers[next[versions[r]]++] = t;
        if (f.readFrom()[r] != Footprints.INITIAL) {
          needs[t]++;
        }
      }
    }
  }

  /** Chains of known versions: the later may be written only after the earlier. */
  private void addKnown() {
    int[][] byKey = f.writersByKey();
    int[] owners = f.ownersOfWrites();
    for (int key = 0; key < f.keys(); key++) {
      long[] ranked = new long[byKey[0][key + 1] - byKey[0][key]];
      int count = 0;
      for (int i = byKey[0][key]; i < byKey[0][key + 1]; i++) {
        int write = byKey[1][i];
        if (f.writeRank()[write] != Footprints.FREE) {
          ranked[count++] = (long) f.writeRank()[write] << 32 | write;
        }
      }
      Arrays.sort(ranked, 0, count);
      int last = -1;
      for (int i = 0; i < count; i++) {
        int write = (int) ranked[i];
        boolean isLast = f.writeRank()[write] == Footprints.LAST;
        if (last >= 0) {
          following.add(owners[last], owners[write]);
          needs[owners[write]]++;
        }
        last = isLast ? last : write;
      }
    }
    for (int i = 0; i < f.known().length; i += 3) {
      following.add(f.known()[i], f.known()[i + 1]);
      needs[f.known()[i + 1]]++;
    }
  }

  private Optional<int[]> run() {
    addKnown();
    following.addNeeds(needs);
    for (int t = 0; t < f.size(); t++) {
      if (needs[t] == 0) {
        ready.add(priority(t));
      }
    }
    following.begin(this::satisfied);
    long waits = 0;
    for (long steps = 1; !ready.isEmpty(); steps++) {
      int t = (int) (long) ready.poll();
      if (!done[t] && !tryToRun(t)) {
        waits++;
      }
      boolean isHopeless = waits > (long) WAITS_PER_TRANSACTION * f.size();
      if (isHopeless || (steps % CHECK_EVERY == 0 && isOver.getAsBoolean())) {
        return Optional.empty();
      }
    }
    for (boolean one : done) {
      if (!one) {
        return Optional.empty();
      }
    }
    return Optional.of(Arrays.copyOf(events, eventCount));
  }

  private long priority(int t) {
    int place = f.acknowledged()[t] ? f.completedAt()[t] : Integer.MAX_VALUE;
    return (long) place << 32 | t;
  }

  private void satisfied(int t) {
    if (--needs[t] == 0) {
      ready.add(priority(t));
    }
  }

  /** Runs it, or lets it wait for the key that stops it. */
  private boolean tryToRun(int t) {
    for (int i = f.writeStart()[t]; i < f.writeStart()[t + 1]; i++) {
      int key = f.writeKey()[i];
      if (rule.shape() == Rule.Shape.SNAPSHOT && holder[key] != FREE && holder[key] != t) {
        waitFor(key, t);
        return false;
      }
    }
    for (int i = f.writeStart()[t]; i < f.writeStart()[t + 1]; i++) {
      int key = f.writeKey()[i];
      if (!mayOverwrite(key, t)) {
        waitFor(key, t);
        return false;
      }
    }
    if (!started[t]) {
      start(t);
    }
    commit(t);
    return true;
  }

  private boolean mayOverwrite(int key, int t) {
    int version = f.versionOf(key, current[key]);
    int own = !started[t] && reads(t, key) ? 1 : 0;
    if (unread[version] == own) {
      return true;
    }
    if (!rule.hasTwoMoments()) {
      return false;
    }
    for (int i = readersStart[version]; i < readersStart[version + 1]; i++) {
      int reader = readers[i];
      if (reader != t && !started[reader] && (needs[reader] > 0 || !mayHold(reader, t))) {
        return false;
      }
    }
    for (int i = readersStart[version]; i < readersStart[version + 1]; i++) {
      if (readers[i] != t && !started[readers[i]]) {
        if (!mayHold(readers[i], t)) {
          return false;
        }
        start(readers[i]);
      }
    }
    return true;
  }

  private boolean reads(int t, int key) {
    for (int r = f.readStart()[t]; r < f.readStart()[t + 1]; r++) {
      if (f.readKey()[r] == key) {
        return true;
      }
    }
    return false;
  }

  /** Whether a reader can start before t commits: nobody else holds its keys, nor t wants them. */
  private boolean mayHold(int reader, int t) {
    if (rule.shape() != Rule.Shape.SNAPSHOT) {
      return true;
    }
    for (int i = f.writeStart()[reader]; i < f.writeStart()[reader + 1]; i++) {
      int key = f.writeKey()[i];
      if (holder[key] != FREE || f.writes(t, key)) {
        return false;
      }
    }
    return true;
  }

  private void waitFor(int key, int t) {
    waitingNext[t] = waitingHead[key];
    waitingHead[key] = t;
  }

  private void wake(int key) {
    int t = waitingHead[key];
    waitingHead[key] = -1;
    while (t >= 0) {
      ready.add(priority(t));
      t = waitingNext[t];
    }
  }

  private void start(int t) {
    started[t] = true;
    events[eventCount++] = 2 * t;
    for (int i = f.writeStart()[t]; i < f.writeStart()[t + 1]; i++) {
      holder[f.writeKey()[i]] = t;
    }
    for (int r = f.readStart()[t]; r < f.readStart()[t + 1]; r++) {
      int version = f.versionOf(f.readKey()[r], f.readFrom()[r]);
      if (--unread[version] <= 1) {
        wake(f.readKey()[r]);
      }
    }
  }

  private void commit(int t) {
    done[t] = true;
    events[eventCount++] = 2 * t + 1;
    for (int i = f.writeStart()[t]; i < f.writeStart()[t + 1]; i++) {
      int key = f.writeKey()[i];
      current[key] = t;
      holder[key] = FREE;
      for (int r = readersStart[i]; r < readersStart[i + 1]; r++) {
        satisfied(readers[r]);
      }
      wake(key);
    }
    following.completed(t, this::satisfied);
  }
}
