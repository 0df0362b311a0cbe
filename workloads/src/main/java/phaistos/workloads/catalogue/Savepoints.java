package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Operation;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Goal;
import phaistos.workloads.Owed;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * Transactions with savepoints: {@code :nest {:keep [70 72] :drop [71]}} inserts each row in a
 * subtransaction of its own and rolls the dropped ones back. Now and then there are more than 64,
 * so that the transaction's ids overflow the process array. Of a transaction all kept rows are
 * there or none, on every node, and never a dropped one.
 */
public final class Savepoints {
  public static final String NAME = "savepoints";

  private static final int SPACE = 100;
  private static final int USUAL_MAX = 6;
  private static final int MANY = 70;
  private static final String LAST_READ = "last-read";

  private Savepoints() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("nested", "value bigint primary key, txn bigint"),
            Savepoints::invoke,
            (_, seed, n) -> draw(seed, n))
        .endingWith(Calls.of(LAST_READ, Edn.NIL))
        .checker("savepoints", (history, _) -> check(JournaledWorkload.withoutJournal(history)))
        .goal(
            Goal.ofOk(
                "a transaction with more than 64 subtransactions",
                1,
                "nest",
                event -> rows(event.call()) > 64))
        .claim(
            "of every transaction all rows are there or none, and no row rolled back to a"
                + " savepoint");
  }

  private static UntypedCall draw(Seed seed, long n) {
    if (n > 20 && seed.child("f").drawInt(3) == 0) {
      long of = n - 1 - seed.child("of").drawInt(20);
      return Calls.of("read", Calls.pair(Edn.of(of), Edn.NIL));
    }
    boolean isMany = seed.child("many").drawInt(25) == 0;
    int count = isMany ? MANY : 1 + seed.child("count").drawInt(USUAL_MAX);
    List<Edn> keep = new ArrayList<>();
    List<Edn> drop = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean isDropped = i > 0 && seed.child(i).drawInt(3) == 0;
      (isDropped ? drop : keep).add(Edn.of(n * SPACE + i));
    }
    return Calls.of("nest", Calls.table("keep", Calls.vector(keep), "drop", Calls.vector(drop)));
  }

  private static int rows(UntypedCall call) {
    return call.value() instanceof Edn.Table asked
        ? asked.get("keep").elements().size() + asked.get("drop").elements().size()
        : 0;
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return switch (call.name()) {
      case "nest" -> access.write(call, sql -> nest(sql, call));
      case LAST_READ ->
          access.bareRead(
              call, sql -> Calls.with(call, Calls.vector(sql.column("select value from nested"))));
      default ->
          access.read(
              call, sql -> Calls.column(sql, "select value from nested where txn = ?", call));
    };
  }

  private static UntypedCall nest(Sql sql, UntypedCall call) throws SQLException {
    Edn.Table asked = (Edn.Table) call.value();
    Set<Edn> dropped = new HashSet<>(asked.get("drop").elements());
    List<Edn> all = new ArrayList<>(asked.get("keep").elements());
    all.addAll(dropped);
    all.sort(java.util.Comparator.comparingLong(Calls::integer));
    for (Edn value : all) {
      sql.update("savepoint s");
      sql.update(
          "insert into nested (value, txn) values (?, ?)",
          value,
          Edn.of(Calls.integer(value) / SPACE));
      if (dropped.contains(value)) {
        sql.update("rollback to savepoint s");
      }
      // Every second one stays open: the next one is nested in it.
      if (Calls.integer(value) % 2 == 0) {
        sql.update("release savepoint s");
      }
    }
    return call;
  }

  private record Rows(Verdict verdict) implements Result {}

  private static Rows check(History<UntypedCall> history) {
    List<Set<Edn>> kept = new ArrayList<>();
    Set<Edn> never = new HashSet<>();
    Set<Edn> owed = new HashSet<>();
    java.util.Map<Edn, Set<Edn>> byTransaction = new java.util.HashMap<>();
    for (Operation<UntypedCall> operation : history.operations()) {
      if (operation.call().value() instanceof Edn.Table asked) {
        Set<Edn> keep = new HashSet<>(asked.get("keep").elements());
        never.addAll(asked.get("drop").elements());
        kept.add(keep);
        byTransaction.put(Edn.of(Calls.integer(keep.iterator().next()) / SPACE), keep);
        if (operation.isFail()) {
          never.addAll(keep);
        } else if (operation.completion().filter(Savepoints::isOwed).isPresent()) {
          owed.addAll(keep);
        }
      }
    }
    int last = 0;
    for (Event<UntypedCall> event : history.events()) {
      if (!(event instanceof Event.Ok) || event.call().name().equals("nest")) {
        continue;
      }
      boolean isLast = event.call().name().equals(LAST_READ);
      Edn shown = isLast ? event.call().value() : Calls.value(event.call());
      Set<Edn> found = new HashSet<>(shown.elements());
      last += isLast ? 1 : 0;
      String where = "event " + event.index() + " ";
      for (Edn value : found) {
        if (never.contains(value)) {
          return invalid(where + "shows row " + EdnWriter.print(value) + ", rolled back");
        }
      }
      List<Set<Edn>> toCompare =
          isLast ? kept : List.of(byTransaction.getOrDefault(Calls.key(event.call()), Set.of()));
      for (Set<Edn> keep : toCompare) {
        long there = keep.stream().filter(found::contains).count();
        if (there > 0 && there < keep.size()) {
          return invalid(
              where
                  + "shows "
                  + there
                  + " of "
                  + keep.size()
                  + " rows of one transaction: "
                  + EdnWriter.print(keep.iterator().next())
                  + " is one of them");
        }
      }
      if (isLast && !found.containsAll(owed)) {
        owed.removeAll(found);
        return invalid(
            where
                + "lacks "
                + owed.size()
                + " acknowledged rows, such as "
                + EdnWriter.print(owed.iterator().next()));
      }
    }
    return new Rows(last == 0 ? new Verdict.Unknown("no last read") : Verdict.VALID);
  }

  /** Whether its rows must be there in the end. */
  private static boolean isOwed(Event<UntypedCall> completion) {
    return completion instanceof Event.Ok && Owed.survivesPowerCut(completion.details());
  }

  private static Rows invalid(String evidence) {
    return new Rows(new Verdict.Invalid(evidence));
  }
}
