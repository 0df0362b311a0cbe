package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.checker.jepsen.PredicateG2Checker;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Completion;
import phaistos.workloads.Isolation;
import phaistos.workloads.Transactor;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * For each key two transactions look in two tables for a row with that key; a transaction that
 * finds none inserts one, each into its own table: {@code :insert [k [1 nil]]}, {@code :insert [k
 * [nil 2]]}. At SERIALIZABLE at most one of them commits. Below that both may, which PostgreSQL
 * documents: then it is counted and not judged.
 */
public final class PredicateG2 {
  public static final String NAME = "g2";

  private PredicateG2() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    List<String> statements = new ArrayList<>(Tables.fresh("g2_a", "id bigint, value bigint"));
    statements.addAll(Tables.fresh("g2_b", "id bigint, value bigint"));
    boolean isJudged = options.isolation() == Isolation.SERIALIZABLE;
    return JournaledWorkload.of(
            NAME, cluster, options, statements, PredicateG2::invoke, (_, _, n) -> draw(n))
        .checker("g2", OwedOnly.of((history, context) -> check(history, context, isJudged)))
        .claim(
            isJudged
                ? "of two transactions that look for each other's row one commits"
                : "pairs of transactions committed as this isolation level allows");
  }

  private static UntypedCall draw(long n) {
    Edn id = Edn.of(n);
    Edn ids = n % 2 == 0 ? Edn.vector(id, Edn.NIL) : Edn.vector(Edn.NIL, id);
    return Calls.of("insert", Calls.pair(Edn.of(n / 2), ids));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return access.write(call, sql -> insert(sql, call));
  }

  private static UntypedCall insert(Sql sql, UntypedCall call) throws SQLException {
    Edn key = Calls.key(call);
    List<Edn> ids = Calls.value(call).elements();
    boolean isFirst = !(ids.get(0) instanceof Edn.Nil);
    for (String table : List.of("g2_a", "g2_b")) {
      if (!sql.column("select value from " + table + " where id = ?", key).isEmpty()) {
        throw new Transactor.RolledBack("there is a row already");
      }
    }
    sql.update(
        "insert into " + (isFirst ? "g2_a" : "g2_b") + " (id, value) values (?, ?)",
        key,
        ids.get(isFirst ? 0 : 1));
    return call;
  }

  private record Allowed(Verdict verdict, Result inner) implements Result {}

  private static Result check(
      History<UntypedCall> history, CheckContext context, boolean isJudged) {
    Result result = new PredicateG2Checker().check(history, context);
    boolean isAllowed = !isJudged && result.verdict() instanceof Verdict.Invalid;
    return isAllowed ? new Allowed(Verdict.VALID, result) : result;
  }
}
