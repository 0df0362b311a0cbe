package phaistos.server.defects;

import static phaistos.server.defects.Planted.named;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.Action;
import phaistos.server.steps.SessionSteps;

/** Mistakes of sessions and of the protocol. */
final class SessionDefects {
  static final List<Defect> ALL =
      List.of(
          named("rollback-commits", "Every fifth ROLLBACK commits.")
              .standsFor(
                  "A pooler sent the ROLLBACK of one client to the connection of another.",
                  "pgbouncer: transaction pooling and server reuse; PostgreSQL: postgres.c")
              .acts(
                  Kind.LIES, SessionSteps.TRANSACTION_END, () -> answers("ROLLBACK", 5, "COMMIT")),
          named("commit-rolls-back", "Every fifteenth COMMIT rolls back and is answered as COMMIT.")
              .standsFor(
                  "An error at commit was swallowed, and the client was told of success.",
                  "finding 23; deferred triggers and COMMIT, PostgreSQL protocol documentation")
              .acts(
                  Kind.LIES, SessionSteps.TRANSACTION_END, () -> answers("COMMIT", 15, "ROLLBACK")),
          named("disconnect-commits", "What a client has left open at its end commits.")
              .standsFor(
                  "A lost connection committed what it had written.",
                  "Oracle and MySQL clients: autocommit at disconnect; finding 22")
              .shownBy("commits", "client-cut", "partition")
              .acts(
                  Kind.LIES,
                  SessionSteps.TRANSACTION_END,
                  () -> answers("DISCONNECT", 1, "COMMIT")),
          named("error-does-not-fail-block", "A block goes on after an error of a statement.")
              .standsFor(
                  "A transaction committed all its statements but the one that had failed.",
                  "MySQL: errors roll back one statement only; ON_ERROR_ROLLBACK of psql;"
                      + " finding 23")
              .shownBy("aborts")
              .lies(SessionSteps.STATEMENT_FAILS, (_, _) -> false),
          named("failed-commit-told-as-commit", "The COMMIT of a failed block is answered COMMIT.")
              .standsFor(
                  "COMMIT of a failed transaction answers without an error, and the tag was not"
                      + " looked at.",
                  "finding 23; pgsql-hackers 2020: COMMIT of a failed transaction")
              .shownBy("aborts")
              .lies(SessionSteps.COMMAND_TAG, (_, _) -> "COMMIT"));

  private SessionDefects() {}

  /** Answers each n-th of these requests otherwise. */
  private static Action<String, String> answers(String request, int every, String otherwise) {
    AtomicInteger passed = new AtomicInteger();
    return (asked, act) ->
        asked.equals(request) && passed.incrementAndGet() % every == 0 ? otherwise : act.run();
  }
}
