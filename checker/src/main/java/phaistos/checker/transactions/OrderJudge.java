package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import phaistos.checker.transactions.order.Core;
import phaistos.checker.transactions.order.Decision;
import phaistos.checker.transactions.order.Implied;
import phaistos.checker.transactions.order.Rule;
import phaistos.checker.transactions.order.Visibility;

/**
 * Decides whether a history has an order that the asked models allow. Every yes is a certificate
 * that {@link CertificateVerifier} verified; every no is a cycle or a few transactions that have no
 * order; what is neither is open. Not thread-safe.
 */
final class OrderJudge {
  /** How long to look for fewer transactions that show the same. */
  private static final long MINIMIZE_MILLIS = 4_000;

  /**
   * Up to so many transactions chains of reads alone are followed where processes are chains too.
   */
  private static final int UNCHAINED_MAX = 20_000;

  private final Transactions txns;
  private final Patience patience;
  private Optional<Shown> shown = Optional.empty();
  private Optional<Shown> everyRead = Optional.empty();
  private final Map<ConsistencyModel, Certificate> certificates =
      new EnumMap<>(ConsistencyModel.class);
  private final List<String> open = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  OrderJudge(Transactions txns, Patience patience) {
    this.txns = txns;
    this.patience = patience;
  }

  /** For each model that holds the order that shows it. */
  Map<ConsistencyModel, Certificate> certificates() {
    return certificates;
  }

  /** Why models that neither hold nor fail are open. */
  List<String> open() {
    return open;
  }

  /** Why models fail. */
  List<Finding> findings() {
    return findings;
  }

  private Shown shown() {
    if (shown.isEmpty()) {
      shown = Optional.of(Shown.of(txns));
    }
    return shown.get();
  }

  /** What the rule of this model is about. */
  private Shown shown(Question.Step.Ordered step) {
    boolean items = step.model() == ConsistencyModel.PL_2_99 && hasPredicates();
    return items ? Shown.items(txns) : shown();
  }

  private boolean hasPredicates() {
    return !txns.byPredicate.originals().isEmpty();
  }

  private Shown shown(Visibility visibility) {
    boolean all = visibility == Visibility.OWN_READS || visibility == Visibility.LATER_READS;
    if (all && everyRead.isEmpty()) {
      everyRead = Optional.of(Shown.everyRead(txns));
    }
    return all ? everyRead.get() : shown();
  }

  /** Whether any read says anything of another transaction: else there is nothing to judge. */
  boolean looksAtOthers() {
    return shown().looksAtOthers() || shown(Visibility.OWN_READS).looksAtOthers();
  }

  /**
   * The models that an answer about these models and anomalies rests on. Cycles of lists are all
   * seen, so that for them an anomaly needs no model; and where what was found rules a model out
   * already, it says nothing of an anomaly that the model forbids.
   */
  static Set<ConsistencyModel> models(
      TransactionOptions options, DataType type, Set<Anomaly> found) {
    Set<ConsistencyModel> models = EnumSet.noneOf(ConsistencyModel.class);
    if (type == DataType.RW_REGISTER) {
      for (Anomaly anomaly : options.anomalies()) {
        models.addAll(ConsistencyModel.forbidding(anomaly));
      }
      models.removeAll(ConsistencyModel.ruledOutBy(found));
    }
    models.addAll(options.models());
    return models;
  }

  /**
   * Tries the order in which transactions completed, as nearly as possible: whether all these
   * models hold, which is certain if it says so.
   */
  boolean holdAtOnce(Set<ConsistencyModel> models) {
    if (shown().ambiguity().isPresent() || !looksAtOthers() || models.isEmpty()) {
      return false;
    }
    for (ConsistencyModel model : models) {
      Optional<Question> question = Question.of(model);
      boolean tries =
          question.isPresent()
              && question.get().last() instanceof Question.Step.Ordered ordered
              && schedule(model, ordered);
      if (!tries) {
        certificates.clear();
        open.clear();
        return false;
      }
    }
    return true;
  }

  private boolean schedule(ConsistencyModel model, Question.Step.Ordered step) {
    Shown seen = shown(step);
    Optional<int[]> moments = Decision.schedule(seen.footprints(), step.rule(), patience::isOver);
    return moments.isPresent() && accept(model, certificate(step, seen, moments.get()));
  }

