package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Verdict;
import phaistos.histories.History;

/**
 * Judges transactions over lists or registers: which anomalies the history shows, and which
 * consistency models it thereby rules out. Only anomalies that the expected models forbid are
 * reported; if there are none the history is valid.
 *
 * <p>A history that shows none is judged by whether it has an order that the models allow ({@link
 * OrderJudge}): valid comes with one, verified, and invalid with transactions that have none. The
 * answer is unknown where no read says anything of another transaction, and where a search ended
 * early without having found anything else.
 */
public final class TransactionChecker implements Checker<TxnCall, TransactionsResult> {
  private final DataType type;
  private final TransactionOptions options;

  public TransactionChecker(DataType type, TransactionOptions options) {
    this.type = type;
    this.options = options;
  }

  @Override
  public TransactionsResult check(History<TxnCall> history, CheckContext context) {
    return check(Transactions.of(type, history), context);
  }

  /** Judges transactions that were read without making a history of them. */
  public TransactionsResult check(Transactions txns, CheckContext context) {
    if (txns.writtenTwice != Versions.NONE && type == DataType.LIST_APPEND) {
      return nothing(
          "%s is appended to key %s more than once, so that the order of appends cannot be known"
              .formatted(
                  txns.valueName(txns.writtenTwice),
                  txns.keyName(txns.versions.keyOf(txns.writtenTwice))),
          txns);
    }
    Patience patience = new Patience(context);
    OrderJudge judge = new OrderJudge(txns, patience);
    if (mayBeShort() && judge.holdAtOnce(options.models())) {
      return valid(judge, txns);
    }
    Findings findings = new Findings();
    Analysis analysis =
        switch (type) {
          case LIST_APPEND -> new ListAppend(txns);
          case RW_REGISTER -> new RwRegister(txns, options.keys());
        };
    Cycles cycles = new Cycles(analysis, options, patience);
    try {
      patience.check();
      analysis.findDirectly(findings, patience);
      cycles.find(findings);
    } catch (Patience.Over over) {
      cycles.giveUp(findings, over.getMessage());
    }
    Set<Anomaly> reported = reported(findings);
    boolean saysSomething =
        !reported.contains(Anomaly.EMPTY_TRANSACTION_GRAPH) || judge.looksAtOthers();
    if (reported.stream().allMatch(Anomaly::isUnknown) && saysSomething) {
      judge(judge, OrderJudge.models(options, type, known(findings)), findings);
    }
    return result(findings, cycles, txns, judge);
  }

  /**
   * Whether an order is all that is asked: what may be said of versions beside could contradict the
   * history where the order does not.
   */
  private boolean mayBeShort() {
    TransactionOptions.RegisterKeys keys = options.keys();
    return options.anomalies().isEmpty()
        && !keys.sequential()
        && !keys.linearizable()
        && keys.transactionOrder().isEmpty();
  }

  /** Decides what the anomalies leave open, and adds what is wrong. */
  private static void judge(OrderJudge judge, Set<ConsistencyModel> models, Findings findings) {
    boolean isInternal = findings.anomalies().contains(Anomaly.INTERNAL);
    try {
      judge.decide(models, isInternal);
    } catch (Patience.Over over) {
      judge.open().add(over.getMessage());
    }
    for (Finding finding : judge.findings()) {
      // A single read of what nobody wrote shows nothing; two that cannot both be do.
      findings.remove(finding.anomaly());
      findings.add(finding.anomaly(), finding.ids().size(), () -> finding);
    }
    boolean allHold =
        !models.isEmpty() && models.stream().allMatch(judge.certificates()::containsKey);
    if (allHold || !judge.findings().isEmpty()) {
      findings.remove(Anomaly.EMPTY_TRANSACTION_GRAPH);
      findings.remove(Anomaly.CYCLE_SEARCH_TIMEOUT);
    }
  }

  private static TransactionsResult valid(OrderJudge judge, Transactions txns) {
    return new TransactionsResult(
        Verdict.VALID,
        List.of(),
        List.of(),
        List.of(),
        possible(Set.of()),
        Map.of(),
        Map.of(),
        List.of(),
        List.of(),
        new TransactionsResult.Statistics(
            txns.size(), txns.stepCount(), txns.versions.keyCount(), 0, 0, 0),
        judge.certificates());
  }

  /** The anomalies among what was found that the expected models forbid, or that say unknown. */
  private Set<Anomaly> reported(Findings findings) {
    Set<Anomaly> forbidden = options.forbidden();
    Set<Anomaly> reported = EnumSet.noneOf(Anomaly.class);
    for (Anomaly anomaly : known(findings)) {
      if (forbidden.contains(anomaly) || anomaly.isUnknown()) {
        reported.add(anomaly);
      }
    }
    return reported;
  }

