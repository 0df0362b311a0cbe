package phaistos.checker.transactions.order;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import phaistos.checker.transactions.Ints;

/**
 * Which writers of a key precede a reader of it through any chain of reads and, where that counts,
 * the order of processes or real time. With an order from outside the transactions of a process
 * make a chain, and only the last writer of each process that precedes the reader matters: a number
 * for each transaction and process. Without one nothing is a chain, and it takes a bit for each
 * transaction and writer.
 */
final class Chains {
  /** Processes, or words of writers, that are looked at together. */
  private static final int BLOCK_WORDS = 4_000_000;

  private final Footprints f;
  private final Rule.Outside outside;
  private final int[] order;
  private final BooleanSupplier isOver;
  private final int[][] before;

  /** Takes a writer that precedes a reader; false to stop. */
  interface Sink {
    boolean accept(int writer, int read);
  }

  /** {@code order}: a topological order of transactions and of links after them. */
  Chains(Footprints f, Rule.Outside outside, int[] order, BooleanSupplier isOver) {
    this.f = f;
    this.outside = outside;
    this.order = order;
    this.isOver = isOver;
    before = new int[order.length][];
    collect();
  }

  private void collect() {
    Ints[] lists = new Ints[order.length];
    for (int t = 0; t < f.size(); t++) {
      lists[t] = new Ints(4);
      int last = Footprints.INITIAL;
      for (int r = f.readStart()[t]; r < f.readStart()[t + 1]; r++) {
        if (f.readFrom()[r] != Footprints.INITIAL && f.readFrom()[r] != last) {
          last = f.readFrom()[r];
          lists[t].add(last);
        }
      }
    }
    for (int link = f.size(); link < order.length; link++) {
      lists[link] = new Ints(2);
    }
    switch (outside) {
      case NONE -> {}
      case PROCESS -> Following.forEachInProcess(f, (a, b) -> lists[b].add(a));
      case REALTIME -> {
        int[] completed = Following.sorted(f, f.completedAt(), true);
        int next = 0;
        for (int t : Following.sorted(f, f.invokedAt(), false)) {
          while (next < completed.length && f.completedAt()[completed[next]] < f.invokedAt()[t]) {
            lists[f.size() + next].add(completed[next]);
            if (next > 0) {
              lists[f.size() + next].add(f.size() + next - 1);
            }
            next++;
          }
          if (next > 0) {
            lists[t].add(f.size() + next - 1);
          }
        }
      }
    }
    for (int v = 0; v < lists.length; v++) {
      before[v] = lists[v].toArray();
    }
  }

  /** Gives what it finds to the sink; false if it was stopped. */
  boolean find(Sink sink) {
    return outside == Rule.Outside.NONE ? byBits(sink) : byClocks(sink);
  }

  /**
   * For each vertex and process of the block how many of its transactions precede it; the writers
   * of a key in a process lie in the order in which the process ran them.
   */
  private boolean byClocks(Sink sink) {
    int[] chain = new int[f.size()];
    int[] placeIn = new int[f.size()];
    int chains = makeChains(chain, placeIn);
    Writers writers = new Writers(f, chain, placeIn);
    int block = Math.max(1, Math.min(chains, BLOCK_WORDS / Math.max(1, order.length)));
    for (int from = 0; from < chains; from += block) {
      int width = Math.min(block, chains - from);
      int[] clocks = new int[Math.multiplyExact(order.length, width)];
      for (int vertex : order) {
        if (isOver.getAsBoolean()) {
          return false;
        }
        int own = vertex * width;
        for (int earlier : before[vertex]) {
          for (int i = 0; i < width; i++) {
            clocks[own + i] = Math.max(clocks[own + i], clocks[earlier * width + i]);
          }
        }
        if (vertex < f.size() && !visit(writers, vertex, clocks, from, width, sink)) {
          return false;
        }
        int mine = vertex < f.size() ? chain[vertex] - from : -1;
        if (mine >= 0 && mine < width && placeIn[vertex] > 0) {
          clocks[own + mine] = Math.max(clocks[own + mine], placeIn[vertex]);
        }
      }
    }
    return pending(sink);
  }

  /**
   * Transactions of one process of which each precedes the next. Nothing follows a pending one: it
   * is no link, but a writer beside the chain. Returns how many chains there are.
   */
  private int makeChains(int[] chain, int[] placeIn) {
    int processes = 1 + Arrays.stream(f.process()).max().orElse(0);
    int[] last = new int[processes];
    int chains = 0;
    for (int t = 0; t < f.size(); t++) {
      int earlier = last[f.process()[t]] - 1;
      boolean goesOn = earlier >= 0 && (outside == Rule.Outside.PROCESS || f.isBefore(earlier, t));
      if (f.acknowledged()[t]) {
        chain[t] = goesOn ? chain[earlier] : chains++;
        placeIn[t] = goesOn ? placeIn[earlier] + 1 : 1;
        last[f.process()[t]] = t + 1;
      }
    }
    return chains;
  }

