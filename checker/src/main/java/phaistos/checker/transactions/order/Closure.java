package phaistos.checker.transactions.order;

import java.util.function.BooleanSupplier;
import phaistos.checker.transactions.Ints;

/**
 * What the order must be, by what was read and by what the rule asks, saturated to a fixed point:
 * all moments, and which of them precede which, as one bit a pair. Of two writers of a key one must
 * come first; where one way would close a cycle, the other is certain, and with it that whoever
 * read the earlier version came before the later one was written. The pruning of PolySI (Huang et
 * al., VLDB 2023) and Viper (Zhang et al., EuroSys 2023), repeated until nothing new follows. Not
 * thread-safe.
 */
final class Closure {
  private final Footprints f;
  private final Rule rule;
  private final BooleanSupplier isOver;
  private final int moments;
  private final int nodes;
  private final int words;
  private final Ints from = new Ints();
  private final Ints to = new Ints();
  private final int[] order;
  private long[] reach;
  private final int[] readersStart;
  private final int[] readers;
  private final int[] writerOf;

  /** Pairs of writes of one key whose order is open: first, second, first, second, ... */
  private Ints open = new Ints();

  private boolean isStopped;

  Closure(Footprints f, Rule rule, BooleanSupplier isOver) {
    this.f = f;
    this.rule = rule;
    this.isOver = isOver;
    moments = rule.hasTwoMoments() ? 2 * f.size() : f.size();
    boolean realtime = rule.order() == Rule.Outside.REALTIME;
    nodes = moments + (realtime ? f.size() : 0);
    words = (nodes + 63) >>> 6;
    order = new int[nodes];
    writerOf = f.ownersOfWrites();
    readersStart = new int[f.writeKey().length + f.keys() + 1];
    readers = new int[f.readKey().length];
    indexReaders();
    addBase();
  }

  /** How much memory the pairs take, in bytes. */
  static long bytes(Footprints f, Rule rule) {
    long size = (rule.hasTwoMoments() ? 2L : 1) * f.size();
    size += rule.order() == Rule.Outside.REALTIME ? f.size() : 0;
    return size * ((size + 63) >>> 6) * Long.BYTES;
  }

  int start(int t) {
    return rule.hasTwoMoments() ? 2 * t : t;
  }

  int commit(int t) {
    return rule.hasTwoMoments() ? 2 * t + 1 : t;
  }

  /** Where the later of two writers of a key must stand after the commit of the earlier. */
  int after(int t) {
    return rule.shape() == Rule.Shape.PREFIX ? commit(t) : start(t);
  }

  int nodes() {
    return nodes;
  }

  int moments() {
    return moments;
  }

  int edgeCount() {
    return from.size();
  }

  int edgeFrom(int edge) {
    return from.get(edge);
  }

  int edgeTo(int edge) {
    return to.get(edge);
  }

  /** A topological order of the nodes. */
  int[] order() {
    return order;
  }

  boolean reaches(int a, int b) {
    return (reach[a * words + (b >>> 6)] & 1L << b) != 0;
  }

  boolean isStopped() {
    return isStopped;
  }

  /** Pairs of writes whose order is open. */
  Ints open() {
    return open;
  }

  int writer(int write) {
    return writerOf[write];
  }

  int readersFrom(int write) {
    return readersStart[write];
  }

  int readersTo(int write) {
    return readersStart[write + 1];
  }

  int reader(int i) {
    return readers[i];
  }

  private void indexReaders() {
    int[] versions = new int[f.readKey().length];
    for (int r = 0; r < versions.length; r++) {
      versions[r] = f.versionOf(f.readKey()[r], f.readFrom()[r]);
      readersStart[versions[r] + 1]++;
    }
    for (int v = 0; v + 1 < readersStart.length; v++) {
      readersStart[v + 1] += readersStart[v];
    }
    int[] next = readersStart.clone();
    for (int t = 0; t < f.size(); t++) {
      for (int r = f.readStart()[t]; r < f.readStart()[t + 1]; r++) {
        readers[next[versions[r]]++] = t;
      }
    }
  }

  private void edge(int a, int b) {
    from.add(a);
    to.add(b);
  }

  private void addBase() {
    for (int t = 0; t < f.size(); t++) {
      if (rule.hasTwoMoments()) {
        edge(start(t), commit(t));
      }
      for (int r = f.readStart()[t]; r < f.readStart()[t + 1]; r++) {
        if (f.readFrom()[r] != Footprints.INITIAL) {
          edge(commit(f.readFrom()[r]), start(t));
        }
      }
    }
    switch (rule.order()) {
      case NONE -> {}
      case PROCESS -> Following.forEachInProcess(f, (a, b) -> edge(commit(a), start(b)));
      case REALTIME -> addRealtime();
    }
    int[][] byKey = f.writersByKey();
    for (int key = 0; key < f.keys(); key++) {
      addKey(key, byKey[1], byKey[0][key], byKey[0][key + 1]);
    }
    for (int i = 0; i < f.known().length; i += 3) {
      edge(commit(f.known()[i]), after(f.known()[i + 1]));
    }
  }

