package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
 * Waits for standbys that end early. {@code :insert 7} inserts a row; {@code :vanish 8} does, and
 * closes its connection if no answer comes within a second; {@code :cancel} and {@code :terminate}
 * end the wait of one backend. {@code :ensure [7 n]} is an insert ON CONFLICT DO NOTHING, with how
 * many rows it inserted; {@code :peek} reads the latest rows without a write.
 *
 * <p>A cancelled wait is an ok that is not owed. An ensure that found its row, and a peek, write no
 * WAL: PostgreSQL answers them at once, even if what they saw is on no standby. Such an
 * acknowledgement may be lost by a failover, which PostgreSQL documents: it is counted. It is a
 * violation if the row's own insert was owed, or if that transaction failed.
 */
public final class Cancel {
  public static final String NAME = "cancel";

  private static final int ENSURED_BEFORE = 30;
  private static final int PEEKED = 20;

  /** How often, and at what distance, a canceller looks for a backend that waits. */
  private static final int LOOKS = 40;

  private static final long LOOK_NANOS = 5_000_000L;
  private static final String LAST_READ = "last-read";
  private static final String WAITING =
      "select pid from pg_stat_activity where wait_event = 'SyncRep' limit 1";

  private Cancel() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("ensured", "value bigint primary key"),
            Cancel::invoke,
            (_, seed, n) -> draw(seed, n))
        .endingWith(Calls.of(LAST_READ, Edn.NIL))
        .checker("acknowledgements", (history, _) -> check(history))
        .goal(
            Goal.of(
                "a wait was cut short and acknowledged",
                1,
                event -> event instanceof Event.Ok && event.details().unreplicated()))
        .goal(
            Goal.ofOk(
                "an acknowledgement without WAL of its own",
                1,
                "ensure",
                event -> Calls.value(event.call()).equals(Edn.of(0))))
        .claim("a wait that ended early lost nothing that was owed");
  }

  private static UntypedCall draw(Seed seed, long n) {
    return switch (seed.child("f").drawInt(20)) {
      case 0 -> Calls.of("terminate", Edn.NIL);
      case 1, 2 -> Calls.of("cancel", Edn.NIL);
      case 3, 4 -> Calls.of("vanish", Edn.of(n));
      case 5, 6, 7 -> Calls.of("peek", Edn.NIL);
      case 8, 9, 10, 11 -> {
        long before = seed.child("before").drawInt(ENSURED_BEFORE);
        yield Calls.of("ensure", Calls.pair(Edn.of(Math.max(0, n - before)), Edn.NIL));
      }
      default -> Calls.of("insert", Edn.of(n));
    };
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return switch (call.name()) {
      case "insert" -> access.write(call, sql -> insert(sql, call));
      case "vanish" -> access.writeAndVanish(1, call, sql -> insert(sql, call));
      case "cancel" ->
          access.administer(call, sql -> end(access, sql, call, "select pg_cancel_backend(?)"));
      case "terminate" ->
          access.administer(call, sql -> end(access, sql, call, "select pg_terminate_backend(?)"));
      case "ensure" -> access.writeUnmarked(call, sql -> ensure(sql, call));
      case "peek" ->
          access.bareRead(
              call,
              sql ->
                  Calls.with(
                      call,
                      Calls.vector(
                          sql.column(
                              "select value from ensured order by value desc limit " + PEEKED))));
      default ->
          access.bareRead(
              call, sql -> Calls.with(call, Calls.vector(sql.column("select value from ensured"))));
    };
  }

  private static UntypedCall insert(Sql sql, UntypedCall call) throws SQLException {
    sql.update("insert into ensured (value) values (?)", call.value());
    return call;
  }

  private static UntypedCall ensure(Sql sql, UntypedCall call) throws SQLException {
    long inserted =
        sql.update(
            "insert into ensured (value) values (?) on conflict do nothing", Calls.key(call));
    return Calls.with(call, Calls.pair(Calls.key(call), Edn.of(inserted)));
  }

  /** Ends the wait of some backend; the value is its pid, nil if none waits for some time. */
  private static UntypedCall end(Access access, Sql sql, UntypedCall call, String how)
      throws SQLException {
    Edn pid = sql.value(WAITING).orElse(Edn.NIL);
    for (int i = 0; i < LOOKS && pid instanceof Edn.Nil; i++) {
      access.cluster().control().tasks().sleep(LOOK_NANOS);
      pid = sql.value(WAITING).orElse(Edn.NIL);
    }
    if (pid instanceof Edn.Int number) {
      sql.rows(how.replace("?", Long.toString(number.value())));
    }
    return Calls.with(call, pid);
  }

  /**
   * @param cancelled waits that were cut short and acknowledged
   * @param withoutWal acknowledgements without a WAL record of their own whose row was lost
   */
  record Acknowledgements(Verdict verdict, int cancelled, int withoutWal) implements Result {}

  private static Acknowledgements check(History<UntypedCall> whole) {
    History<UntypedCall> history = JournaledWorkload.withoutJournal(whole);
    Map<Edn, List<Operation<UntypedCall>>> writers = new HashMap<>();
    List<Event<UntypedCall>> saw = new ArrayList<>();
    Set<Edn> last = Set.of();
    int cancelled = 0;
    int lastReads = 0;
    for (Operation<UntypedCall> operation : history.operations()) {
      UntypedCall call = operation.completion().map(Event::call).orElse(operation.call());
      switch (call.name()) {
        case "insert", "vanish" -> put(writers, call.value(), operation);
        case "ensure" -> {
          if (!operation.isOk() || Calls.value(call).equals(Edn.of(1))) {
            put(writers, Calls.key(call), operation);
          } else {
            saw.add(operation.completion().orElseThrow());
          }
        }
        case "peek" ->
            operation.completion().filter(e -> e instanceof Event.Ok).ifPresent(saw::add);
        case LAST_READ -> {
          if (operation.isOk()) {
            Set<Edn> all = new HashSet<>(call.value().elements());
            if (lastReads > 0) {
              all.retainAll(last);
            }
            last = all;
            lastReads++;
          }
        }
        default -> {}
      }
      cancelled += operation.isOk() && details(operation).unreplicated() ? 1 : 0;
    }
    if (lastReads == 0) {
      return new Acknowledgements(new Verdict.Unknown("no last read"), cancelled, 0);
    }
    for (Map.Entry<Edn, List<Operation<UntypedCall>>> entry : writers.entrySet()) {
      for (Operation<UntypedCall> writer : entry.getValue()) {
        if (!last.contains(entry.getKey()) && isOwed(writer)) {
          return lost(entry.getKey(), writer.completion().orElseThrow(), cancelled);
        }
      }
    }
    int withoutWal = 0;
    for (Event<UntypedCall> event : saw) {
      List<Edn> values =
          event.call().name().equals("peek")
              ? event.call().value().elements()
              : List.of(Calls.key(event.call()));
      for (Edn value : values) {
        List<Operation<UntypedCall>> by = writers.getOrDefault(value, List.of());
        if (by.stream().allMatch(Operation::isFail)) {
          return new Acknowledgements(
              new Verdict.Invalid(
                  "event "
                      + event.index()
                      + " saw row "
                      + EdnWriter.print(value)
                      + " of a transaction that failed"),
              cancelled,
              withoutWal);
        }
        withoutWal += last.contains(value) ? 0 : 1;
      }
    }
    return new Acknowledgements(Verdict.VALID, cancelled, withoutWal);
  }

  private static void put(
      Map<Edn, List<Operation<UntypedCall>>> writers, Edn value, Operation<UntypedCall> writer) {
    writers.computeIfAbsent(value, _ -> new ArrayList<>()).add(writer);
  }

  private static boolean isOwed(Operation<UntypedCall> writer) {
    return writer.isOk() && Owed.survivesPowerCut(details(writer));
  }

  private static phaistos.histories.Details details(Operation<UntypedCall> operation) {
    return operation.completion().orElseThrow().details();
  }

  private static Acknowledgements lost(Edn value, Event<UntypedCall> writer, int cancelled) {
    return new Acknowledgements(
        new Verdict.Invalid(
            "row "
                + EdnWriter.print(value)
                + " of event "
                + writer.index()
                + " ("
                + writer.call().name()
                + ") was acknowledged and owed, and is gone in the end"),
        cancelled,
        0);
  }
}
