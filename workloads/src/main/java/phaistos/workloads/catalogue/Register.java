package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.checker.linearizability.ExplanationPage;
import phaistos.checker.linearizability.Linearizability;
import phaistos.checker.linearizability.LinearizabilityResult;
import phaistos.checker.linearizability.models.CasRegister;
import phaistos.checker.linearizability.models.Independent;
import phaistos.checker.linearizability.models.RegisterCall;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
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
 * Registers that are read, written and compared-and-set: {@code :read [k nil]}, {@code :write [k
 * v]}, {@code :cas [k [from to]]}. A cas is an update with a condition; one that changed no row is
 * an ok {@code :cas-mismatch}. On the primary the registers are linearizable, at every isolation
 * level. On a standby a read may be stale; it must only be of a value that somebody wrote.
 */
public final class Register {
  public static final String NAME = "register";

  /** The time limit for an explanation; the verdict does not depend on it. */
  private static final Duration EXPLAINING = Duration.ofSeconds(5);

  /** Operations before the keys are replaced by new ones: histories of one key stay short. */
  private static final int OPERATIONS_OF_A_GROUP = 120;

  private static final int KEYS_OF_A_GROUP = 3;
  private static final int VALUES = 5;

  private Register() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    boolean onPrimary = options.readFrom() == ReadFrom.PRIMARY;
    Workload<UntypedCall> workload =
        JournaledWorkload.of(
                NAME,
                cluster,
                options,
                Tables.fresh("registers", "id bigint primary key, value bigint"),
                Register::invoke,
                (_, seed, n) -> draw(seed, n))
            .goal(Goal.ofOk("a compare-and-set took effect", 1, "cas", _ -> true));
    return onPrimary
        ? workload
            .checker("linearizable", OwedOnly.of(Register::check))
            .claim("every register is linearizable")
        : workload
            .checker("linearizable", OwedOnly.of((history, c) -> check(withoutReads(history), c)))
            .checker("reads of nodes", (history, _) -> checkReads(history))
            .claim("the writes are linearizable; a node shows no value that nobody wrote");
  }

  static UntypedCall draw(Seed seed, long n) {
    long group = n / OPERATIONS_OF_A_GROUP;
    Edn key = Edn.of(group * KEYS_OF_A_GROUP + seed.child("key").drawInt(KEYS_OF_A_GROUP));
    Edn to = Edn.of(seed.child("value").drawInt(VALUES));
    return switch (seed.child("f").drawInt(3)) {
      case 0 -> Calls.of("read", Calls.pair(key, Edn.NIL));
      case 1 -> Calls.of("write", Calls.pair(key, to));
      default -> {
        Edn from = Edn.of(seed.child("from").drawInt(VALUES));
        yield Calls.of("cas", Calls.pair(key, Calls.pair(from, to)));
      }
    };
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return switch (call.name()) {
      case "read" -> access.read(call, sql -> read(sql, call));
      case "write" ->
          access.write(
              call,
              sql -> {
                Tables.put(sql, "registers", Calls.key(call), Calls.value(call));
                return call;
              });
      case "cas" -> access.write(call, sql -> cas(sql, call));
      default -> throw new IllegalArgumentException("no call of register: " + call.name());
    };
  }

  private static UntypedCall read(Sql sql, UntypedCall call) throws SQLException {
    Edn value = Tables.get(sql, "registers", Calls.key(call));
    return Calls.of(
        value instanceof Edn.Nil ? "read-nil" : "read", Calls.pair(Calls.key(call), value));
  }

  private static UntypedCall cas(Sql sql, UntypedCall call) throws SQLException {
    List<Edn> change = Calls.value(call).elements();
    long changed =
        sql.update(
            "update registers set value = ? where id = ? and value = ?",
            change.get(1),
            Calls.key(call),
            change.get(0));
    return changed == 1 ? call : Calls.of("cas-mismatch", call.value());
  }

  private static Result check(History<UntypedCall> history, CheckContext context) {
    LinearizabilityResult result =
        Linearizability.of(new Independent<>(new CasRegister()))
            .withThreads(1)
            .check(history.map(Register::decode), context);
    if (result.failure().isPresent()) {
      String page = ExplanationPage.print("registers", result.failure().get().explain(EXPLAINING));
      Artifacts.page(page, context);
    }
    return result;
  }

  private static Independent.Call<RegisterCall> decode(UntypedCall call) {
    return new Independent.Call<>(
        Calls.key(call), RegisterCall.decode(new UntypedCall(call.f(), Calls.value(call))));
  }

  private static History<UntypedCall> withoutReads(History<UntypedCall> history) {
    return History.of(history.events().stream().filter(event -> !isRead(event.call())).toList());
  }

  private static boolean isRead(UntypedCall call) {
    return call.name().equals("read") || call.name().equals("read-nil");
  }

  private record Read(Verdict verdict) implements Result {}

  /** A value that a node shows was written by a transaction that began before and did not fail. */
  private static Read checkReads(History<UntypedCall> whole) {
    History<UntypedCall> history = JournaledWorkload.withoutJournal(whole);
    Map<Edn, Set<Edn>> possible = new HashMap<>();
    Set<Long> failed = new HashSet<>();
    history.operations().stream()
        .filter(operation -> operation.isFail())
        .forEach(operation -> failed.add(operation.invocation().index()));
    int reads = 0;
    for (Event<UntypedCall> event : history.events()) {
      UntypedCall call = event.call();
      if (event.isInvoke() && !isRead(call) && !failed.contains(event.index())) {
        Edn value = Calls.value(call);
        Edn to = call.name().equals("cas") ? value.elements().get(1) : value;
        possible.computeIfAbsent(Calls.key(call), _ -> new HashSet<>()).add(to);
      } else if (event instanceof Event.Ok && isRead(call)) {
        reads++;
        Edn seen = Calls.value(call);
        boolean isKnown =
            seen instanceof Edn.Nil
                || possible.getOrDefault(Calls.key(call), Set.of()).contains(seen);
        if (!isKnown) {
          return new Read(
              new Verdict.Invalid(
                  "event %d read %s of key %s on %s, which nobody had written"
                      .formatted(
                          event.index(),
                          EdnWriter.print(seen),
                          EdnWriter.print(Calls.key(call)),
                          event.details().node().orElse("a node"))));
        }
      }
    }
    return new Read(reads == 0 ? new Verdict.Unknown("nothing was read") : Verdict.VALID);
  }
}
