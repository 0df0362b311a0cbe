package phaistos.workloads.catalogue;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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
import phaistos.workloads.SqlOutcome;
import phaistos.workloads.Transactor;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * Transactions that do not all end by COMMIT: {@code :attempt [:break [71 72]]} inserts two rows.
 * Then {@code :commit} commits, {@code :roll-back} does not, {@code :leave} closes its connection
 * in the open block, and {@code :break} sends a statement that fails, and COMMIT; sometimes a
 * statement in between, which must be refused. {@code :mend} rolls the failed statement back to a
 * savepoint, goes on, and commits.
 *
 * <p>PostgreSQL answers ROLLBACK to the COMMIT of a failed block. So a break is never acknowledged,
 * and no row of a transaction that failed is ever there. Of the others all rows are there, or none.
 */
public final class Aborts {
  public static final String NAME = "aborts";

  private static final int SPACE = 10;
  private static final String LAST_READ = "last-read";
  private static final String ATTEMPT = "attempt";
  private static final Edn COMMIT = Edn.keyword("commit");
  private static final Edn ROLL_BACK = Edn.keyword("roll-back");
  private static final Edn BREAK = Edn.keyword("break");
  private static final Edn LEAVE = Edn.keyword("leave");
  private static final Edn MEND = Edn.keyword("mend");

  private static final List<Edn> KINDS =
      List.of(COMMIT, COMMIT, ROLL_BACK, LEAVE, BREAK, BREAK, MEND);

