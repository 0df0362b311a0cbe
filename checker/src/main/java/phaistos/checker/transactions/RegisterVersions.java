package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of the order of a register's versions, as edges between them: the initial one comes
 * first, and more where the options say so. A source whose edges make a cycle contradicts what the
 * history shows: it is reported, and left out.
 */
final class RegisterVersions {
  /** Accesses of one key up to which all pairs in real-time order are looked at. */
  private static final int OFTEN = 1_000;

  private final Transactions txns;
  private final Versions versions;
  private final RegisterAccesses accesses;
  private final int[] owner;
  private final List<int[]> accepted = new ArrayList<>();
  private final List<String> sources = new ArrayList<>();
  private Edges edges;

  RegisterVersions(
      Transactions txns,
      RegisterAccesses accesses,
      TransactionOptions.RegisterKeys keys,
      Findings findings) {
    this.txns = txns;
    this.versions = txns.versions;
    this.accesses = accesses;
    owner = new int[accesses.count()];
    for (int t = 0; t < txns.size(); t++) {
      Arrays.fill(owner, accesses.start[t], accesses.start[t + 1], t);
    }
    edges = Edges.of(versions.count(), _ -> {});
    accept("initial-state", initial(), findings);
    if (keys.writesFollowReads()) {
      accept("wfr-keys", writesFollowReads(), findings);
    }
    if (keys.sequential()) {
      accept("sequential-keys", sequential(), findings);
    }
    if (keys.linearizable()) {
      accept("linearizable-keys", linearizable(), findings);
    }
    if (txns.hasVersionOrder()) {
      accept("the order given", given(), findings);
    }
    if (!keys.transactionOrder().isEmpty()) {
      accept("transaction-order", ordered(keys.transactionOrder()), findings);
    }
  }

  /** From each version to those known to come after it. */
  Edges edges() {
    return edges;
  }

  /** Which transaction an access belongs to. */
  int owner(int access) {
    return owner[access];
  }

  private void accept(String source, Ints pairs, Findings findings) {
    int[] distinct = distinct(pairs);
    accepted.add(distinct);
    Edges candidate = Edges.of(versions.count(), this::emit);
    List<int[]> cycles = Components.of(candidate, ~0);
    sources.add(source);
    if (cycles.isEmpty()) {
      edges = candidate;
      return;
    }
    for (int[] cycle : cycles) {
      String why = String.join(", ", sources);
      findings.add(Anomaly.CYCLIC_VERSIONS, cycle.length, () -> cyclic(cycle, candidate, why));
    }
    accepted.removeLast();
    sources.removeLast();
  }

