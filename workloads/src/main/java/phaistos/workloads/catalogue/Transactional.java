package phaistos.workloads.catalogue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.transactions.ConsistencyModel;
import phaistos.checker.transactions.DataType;
import phaistos.checker.transactions.MicroOp;
import phaistos.checker.transactions.TransactionChecker;
import phaistos.checker.transactions.TransactionOptions;
import phaistos.checker.transactions.Transactions;
import phaistos.checker.transactions.TransactionsReport;
import phaistos.checker.transactions.TransactionsResult;
import phaistos.checker.transactions.TxnCall;
import phaistos.histories.Codec;
import phaistos.histories.Edn;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Isolation;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.Sql;

/** What the workloads of transactions over lists and registers share. */
final class Transactional {
  /** Transactions before the keys are replaced by new ones. */
  private static final int TRANSACTIONS_OF_A_GROUP = 60;

  private static final int KEYS_OF_A_GROUP = 4;
  private static final int STEPS_MAX = 4;

  private Transactional() {}

  interface Steps {
    MicroOp step(Edn key, boolean reads, Edn value);
  }

  /** One to four steps on the keys in use; a third of the transactions only reads. */
  static TxnCall draw(Seed seed, long n, Steps steps) {
    long first = n / TRANSACTIONS_OF_A_GROUP * KEYS_OF_A_GROUP;
    boolean readOnly = seed.child("read-only").drawInt(3) == 0;
    int count = 1 + seed.child("count").drawInt(STEPS_MAX);
    List<MicroOp> drawn = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Seed own = seed.child(i);
      boolean reads = readOnly || own.child("f").drawInt(2) == 0;
      Edn key = Edn.of(first + own.child("key").drawInt(KEYS_OF_A_GROUP));
      drawn.add(steps.step(key, reads, Edn.of(n * STEPS_MAX + i + 1)));
    }
    return new TxnCall(drawn);
  }

  /** Runs one step and says what it did or saw. */
  interface Step {
    MicroOp run(Sql sql, MicroOp step) throws SQLException;
  }

  /**
   * Runs a transaction's steps one after the other.
   *
   * @param writing the steps with which a transaction does not only read
   */
  static Completion<UntypedCall> invoke(
      Access access,
      UntypedCall call,
      Codec<TxnCall> codec,
      Class<? extends MicroOp> writing,
      Step step) {
    TxnCall asked = codec.decode(call);
    Access.Body body =
        sql -> {
          List<MicroOp> done = new ArrayList<>();
          for (MicroOp each : asked.steps()) {
            done.add(step.run(sql, each));
          }
          return codec.encode(new TxnCall(done));
        };
    boolean writes = asked.steps().stream().anyMatch(writing::isInstance);
    return writes ? access.write(call, body) : access.read(call, body);
  }

  private static TransactionsResult check(
      DataType type,
      TransactionOptions judgedBy,
      History<UntypedCall> history,
      CheckContext context) {
    Transactions txns = Transactions.of(type, history.map(TxnCall.codec(type)::decode));
    TransactionsResult result = new TransactionChecker(type, judgedBy).check(txns, context);
    if (result.verdict() instanceof Verdict.Invalid) {
      try {
        TransactionsReport.write(result, txns, context);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return result;
  }

  static Workload<UntypedCall> judged(
      Workload<UntypedCall> workload,
      DataType type,
      TransactionOptions base,
      WorkloadOptions options) {
    Set<ConsistencyModel> models = expected(options.isolation(), options.readFrom());
    TransactionOptions judgedBy = base.withModels(models);
    return workload
        .checker(
            "transactions",
            OwedOnly.of((history, context) -> check(type, judgedBy, history, context)))
        .claim("the transactions are " + String.join(" and ", ConsistencyModel.labels(models)));
  }

  /**
   * What PostgreSQL gives. On the primary a snapshot holds everything that was acknowledged before
   * it was taken. A read of a standby is of an older, whole state, in the order of the WAL, which
   * may differ from the order in which commits became visible on the primary.
   */
  static Set<ConsistencyModel> expected(Isolation isolation, ReadFrom readFrom) {
    if (readFrom != ReadFrom.PRIMARY) {
      return isolation.isSnapshot()
          ? EnumSet.of(ConsistencyModel.PARALLEL_SI)
          : EnumSet.of(ConsistencyModel.PL_2);
    }
    return switch (isolation) {
      case READ_COMMITTED ->
          EnumSet.of(ConsistencyModel.STRONG_PL_2, ConsistencyModel.MONOTONIC_ATOMIC_VIEW);
      case REPEATABLE_READ -> EnumSet.of(ConsistencyModel.STRONG_SI);
      case SERIALIZABLE -> EnumSet.of(ConsistencyModel.PL_3, ConsistencyModel.STRONG_SI);
    };
  }
}