  private Aborts() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("attempts", "value bigint primary key"),
            Aborts::invoke,
            (_, seed, n) -> draw(seed, n))
        .endingWith(Calls.of(LAST_READ, Edn.NIL))
        .checker("aborts", (history, _) -> check(JournaledWorkload.withoutJournal(history)))
        .goal(Goal.of("COMMIT of a failed block", 1, e -> isFailed(e, BREAK, "answered ROLLBACK")))
        .goal(Goal.of("a client left its block", 1, e -> isFailed(e, LEAVE, "has been closed")))
        .goal(Goal.ofOk("a savepoint mended a block", 1, ATTEMPT, e -> isOf(e.call(), MEND)))
        .claim(
            "no COMMIT of a failed block was acknowledged, and no row of it, of a block rolled"
                + " back, or of one left by its client is there");
  }

  private static boolean isFailed(Event<UntypedCall> event, Edn kind, String how) {
    return event instanceof Event.Fail
        && isOf(event.call(), kind)
        && event.details().error().filter(e -> EdnWriter.print(e).contains(how)).isPresent();
  }

  private static boolean isOf(UntypedCall call, Edn kind) {
    return call.name().equals(ATTEMPT) && Calls.key(call).equals(kind);
  }

  private static List<Edn> rows(UntypedCall call) {
    return Calls.value(call).elements();
  }

  private static UntypedCall withRows(UntypedCall call, List<Edn> rows) {
    return Calls.with(call, Calls.pair(Calls.key(call), Calls.vector(rows)));
  }

  private static UntypedCall draw(Seed seed, long n) {
    Edn kind = KINDS.get(seed.child("kind").drawInt(KINDS.size()));
    List<Edn> rows = new ArrayList<>();
    for (int i = 1 + seed.child("rows").drawInt(3); i > 0; i--) {
      rows.add(Edn.of(n * SPACE + i));
    }
    return Calls.of(ATTEMPT, Calls.pair(kind, Calls.vector(rows)));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    if (call.name().equals(LAST_READ)) {
      return access.bareRead(
          call, sql -> Calls.with(call, Calls.vector(sql.column("select value from attempts"))));
    }
    Edn kind = Calls.key(call);
    return access.write(
        call,
        sql -> {
          insert(sql, rows(call).getFirst());
          if (kind.equals(MEND)) {
            mend(sql, call);
          }
          for (Edn value : rows(call).subList(1, rows(call).size())) {
            insert(sql, value);
          }
          if (kind.equals(ROLL_BACK)) {
            throw new Transactor.RolledBack("on purpose");
          } else if (kind.equals(LEAVE)) {
            leave(access, sql);
          }
          return kind.equals(BREAK) ? breakAndGoOn(access, sql, call) : call;
        });
  }

  private static void insert(Sql sql, Edn value) throws SQLException {
    sql.update("insert into attempts (value) values (?)", value);
  }

  /** With the message Terminate, or without a word as a client that was killed. */
  private static void leave(Access access, Sql sql) throws SQLException {
    Connection connection = sql.connection();
    if (access.nextTurn() % 2 == 0) {
      connection.close();
    } else {
      connection.abort(Runnable::run);
    }
    throw new Transactor.RolledBack("left");
  }

  private static UntypedCall breakAndGoOn(Access access, Sql sql, UntypedCall call)
      throws SQLException {
    Edn first = rows(call).getFirst();
    if (!isRefused(sql, first)) {
      return withRows(call, List.of());
    }
    Edn other = Edn.of(Calls.integer(first) / SPACE * SPACE);
    if (access.nextTurn() % 2 == 0 && !isRefused(sql, other)) {
      return withRows(call, List.of(other));
    }
    return call;
  }

  /** Whether the server refused the insert of a row; the connection may be lost instead. */
  private static boolean isRefused(Sql sql, Edn value) throws SQLException {
    try {
      insert(sql, value);
      return false;
    } catch (SQLException e) {
      if (!SqlOutcome.isRefusal(e)) {
        throw e;
      }
      return true;
    }
  }

  private static void mend(Sql sql, UntypedCall call) throws SQLException {
    Edn first = rows(call).getFirst();
    sql.update("savepoint s");
    insert(sql, Edn.of(Calls.integer(first) / SPACE * SPACE));
    if (isRefused(sql, first)) {
      sql.update("rollback to savepoint s");
    }
  }

  private record Rows(Verdict verdict) implements Result {}

  private static Rows check(History<UntypedCall> history) {
    List<Set<Edn>> wanted = new ArrayList<>();
    Set<Edn> failed = new HashSet<>();
    Set<Edn> owed = new HashSet<>();
    int reads = 0;
    for (Operation<UntypedCall> operation : history.operations()) {
      Optional<Event<UntypedCall>> end = operation.completion();
      if (operation.call().name().equals(LAST_READ)) {
        if (operation.isOk()) {
          reads++;
        }
        continue;
      }
      Optional<Rows> broken = end.flatMap(Aborts::brokenBlock);
      if (broken.isPresent()) {
        return broken.get();
      }
      Set<Edn> rows = new HashSet<>(rows(operation.call()));
      wanted.add(rows);
      if (operation.isFail()) {
        failed.addAll(rows);
      } else if (operation.isOk() && Owed.survivesPowerCut(end.get().details())) {
        owed.addAll(rows);
      }
    }
    for (Event<UntypedCall> event : history.events()) {
      if (event instanceof Event.Ok && event.call().name().equals(LAST_READ)) {
        Optional<Rows> wrong = wrongRows(event, wanted, failed, owed);
        if (wrong.isPresent()) {
          return wrong.get();
        }
      }
    }
    return new Rows(reads == 0 ? new Verdict.Unknown("no last read") : Verdict.VALID);
  }

  /** What a failed block must not do. */
  private static Optional<Rows> brokenBlock(Event<UntypedCall> end) {
    if (!isOf(end.call(), BREAK)) {
      return Optional.empty();
    }
    List<Edn> rows = rows(end.call());
    String where = "event " + end.index() + ": ";
    if (rows.isEmpty()) {
      return Optional.of(invalid(where + "a key was inserted twice"));
    }
    if (isExtra(rows.getFirst())) {
      return Optional.of(invalid(where + "a block in which a statement had failed took another"));
    }
    return end instanceof Event.Ok
        ? Optional.of(
            invalid(where + "COMMIT of a block in which a statement had failed was acknowledged"))
        : Optional.empty();
  }

  private static Optional<Rows> wrongRows(
      Event<UntypedCall> read, List<Set<Edn>> wanted, Set<Edn> failed, Set<Edn> owed) {
    Set<Edn> found = new HashSet<>(read.call().value().elements());
    String where = "event " + read.index() + " ";
    for (Edn value : found) {
      if (failed.contains(value) || isExtra(value)) {
        return Optional.of(
            invalid(where + "shows row " + EdnWriter.print(value) + ", which was rolled back"));
      }
    }
    for (Set<Edn> rows : wanted) {
      long there = rows.stream().filter(found::contains).count();
      if (there > 0 && there < rows.size()) {
        return Optional.of(
            invalid(
                where
                    + "shows %d of %d rows of one transaction: %s is one of them"
                        .formatted(there, rows.size(), EdnWriter.print(rows.iterator().next()))));
      }
    }
    return owed.stream()
        .filter(value -> !found.contains(value))
        .findFirst()
        .map(value -> invalid(where + "lacks acknowledged row " + EdnWriter.print(value)));
  }

  /** Whether a row is one that no transaction keeps. */
  private static boolean isExtra(Edn value) {
    return Calls.integer(value) % SPACE == 0;
  }

  private static Rows invalid(String evidence) {
    return new Rows(new Verdict.Invalid(evidence));
  }
}
