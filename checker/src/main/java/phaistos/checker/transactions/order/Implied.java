package phaistos.checker.transactions.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import phaistos.checker.transactions.Ints;

/**
 * The order that follows from what was read, in the models in which that is all: if it has no cycle
 * it is an order that the model allows, and if it has one there is none. The rule of all of them:
 * if a reader of a version must see another writer of the key, that writer came before. Linear in
 * what was read and, for causal consistency, in the number of processes, after Møldrup and
 * Pavlogiannis, "AWDIT: An Optimal Weak Database Isolation Tester" (PLDI 2025). Not thread-safe.
 */
public final class Implied {
  /** How many edges may be looked at for a shorter cycle. */
  private static final long VISITS_MAX = 4_000_000;

  private final Footprints f;
  private final Visibility visibility;
  private final Rule.Outside outside;
  private final BooleanSupplier isOver;
  private final Ints from = new Ints();
  private final Ints to = new Ints();

  /** Of an edge between two writers the read that shows it; what else it may be is negative. */
  private final Ints witness = new Ints();

  private static final int READ = -1;
  private static final int OUTSIDE = -2;

  /** Why a transaction comes before another. */
  public sealed interface Reason {
    /** The second read from the first. */
    record Read(int before, int after) implements Reason {}

    /** The order of processes, or real time. */
    record Outside(int before, int after) implements Reason {}

    /**
     * Both wrote a key that the reader has from the second, though it must see the first's too;
     * {@code because} leads from the first to the reader. {@code after} is {@link
     * Footprints#INITIAL} if the reader saw nobody's write.
     */
    record Overwritten(int before, int after, int key, int reader, List<Reason> because)
        implements Reason {}

    int before();

    int after();
  }

  /** What came of it. */
  public sealed interface Result {
    /** The transactions in an order that the model allows. */
    record Ordered(int[] transactions) implements Result {}

    /** Each comes before the next, and the last before the first. */
    record Cycle(List<Reason> reasons) implements Result {}

    record Stopped() implements Result {}
  }

  private Implied(
      Footprints f, Visibility visibility, Rule.Outside outside, BooleanSupplier isOver) {
    this.f = f;
    this.visibility = visibility;
    this.outside = outside;
    this.isOver = isOver;
  }

  /** What the model with this visibility, and this order from outside, implies. */
  public static Result of(
      Footprints f, Visibility visibility, Rule.Outside outside, BooleanSupplier isOver) {
    return new Implied(f, visibility, outside, isOver).find();
  }

  private Result find() {
    addReads();
    addOutside();
    int[] order = sort();
    if (order.length < vertices()) {
      return cycle();
    }
    int impossible =
        switch (visibility) {
          case OWN_READS -> -1;
          case LATER_READS -> addLaterReads();
          case ALL_READS -> addAllReads();
          case CHAINS -> addChains(order);
        };
    if (impossible == STOPPED) {
      return new Result.Stopped();
    }
    if (impossible >= 0) {
      return new Result.Cycle(List.of(overwritten(impossible)));
    }
    order = sort();
    return order.length < vertices() ? cycle() : new Result.Ordered(transactions(order));
  }

  /** Transactions, and under real time a chain of their completions. */
  private int vertices() {
    return f.size() + (outside == Rule.Outside.REALTIME ? f.size() : 0);
  }

  private int[] transactions(int[] order) {
    int size = 0;
    int[] result = new int[f.size()];
    for (int vertex : order) {
      if (vertex < f.size()) {
        result[size++] = vertex;
      }
    }
    return result;
  }

  private void edge(int before, int after, int why) {
    from.add(before);
    to.add(after);
    witness.add(why);
  }

  private void addReads() {
    for (int t = 0; t < f.size(); t++) {
      int last = Footprints.INITIAL;
      for (int r = f.readStart()[t]; r < f.readStart()[t + 1]; r++) {
        if (f.readFrom()[r] != Footprints.INITIAL && f.readFrom()[r] != last) {
          last = f.readFrom()[r];
          edge(last, t, READ);
        }
      }
    }
  }

  private void addOutside() {
    switch (outside) {
      case NONE -> {}
      case PROCESS -> Following.forEachInProcess(f, (a, b) -> edge(a, b, OUTSIDE));
      case REALTIME -> {
        int[] completed = Following.sorted(f, f.completedAt(), true);
        int next = 0;
        for (int t : Following.sorted(f, f.invokedAt(), false)) {
          while (next < completed.length && f.completedAt()[completed[next]] < f.invokedAt()[t]) {
            edge(completed[next], f.size() + next, OUTSIDE);
            if (next > 0) {
              edge(f.size() + next - 1, f.size() + next, OUTSIDE);
            }
            next++;
          }
          if (next > 0) {
            edge(f.size() + next - 1, t, OUTSIDE);
          }
        }
      }
    }
  }