  /** Decides each of these models. */
  void decide(Set<ConsistencyModel> models, boolean isInternal) {
    for (ConsistencyModel model : models) {
      Optional<Question> question = Question.of(model);
      if (question.isEmpty() || certificates.containsKey(model)) {
        continue;
      }
      Optional<String> ambiguity = shown().ambiguity();
      if (ambiguity.isPresent()) {
        open.add(ambiguity.get());
        return;
      }
      if (shown().twoBeginnings().isPresent()) {
        findings.add(twoBeginnings(shown().twoBeginnings().get()));
        return;
      }
      decide(question.get(), isInternal);
      if (!findings.isEmpty()) {
        return;
      }
    }
  }

  private Finding twoBeginnings(Shown.TwoBeginnings found) {
    Set<Integer> ids = new LinkedHashSet<>(List.of(found.one(), found.other()));
    String text =
        "key %s was read as %s and as %s, and nobody wrote either: it cannot have begun with both."
            .formatted(
                txns.keyName(found.key()),
                txns.valueName(found.oneVersion()),
                txns.valueName(found.otherVersion()));
    return new Cases(txns).of(Anomaly.GARBAGE_READ, List.copyOf(ids), text);
  }

  private void decide(Question question, boolean isInternal) {
    for (Question.Step step : question.steps()) {
      boolean isLast = question.enough().isEmpty() && step == question.steps().getLast();
      if (isSlow(question, step)) {
        continue;
      }
      Answer answer = decide(step, question.model(), isInternal);
      if (answer == Answer.NO || (isLast && answer == Answer.OPEN)) {
        return;
      }
    }
    if (question.enough().isPresent()) {
      int before = findings.size();
      Answer answer = decide(question.enough().get(), question.model(), isInternal);
      if (answer == Answer.NO) {
        while (findings.size() > before) {
          findings.removeLast();
        }
        open.add(
            ("nothing that %s forbids was found, but there is no order at %s either, and whether"
                    + " there is one between them is not decided")
                .formatted(question.model().label(), question.enough().get().model().label()));
      }
    }
  }

  /** What a later step finds too, and faster. */
  private boolean isSlow(Question question, Question.Step step) {
    return step instanceof Question.Step.Sees sees
        && sees.visibility() == Visibility.CHAINS
        && sees.outside() == Rule.Outside.NONE
        && step != question.steps().getLast()
        && shown().footprints().size() > UNCHAINED_MAX;
  }

  private enum Answer {
    YES,
    NO,
    OPEN
  }

  private Answer decide(Question.Step step, ConsistencyModel asked, boolean isInternal) {
    return switch (step) {
      case Question.Step.Sees sees -> sees(sees, asked);
      case Question.Step.Ordered ordered -> ordered(ordered, asked, isInternal);
    };
  }

  private Answer sees(Question.Step.Sees step, ConsistencyModel asked) {
    Shown seen = shown(step.visibility());
    if (step.visibility() == Visibility.CHAINS && step.outside() == Rule.Outside.NONE) {
      // Where it holds with the order of processes it holds without, and that is faster to see.
      Implied.Result more =
          Implied.of(seen.footprints(), step.visibility(), Rule.Outside.PROCESS, patience::isOver);
      if (more instanceof Implied.Result.Ordered(int[] order)) {
        return answer(step, asked, seen, order, Rule.Outside.PROCESS);
      }
    }
    return switch (Implied.of(
        seen.footprints(), step.visibility(), step.outside(), patience::isOver)) {
      case Implied.Result.Ordered(int[] order) -> answer(step, asked, seen, order, step.outside());
      case Implied.Result.Cycle(List<Implied.Reason> reasons) -> {
        findings.add(new OrderWords(txns, seen).cycle(step.anomaly(), step.model(), reasons));
        yield Answer.NO;
      }
      case Implied.Result.Stopped _ -> {
        open.add("the time limit ended the search for what " + asked.label() + " implies");
        yield Answer.OPEN;
      }
    };
  }

