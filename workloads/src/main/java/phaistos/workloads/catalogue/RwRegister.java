package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.Map;
import phaistos.checker.transactions.DataType;
import phaistos.checker.transactions.MicroOp;
import phaistos.checker.transactions.TransactionOptions;
import phaistos.checker.transactions.TxnCall;
import phaistos.cluster.Cluster;
import phaistos.histories.Codec;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Completion;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * Transactions that write unique values to registers and read registers: {@code [[:w 1 2] [:r 1
 * nil]]}. On the primary the versions of one register are in real-time order: a row stays locked
 * until its transaction is acknowledged.
 */
public final class RwRegister {
  public static final String NAME = "rw-register";

  private static final Codec<TxnCall> CODEC = TxnCall.codec(DataType.RW_REGISTER);

  private RwRegister() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    boolean onPrimary = options.readFrom() == ReadFrom.PRIMARY;
    return Transactional.judged(
        JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("rw_registers", "id bigint primary key, value bigint"),
            RwRegister::invoke,
            (_, seed, n) ->
                CODEC.encode(
                    Transactional.draw(
                        seed,
                        n,
                        (key, reads, value) ->
                            reads
                                ? new MicroOp.ReadRegister(key, Edn.NIL)
                                : new MicroOp.Write(key, value)))),
        DataType.RW_REGISTER,
        TransactionOptions.DEFAULT.withKeys(
            new TransactionOptions.RegisterKeys(true, onPrimary, onPrimary, Map.of())),
        options);
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return Transactional.invoke(access, call, CODEC, MicroOp.Write.class, RwRegister::step);
  }

  private static MicroOp step(Sql sql, MicroOp step) throws SQLException {
    return switch (step) {
      case MicroOp.Write write -> {
        Tables.put(sql, "rw_registers", write.key(), write.value());
        yield write;
      }
      case MicroOp.ReadRegister read ->
          new MicroOp.ReadRegister(read.key(), Tables.get(sql, "rw_registers", read.key()));
      case MicroOp.Append _, MicroOp.ReadList _, MicroOp.ReadPredicate _ ->
          throw new IllegalArgumentException("no step of rw-register: " + step);
    };
  }
}