  private boolean visit(Writers writers, int reader, int[] clocks, int from, int width, Sink sink) {
    for (int r = f.readStart()[reader]; r < f.readStart()[reader + 1]; r++) {
      int key = f.readKey()[r];
      for (int run = writers.firstRun(key, from); run < writers.runsTo(key); run++) {
        int process = writers.process(run) - from;
        if (process >= width) {
          break;
        }
        int writer = writers.lastUpTo(run, clocks[reader * width + process]);
        if (writer >= 0 && writer != f.readFrom()[r] && !sink.accept(writer, r)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Pending writers, which are few: by one walk from each. */
  private boolean pending(Sink sink) {
    int[][] after = null;
    for (int t = 0; t < f.size(); t++) {
      if (f.acknowledged()[t]) {
        continue;
      }
      after = after == null ? reversed() : after;
      if (isOver.getAsBoolean() || !walk(t, after, sink)) {
        return false;
      }
    }
    return true;
  }

  private boolean walk(int writer, int[][] after, Sink sink) {
    boolean[] seen = new boolean[order.length];
    Ints stack = new Ints();
    stack.add(writer);
    while (stack.size() > 0) {
      for (int next : after[stack.pop()]) {
        if (!seen[next]) {
          seen[next] = true;
          stack.add(next);
          if (next < f.size() && !visitWriter(writer, next, sink)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private boolean visitWriter(int writer, int reader, Sink sink) {
    for (int r = f.readStart()[reader]; r < f.readStart()[reader + 1]; r++) {
      if (f.readFrom()[r] != writer
          && f.writes(writer, f.readKey()[r])
          && !sink.accept(writer, r)) {
        return false;
      }
    }
    return true;
  }

  private int[][] reversed() {
    Ints[] lists = new Ints[order.length];
    Arrays.setAll(lists, _ -> new Ints(4));
    for (int v = 0; v < order.length; v++) {
      for (int earlier : before[v]) {
        lists[earlier].add(v);
      }
    }
    int[][] after = new int[order.length][];
    Arrays.setAll(after, v -> lists[v].toArray());
    return after;
  }

  private boolean byBits(Sink sink) {
    int n = f.size();
    int words = (n + 63) >>> 6;
    int block = Math.max(1, Math.min(words, BLOCK_WORDS / Math.max(1, n)));
    int[][] byKey = f.writersByKey();
    int[] owners = f.ownersOfWrites();
    for (int from = 0; from < words; from += block) {
      int width = Math.min(block, words - from);
      long[] bits = new long[Math.multiplyExact(n, width)];
      for (int vertex : order) {
        if (isOver.getAsBoolean()) {
          return false;
        }
        int own = vertex * width;
        for (int earlier : before[vertex]) {
          for (int i = 0; i < width; i++) {
            bits[own + i] |= bits[earlier * width + i];
          }
          int word = (earlier >>> 6) - from;
          if (word >= 0 && word < width) {
            bits[own + word] |= 1L << earlier;
          }
        }
        for (int r = f.readStart()[vertex]; r < f.readStart()[vertex + 1]; r++) {
          int key = f.readKey()[r];
          for (int i = byKey[0][key]; i < byKey[0][key + 1]; i++) {
            int writer = owners[byKey[1][i]];
            int word = (writer >>> 6) - from;
            boolean precedes = word >= 0 && word < width && (bits[own + word] & 1L << writer) != 0;
            if (precedes && writer != f.readFrom()[r] && !sink.accept(writer, r)) {
              return false;
            }
          }
        }
      }
    }
    return true;
  }

  /** The writers of each key in runs, one a process, each in the order of the process. */
  private static final class Writers {
    private final int[] keyRuns;
    private final Ints processes = new Ints();
    private final Ints runStart = new Ints();
    private final int[] sorted;
    private final int[] places;

    Writers(Footprints f, int[] chain, int[] placeIn) {
      int[][] byKey = f.writersByKey();
      int[] owners = f.ownersOfWrites();
      keyRuns = new int[f.keys() + 1];
      sorted = new int[f.writeKey().length];
      places = new int[sorted.length];
      int size = 0;
      for (int key = 0; key < f.keys(); key++) {
        keyRuns[key] = processes.size();
        long[] items = new long[byKey[0][key + 1] - byKey[0][key]];
        int count = 0;
        for (int i = byKey[0][key]; i < byKey[0][key + 1]; i++) {
          int owner = owners[byKey[1][i]];
          if (placeIn[owner] > 0) {
            items[count++] = (long) chain[owner] << 32 | owner;
          }
        }
        Arrays.sort(items, 0, count);
        for (int i = 0; i < count; i++) {
          int process = (int) (items[i] >>> 32);
          if (i == 0 || process != processes.last()) {
            processes.add(process);
            runStart.add(size);
          }
          places[size] = placeIn[(int) items[i]];
          sorted[size++] = (int) items[i];
        }
      }
      keyRuns[f.keys()] = processes.size();
      runStart.add(size);
    }

    int firstRun(int key, int process) {
      int run = keyRuns[key];
      while (run < keyRuns[key + 1] && processes.get(run) < process) {
        run++;
      }
      return run;
    }

    int runsTo(int key) {
      return keyRuns[key + 1];
    }

    int process(int run) {
      return processes.get(run);
    }

    /** The last writer of the run among the first so many of its process; -1 if there is none. */
    int lastUpTo(int run, int place) {
      int from = runStart.get(run);
      int at = Arrays.binarySearch(places, from, runStart.get(run + 1), place);
      int last = at >= 0 ? at : -at - 2;
      return last >= from ? sorted[last] : -1;
    }
  }
}