  private Set<Anomaly> known(Findings findings) {
    Set<Anomaly> found = EnumSet.noneOf(Anomaly.class);
    found.addAll(findings.anomalies());
    if (type == DataType.RW_REGISTER && !options.anomalies().contains(Anomaly.GARBAGE_READ)) {
      // Registers may start with what nobody wrote in the history.
      found.remove(Anomaly.GARBAGE_READ);
    }
    return found;
  }

  /** What else to know of an answer. */
  private List<String> notes(Cycles cycles, OrderJudge judge) {
    List<String> notes = new ArrayList<>(cycles.notes());
    notes.addAll(judge.open());
    for (Anomaly anomaly : options.anomalies()) {
      if (!anomaly.isShownInFull(type)) {
        notes.add(
            "of %s only these are searched for: %s"
                .formatted(anomaly.label(), String.join(", ", anomaly.shownBy(type))));
      }
    }
    return List.copyOf(notes);
  }

  private TransactionsResult nothing(String cause, Transactions txns) {
    return new TransactionsResult(
        new Verdict.Unknown(cause),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        List.of(cause),
        List.of(),
        new TransactionsResult.Statistics(
            txns.size(), txns.stepCount(), txns.versions.keyCount(), 0, 0, 0),
        Map.of());
  }

  private TransactionsResult result(
      Findings findings, Cycles cycles, Transactions txns, OrderJudge judge) {
    Set<Anomaly> found = known(findings);
    Set<Anomaly> reported = reported(findings);
    for (Finding finding : judge.findings()) {
      found.add(finding.anomaly());
      reported.add(finding.anomaly());
    }
    removeImpliedCycles(reported);
    Set<ConsistencyModel> ruledOut = EnumSet.noneOf(ConsistencyModel.class);
    if (!reported.isEmpty()) {
      ruledOut.addAll(ConsistencyModel.ruledOutBy(found));
    }
    Set<ConsistencyModel> weakest = ConsistencyModel.weakest(ruledOut);
    Set<ConsistencyModel> stronger = EnumSet.copyOf(ruledOut);
    stronger.removeAll(weakest);
    Map<String, Long> counts = new LinkedHashMap<>();
    Map<String, List<Finding>> kept = new LinkedHashMap<>();
    List<Anomaly> sorted = reported.stream().sorted(Comparator.comparing(Anomaly::label)).toList();
    for (Anomaly anomaly : sorted) {
      counts.put(anomaly.label(), findings.count(anomaly));
      kept.put(anomaly.label(), findings.kept(anomaly));
    }
    return new TransactionsResult(
        verdict(sorted, kept, cycles.notes(), judge),
        List.copyOf(counts.keySet()),
        ConsistencyModel.labels(weakest),
        ConsistencyModel.labels(stronger),
        possible(ruledOut),
        counts,
        kept,
        notes(cycles, judge),
        reported.isEmpty() ? List.of() : cycles.small(),
        cycles.statistics(),
        judge.certificates());
  }

  /** That a cycle exists somewhere adds nothing to an anomaly that rules out the same model. */
  private static void removeImpliedCycles(Set<Anomaly> reported) {
    Set<Anomaly> others =
        reported.stream()
            .filter(anomaly -> !anomaly.isCycleExists())
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Anomaly.class)));
    Set<ConsistencyModel> ruledOut = ConsistencyModel.ruledOutBy(others);
    reported.removeIf(
        anomaly ->
            anomaly.isCycleExists()
                && CycleExists.modelOf(anomaly).filter(ruledOut::contains).isPresent());
  }

  private static Verdict verdict(
      List<Anomaly> reported,
      Map<String, List<Finding>> kept,
      List<String> notes,
      OrderJudge judge) {
    if (reported.isEmpty()) {
      return judge.open().isEmpty()
          ? Verdict.VALID
          : new Verdict.Unknown(String.join("; ", judge.open()));
    }
    String names = reported.stream().map(Anomaly::label).collect(Collectors.joining(", "));
    Optional<Anomaly> bad = reported.stream().filter(anomaly -> !anomaly.isUnknown()).findFirst();
    if (bad.isEmpty()) {
      List<String> all = new ArrayList<>(notes);
      all.addAll(judge.open());
      return new Verdict.Unknown(String.join("; ", all));
    }
    return new Verdict.Invalid(
        names + ": for example " + kept.get(bad.get().label()).getFirst().proof());
  }

  /** Of the models that are not ruled out those that no other of them implies. */
  private static List<String> possible(Set<ConsistencyModel> ruledOut) {
    List<ConsistencyModel> left = new ArrayList<>();
    for (ConsistencyModel model : ConsistencyModel.values()) {
      if (!ruledOut.contains(model)) {
        left.add(model);
      }
    }
    List<ConsistencyModel> strongest = new ArrayList<>(left);
    for (ConsistencyModel model : left) {
      Set<ConsistencyModel> weaker = model.withWeaker();
      weaker.remove(model);
      strongest.removeAll(weaker);
    }
    return ConsistencyModel.labels(strongest);
  }
}