  private void addRealtime() {
    int[] sorted = Following.sorted(f, f.completedAt(), true);
    int[] invoked = Following.sorted(f, f.invokedAt(), false);
    int next = 0;
    for (int t : invoked) {
      while (next < sorted.length && f.completedAt()[sorted[next]] < f.invokedAt()[t]) {
        edge(commit(sorted[next]), moments + next);
        if (next > 0) {
          edge(moments + next - 1, moments + next);
        }
        next++;
      }
      if (next > 0) {
        edge(moments + next - 1, start(t));
      }
    }
  }

  private void addKey(int key, int[] writes, int begin, int end) {
    int initial = f.writeKey().length + key;
    for (int i = begin; i < end; i++) {
      int writer = writerOf[writes[i]];
      for (int r = readersStart[initial]; r < readersStart[initial + 1]; r++) {
        if (readers[r] != writer) {
          edge(start(readers[r]), commit(writer));
        }
      }
      for (int j = i + 1; j < end; j++) {
        int a = f.writeRank()[writes[i]];
        int b = f.writeRank()[writes[j]];
        open.add(writes[i]);
        open.add(writes[j]);
        if (a != Footprints.FREE && b != Footprints.FREE && a != b) {
          int first = a < b ? writer : writerOf[writes[j]];
          int second = a < b ? writerOf[writes[j]] : writer;
          edge(commit(first), after(second));
        }
      }
    }
  }

  /** Adds all that follows; false if that is a contradiction. */
  boolean saturate() {
    while (true) {
      if (isOver.getAsBoolean()) {
        isStopped = true;
        return true;
      }
      if (!sort()) {
        return false;
      }
      close();
      int before = from.size();
      Ints left = new Ints(open.size());
      for (int i = 0; i < open.size(); i += 2) {
        if (!decide(open.get(i), open.get(i + 1), left)) {
          return false;
        }
      }
      open = left;
      if (from.size() == before) {
        return true;
      }
    }
  }

  /** Kahn's topological order; false if there is a cycle. */
  private boolean sort() {
    int[] degree = new int[nodes];
    int[] starts = new int[nodes + 1];
    for (int e = 0; e < from.size(); e++) {
      starts[from.get(e) + 1]++;
      degree[to.get(e)]++;
    }
    for (int i = 0; i < nodes; i++) {
      starts[i + 1] += starts[i];
    }
    int[] targets = new int[from.size()];
    int[] next = starts.clone();
    for (int e = 0; e < from.size(); e++) {
      targets[next[from.get(e)]++] = to.get(e);
    }
    int tail = 0;
    for (int i = 0; i < nodes; i++) {
      if (degree[i] == 0) {
        order[tail++] = i;
      }
    }
    for (int head = 0; head < tail; head++) {
      for (int e = starts[order[head]]; e < starts[order[head] + 1]; e++) {
        if (--degree[targets[e]] == 0) {
          order[tail++] = targets[e];
        }
      }
    }
    sortedStarts = starts;
    sortedTargets = targets;
    return tail == nodes;
  }

  private int[] sortedStarts = {};
  private int[] sortedTargets = {};

  private void close() {
    reach = reach == null ? new long[nodes * words] : reach;
    for (int i = nodes - 1; i >= 0; i--) {
      int node = order[i];
      int base = node * words;
      for (int e = sortedStarts[node]; e < sortedStarts[node + 1]; e++) {
        int target = sortedTargets[e];
        if (!reaches(node, target)) {
          int other = target * words;
          for (int w = 0; w < words; w++) {
            reach[base + w] |= reach[other + w];
          }
          reach[base + (target >>> 6)] |= 1L << target;
        }
      }
    }
  }

  /** Orders two writes as far as that is certain; false if neither may come first. */
  private boolean decide(int one, int other, Ints left) {
    int a = writerOf[one];
    int b = writerOf[other];
    if (reaches(commit(a), after(b))) {
      addReaders(one, b);
    } else if (reaches(commit(b), after(a))) {
      addReaders(other, a);
    } else {
      boolean mayBeFirst = mayPrecede(one, b);
      boolean mayBeSecond = mayPrecede(other, a);
      if (!mayBeFirst && !mayBeSecond) {
        return false;
      }
      if (mayBeFirst && mayBeSecond) {
        left.add(one);
        left.add(other);
      } else if (mayBeFirst) {
        edge(commit(a), after(b));
        addReaders(one, b);
      } else {
        edge(commit(b), after(a));
        addReaders(other, a);
      }
    }
    return true;
  }

  private boolean mayPrecede(int write, int later) {
    if (reaches(after(later), commit(writerOf[write]))) {
      return false;
    }
    for (int r = readersStart[write]; r < readersStart[write + 1]; r++) {
      if (readers[r] != later && reaches(commit(later), start(readers[r]))) {
        return false;
      }
    }
    return true;
  }

  private void addReaders(int write, int later) {
    for (int r = readersStart[write]; r < readersStart[write + 1]; r++) {
      if (readers[r] != later && !reaches(start(readers[r]), commit(later))) {
        edge(start(readers[r]), commit(later));
      }
    }
  }
}
