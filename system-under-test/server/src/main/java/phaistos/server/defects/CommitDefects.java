package phaistos.server.defects;

import static phaistos.server.defects.Planted.named;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.environment.Environment;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.Act;
import phaistos.server.steps.Action;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Steps;

/** Mistakes in the order of a commit: record, flush, bits, wait, visible, answer. */
final class CommitDefects {
  private static final long SECOND = 1_000_000_000L;

  static final List<Defect> ALL =
      List.of(
          named(
                  "ack-before-standby-flush",
                  "A commit does not wait for its standbys: the client is told at once.")
              .standsFor(
                  "Backends did not wait for standbys that synchronous_standby_names names.",
                  "finding 15; PostgreSQL 17.5, commits 3339847cc and c922ae2c4")
              .skips(CommitSteps.SYNC_REP_WAIT),
          named(
                  "no-wait-after-start",
                  "In the first three seconds of a server no commit waits for its standbys.")
              .standsFor(
                  "Backends ignored synchronous_standby_names just after a start, until the"
                      + " checkpointer had armed the wait.",
                  "finding 15; PostgreSQL 17.5, commits 3339847cc and c922ae2c4")
              .entry(Kind.SKIPS, CommitDefects::noWaitAfterStart, CommitSteps.SYNC_REP_WAIT),
          named(
                  "standby-wait-late",
                  "A commit is answered without its wait for the standbys; the next commit of the"
                      + " session waits in its place.")
              .standsFor(
                  "A write was acknowledged, and the wait for its replication belonged to the"
                      + " request that came next.",
                  "MongoDB: getLastError, before write concerns in 2.6")
              .entry(Kind.REORDERS, CommitDefects::waitLate, CommitSteps.SYNC_REP_WAIT),
          named(
                  "wait-given-up",
                  "A commit does not wait if no standby has replied for 300 ms: replication falls"
                      + " back to asynchronous without a word.")
              .standsFor(
                  "A primary went on alone when its synchronous standbys were gone, and lost six"
                      + " days of writes at the failover.",
                  "finding 55; stolon #783 and #917; MySQL's rpl_semi_sync_master_timeout")
              .entry(
                  Kind.SKIPS,
                  CommitDefects::waitGivenUp,
                  CommitSteps.SYNC_REP_WAIT,
                  ReplicationSteps.WAL_SENDER_REPLY),
          named(
                  "queue-of-waits-full",
                  "A commit does not wait for the standbys if two others wait already.")
              .standsFor(
                  "A pool of waiting threads was exhausted, and the request was answered without"
                      + " its wait.",
                  "MySQL: rpl_semi_sync_master_wait_no_slave")
              .acts(
                  Kind.SKIPS,
                  CommitSteps.SYNC_REP_WAIT,
                  () -> {
                    AtomicInteger waiting = new AtomicInteger();
                    return (_, act) -> {
                      try {
                        return waiting.incrementAndGet() > 2 ? null : act.run();
                      } finally {
                        waiting.decrementAndGet();
                      }
                    };
                  }),
          named("one-wait-in-ten-forgotten", "Every tenth commit does not wait for its standbys.")
              .standsFor(
                  "A waiter in the queue was woken by a signal that was meant for another.",
                  "finding 16; PostgreSQL bug #14721")
              .skipsEvery(10, CommitSteps.SYNC_REP_WAIT),
          named(
                  "waits-for-first-record",
                  "A commit waits until the standbys have the first record of its transaction.")
              .standsFor(
                  "The position to wait for was that of the transaction's first record, not of its"
                      + " last.",
                  "PostgreSQL: XactLastRecEnd and ProcLastRecPtr, xlog.c")
              .lies(CommitSteps.SYNC_REP_TARGET, (end, _) -> new Lsn(end.value() - 256)),
          named(
                  "waits-for-commit-before",
                  "A commit waits until the standbys have the record of the commit before it.")
              .standsFor(
                  "The position to wait for was read before the record was inserted.",
                  "PostgreSQL: XactLastCommitEnd, xact.c")
              .acts(
                  Kind.LIES,
                  CommitSteps.SYNC_REP_TARGET,
                  () -> {
                    AtomicReference<Lsn> last = new AtomicReference<>();
                    return (end, _) -> {
                      Lsn before = last.getAndSet(end);
                      return before == null ? end : before;
                    };
                  }),
          named(
                  "client-told-first",
                  "The client is told at once; its commit is flushed 20 ms later, and no standby is"
                      + " waited for.")
              .standsFor(
                  "Acknowledged writes were not yet on any disk.",
                  "MongoDB: fire-and-forget writes, the default before 2.4; aphyr, call me maybe")
              .entry(
                  Kind.REORDERS,
                  CommitDefects::toldFirst,
                  CommitSteps.SYNC_REP_WAIT,
                  CommitSteps.COMMIT_FLUSH),
          named(
                  "commit-not-flushed",
                  "A commit does not wait until its record is flushed, which a task does 20 ms"
                      + " later.")
              .standsFor(
                  "A local commit was acknowledged while its record was in memory only.",
                  "finding 20; PostgreSQL: RecordTransactionCommit, xact.c")
              .shownBy("levels", "kill", "crash")
              .entry(
                  Kind.DELAYS,
                  (steps, environment) ->
                      steps.attach(CommitSteps.COMMIT_FLUSH, Acts.behind(environment)),
                  CommitSteps.COMMIT_FLUSH),
          named(
                  "level-on-as-local",
                  "Every commit waits for its own disk only, whatever synchronous_commit says.")
              .standsFor(
                  "The level was taken from the session that the pool had kept, which had lowered"
                      + " it.",
                  "finding 72; multigres decision log, 2026-05")
              .lies(
                  CommitSteps.COMMIT_LEVEL, (_, act) -> act.run().equals("OFF") ? "OFF" : "LOCAL"),
          named(
                  "level-off-for-a-quarter",
                  "Every fourth commit is asynchronous, whatever synchronous_commit says.")
              .standsFor(
                  "The application lowers synchronous_commit by role, database or session, and the"
                      + " operator does not know.",
                  "finding 72; multigres decision log, 2026-05")
              .acts(Kind.LIES, CommitSteps.COMMIT_LEVEL, () -> Acts.changedEvery(4, _ -> "OFF")),
          named(
                  "visible-before-replicated",
                  "A commit is visible to others while it still waits for its standbys.")
              .standsFor(
                  "A row was read that no standby had, and the failover took it away.",
                  "finding 14; PostgreSQL documentation, synchronous replication")
              .shownBy("cancel", "partition", "failover")
              .entry(
                  Kind.REORDERS,
                  CommitDefects::visibleBeforeWait,
                  CommitSteps.SYNC_REP_WAIT,
                  CommitSteps.PROC_ARRAY_END),
          named(
                  "visible-before-bits",
                  "A commit leaves the process array before its bits are in the commit log.")
              .standsFor(
                  "A transaction that was neither running nor committed was taken for aborted, and"
                      + " the hint bit made that last.",
                  "PostgreSQL: the race that heapam_visibility.c warns of")
              .entry(
                  Kind.REORDERS,
                  CommitDefects::visibleBeforeBits,
                  CommitSteps.COMMIT_LOG_SET,
                  CommitSteps.PROC_ARRAY_END),
          named(
                  "transaction-ends-late",
                  "Every fifth transaction stays in the process array until its session begins the"
                      + " next one.")
              .standsFor(
                  "A committed transaction stayed in progress for every snapshot after its client"
                      + " was told.",
                  "PostgreSQL: ProcArrayEndTransaction, procarray.c; ghost entries of prepared"
                      + " transactions")
              .skipsEvery(5, CommitSteps.PROC_ARRAY_END),
          named(
                  "checkpoint-forgets-commits",
                  "A checkpoint does not wait for four of five commits that stand between record"
                      + " and bits in the commit log, each for 3 ms.")
              .standsFor(
                  "A checkpoint wrote pg_xact without a commit whose record stood before its redo"
                      + " point, so that replay never set it.",
                  "finding 31; PostgreSQL: CheckpointStartLock (2007), later delayChkpt")
              .entry(
                  Kind.SKIPS,
                  (steps, environment) -> {
                    steps.attach(CommitSteps.DELAY_CHECKPOINT, Acts.onlyEvery(5));
                    steps.attach(CommitSteps.COMMIT_LOG_SET, Acts.slow(environment));
                  },
                  CommitSteps.DELAY_CHECKPOINT,
                  CommitSteps.COMMIT_LOG_SET),
          named("subtransactions-forgotten", "A commit leaves its subtransactions out.")
              .standsFor(
                  "Subtransactions of a commit were not in its record, so that their rows were"
                      + " gone on the standby.",
                  "finding 9; pgsql-hackers, subtransactions of prepared transactions on standbys")
              .shownBy("savepoints", "failover")
              .lies(CommitSteps.COMMIT_SUBXIDS, (_, _) -> List.of()),
          named(
                  "savepoint-rollback-forgotten",
                  "What a transaction undid to a savepoint commits with it.")
              .standsFor(
                  "A subtransaction that had aborted shared the outcome of its parent.",
                  "PostgreSQL: xactGetCommittedChildren, xact.c")
              .shownBy("savepoints")
              .entry(
                  Kind.LIES,
                  CommitDefects::rollbackForgotten,
                  CommitSteps.SUBTRANSACTION_END,
                  CommitSteps.COMMIT_SUBXIDS,
                  CommitSteps.PROC_ARRAY_END));

