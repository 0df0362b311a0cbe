package phaistos.checker.transactions;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What a history is judged by.
 *
 * @param models the models that are expected to hold
 * @param anomalies further anomalies that must not be there
 * @param keys from what the version order of registers may be inferred
 * @param componentMillis how long to search one component for cycles
 */
public record TransactionOptions(
    Set<ConsistencyModel> models, Set<Anomaly> anomalies, RegisterKeys keys, long componentMillis) {
  /** Strict serializability, and ten seconds a component. */
  public static final TransactionOptions DEFAULT =
      new TransactionOptions(
          EnumSet.of(ConsistencyModel.PL_SS),
          EnumSet.noneOf(Anomaly.class),
          RegisterKeys.NONE,
          10_000);

  public TransactionOptions {
    models = Set.copyOf(models);
    anomalies = Set.copyOf(anomalies);
  }

  public TransactionOptions withModels(Set<ConsistencyModel> others) {
    return new TransactionOptions(others, anomalies, keys, componentMillis);
  }

  public TransactionOptions withModels(ConsistencyModel... expected) {
    return new TransactionOptions(Set.of(expected), anomalies, keys, componentMillis);
  }

  public TransactionOptions withAnomalies(Anomaly... forbidden) {
    return new TransactionOptions(models, Set.of(forbidden), keys, componentMillis);
  }

  public TransactionOptions withKeys(RegisterKeys keys) {
    return new TransactionOptions(models, anomalies, keys, componentMillis);
  }

  public TransactionOptions withComponentMillis(long componentMillis) {
    return new TransactionOptions(models, anomalies, keys, componentMillis);
  }

  /** The anomalies that make the answer invalid. */
  Set<Anomaly> forbidden() {
    Set<Anomaly> forbidden = EnumSet.noneOf(Anomaly.class);
    forbidden.addAll(ConsistencyModel.forbiddenBy(models));
    if (models.contains(ConsistencyModel.CAUSAL)) {
      // Which Elle's order of models does not know.
      forbidden.addAll(ConsistencyModel.forbiddenBy(Set.of(ConsistencyModel.READ_ATOMIC)));
    }
    if (models.contains(ConsistencyModel.PL_2_99)) {
      // What a transaction reads of a key again it could not repeat.
      forbidden.add(Anomaly.INTERNAL);
    }
    forbidden.addAll(Anomaly.withImplying(anomalies));
    return forbidden;
  }

  /**
   * What is known of the versions of a register beside that nil is the first.
   *
   * @param writesFollowReads a transaction that reads a key and writes it writes a later version
   * @param sequential each process sees each key's versions in their order
   * @param linearizable each key's versions are in real-time order
   * @param transactionOrder for transactions (by the index of their completion) their place in a
   *     known order in which each key's writes happened; empty where none is known
   */
  public record RegisterKeys(
      boolean writesFollowReads,
      boolean sequential,
      boolean linearizable,
      Map<Integer, Integer> transactionOrder) {
    public static final RegisterKeys NONE = new RegisterKeys(false, false, false, Map.of());

    public RegisterKeys {
      transactionOrder = Map.copyOf(transactionOrder);
    }
  }
}
