package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks for cycles among the dependencies of a history: components first, then in each component
 * the shortest cycle of each class that is not implied by one found before.
 */
final class Cycles {
  /** How large a component may be to be drawn, and how many are. */
  private static final int DRAWN_SIZE = 12;

  private static final int DRAWN_COUNT = 10;

  /** Up to this size all of real-time order becomes edges, so that the witness is the shortest. */
  private static final int SMALL = 256;

  private final Analysis analysis;
  private final Transactions txns;
  private final TransactionOptions options;
  private final Patience patience;
  private final boolean usesRealtime;
  private final boolean usesProcesses;
  private final List<String> notes = new ArrayList<>();
  private final List<TransactionsResult.Component> small = new ArrayList<>();
  private long edgeCount;
  private int componentCount;
  private int largest;

  Cycles(Analysis analysis, TransactionOptions options, Patience patience) {
    this.analysis = analysis;
    this.txns = analysis.transactions();
    this.options = options;
    this.patience = patience;
    Set<Anomaly> forbidden = options.forbidden();
    // Real-time order contains that of each process.
    usesRealtime = forbidden.stream().anyMatch(Anomaly::isRealtime);
    usesProcesses = !usesRealtime && forbidden.stream().anyMatch(Anomaly::isProcess);
  }

  List<String> notes() {
    return notes;
  }

  /** Components that a person can take in at a glance, with all their edges. */
  List<TransactionsResult.Component> small() {
    return small;
  }

  TransactionsResult.Statistics statistics() {
    return new TransactionsResult.Statistics(
        txns.size(),
        txns.stepCount(),
        txns.versions.keyCount(),
        edgeCount,
        componentCount,
        largest);
  }

  void find(Findings findings) {
    Consumer<Edges.Sink> source =
        sink -> {
          analysis.emit(
              (from, to, mask) -> {
                patience.tick();
                sink.edge(from, to, mask);
              });
          if (usesProcesses) {
            emitProcesses(sink);
          }
        };
    Edges edges = Edges.of(txns.size(), source);
    Optional<Realtime> realtime = usesRealtime ? Optional.of(new Realtime(txns)) : Optional.empty();
    boolean empty =
        !analysis.hasHiddenDependencies()
            && edges.count() == 0
            && !realtime.map(Realtime::orders).orElse(false);
    if (empty) {
      notes.add("no two transactions depend on each other");
      findings.add(
          Anomaly.EMPTY_TRANSACTION_GRAPH,
          0,
          () ->
              new Finding(
                  Anomaly.EMPTY_TRANSACTION_GRAPH,
                  List.of(),
                  List.of(),
                  "No two transactions depend on each other: most likely something went wrong.",
                  List.of()));
    }
    List<int[]> components = Components.of(edges, realtime, patience);
    components.sort((a, b) -> Integer.compare(a.length, b.length));
    edgeCount = edges.count();
    componentCount = components.size();
    largest = components.isEmpty() ? 0 : components.getLast().length;
    for (int i = 0; i < components.size(); i++) {
      if (patience.isOver()) {
        int left = components.size() - i;
        throw new Patience.Over(
            "the time limit left "
                + left
                + " of "
                + components.size()
                + " sets of transactions that depend on each other unsearched");
      }
      new InComponent(components.get(i), edges, findings).search();
    }
  }

  /** Records that the check ended before its end. */
  void giveUp(Findings findings, String reason) {
    notes.add(reason);
    findings.add(
        Anomaly.CYCLE_SEARCH_TIMEOUT,
        0,
        () ->
            new Finding(
                Anomaly.CYCLE_SEARCH_TIMEOUT, List.of(), List.of(), reason + ".", List.of()));
  }

  private void emitProcesses(Edges.Sink sink) {
    int[] last = new int[txns.processNames.length];
    for (int t = 0; t < txns.size(); t++) {
      if (txns.isOk(t)) {
        int before = last[txns.process[t]] - 1;
        if (before >= 0) {
          sink.edge(before, t, Edges.PROCESS);
        }
        last[txns.process[t]] = t + 1;
      }
    }
  }

  /** The search in one component. */
  private final class InComponent {
    private final int[] members;
    private final Edges all;
    private final Findings findings;
    private final LocalGraph graph;
    private final long deadline;

    InComponent(int[] members, Edges all, Findings findings) {
      this.members = members;
      this.all = all;
      this.findings = findings;
      graph = graph(usesRealtime ? LocalGraph.RealtimeEdges.REDUCED : none());
      deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(options.componentMillis());
    }

    private static LocalGraph.RealtimeEdges none() {
      return LocalGraph.RealtimeEdges.NONE;
    }

    private LocalGraph graph(LocalGraph.RealtimeEdges realtime) {
      return LocalGraph.of(members, all, txns, realtime, analysis.explainsReadsFirst());
    }

