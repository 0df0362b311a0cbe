package phaistos.checker.transactions.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import phaistos.checker.transactions.Ints;

/**
 * Decides which of two writers of a key came first, for all pairs that the closure leaves open: a
 * search that learns a clause from every contradiction and goes back to where it is decided (CDCL,
 * after Marques-Silva and Sakallah 1999 and Eén and Sörensson, "An Extensible SAT-solver", 2003),
 * with the absence of cycles as its theory, as MonoSAT has it (Bayless et al., AAAI 2015). A pair
 * is first tried as it stands in the present order. Not thread-safe.
 *
 * <p>A literal is twice the number of a pair if its first comes first, one more if its second does.
 */
final class OrderSearch {
  private static final int NO_REASON = -1;
  private static final double ACTIVITY_MAX = 1e100;
  private static final double ACTIVITY_GROWTH = 1 / 0.95;
  private static final int FIRST_RESTART = 128;
  private static final int CHECK_EVERY = 32;

  private final Closure closure;
  private final BooleanSupplier isOver;
  private final Acyclic graph;

  /** For each literal the edges that it brings: from, to, from, to, ... */
  private final List<int[]> edges = new ArrayList<>();

  private final int[] first;
  private final int[] second;
  private final byte[] value;
  private final int[] level;
  private final int[] reason;
  private final int[] edgesBefore;
  private final double[] activity;
  private double bump = 1;
  private final List<int[]> clauses = new ArrayList<>();
  private final List<Ints> watching = new ArrayList<>();
  private final Ints trail = new Ints();
  private final Ints levelStart = new Ints();
  private int propagated;
  private final boolean[] marked;
  private final Ints cycle = new Ints();

  /** What came of it. */
  enum Outcome {
    FOUND,
    IMPOSSIBLE,
    STOPPED
  }

  OrderSearch(Closure closure, BooleanSupplier isOver) {
    this.closure = closure;
    this.isOver = isOver;
    graph = new Acyclic(closure);
    Map<Long, Integer> pairs = new HashMap<>();
    List<Ints> found = new ArrayList<>();
    Ints firsts = new Ints();
    Ints seconds = new Ints();
    for (int i = 0; i < closure.open().size(); i += 2) {
      int one = closure.open().get(i);
      int other = closure.open().get(i + 1);
      int a = closure.writer(one);
      int b = closure.writer(other);
      boolean inOrder = a < b;
      long pair = inOrder ? (long) a << 32 | b : (long) b << 32 | a;
      Integer known = pairs.putIfAbsent(pair, pairs.size());
      int id = known == null ? pairs.size() - 1 : known;
      if (known == null) {
        found.add(edge(Math.min(a, b), Math.max(a, b)));
        found.add(edge(Math.max(a, b), Math.min(a, b)));
        firsts.add(Math.min(a, b));
        seconds.add(Math.max(a, b));
      }
      addReaders(found.get(2 * id), inOrder ? one : other, Math.max(a, b));
      addReaders(found.get(2 * id + 1), inOrder ? other : one, Math.min(a, b));
    }
    found.forEach(one -> edges.add(one.toArray().clone()));
    first = firsts.toArray();
    second = seconds.toArray();
    int count = pairs.size();
    value = new byte[count];
    level = new int[count];
    reason = new int[count];
    edgesBefore = new int[count];
    activity = new double[count];
    marked = new boolean[count];
    for (int i = 0; i < 2 * count; i++) {
      watching.add(new Ints(4));
    }
  }

  private Ints edge(int a, int b) {
    Ints edge = new Ints(4);
    edge.add(closure.commit(a));
    edge.add(closure.after(b));
    return edge;
  }

  private void addReaders(Ints into, int write, int later) {
    for (int i = closure.readersFrom(write); i < closure.readersTo(write); i++) {
      int reader = closure.reader(i);
      int source = closure.start(reader);
      int target = closure.commit(later);
      if (reader != later && !closure.reaches(source, target)) {
        into.add(source);
        into.add(target);
      }
    }
  }

  /** The place of a node in the order that was found. */
  int place(int node) {
    return graph.place(node);
  }

  Outcome run() {
    int conflicts = 0;
    double restartAfter = FIRST_RESTART;
    int sinceRestart = 0;
    while (true) {
      int[] conflict = propagate();
      if (conflict != null) {
        if (levelStart.size() == 0) {
          return Outcome.IMPOSSIBLE;
        }
        if (++conflicts % CHECK_EVERY == 0 && isOver.getAsBoolean()) {
          return Outcome.STOPPED;
        }
        sinceRestart++;
        if (!learn(conflict)) {
          return Outcome.IMPOSSIBLE;
        }
        continue;
      }
      if (sinceRestart > restartAfter) {
        sinceRestart = 0;
        restartAfter *= 1.3;
        backTo(0);
        continue;
      }
      int pair = next();
      if (pair < 0) {
        return Outcome.FOUND;
      }
      levelStart.add(trail.size());
      boolean asItStands =
          graph.place(closure.commit(first[pair])) < graph.place(closure.commit(second[pair]));
      assign(2 * pair + (asItStands ? 0 : 1), NO_REASON);
    }
  }

  private int next() {
    int best = -1;
    for (int pair = 0; pair < value.length; pair++) {
      if (value[pair] == 0 && (best < 0 || activity[pair] > activity[best])) {
        best = pair;
      }
    }
    return best;
  }

  /** 1 if the literal holds, -1 if it does not, 0 if it is open. */
  private int valueOf(int literal) {
    return (literal & 1) == 0 ? value[literal >> 1] : -value[literal >> 1];
  }