  private CommitDefects() {}

  private static void noWaitAfterStart(Steps steps, Environment environment) {
    long armed = environment.clock().monotonicNanos() + 3 * SECOND;
    steps.attach(
        CommitSteps.SYNC_REP_WAIT,
        Acts.skipWhile(() -> environment.clock().monotonicNanos() < armed));
  }

  private static void waitLate(Steps steps, Environment environment) {
    ThreadLocal<Act<Void, Exception>> kept = new ThreadLocal<>();
    steps.attach(
        CommitSteps.SYNC_REP_WAIT,
        (_, act) -> {
          Act<Void, Exception> earlier = kept.get();
          kept.set(act);
          return earlier == null ? null : earlier.run();
        });
  }

  private static void waitGivenUp(Steps steps, Environment environment) {
    AtomicLong lastReply = new AtomicLong(environment.clock().monotonicNanos());
    steps.attach(
        ReplicationSteps.WAL_SENDER_REPLY,
        (_, act) -> {
          lastReply.set(environment.clock().monotonicNanos());
          return act.run();
        });
    steps.attach(
        CommitSteps.SYNC_REP_WAIT,
        Acts.skipWhile(
            () -> environment.clock().monotonicNanos() - lastReply.get() > 3 * SECOND / 10));
  }

  private static void toldFirst(Steps steps, Environment environment) {
    steps.attach(CommitSteps.SYNC_REP_WAIT, Action.skip());
    steps.attach(CommitSteps.COMMIT_FLUSH, Acts.behind(environment));
  }