  /** Nothing wrong so far. */
  private static final int NONE = -1;

  private static final int STOPPED = -2;

  private int impossibleWriter = -1;

  /** That this writer's version came before what the read saw; false if nothing can. */
  private boolean overwrites(int writer, int read) {
    int source = f.readFrom()[read];
    if (source == Footprints.INITIAL) {
      impossibleWriter = writer;
      return false;
    }
    if (source != writer) {
      edge(writer, source, read);
    }
    return true;
  }

  /** Who was observed before, and wrote what is read later. */
  private int addLaterReads() {
    int[] stamp = new int[f.keys()];
    int[] head = new int[f.keys()];
    Ints writers = new Ints();
    Ints next = new Ints();
    int[] seenBy = new int[f.size()];
    for (int t = 0; t < f.size(); t++) {
      writers.clear();
      next.clear();
      for (int r = f.readStart()[t]; r < f.readStart()[t + 1]; r++) {
        int key = f.readKey()[r];
        int source = f.readFrom()[r];
        if (stamp[key] == t + 1) {
          for (int i = head[key]; i >= 0; i = next.get(i)) {
            if (!overwrites(writers.get(i), r)) {
              return r;
            }
          }
        }
        if (source == Footprints.INITIAL) {
          continue;
        }
        if (seenBy[source] != t + 1) {
          seenBy[source] = t + 1;
          for (int w = f.writeStart()[source]; w < f.writeStart()[source + 1]; w++) {
            int written = f.writeKey()[w];
            writers.add(source);
            next.add(stamp[written] == t + 1 ? head[written] : -1);
            head[written] = writers.size() - 1;
            stamp[written] = t + 1;
          }
        }
      }
    }
    return NONE;
  }

  /** Who was observed at all, and wrote what is read. */
  private int addAllReads() {
    int[] stamp = new int[f.keys()];
    int[] readOf = new int[f.keys()];
    int[] seenBy = new int[f.size()];
    for (int t = 0; t < f.size(); t++) {
      int begin = f.readStart()[t];
      int end = f.readStart()[t + 1];
      for (int r = begin; r < end; r++) {
        stamp[f.readKey()[r]] = t + 1;
        readOf[f.readKey()[r]] = r;
      }
      for (int r = begin; r < end; r++) {
        int source = f.readFrom()[r];
        if (source == Footprints.INITIAL || seenBy[source] == t + 1) {
          continue;
        }
        seenBy[source] = t + 1;
        int writes = f.writeStart()[source + 1] - f.writeStart()[source];
        if (writes <= 16 * (end - begin)) {
          for (int w = f.writeStart()[source]; w < f.writeStart()[source + 1]; w++) {
            int key = f.writeKey()[w];
            if (stamp[key] == t + 1 && !overwrites(source, readOf[key])) {
              return readOf[key];
            }
          }
        } else {
          for (int other = begin; other < end; other++) {
            if (f.writes(source, f.readKey()[other]) && !overwrites(source, other)) {
              return other;
            }
          }
        }
      }
    }
    return NONE;
  }

  private int addChains(int[] order) {
    int[] bad = {NONE};
    Chains.Sink sink =
        (writer, read) -> {
          if (!overwrites(writer, read)) {
            bad[0] = read;
            return false;
          }
          return true;
        };
    boolean complete = new Chains(f, outside, order, isOver).find(sink);
    return bad[0] >= 0 ? bad[0] : complete ? NONE : STOPPED;
  }

  /** The transactions that have no cycle before them, in topological order. */
  private int[] sort() {
    int n = vertices();
    int[] degree = new int[n];
    for (int e = 0; e < to.size(); e++) {
      degree[to.get(e)]++;
    }
    index();
    int[] order = new int[n];
    int tail = 0;
    for (int v = 0; v < n; v++) {
      if (degree[v] == 0) {
        order[tail++] = v;
      }
    }
    for (int head = 0; head < tail; head++) {
      for (int i = starts[order[head]]; i < starts[order[head] + 1]; i++) {
        int next = to.get(edges[i]);
        if (--degree[next] == 0) {
          order[tail++] = next;
        }
      }
    }
    left = degree;
    return tail == n ? order : Arrays.copyOf(order, tail);
  }

  private long visits;
  private int[] starts = {};
  private int[] edges = {};

