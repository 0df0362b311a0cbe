package phaistos.server.defects;

import static phaistos.server.defects.Planted.named;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.environment.Environment;
import phaistos.formats.CommitLog;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.Xid;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.Act;
import phaistos.server.steps.Action;
import phaistos.server.steps.BitChange;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/** Mistakes of the commit log and of the SLRU below it. */
final class CommitLogDefects {
  static final List<Defect> ALL =
      List.of(
          named(
                  "commit-log-before-wal",
                  "A page of the commit log is written without flushing the WAL up to the"
                      + " asynchronous commits on it.")
              .standsFor(
                  "A page of pg_xact said committed after a power cut that had taken the commit"
                      + " record.",
                  "finding 32; PostgreSQL: group LSNs of clog.c, added in 8.3")
              .shownBy("commits", "checkpoint", "crash")
              .with("synchronous_commit", "off")
              .skips(CommitSteps.SLRU_WAL_FLUSH),
          named(
                  "group-lsn-forgotten",
                  "The LSN of an asynchronous commit is not noted for its group.")
              .standsFor(
                  "A hint bit or a page of pg_xact reached the disk before the commit record.",
                  "finding 32; PostgreSQL: TransactionIdSetTreeStatus with an LSN, clog.c")
              .shownBy("savepoints", "checkpoint", "crash")
              .with("synchronous_commit", "off")
              .skips(CommitSteps.GROUP_LSN),
          named(
                  "commit-log-page-lost",
                  "A page of the commit log that is read from its file holds zeroes, so that its"
                      + " transactions never committed.")
              .standsFor(
                  "Recovery read a missing file of pg_xact as zeroes and started; what was"
                      + " committed before the checkpoint was gone.",
                  "finding 40; PostgreSQL: the InRecovery rule of SlruPhysicalReadPage, slru.c")
              .lies(CommitSteps.SLRU_READ, (_, act) -> new byte[act.run().length]),
          named(
                  "commit-log-byte-zeroed",
                  "A page of the commit log that is read from its file has one byte zeroed.")
              .standsFor(
                  "One zeroed byte in pg_xact made a committed row vanish without an error, since"
                      + " its pages carry no checksum.",
                  "finding 38; pgsql-hackers: SLRU page headers and checksums")
              .lies(
                  CommitSteps.SLRU_READ,
                  (_, act) -> {
                    byte[] page = act.run();
                    page[30] = 0;
                    return page;
                  }),
          named("commit-bits-forgotten", "Every 17th transaction gets no bits in the commit log.")
              .standsFor(
                  "A commit record was in the WAL and its bits were never set.",
                  "finding 48; PostgreSQL: TransactionIdCommitTree, transam.c")
              .skipsEvery(17, CommitSteps.COMMIT_LOG_SET),
          named(
                  "commit-bits-one-late",
                  "The bits of a transaction are set when the next one's are due.")
              .standsFor(
                  "Group update of the commit log: the leader went on before it had set the bits"
                      + " of the last follower.",
                  "PostgreSQL 11: TransactionGroupUpdateXidStatus, clog.c")
              .entry(Kind.REORDERS, CommitLogDefects::bitsOneLate, CommitSteps.COMMIT_LOG_SET),
          named(
                  "commit-log-neighbours-cleared",
                  "Setting the bits of every seventh transaction clears the other three of its"
                      + " byte.")
              .standsFor(
                  "Two transactions of one byte were set without the lock, and one of them was"
                      + " lost.",
                  "PostgreSQL: TransactionIdSetStatusBit under XactSLRULock, clog.c")
              .acts(Kind.LIES, CommitSteps.COMMIT_LOG_BITS, CommitLogDefects::clearNeighbours),
          named(
                  "commit-log-wrong-place",
                  "The bits of every 15th transaction are set for the one after it.")
              .standsFor(
                  "The place of a transaction was computed with the wrong number of bits.",
                  "PostgreSQL: TransactionIdToBIndex, clog.c, 8ba61bc063")
              .acts(Kind.LIES, CommitSteps.COMMIT_LOG_BITS, CommitLogDefects::wrongPlace),
          named("abort-noted-as-commit", "Every third aborted transaction is noted as committed.")
              .standsFor(
                  "The state file of a prepared transaction was applied with the wrong outcome.",
                  "PostgreSQL commit 8582b4d044")
              .acts(
                  Kind.LIES,
                  CommitSteps.COMMIT_LOG_BITS,
                  () -> otherStatus(3, Status.ABORTED, Status.COMMITTED)),
          named("commit-noted-as-abort", "Every 19th committed transaction is noted as aborted.")
              .standsFor(
                  "One flipped bit in pg_xact turned a commit into an abort.",
                  "finding 38; PostgreSQL: SLRU pages carry no checksum")
              .acts(
                  Kind.LIES,
                  CommitSteps.COMMIT_LOG_BITS,
                  () -> otherStatus(19, Status.COMMITTED, Status.ABORTED)),
          named(
                  "commit-noted-as-sub-commit",
                  "Every 13th committed transaction is noted as sub-committed.")
              .standsFor(
                  "A transaction stayed in the intermediate state of the two-phase protocol of"
                      + " clog.c.",
                  "PostgreSQL 8.4: the protocol for subtransactions over several pages, clog.c")
              .acts(
                  Kind.LIES,
                  CommitSteps.COMMIT_LOG_BITS,
                  () -> otherStatus(13, Status.COMMITTED, Status.SUB_COMMITTED)),
          named(
                  "crashed-counts-as-committed",
                  "A transaction that does not run and has no status counts as committed.")
              .standsFor(
                  "A transaction that was in progress at a crash was shown as committed.",
                  "finding 48; txid_status of crashed transactions, PostgreSQL 10")
              .lies(
                  CommitSteps.COMMIT_LOG_LOOKUP,
                  (_, act) -> act.run() == Status.IN_PROGRESS ? Status.COMMITTED : act.run()),
          named(
                  "status-cache-mixed-up",
                  "The cache of final statuses compares only the last four bits of a transaction"
                      + " id.")
              .standsFor(
                  "A cache of transaction statuses answered for another transaction.",
                  "PostgreSQL: cachedFetchXid and cachedFetchXidStatus, transam.c")
              .acts(
                  Kind.LIES,
                  CommitSteps.COMMIT_LOG_LOOKUP,
                  () -> {
                    ConcurrentHashMap<Integer, Status> seen = new ConcurrentHashMap<>();
                    return (xid, act) -> {
                      Status known = seen.get(xid.value() & 15);
                      if (known != null) {
                        return known;
                      }
                      Status right = act.run();
                      if (right == Status.COMMITTED || right == Status.ABORTED) {
                        seen.put(xid.value() & 15, right);
                      }
                      return right;
                    };
                  }),
          named(
                  "commit-log-trimmed-too-far",
                  "The end of recovery clears the bits of the last sixteen transactions too.")
              .standsFor(
                  "TrimCLOG cleared from the wrong transaction on.",
                  "PostgreSQL: TrimCLOG, clog.c; truncation beside a page's border, finding 44")
              .lies(
                  CommitSteps.COMMIT_LOG_TRIM_FROM,
                  (next, _) ->
                      next.value() - 16 > Xid.FIRST_NORMAL.value()
                          ? new Xid(next.value() - 16)
                          : next),
          named("commit-log-write-lost", "Every second write of a commit log page does nothing.")
              .standsFor(
                  "A dirty page left its buffer and was not written.",
                  "PostgreSQL: SlruInternalWritePage and page_dirty, slru.c; lost writes")
              .shownBy("", "checkpoint", "kill")
              .skipsEvery(2, CommitSteps.SLRU_WRITE),
          named("commit-log-unsynced", "Pages of the commit log are written and never synced.")
              .standsFor(
                  "The fsync of an evicted page was handed to the checkpointer and got lost on the"
                      + " way.",
                  "PostgreSQL 14: SLRU fsyncs through the checkpointer, sync.c")
              .shownBy("", "checkpoint", "crash")
              .skips(CommitSteps.SLRU_SYNC),
          named(
                  "commit-log-synced-before-write",
                  "A segment of the commit log is synced before its page is written.")
              .standsFor(
                  "The sync covered the write before it, and the last one was lost.",
                  "PostgreSQL: order of SlruPhysicalWritePage and pg_fsync, slru.c")
              .shownBy("", "checkpoint", "crash")
              .entry(
                  Kind.REORDERS,
                  CommitLogDefects::syncFirst,
                  CommitSteps.SLRU_WRITE,
                  CommitSteps.SLRU_SYNC));

