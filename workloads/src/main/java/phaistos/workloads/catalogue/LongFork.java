package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.checker.jepsen.LongForkChecker;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Operation;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Goal;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * Each key is written once, and keys are read in groups: {@code [[:w 3 1]]}, {@code [[:r 3 nil] [:r
 * 4 nil] [:r 5 nil]]}. Two reads must not see two writes in different orders.
 *
 * <p>On the primary a transaction becomes visible after its wait for the standbys, on a standby in
 * the order of the WAL. So a read of the primary and one of a standby may fork; this is a
 * documented anomaly of PostgreSQL, counted and not judged. Reads of the primary among themselves
 * must not fork, nor those of standbys. Of standbys only acknowledged writes count: others may be
 * lost by a failover.
 */
public final class LongFork {
  public static final String NAME = "long-fork";

  private static final int GROUP = 3;

  /** Operations before the groups in use are replaced by new ones. */
  private static final int OPERATIONS_OF_A_GROUP = 12;

  private LongFork() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    boolean onPrimary = options.readFrom() == ReadFrom.PRIMARY;
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("forks", "id bigint primary key, value bigint"),
            LongFork::invoke,
            (_, seed, n) -> draw(seed, n))
        .checker(
            "long fork",
            OwedOnly.of(onPrimary ? new LongForkChecker(GROUP)::check : LongFork::checkByRole))
        .goal(
            Goal.of("a group was read with some writes and without others", 1, LongFork::isPartial))
        .claim(
            onPrimary
                ? "no two reads saw two writes in different orders"
                : "no two reads of standbys, and no two of the primary, saw two writes in different"
                    + " orders");
  }

  /** The first calls of a group's turn write its keys, some of them; the others read it. */
  private static UntypedCall draw(Seed seed, long n) {
    long group = n / OPERATIONS_OF_A_GROUP;
    long turn = n % OPERATIONS_OF_A_GROUP;
    long first = group * GROUP;
    if (turn % 3 == 1 && turn / 3 < GROUP) {
      return txn(List.of(step("w", Edn.of(first + turn / 3), Edn.of(1))));
    }
    // Now and then of the group before, when its writes are over.
    long read = group > 0 && seed.drawInt(6) == 0 ? first - GROUP : first;
    List<Edn> steps = new ArrayList<>();
    for (int i = 0; i < GROUP; i++) {
      steps.add(step("r", Edn.of(read + i), Edn.NIL));
    }
    return txn(steps);
  }

  private static UntypedCall txn(List<Edn> steps) {
    return Calls.of("txn", Calls.vector(steps));
  }

  private static Edn step(String f, Edn key, Edn value) {
    return Edn.vector(Edn.keyword(f), key, value);
  }

  private static boolean isWrite(UntypedCall call) {
    return call.value().elements().size() == 1;
  }

  private static boolean isPartial(Event<UntypedCall> event) {
    if (!(event instanceof Event.Ok)
        || !event.call().name().equals("txn")
        || isWrite(event.call())) {
      return false;
    }
    List<Edn> steps = event.call().value().elements();
    long seen = steps.stream().filter(s -> !(s.elements().get(2) instanceof Edn.Nil)).count();
    return seen > 0 && seen < steps.size();
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return isWrite(call)
        ? access.write(
            call,
            sql -> {
              Edn key = call.value().elements().getFirst().elements().get(1);
              sql.update("insert into forks (id, value) values (?, 1)", key);
              return call;
            })
        : access.read(call, sql -> read(sql, call));
  }

  private static UntypedCall read(Sql sql, UntypedCall call) throws SQLException {
    List<Edn> steps = call.value().elements();
    long first = Calls.integer(steps.getFirst().elements().get(1));
    Map<Edn, Edn> seen = new LinkedHashMap<>();
    for (List<Edn> row :
        sql.rows(
            "select id, value from forks where id >= ? and id < ?",
            Edn.of(first),
            Edn.of(first + GROUP))) {
      seen.put(row.get(0), row.get(1));
    }
    return txn(
        steps.stream()
            .map(s -> s.elements().get(1))
            .map(key -> step("r", key, seen.getOrDefault(key, Edn.NIL)))
            .toList());
  }

  private record Forks(Verdict verdict, List<Result> byRole, Result together) implements Result {}

  private static Result checkByRole(History<UntypedCall> history, CheckContext context) {
    Set<Edn> acknowledged = new HashSet<>();
    for (Operation<UntypedCall> operation : history.operations()) {
      if (operation.isOk() && isWrite(operation.call())) {
        acknowledged.add(operation.call().value().elements().getFirst().elements().get(1));
      }
    }
    List<Result> byRole = new ArrayList<>();
    for (String role : List.of("primary", "standby")) {
      byRole.add(new LongForkChecker(GROUP).check(ofRole(history, role, acknowledged), context));
    }
    List<Verdict> verdicts =
        byRole.stream()
            .map(Result::verdict)
            .filter(verdict -> !(verdict instanceof Verdict.Unknown))
            .toList();
    return new Forks(
        verdicts.isEmpty() ? byRole.getLast().verdict() : Verdict.merge(verdicts),
        byRole,
        new LongForkChecker(GROUP).check(history, context));
  }

  /**
   * The writes, and the reads of nodes in that role, where a write that is not owed is not seen.
   */
  private static History<UntypedCall> ofRole(
      History<UntypedCall> history, String role, Set<Edn> acknowledged) {
    List<Event<UntypedCall>> events = new ArrayList<>();
    for (Event<UntypedCall> event : history.events()) {
      boolean isRead = event instanceof Event.Ok && !isWrite(event.call());
      if (!isRead) {
        events.add(event);
      } else if (event.details().unknown().get("role").equals(Edn.keyword(role))) {
        events.add(
            event.withCall(
                txn(
                    event.call().value().elements().stream()
                        .map(Edn::elements)
                        .map(s -> step("r", s.get(1), owed(s, acknowledged)))
                        .toList())));
      } else {
        events.add(event.withCall(Calls.of("txn", Edn.NIL)));
      }
    }
    return History.of(events);
  }

  private static Edn owed(List<Edn> step, Set<Edn> acknowledged) {
    return acknowledged.contains(step.get(1)) ? step.get(2) : Edn.NIL;
  }
}