    void search() {
      if (members.length <= DRAWN_SIZE && small.size() < DRAWN_COUNT) {
        small.add(component());
      }
      List<CycleExists> exists = CycleExists.in(graph);
      for (CycleExists one : exists) {
        // Which does not forbid cycles by predicate, and here it is not known whether this is one.
        boolean mayBeByPredicate =
            one.model() == ConsistencyModel.PL_2_99 && !txns.byPredicate.nils().isEmpty();
        if (!mayBeByPredicate) {
          findings.add(one.anomaly(), one.size(), () -> explain(one));
        }
      }
      Set<Anomaly> skipped = EnumSet.noneOf(Anomaly.class);
      skipped.addAll(ConsistencyModel.forbiddenBy(CycleExists.notRuledOut(exists)));
      List<CycleClass> left = new ArrayList<>();
      for (CycleClass wanted : CycleClass.ALL) {
        boolean possible =
            switch (wanted.session()) {
              case Edges.PROCESS -> usesProcesses;
              case Edges.REALTIME -> usesRealtime;
              default -> true;
            };
        if (possible && !skipped.contains(wanted.anomaly())) {
          left.add(wanted);
        }
      }
      if (options.anomalies().contains(Anomaly.WRITE_SKEW)) {
        findWriteSkews();
      }
      List<Anomaly> unfinished = new ArrayList<>();
      while (!left.isEmpty()) {
        CycleClass wanted = left.removeFirst();
        if (skipped.contains(wanted.anomaly())) {
          continue;
        }
        long share = Math.max(0, deadline - System.nanoTime()) / (left.size() + 1);
        long until = System.nanoTime() + share;
        CycleSearch search = new CycleSearch(graph, now -> now - until > 0 || patience.isOver());
        Optional<int[]> cycle = search.shortest(wanted);
        if (cycle.isPresent()) {
          skipped.addAll(Anomaly.withImplied(List.of(wanted.anomaly())));
          report(wanted, cycle.get(), search.timedOut());
        } else if (search.timedOut()) {
          unfinished.add(wanted.anomaly());
        }
      }
      unfinished.removeAll(skipped);
      if (!unfinished.isEmpty()) {
        reportTimeout(unfinished);
      }
    }

    /** Two transactions of which each overwrote what the other read, by no other dependency. */
    private void findWriteSkews() {
      for (int a = 0; a < graph.size(); a++) {
        for (int edge = graph.edges.from(a); edge < graph.edges.to(a); edge++) {
          int b = graph.edges.target(edge);
          if (a < b && graph.label[edge] == Edges.RW && graph.label(b, a) == Edges.RW) {
            CycleProof proof = new CycleProof(analysis, graph, new int[] {a, b});
            findings.add(Anomaly.WRITE_SKEW, 2, () -> proof.finding(Anomaly.WRITE_SKEW));
          }
        }
      }
    }

    private TransactionsResult.Component component() {
      List<Integer> ids = Arrays.stream(members).boxed().toList();
      List<TransactionsResult.Edge> edges = new ArrayList<>();
      for (int from = 0; from < graph.size(); from++) {
        for (int edge = graph.edges.from(from); edge < graph.edges.to(from); edge++) {
          edges.add(
              new TransactionsResult.Edge(
                  from, graph.edges.target(edge), Edges.word(graph.label[edge])));
        }
      }
      return new TransactionsResult.Component(ids, edges);
    }

    private void report(CycleClass wanted, int[] cycle, boolean timedOut) {
      int[] shown = cycle;
      LocalGraph shownIn = graph;
      if (wanted.session() == Edges.REALTIME && members.length <= SMALL) {
        LocalGraph full = graph(LocalGraph.RealtimeEdges.ALL);
        CycleSearch search = new CycleSearch(full, now -> now - deadline > 0 || patience.isOver());
        Optional<int[]> shorter = search.shortest(wanted);
        if (shorter.isPresent() && shorter.get().length < cycle.length) {
          shown = shorter.get();
          shownIn = full;
        }
      }
      if (timedOut) {
        notes.add(
            "the time limit ended the search for a shorter "
                + wanted.anomaly().label()
                + " among "
                + members.length
                + " transactions");
      }
      CycleProof proof = new CycleProof(analysis, shownIn, shown);
      Anomaly name =
          isByPredicate(shownIn, shown) ? wanted.anomaly().withPredicate() : wanted.anomaly();
      findings.add(name, shown.length, () -> proof.finding(name));
    }

    private boolean isByPredicate(LocalGraph in, int[] cycle) {
      if (txns.byPredicate.nils().isEmpty()) {
        return false;
      }
      for (int i = 0; i < cycle.length; i++) {
        int next = cycle[(i + 1) % cycle.length];
        if (in.label(cycle[i], next) == Edges.RW
            && analysis.isByPredicate(in.members[cycle[i]], in.members[next])) {
          return true;
        }
      }
      return false;
    }

    private Finding explain(CycleExists one) {
      return new Finding(
          one.anomaly(),
          List.of(),
          List.of(),
          "Somewhere among "
              + one.size()
              + " transactions is a cycle that "
              + one.model().label()
              + " does not allow.",
          List.of());
    }

    private void reportTimeout(List<Anomaly> unfinished) {
      String names = String.join(", ", unfinished.stream().map(Anomaly::label).toList());
      String text =
          "the time limit ended the search for "
              + names
              + " among "
              + members.length
              + " transactions that depend on each other";
      giveUp(findings, text);
    }
  }
}
