package phaistos.checker.transactions;

import java.util.List;
import java.util.Optional;
import phaistos.checker.transactions.order.Rule;
import phaistos.checker.transactions.order.Visibility;

/**
 * What is to be decided for a consistency model: first what weaker models ask and what is quick,
 * then the model itself.
 *
 * @param steps what must hold for the model, weakest first
 * @param enough what, if it holds, is enough for the model; empty if all steps together are
 */
record Question(ConsistencyModel model, List<Step> steps, Optional<Step> enough) {
  /** One thing to decide: {@code model} is the weakest that is ruled out if it does not hold. */
  sealed interface Step {
    ConsistencyModel model();

    Anomaly anomaly();

    Rule.Outside outside();

    /** That what a reader must see has no cycle. */
    record Sees(
        ConsistencyModel model, Anomaly anomaly, Visibility visibility, Rule.Outside outside)
        implements Step {}

    /** That there is an order by this rule. */
    record Ordered(ConsistencyModel model, Anomaly anomaly, Rule rule) implements Step {
      @Override
      public Rule.Outside outside() {
        return rule.order();
      }
    }
  }

  private static final Rule.Outside NONE = Rule.Outside.NONE;
  private static final Rule.Outside PROCESS = Rule.Outside.PROCESS;
  private static final Rule.Outside REALTIME = Rule.Outside.REALTIME;

  private static final Step MONOTONIC =
      new Step.Sees(
          ConsistencyModel.MONOTONIC_ATOMIC_VIEW,
          Anomaly.MONOTONIC_ATOMIC_VIEW_CYCLE_EXISTS,
          Visibility.LATER_READS,
          NONE);
  private static final Step ATOMIC =
      new Step.Sees(
          ConsistencyModel.READ_ATOMIC,
          Anomaly.READ_ATOMIC_CYCLE_EXISTS,
          Visibility.ALL_READS,
          NONE);
  private static final Step CHAINS =
      new Step.Sees(
          ConsistencyModel.CAUSAL_CERONE,
          Anomaly.CAUSAL_CERONE_CYCLE_EXISTS,
          Visibility.CHAINS,
          NONE);
  private static final Step CAUSAL =
      new Step.Sees(
          ConsistencyModel.CAUSAL, Anomaly.CAUSAL_CYCLE_EXISTS, Visibility.CHAINS, PROCESS);
  private static final Step SESSION_CHAINS =
      new Step.Sees(
          ConsistencyModel.STRONG_SESSION_SI,
          Anomaly.STRONG_SESSION_SI_CYCLE_EXISTS,
          Visibility.CHAINS,
          PROCESS);
  private static final Step REALTIME_CHAINS =
      new Step.Sees(
          ConsistencyModel.STRONG_SI, Anomaly.STRONG_SI_CYCLE_EXISTS, Visibility.CHAINS, REALTIME);

  static final Step.Ordered PREFIX =
      ordered(ConsistencyModel.PREFIX, Anomaly.PREFIX_CYCLE_EXISTS, Rule.Shape.PREFIX, NONE);
  static final Step.Ordered SNAPSHOT =
      ordered(ConsistencyModel.PL_SI, Anomaly.PL_SI_CYCLE_EXISTS, Rule.Shape.SNAPSHOT, NONE);
  static final Step.Ordered SERIAL =
      ordered(ConsistencyModel.PL_3, Anomaly.PL_3_CYCLE_EXISTS, Rule.Shape.SERIAL, NONE);
  private static final Step.Ordered REPEATABLE =
      ordered(ConsistencyModel.PL_2_99, Anomaly.PL_2_99_CYCLE_EXISTS, Rule.Shape.SERIAL, NONE);
  static final Step.Ordered SESSION_SNAPSHOT =
      ordered(
          ConsistencyModel.STRONG_SESSION_SI,
          Anomaly.STRONG_SESSION_SI_CYCLE_EXISTS,
          Rule.Shape.SNAPSHOT,
          PROCESS);
  static final Step.Ordered SESSION_SERIAL =
      ordered(
          ConsistencyModel.STRONG_SESSION_SERIALIZABLE,
          Anomaly.STRONG_SESSION_SERIALIZABLE_CYCLE_EXISTS,
          Rule.Shape.SERIAL,
          PROCESS);
  static final Step.Ordered STRONG_SNAPSHOT =
      ordered(
          ConsistencyModel.STRONG_SI,
          Anomaly.STRONG_SI_CYCLE_EXISTS,
          Rule.Shape.SNAPSHOT,
          REALTIME);
  static final Step.Ordered STRICT =
      ordered(ConsistencyModel.PL_SS, Anomaly.PL_SS_CYCLE_EXISTS, Rule.Shape.SERIAL, REALTIME);