  /** Pairs as from, to, from, to, ..., each once. */
  private static int[] distinct(Ints pairs) {
    long[] sorted = new long[pairs.size() / 2];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = (long) pairs.get(2 * i) << 32 | pairs.get(2 * i + 1);
    }
    Arrays.sort(sorted);
    int[] distinct = new int[pairs.size()];
    int size = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        distinct[size++] = (int) (sorted[i] >>> 32);
        distinct[size++] = (int) sorted[i];
      }
    }
    return Arrays.copyOf(distinct, size);
  }

  private void emit(Edges.Sink sink) {
    for (int[] pairs : accepted) {
      for (int i = 0; i < pairs.length; i += 2) {
        sink.edge(pairs[i], pairs[i + 1], 1);
      }
    }
  }

  private Finding cyclic(int[] cycle, Edges candidate, String why) {
    String key = txns.keyName(versions.keyOf(cycle[0]));
    StringBuilder text = new StringBuilder("By " + why + ", the versions of key " + key);
    text.append(" precede each other in a cycle:");
    LocalGraph graph = LocalGraph.of(cycle, candidate, txns, LocalGraph.RealtimeEdges.NONE, false);
    CycleClass any = new CycleClass(Anomaly.G0, CycleClass.Shape.WRITES, 0);
    Optional<int[]> shortest = new CycleSearch(graph, _ -> false).shortest(any);
    for (int vertex : shortest.orElseThrow()) {
      text.append(' ').append(txns.valueName(cycle[vertex])).append(" <");
    }
    text.append(' ').append(txns.valueName(cycle[shortest.orElseThrow()[0]])).append('.');
    return new Finding(Anomaly.CYCLIC_VERSIONS, List.of(), List.of(), text.toString(), List.of());
  }

  private Ints initial() {
    Ints pairs = new Ints(2 * versions.count());
    boolean[] seen = new boolean[versions.count()];
    for (int access = 0; access < accesses.count(); access++) {
      int initial = versions.initial(accesses.key[access]);
      seen[initial] = true;
      addFirst(pairs, seen, initial, accesses.read[access]);
      addFirst(pairs, seen, initial, accesses.written[access]);
    }
    return pairs;
  }

  /** What nobody wrote can only be how its key began: it comes before all that somebody wrote. */
  private void addBeginnings(Ints pairs) {
    Writers writers = new Writers(txns);
    int[][] writes = RegisterAccesses.index(accesses.written, versions.count());
    int[] garbage = new int[versions.keyCount()];
    Arrays.fill(garbage, RegisterAccesses.NONE);
    boolean any = false;
    for (int access = 0; access < accesses.count(); access++) {
      int read = accesses.read[access];
      if (read != RegisterAccesses.NONE && !versions.isInitial(read) && writers.isGarbage(read)) {
        garbage[accesses.key[access]] = read;
        any = true;
      }
    }
    for (int version = 0; any && version < versions.count(); version++) {
      int first = garbage[versions.keyOf(version)];
      if (first != RegisterAccesses.NONE && writes[0][version] < writes[0][version + 1]) {
        addPair(pairs, first, version);
      }
    }
  }

  private static void addFirst(Ints pairs, boolean[] seen, int initial, int version) {
    if (version != RegisterAccesses.NONE && !seen[version]) {
      seen[version] = true;
      pairs.add(initial);
      pairs.add(version);
    }
  }

  /** From what a transaction last read or wrote of a key to what it writes next, each time. */
  private Ints writesFollowReads() {
    Ints pairs = new Ints();
    int[] touchedBy = new int[versions.keyCount()];
    int[] last = new int[versions.keyCount()];
    for (int t = 0; t < txns.size(); t++) {
      for (int step = txns.from(t); txns.isOk(t) && step < txns.to(t); step++) {
        int key = txns.stepKey[step];
        int version = txns.stepValue[step];
        boolean follows = touchedBy[key] == t + 1 && !versions.isInitial(last[key]);
        if (txns.stepKind[step] == Transactions.WRITE && follows) {
          addPair(pairs, last[key], version);
        }
        touchedBy[key] = t + 1;
        last[key] = version;
      }
    }
    return pairs;
  }

  private Ints sequential() {
    Ints pairs = new Ints();
    Map<Long, Integer> lastOf = new HashMap<>();
    for (int t = 0; t < txns.size(); t++) {
      if (!txns.isOk(t)) {
        continue;
      }
      for (int access = accesses.start[t]; access < accesses.start[t + 1]; access++) {
        long place = (long) txns.process[t] << 32 | accesses.key[access];
        Integer before = lastOf.put(place, accesses.last(access));
        if (before != null) {
          addPair(pairs, before, accesses.first(access));
        }
      }
    }
    return pairs;
  }

  private static void addPair(Ints pairs, int before, int after) {
    if (before != after) {
      pairs.add(before);
      pairs.add(after);
    }
  }

  /**
   * For each key from what each transaction left to what those invoked after it first touched. All
   * pairs, not only neighbours: what a transaction first touches and what it leaves may be two
   * versions, between which nothing is known. Only of a key that is used very often, neighbours.
   */
  private Ints linearizable() {
    Ints pairs = new Ints();
    addBeginnings(pairs);
    int[][] byKey = RegisterAccesses.index(accesses.key, versions.keyCount());
    for (int key = 0; key < versions.keyCount(); key++) {
      int count = 0;
      int from = byKey[0][key];
      int to = byKey[0][key + 1];
      long[] events = new long[2 * (to - from)];
      for (int i = from; i < to; i++) {
        int t = owner[byKey[1][i]];
        if (txns.invokedAt[t] >= 0) {
          events[count++] = (long) txns.invokedAt[t] << 32 | i;
        }
        if (txns.isOk(t)) {
          events[count++] = (long) txns.completedAt[t] << 32 | i;
        }
      }
      Arrays.sort(events, 0, count);
      Ints ofKey = new Ints();
      linearizable(ofKey, byKey[1], events, count, to - from <= OFTEN);
      for (int version : distinct(ofKey)) {
        pairs.add(version);
      }
    }
    return pairs;
  }

  private void linearizable(Ints pairs, int[] byKey, long[] events, int count, boolean allPairs) {
    List<Integer> buffer = new ArrayList<>();
    Map<Integer, List<Integer>> before = new HashMap<>();
    for (int e = 0; e < count; e++) {
      int access = byKey[(int) events[e]];
      int t = owner[access];
      if ((int) (events[e] >>> 32) == txns.invokedAt[t]) {
        if (!allPairs) {
          before.put(access, List.copyOf(buffer));
        }
        for (int earlier : buffer) {
          addPair(pairs, accesses.last(earlier), accesses.first(access));
        }
      } else {
        List<Integer> implied = before.remove(access);
        if (implied != null && !allPairs) {
          buffer.removeAll(implied);
        }
        buffer.add(access);
      }
    }
  }

  /** Each version of a known place before the next, of those that somebody wrote. */
  private Ints given() {
    long[] placed = new long[versions.count()];
    int count = 0;
    for (int version = 0; version < placed.length; version++) {
      if (!versions.isInitial(version) && txns.place(version) >= 0) {
        placed[count++] = (long) txns.place(version) << 32 | version;
      }
    }
    Arrays.sort(placed, 0, count);
    Ints pairs = new Ints();
    int[] last = new int[versions.keyCount()];
    Arrays.fill(last, RegisterAccesses.NONE);
    for (int i = 0; i < count; i++) {
      int version = (int) placed[i];
      int key = versions.keyOf(version);
      if (last[key] != RegisterAccesses.NONE) {
        addPair(pairs, last[key], version);
      }
      last[key] = version;
    }
    return pairs;
  }

  private Ints ordered(Map<Integer, Integer> order) {
    Ints pairs = new Ints();
    Integer[] writes =
        java.util.stream.IntStream.range(0, accesses.count())
            .filter(access -> accesses.written[access] != RegisterAccesses.NONE)
            .filter(access -> order.containsKey(txns.index[owner[access]]))
            .boxed()
            .sorted(Comparator.comparing(access -> order.get(txns.index[owner[access]])))
            .toArray(Integer[]::new);
    Map<Integer, Integer> lastOf = new HashMap<>();
    for (int access : writes) {
      Integer before = lastOf.put(accesses.key[access], accesses.written[access]);
      if (before != null) {
        addPair(pairs, before, accesses.written[access]);
      }
    }
    return pairs;
  }
}
