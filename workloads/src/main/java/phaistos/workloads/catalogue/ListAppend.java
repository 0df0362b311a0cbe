package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.checker.transactions.DataType;
import phaistos.checker.transactions.MicroOp;
import phaistos.checker.transactions.TransactionOptions;
import phaistos.checker.transactions.TxnCall;
import phaistos.cluster.Cluster;
import phaistos.histories.Codec;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * Transactions that append unique elements to lists and read lists: {@code [[:append 1 2] [:r 1
 * nil]]}. A list is a text that grows by updates in place.
 */
public final class ListAppend {
  public static final String NAME = "list-append";

  private static final Codec<TxnCall> CODEC = TxnCall.codec(DataType.LIST_APPEND);

  private ListAppend() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    return Transactional.judged(
        JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("lists", "id bigint primary key, value text"),
            ListAppend::invoke,
            (_, seed, n) -> CODEC.encode(draw(seed, n))),
        DataType.LIST_APPEND,
        TransactionOptions.DEFAULT,
        options);
  }

  static TxnCall draw(Seed seed, long n) {
    return Transactional.draw(
        seed,
        n,
        (key, reads, value) ->
            reads ? new MicroOp.ReadList(key, Optional.empty()) : new MicroOp.Append(key, value));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return Transactional.invoke(access, call, CODEC, MicroOp.Append.class, ListAppend::step);
  }

  private static MicroOp step(Sql sql, MicroOp step) throws SQLException {
    return switch (step) {
      case MicroOp.Append append -> {
        Edn text = Edn.of(Long.toString(Calls.integer(append.element())));
        long changed =
            sql.update(
                "update lists set value = value || ',' || ? where id = ?", text, append.key());
        if (changed == 0) {
          sql.update("insert into lists (id, value) values (?, ?)", append.key(), text);
        }
        yield append;
      }
      case MicroOp.ReadList read ->
          new MicroOp.ReadList(read.key(), Optional.of(elements(sql, read.key())));
      case MicroOp.Write _, MicroOp.ReadRegister _, MicroOp.ReadPredicate _ ->
          throw new IllegalArgumentException("no step of list-append: " + step);
    };
  }

  private static List<Edn> elements(Sql sql, Edn key) throws SQLException {
    return Tables.get(sql, "lists", key) instanceof Edn.Text(String text)
        ? Arrays.stream(text.split(",")).map(element -> Edn.of(Long.parseLong(element))).toList()
        : List.of();
  }
}
