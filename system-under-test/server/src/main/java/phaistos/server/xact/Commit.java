package phaistos.server.xact;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.TransactionBody;
import phaistos.server.clog.TransactionLog;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.PgError;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.Wal;

/**
 * The commit of a transaction (RecordTransactionCommit, CommitTransaction), in this order: record,
 * flush, commit log, wait for standbys, visible, answer.
 *
 * <p>From the record to the removal from the process array it is one critical section. The commit
 * can no longer be undone, so any exception there is a PANIC and the client's connection ends
 * without an answer. A failure after the critical section cannot undo the commit either; the
 * connection ends without an answer too. Thread-safe.
 */
final class Commit {
  /**
   * From this many subtransactions on, the record may be too long for the WAL buffers and is
   * checked.
   */
  private static final int MANY_SUBXIDS = 1000;

  private final ProcArray procArray;
  private final Wal wal;
  private final TransactionLog transactionLog;
  private final BufferPool buffers;
  private final Steps steps;
  private final CriticalSections critical;
  private final Consumer<String> log;

  Commit(
      ProcArray procArray,
      Wal wal,
      TransactionLog transactionLog,
      BufferPool buffers,
      Steps steps,
      CriticalSections critical,
      Consumer<String> log) {
    this.procArray = procArray;
    this.wal = wal;
    this.transactionLog = transactionLog;
    this.buffers = buffers;
    this.steps = steps;
    this.critical = critical;
    this.log = log;
  }

  /**
   * Commits and answers the client.
   *
   * @param now microseconds since 2000
   * @throws PgError an ERROR before the critical section, a PANIC inside it
   * @throws IOException if it has committed and the answer could not be sent
   */
  void run(Transaction transaction, CommitLevel asked, long now, Transactions.Owner owner)
      throws IOException {
    transaction.releaseAll();
    if (transaction.hasXid()) {
      Xid xid = transaction.topXid().xid();
      CommitLevel level =
          CommitLevel.valueOf(steps.answer(CommitSteps.COMMIT_LEVEL, xid, asked::name));
      TransactionBody record = record(transaction, level, now);
      critical.run("commit", () -> decide(transaction, record, level, owner));
      removeFiles(transaction.dropped());
    } else {
      procArray.end(transaction.proc());
    }
    owner.committed();
    // behind the above: who waits for a table must see what has become of it
    procArray.tableLocks().releaseAll(transaction.proc());
    answer(transaction, owner);
  }

  private void decide(
      Transaction transaction,
      TransactionBody record,
      CommitLevel level,
      Transactions.Owner owner) {
    Proc proc = transaction.proc();
    Xid xid = transaction.topXid().xid();
    List<Xid> subxids =
        steps.answer(CommitSteps.COMMIT_SUBXIDS, xid, transaction::committedChildren);
    boolean wrote = transaction.hasWrittenWal();
    boolean durable = wrote && level != CommitLevel.OFF || !transaction.dropped().isEmpty();

    // no checkpoint may begin between the record and the bits: a crash after it would lose both
    steps.step(CommitSteps.DELAY_CHECKPOINT, xid, () -> proc.delayCheckpoint(true));
    transaction.commitRecorded();

    transaction.dropped().forEach(buffers::close);

    // 1. the record
    Lsn end = steps.answer(CommitSteps.COMMIT_RECORD, xid, () -> wal.insert(xid, record).end());

    // 2. durable here, now or within three cycles of the WAL writer
    if (durable) {
      long delay = owner.commitDelayNanos();
      boolean delayed = delay > 0 && procArray.areActive(owner.commitSiblings(), proc);
      steps.step(CommitSteps.COMMIT_FLUSH, end, () -> wal.flush(end, delayed ? delay : 0));
    } else {
      wal.background().asyncCommitted(end);
    }

    // 3. the bits
    if (durable) {
      transactionLog.transactionIdCommitTree(xid, subxids);
    } else {
      transactionLog.transactionIdAsyncCommitTree(xid, subxids, end);
    }
    proc.delayCheckpoint(false);

    // 4. durable on the standbys
    if (wrote && level.waitsForStandby()) {
      Lsn target = steps.answer(CommitSteps.SYNC_REP_TARGET, end, () -> end);
      steps.step(CommitSteps.SYNC_REP_WAIT, target, () -> owner.awaitStandbys(proc, target, level));
    }

    // 5. visible
    steps.step(CommitSteps.PROC_ARRAY_END, xid, () -> procArray.end(proc));
  }

  /** 6. the client. */
  private void answer(Transaction transaction, Transactions.Owner owner) throws IOException {
    critical.check();
    Xid xid = transaction.hasXid() ? transaction.topXid().xid() : Xid.INVALID;
    try {
      steps.step(CommitSteps.CLIENT_ANSWER, xid, owner::answer);
    } catch (RuntimeException e) {
      log.accept("could not tell the client that its transaction has committed: " + e.getMessage());
      throw new IOException("the commit was not answered", e);
    }
  }

  private TransactionBody record(Transaction transaction, CommitLevel level, long now) {
    List<Xid> subxids =
        steps.answer(
            CommitSteps.COMMIT_SUBXIDS, transaction.topXid().xid(), transaction::committedChildren);
    List<RelationLocator> dropped = transaction.dropped();
    Outcome outcome = Outcome.of(now).withSubxids(subxids).withDroppedRelations(dropped);
    int flags =
        (level == CommitLevel.REMOTE_APPLY ? Outcome.APPLY_FEEDBACK : 0)
            | (dropped.isEmpty() ? 0 : Outcome.FORCE_SYNC);
    TransactionBody record =
        new TransactionBody.Commit(flags == 0 ? outcome : outcome.withFlags(flags));
    if (subxids.size() >= MANY_SUBXIDS) {
      wal.requireFits(record);
    }
    return record;
  }

  /** The transaction has ended; a file that is left over takes space but is no error. */
  void removeFiles(List<RelationLocator> dropped) {
    for (RelationLocator relation : dropped) {
      try {
        buffers.drop(relation);
      } catch (PgError e) {
        log.accept(e.getMessage());
      }
    }
  }
}
