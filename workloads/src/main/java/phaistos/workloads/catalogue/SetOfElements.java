package phaistos.workloads.catalogue;

import java.util.List;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.jepsen.SetFullChecker;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * A set to which elements are added, and which is read again and again: {@code :add 7}, {@code
 * :read}. No acknowledged element is ever missing in a later read of the primary. A standby may
 * show it late; no element is lost in the end ({@code :last-read} on the primary).
 */
public final class SetOfElements {
  public static final String NAME = "set";

  private static final String LAST_READ = "last-read";
  private static final int READ_ONE_OF = 12;

  private SetOfElements() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    boolean onPrimary = options.readFrom() == ReadFrom.PRIMARY;
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("elements", "element bigint primary key"),
            SetOfElements::invoke,
            (_, seed, n) -> draw(seed, n))
        .endingWith(Calls.of(LAST_READ, Edn.NIL))
        .checker("set", OwedOnly.of((history, context) -> check(history, context, onPrimary)))
        .claim(
            onPrimary
                ? "every acknowledged element is in every later read"
                : "every acknowledged element is there in the end");
  }

  private static UntypedCall draw(Seed seed, long n) {
    return seed.drawInt(READ_ONE_OF) == 0 ? Calls.of("read", Edn.NIL) : Calls.of("add", Edn.of(n));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    Access.Body read =
        sql -> Calls.with(call, Calls.vector(sql.column("select element from elements")));
    return switch (call.name()) {
      case "add" -> access.write(call, sql -> add(sql, call));
      case LAST_READ -> access.bareRead(call, read);
      default -> access.read(call, read);
    };
  }

  private static UntypedCall add(Sql sql, UntypedCall call) throws java.sql.SQLException {
    sql.update("insert into elements (element) values (?)", call.value());
    return call;
  }

  private static Result check(
      History<UntypedCall> history, CheckContext context, boolean linearizable) {
    List<Event<UntypedCall>> events =
        history.events().stream()
            .map(
                event ->
                    event.call().name().equals(LAST_READ)
                        ? event.withCall(Calls.of("read", event.call().value()))
                        : event)
            .toList();
    return new SetFullChecker(linearizable).check(History.of(events), context);
  }
}