  private Answer answer(
      Question.Step.Sees step,
      ConsistencyModel asked,
      Shown seen,
      int[] order,
      Rule.Outside outside) {
    if (step.model() != asked) {
      return Answer.YES;
    }
    int[] moments = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      moments[i] = 2 * seen.transactions()[order[i]] + 1;
    }
    Certificate.Form form =
        switch (step.visibility()) {
          case OWN_READS -> Certificate.Form.READ_COMMITTED;
          case LATER_READS -> Certificate.Form.MONOTONIC_ATOMIC_VIEW;
          case ALL_READS -> Certificate.Form.READ_ATOMIC;
          case CHAINS -> Certificate.Form.CAUSAL;
        };
    Certificate certificate = new Certificate(form, outside(outside), moments);
    return accept(asked, certificate) ? Answer.YES : Answer.OPEN;
  }

  private static Certificate.Outside outside(Rule.Outside outside) {
    return switch (outside) {
      case NONE -> Certificate.Outside.NONE;
      case PROCESS -> Certificate.Outside.PROCESS;
      case REALTIME -> Certificate.Outside.REALTIME;
    };
  }

  private Certificate certificate(Question.Step.Ordered step, Shown seen, int[] moments) {
    int[] own = new int[moments.length];
    for (int i = 0; i < own.length; i++) {
      own[i] = 2 * seen.transactions()[moments[i] >> 1] + (moments[i] & 1);
    }
    Certificate.Form form =
        switch (step.rule().shape()) {
          case SERIAL -> seen == shown() ? Certificate.Form.SERIAL : Certificate.Form.SERIAL_ITEMS;
          case SNAPSHOT -> Certificate.Form.SNAPSHOT;
          case PREFIX -> Certificate.Form.PREFIX;
        };
    return new Certificate(form, outside(step.outside()), own);
  }

  /** Takes a certificate if it can be verified. */
  private boolean accept(ConsistencyModel model, Certificate certificate) {
    Optional<String> wrong;
    try {
      wrong = CertificateVerifier.verify(txns, certificate, patience);
    } catch (Patience.Over _) {
      wrong = Optional.of("the time limit ended the verification");
    }
    if (wrong.isPresent()) {
      open.add("an order for " + model.label() + " was not verified: " + wrong.get());
      return false;
    }
    certificates.put(model, certificate);
    return true;
  }

  private Answer ordered(Question.Step.Ordered step, ConsistencyModel asked, boolean isInternal) {
    if (isInternal) {
      findings.add(
          new Finding(
              step.anomaly(),
              List.of(),
              List.of(),
              "A transaction disagrees with itself about what it read or wrote, which no order"
                  + " explains.",
              List.of()));
      return Answer.NO;
    }
    Shown seen = shown(step);
    return switch (Decision.of(seen.footprints(), step.rule(), patience::isOver)) {
      case Decision.Possible(int[] moments) ->
          accept(asked, certificate(step, seen, moments)) || another(step, asked, seen)
              ? Answer.YES
              : Answer.OPEN;
      case Decision.Impossible(int[] core) -> {
        findings.add(core(step, seen, core));
        yield Answer.NO;
      }
      case Decision.Open(String reason) -> {
        open.add(reason);
        yield Answer.OPEN;
      }
    };
  }

  /**
   * Where the order found contradicts a read by predicate the search may find one that does not.
   */
  private boolean another(Question.Step.Ordered step, ConsistencyModel asked, Shown seen) {
    boolean mayBe = hasPredicates() && !Decision.isLarge(seen.footprints(), step.rule());
    if (mayBe
        && Decision.bySearch(seen.footprints(), step.rule(), patience::isOver)
            instanceof Decision.Possible(int[] moments)
        && accept(asked, certificate(step, seen, moments))) {
      // What was said of the first order is settled.
      open.removeLast();
      return true;
    }
    return false;
  }

  /** Fewer transactions, and the weakest rule that they break. */
  private Finding core(Question.Step.Ordered step, Shown seen, int[] all) {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MINIMIZE_MILLIS);
    Core core =
        new Core(
            seen.footprints(),
            step.rule(),
            () -> System.nanoTime() - until > 0 || patience.isOver());
    int[] left = core.minimize(all);
    Arrays.sort(left);
    Question.Step.Ordered weakest = step;
    if (core.isMinimal()) {
      for (Question.Step.Ordered weaker : Question.BY_STRENGTH) {
        boolean isImplied = step.model().withWeaker().contains(weaker.model());
        if (isImplied
            && new Core(seen.footprints(), weaker.rule(), patience::isOver).isImpossible(left)) {
          weakest = weaker;
          break;
        }
      }
    }
    return new OrderWords(txns, seen).core(weakest, left, core.isMinimal());
  }
}