  /** Rules from weak to strong, to find the weakest that some transactions break. */
  static final List<Step.Ordered> BY_STRENGTH =
      List.of(SNAPSHOT, SERIAL, SESSION_SNAPSHOT, SESSION_SERIAL, STRONG_SNAPSHOT, STRICT);

  private static Step.Ordered ordered(
      ConsistencyModel model, Anomaly anomaly, Rule.Shape shape, Rule.Outside outside) {
    return new Step.Ordered(model, anomaly, new Rule(shape, outside));
  }

  private static Step reads(ConsistencyModel model, Anomaly anomaly, Rule.Outside outside) {
    return new Step.Sees(model, anomaly, Visibility.OWN_READS, outside);
  }

  /** What to ask of a history for this model; nothing if only anomalies tell. */
  static Optional<Question> of(ConsistencyModel model) {
    return switch (model) {
      case PL_1, STRONG_SESSION_PL_1, STRONG_PL_1 -> Optional.empty();
      case PL_2 -> all(model, reads(model, Anomaly.PL_2_CYCLE_EXISTS, NONE));
      case STRONG_SESSION_PL_2 ->
          all(model, reads(model, Anomaly.STRONG_SESSION_PL_2_CYCLE_EXISTS, PROCESS));
      case STRONG_PL_2 -> all(model, reads(model, Anomaly.STRONG_PL_2_CYCLE_EXISTS, REALTIME));
      case MONOTONIC_ATOMIC_VIEW -> all(model, MONOTONIC);
      case READ_ATOMIC -> all(model, ATOMIC);
      case CAUSAL_CERONE -> all(model, ATOMIC, CHAINS);
      case CAUSAL -> all(model, ATOMIC, CAUSAL);
      case PREFIX -> all(model, ATOMIC, CHAINS, PREFIX);
      case PL_SI -> all(model, ATOMIC, CHAINS, SNAPSHOT);
      case PL_2_99 -> all(model, MONOTONIC, REPEATABLE);
      case PL_3 -> all(model, ATOMIC, CHAINS, SERIAL);
      case STRONG_SESSION_SI -> all(model, ATOMIC, CHAINS, SESSION_CHAINS, SESSION_SNAPSHOT);
      case STRONG_SESSION_SERIALIZABLE ->
          all(model, ATOMIC, CHAINS, SESSION_CHAINS, SESSION_SERIAL);
      case STRONG_SI -> all(model, ATOMIC, CHAINS, REALTIME_CHAINS, STRONG_SNAPSHOT);
      case PL_SS -> all(model, ATOMIC, CHAINS, REALTIME_CHAINS, STRICT);
      case PARALLEL_SI -> between(model, List.of(ATOMIC, CHAINS), SNAPSHOT);
      case UPDATE_ATOMIC -> between(model, List.of(ATOMIC), SNAPSHOT);
      case PL_CS, PL_2L, PL_MSR, PL_2_PLUS, PL_FCV ->
          between(
              model,
              List.of(reads(ConsistencyModel.PL_2, Anomaly.PL_2_CYCLE_EXISTS, NONE)),
              SNAPSHOT);
      case PL_3U ->
          between(
              model,
              List.of(reads(ConsistencyModel.PL_2, Anomaly.PL_2_CYCLE_EXISTS, NONE)),
              SERIAL);
      case SESSION_SERIALIZABLE,
          ONE_SR,
          VIEW_SERIALIZABLE,
          LINEARIZABLE,
          SEQUENTIAL,
          PRAM,
          WRITES_FOLLOW_READS,
          MONOTONIC_READS,
          MONOTONIC_WRITES,
          READ_YOUR_WRITES ->
          Optional.empty();
    };
  }

  private static Optional<Question> all(ConsistencyModel model, Step... steps) {
    return Optional.of(new Question(model, List.of(steps), Optional.empty()));
  }

  /** A model of which only what it implies and what implies it can be decided. */
  private static Optional<Question> between(ConsistencyModel model, List<Step> steps, Step enough) {
    return Optional.of(new Question(model, steps, Optional.of(enough)));
  }

  /** What, if it holds, shows that the model holds. */
  Step last() {
    return enough.orElse(steps.getLast());
  }
}