  /** How many edges into a vertex come from those on cycles, or behind them. */
  private int[] left = {};

  private void index() {
    starts = new int[vertices() + 1];
    for (int e = 0; e < from.size(); e++) {
      starts[from.get(e) + 1]++;
    }
    for (int v = 0; v + 1 < starts.length; v++) {
      starts[v + 1] += starts[v];
    }
    edges = new int[from.size()];
    int[] next = starts.clone();
    for (int e = 0; e < from.size(); e++) {
      edges[next[from.get(e)]++] = e;
    }
  }

  /** A short cycle: the shortest through any of some vertices of one that is met first. */
  private Result.Cycle cycle() {
    int[] best = null;
    int[] parent = new int[vertices()];
    int[] queue = new int[vertices()];
    int[] some = anyCycle();
    visits = 0;
    for (int i = 0; i < some.length && (visits < VISITS_MAX || best == null); i++) {
      int[] found = path(some[i], some[i], parent, queue);
      if (found.length > 0 && (best == null || found.length < best.length)) {
        best = found;
      }
    }
    return new Result.Cycle(reasons(best));
  }

  /** The vertices of some cycle: whoever is not sorted comes after somebody who is not either. */
  private int[] anyCycle() {
    int[] before = new int[vertices()];
    int at = -1;
    for (int e = 0; e < from.size(); e++) {
      if (left[from.get(e)] > 0 && left[to.get(e)] > 0) {
        before[to.get(e)] = from.get(e);
        at = to.get(e);
      }
    }
    for (int i = 0; i < vertices(); i++) {
      at = before[at];
    }
    Ints cycle = new Ints();
    int first = at;
    do {
      cycle.add(at);
      at = before[at];
    } while (at != first);
    return cycle.toArray();
  }

  /** The edges of a shortest path; empty if there is none. */
  private int[] path(int source, int target, int[] parent, int[] queue) {
    Arrays.fill(parent, -1);
    int tail = 0;
    queue[tail++] = source;
    for (int head = 0; head < tail; head++) {
      int vertex = queue[head];
      visits += starts[vertex + 1] - starts[vertex];
      for (int i = starts[vertex]; i < starts[vertex + 1]; i++) {
        int next = to.get(edges[i]);
        if (parent[next] < 0) {
          parent[next] = edges[i];
          if (next == target) {
            return back(source, target, parent);
          }
          queue[tail++] = next;
        }
      }
    }
    return new int[0];
  }

  private int[] back(int source, int target, int[] parent) {
    Ints path = new Ints();
    int at = target;
    do {
      path.add(parent[at]);
      at = from.get(parent[at]);
    } while (at != source);
    int[] forward = new int[path.size()];
    for (int i = 0; i < forward.length; i++) {
      forward[i] = path.get(forward.length - 1 - i);
    }
    return forward;
  }

  /** In words of transactions: the chain of completions is left out. */
  private List<Reason> reasons(int[] path) {
    // A path that begins or ends in the chain is turned until it does not.
    int turn = 0;
    while (from.get(path[turn]) >= f.size()) {
      turn++;
    }
    List<Reason> reasons = new ArrayList<>();
    int before = -1;
    for (int i = 0; i < path.length; i++) {
      int edge = path[(i + turn) % path.length];
      before = from.get(edge) < f.size() ? from.get(edge) : before;
      if (to.get(edge) < f.size()) {
        reasons.add(
            switch (witness.get(edge)) {
              case READ -> new Reason.Read(before, to.get(edge));
              case OUTSIDE -> new Reason.Outside(before, to.get(edge));
              default -> overwritten(before, to.get(edge), witness.get(edge));
            });
      }
    }
    return reasons;
  }

  private Reason overwritten(int read) {
    return overwritten(impossibleWriter, Footprints.INITIAL, read);
  }

  private Reason overwritten(int before, int after, int read) {
    int reader = Arrays.binarySearch(f.readStart(), read);
    reader = reader < 0 ? -reader - 2 : reader;
    while (f.readStart()[reader + 1] <= read) {
      reader++;
    }
    return new Reason.Overwritten(
        before, after, f.readKey()[read], reader, because(before, reader));
  }

  /** How what a reader must see reaches it, by reads and from outside only. */
  private List<Reason> because(int writer, int reader) {
    Implied bare = new Implied(f, visibility, outside, isOver);
    bare.addReads();
    bare.addOutside();
    bare.index();
    int[] path = bare.path(writer, reader, new int[bare.vertices()], new int[bare.vertices()]);
    return bare.reasons(path);
  }
}