  private CommitLogDefects() {}

  private static void bitsOneLate(Steps steps, Environment environment) {
    steps.attach(CommitSteps.COMMIT_LOG_SET, Acts.later(environment, Acts.late()));
  }

  private static Action<BitChange, Void> clearNeighbours() {
    AtomicInteger passed = new AtomicInteger();
    return (change, act) -> {
      if (passed.incrementAndGet() % 7 == 0) {
        change.page()[CommitLog.byteInPage(change.xid())] = 0;
      }
      return act.run();
    };
  }

  private static Action<BitChange, Void> wrongPlace() {
    AtomicInteger passed = new AtomicInteger();
    return (change, act) -> {
      Xid next = change.xid().next();
      if (passed.incrementAndGet() % 15 == 0
          && CommitLog.page(next) == CommitLog.page(change.xid())) {
        CommitLog.set(change.page(), next, change.status());
        return null;
      }
      return act.run();
    };
  }

  private static Action<BitChange, Void> otherStatus(int every, Status of, Status instead) {
    AtomicInteger passed = new AtomicInteger();
    return (change, act) -> {
      if (change.status() == of && passed.incrementAndGet() % every == 0) {
        CommitLog.set(change.page(), change.xid(), instead);
        return null;
      }
      return act.run();
    };
  }

  private static void syncFirst(Steps steps, Environment environment) {
    AtomicReference<Act<Void, Exception>> write = new AtomicReference<>();
    steps.attach(
        CommitSteps.SLRU_WRITE,
        (_, act) -> {
          write.set(act);
          return null;
        });
    steps.attach(
        CommitSteps.SLRU_SYNC,
        (_, act) -> {
          act.run();
          Act<Void, Exception> kept = write.getAndSet(null);
          return kept == null ? null : kept.run();
        });
  }
}