  private static void visibleBeforeWait(Steps steps, Environment environment) {
    ThreadLocal<Act<Void, Exception>> kept = new ThreadLocal<>();
    steps.attach(
        CommitSteps.SYNC_REP_WAIT,
        (_, act) -> {
          kept.set(act);
          return null;
        });
    steps.attach(
        CommitSteps.PROC_ARRAY_END,
        (_, act) -> {
          act.run();
          Act<Void, Exception> wait = kept.get();
          kept.remove();
          return wait == null ? null : wait.run();
        });
  }

  /** A short pause makes the window as wide as that of a process that was descheduled. */
  private static void visibleBeforeBits(Steps steps, Environment environment) {
    ThreadLocal<Act<Void, Exception>> kept = new ThreadLocal<>();
    var isStandby = Acts.isStandby(steps);
    steps.attach(
        CommitSteps.COMMIT_LOG_SET,
        (_, act) -> {
          if (isStandby.getAsBoolean()) {
            return act.run();
          }
          kept.set(act);
          return null;
        });
    steps.attach(
        CommitSteps.PROC_ARRAY_END,
        (_, act) -> {
          act.run();
          Act<Void, Exception> set = kept.get();
          kept.remove();
          environment.tasks().sleep(SECOND / 1000);
          return set == null ? null : set.run();
        });
  }

  private static void rollbackForgotten(Steps steps, Environment environment) {
    ThreadLocal<List<Xid>> undone = ThreadLocal.withInitial(ArrayList::new);
    steps.attach(
        CommitSteps.SUBTRANSACTION_END,
        (xid, act) -> {
          undone.get().add(xid);
          return act.run();
        });
    steps.attach(
        CommitSteps.COMMIT_SUBXIDS,
        (_, act) -> {
          List<Xid> all = new ArrayList<>(act.run());
          all.addAll(undone.get());
          return all;
        });
    steps.attach(
        CommitSteps.PROC_ARRAY_END,
        (_, act) -> {
          undone.remove();
          return act.run();
        });
  }
}
