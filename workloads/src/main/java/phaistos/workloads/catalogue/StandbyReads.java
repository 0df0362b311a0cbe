package phaistos.workloads.catalogue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Operation;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Goal;
import phaistos.workloads.Owed;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;

/**
 * What each node shows: {@code :write [k 7]} inserts a row on the primary, {@code :read [k nil]}
 * gives the rows of a key on one node, in turn on all of them.
 *
 * <p>Judged: on one connection what was seen once stays seen; no node shows a row of a transaction
 * that failed; what was acknowledged and owed is on every node in the end (the journal). Counted,
 * as PostgreSQL documents it: a standby shows a row before it is acknowledged, and a row that was
 * seen on some node is gone in the end although nobody deletes, if it was never acknowledged.
 */
public final class StandbyReads {
  public static final String NAME = "standby-reads";

  /** Operations before the key is replaced by a new one. */
  private static final int OPERATIONS_OF_A_KEY = 80;

  private static final String LAST_READ = "last-read";

  private StandbyReads() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("seen", "value bigint primary key, id bigint"),
            StandbyReads::invoke,
            (_, seed, n) -> draw(seed, n))
        .endingWith(Calls.of(LAST_READ, Edn.NIL))
        .checker("visibility", OwedOnly.of((history, _) -> check(history)))
        .goal(Goal.of("a standby was read", 1, Walk::isStandby))
        .claim("what a connection saw stays seen, and no node shows what was rolled back");
  }

  private static UntypedCall draw(Seed seed, long n) {
    Edn key = Edn.of(n / OPERATIONS_OF_A_KEY);
    return seed.drawInt(3) == 0
        ? Calls.of("write", Calls.pair(key, Edn.of(n)))
        : Calls.of("read", Calls.pair(key, Edn.NIL));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return switch (call.name()) {
      case "write" ->
          access.write(
              call,
              sql -> {
                sql.update(
                    "insert into seen (value, id) values (?, ?)",
                    Calls.value(call),
                    Calls.key(call));
                return call;
              });
      case LAST_READ ->
          access.bareRead(
              call, sql -> Calls.with(call, Calls.vector(sql.column("select value from seen"))));
      default -> {
        List<NodeId> nodes = new ArrayList<>(access.cluster().nodes());
        NodeId node = nodes.get((int) Math.floorMod(access.nextTurn(), (long) nodes.size()));
        yield access.readOnceOn(
            node, call, sql -> Calls.column(sql, "select value from seen where id = ?", call));
      }
    };
  }

  /**
   * @param early rows that a standby showed before they were acknowledged
   * @param gone rows that a node showed, never acknowledged, that are not there in the end
   */
  record Visibility(Verdict verdict, int reads, int early, int gone) implements Result {}

  private static Visibility check(History<UntypedCall> history) {
    Set<Edn> failed = new HashSet<>();
    Set<Edn> owed = new HashSet<>();
    for (Operation<UntypedCall> operation : history.operations()) {
      if (operation.call().name().equals("write")) {
        if (operation.isFail()) {
          failed.add(Calls.value(operation.call()));
        } else if (operation.isOk()
            && Owed.survivesPowerCut(operation.completion().orElseThrow().details())) {
          owed.add(Calls.value(operation.call()));
        }
      }
    }
    return new Walk(failed, owed).check(history);
  }

  /** Looks at one read after the other. */
  private static final class Walk {
    private record Place(Process process, Edn connection, Edn key) {}

    private final Set<Edn> failed;
    private final Set<Edn> owed;
    private final Set<Edn> acknowledged = new HashSet<>();
    private final Set<Edn> early = new HashSet<>();
    private final Set<Edn> shown = new LinkedHashSet<>();
    private final Map<Place, Set<Edn>> seen = new HashMap<>();
    private Set<Edn> last = Set.of();
    private int reads;
    private int lastReads;

    Walk(Set<Edn> failed, Set<Edn> owed) {
      this.failed = failed;
      this.owed = owed;
    }

    Visibility check(History<UntypedCall> history) {
      for (Event<UntypedCall> event : history.events()) {
        if (!(event instanceof Event.Ok)) {
          continue;
        }
        switch (event.call().name()) {
          case "write" -> acknowledged.add(Calls.value(event.call()));
          case LAST_READ -> {
            Set<Edn> all = new HashSet<>(event.call().value().elements());
            if (lastReads > 0) {
              all.retainAll(last);
            }
            last = all;
            lastReads++;
          }
          default -> {
            String wrong = read(event);
            if (!wrong.isEmpty()) {
              return result(new Verdict.Invalid(wrong));
            }
          }
        }
      }
      if (reads == 0 || lastReads == 0) {
        return result(new Verdict.Unknown("no node was read, or nothing in the end"));
      }
      for (Edn value : shown) {
        if (owed.contains(value) && !last.contains(value)) {
          return result(
              new Verdict.Invalid(
                  "row "
                      + EdnWriter.print(value)
                      + " was acknowledged and seen, and is gone in the end"));
        }
      }
      return result(Verdict.VALID);
    }

    private String read(Event<UntypedCall> event) {
      reads++;
      Edn key = Calls.key(event.call());
      Set<Edn> now = new LinkedHashSet<>(Calls.value(event.call()).elements());
      String where =
          "event "
              + event.index()
              + " (key "
              + EdnWriter.print(key)
              + " on "
              + event.details().node().orElse("a node")
              + ") ";
      for (Edn value : now) {
        if (failed.contains(value)) {
          return where + "shows row " + EdnWriter.print(value) + " of a transaction that failed";
        }
        if (!acknowledged.contains(value) && isStandby(event)) {
          early.add(value);
        }
      }
      Place place = new Place(event.process(), event.details().unknown().get("connection"), key);
      for (Edn value : seen.getOrDefault(place, Set.of())) {
        if (!now.contains(value)) {
          return where
              + "lacks row "
              + EdnWriter.print(value)
              + ", which the same connection saw before";
        }
      }
      seen.put(place, now);
      shown.addAll(now);
      return "";
    }

    private static boolean isStandby(Event<UntypedCall> event) {
      return event.details().unknown().get("role").equals(Edn.keyword("standby"));
    }

    private Visibility result(Verdict verdict) {
      long gone = shown.stream().filter(value -> !last.contains(value)).count();
      return new Visibility(verdict, reads, early.size(), (int) gone);
    }
  }
}