  private void assign(int literal, int why) {
    int pair = literal >> 1;
    value[pair] = (byte) ((literal & 1) == 0 ? 1 : -1);
    level[pair] = levelStart.size();
    reason[pair] = why;
    edgesBefore[pair] = -1;
    trail.add(literal);
  }

  /** What follows from what is assigned; a clause of which no literal holds if that is too much. */
  private int[] propagate() {
    while (propagated < trail.size()) {
      int literal = trail.get(propagated++);
      int[] conflict = addEdges(literal);
      if (conflict == null) {
        conflict = visitClauses(literal ^ 1);
      }
      if (conflict != null) {
        return conflict;
      }
    }
    return null;
  }

  private int[] addEdges(int literal) {
    edgesBefore[literal >> 1] = graph.edgeCount();
    int[] own = edges.get(literal);
    for (int i = 0; i < own.length; i += 2) {
      cycle.clear();
      if (!graph.add(own[i], own[i + 1], literal, cycle)) {
        cycle.add(literal);
        return clauseOf(cycle);
      }
    }
    return null;
  }

  /** Not all of these literals. */
  private int[] clauseOf(Ints literals) {
    int[] sorted = literals.toArray().clone();
    Arrays.sort(sorted);
    int size = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        sorted[size++] = sorted[i];
      }
    }
    int[] clause = Arrays.copyOf(sorted, size);
    for (int i = 0; i < size; i++) {
      clause[i] ^= 1;
    }
    return clause;
  }

  /** Looks at the clauses that watch this literal, which has become false. */
  private int[] visitClauses(int falsified) {
    Ints list = watching.get(falsified);
    int kept = 0;
    for (int i = 0; i < list.size(); i++) {
      int id = list.get(i);
      int[] clause = clauses.get(id);
      if (clause[0] == falsified) {
        clause[0] = clause[1];
        clause[1] = falsified;
      }
      if (valueOf(clause[0]) > 0) {
        list.set(kept++, id);
        continue;
      }
      int other = 2;
      while (other < clause.length && valueOf(clause[other]) < 0) {
        other++;
      }
      if (other < clause.length) {
        clause[1] = clause[other];
        clause[other] = falsified;
        watching.get(clause[1]).add(id);
        continue;
      }
      list.set(kept++, id);
      if (valueOf(clause[0]) < 0) {
        for (int j = i + 1; j < list.size(); j++) {
          list.set(kept++, list.get(j));
        }
        shrink(list, kept);
        return clause;
      }
      assign(clause[0], id);
    }
    shrink(list, kept);
    return null;
  }

  private static void shrink(Ints list, int size) {
    while (list.size() > size) {
      list.pop();
    }
  }

  /** Learns the first unique implication point's clause; false if nothing is left to try. */
  private boolean learn(int[] conflict) {
    int top = 0;
    for (int literal : conflict) {
      top = Math.max(top, level[literal >> 1]);
    }
    if (top == 0) {
      return false;
    }
    backTo(top);
    Ints learned = new Ints();
    learned.add(0);
    int open = 0;
    int at = trail.size() - 1;
    int[] clause = conflict;
    int resolved = -1;
    do {
      for (int literal : clause) {
        int pair = literal >> 1;
        if (literal != resolved && !marked[pair] && level[pair] > 0) {
          marked[pair] = true;
          raise(pair);
          if (level[pair] == top) {
            open++;
          } else {
            learned.add(literal);
          }
        }
      }
      while (!marked[trail.get(at) >> 1]) {
        at--;
      }
      resolved = trail.get(at--);
      marked[resolved >> 1] = false;
      open--;
      clause = open > 0 ? clauses.get(reason[resolved >> 1]) : clause;
    } while (open > 0);
    learned.set(0, resolved ^ 1);
    for (int i = 1; i < learned.size(); i++) {
      marked[learned.get(i) >> 1] = false;
    }
    bump *= ACTIVITY_GROWTH;
    use(learned.toArray().clone());
    return true;
  }

  private void raise(int pair) {
    activity[pair] += bump;
    if (activity[pair] > ACTIVITY_MAX) {
      for (int i = 0; i < activity.length; i++) {
        activity[i] /= ACTIVITY_MAX;
      }
      bump /= ACTIVITY_MAX;
    }
  }

  private void use(int[] clause) {
    int back = 0;
    for (int i = 1; i < clause.length; i++) {
      if (level[clause[i] >> 1] > back) {
        back = level[clause[i] >> 1];
        int deepest = clause[i];
        clause[i] = clause[1];
        clause[1] = deepest;
      }
    }
    backTo(back);
    int id = NO_REASON;
    if (clause.length > 1) {
      id = clauses.size();
      clauses.add(clause);
      watching.get(clause[0]).add(id);
      watching.get(clause[1]).add(id);
    }
    assign(clause[0], id);
  }

  /** Takes back all that was assigned above this level. */
  private void backTo(int target) {
    if (levelStart.size() <= target) {
      return;
    }
    int keep = levelStart.get(target);
    int edgesLeft = graph.edgeCount();
    while (trail.size() > keep) {
      int pair = trail.pop() >> 1;
      if (edgesBefore[pair] >= 0) {
        edgesLeft = edgesBefore[pair];
      }
      value[pair] = 0;
    }
    graph.shrinkTo(edgesLeft);
    propagated = Math.min(propagated, keep);
    while (levelStart.size() > target) {
      levelStart.pop();
    }
  }
}
