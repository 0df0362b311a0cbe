package phaistos.server.xact;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import phaistos.environment.Clock;
import phaistos.formats.Lsn;
import phaistos.formats.PgTime;
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

/** Begins and ends transactions (xact.c); {@link Commit} has the commit itself. Thread-safe. */
public final class Transactions {
  /** The session's side of a commit; its methods are called in this order. */
  public interface Owner {
    /** commit_delay: how long a commit waits for others before it flushes. */
    long commitDelayNanos();

    /** commit_siblings: how many others must run for that. */
    int commitSiblings();

    /** Waits for the standbys (syncrep.c). */
    void awaitStandbys(Proc proc, Lsn commit, CommitLevel level);

    /** The transaction has ended, and nothing can undo it. */
    void committed();

    /** Tells the client. */
    void answer() throws IOException;
  }

  private final Clock clock;
  private final ProcArray procArray;
  private final Wal wal;
  private final TransactionLog transactionLog;
  private final TransactionIds ids;
  private final Steps steps;
  private final CriticalSections critical;
  private final Commit commit;

  /**
   * @param logsAssignments whether standbys need ASSIGNMENT records (wal_level above minimal)
   * @param log for messages of level LOG
   */
  public Transactions(
      Clock clock,
      ProcArray procArray,
      XidGenerator generator,
      Wal wal,
      TransactionLog transactionLog,
      BufferPool buffers,
      boolean logsAssignments,
      Steps steps,
      CriticalSections critical,
      Consumer<String> log) {
    this.clock = clock;
    this.procArray = procArray;
    this.wal = wal;
    this.transactionLog = transactionLog;
    this.ids =
        new TransactionIds(
            procArray, generator, transactionLog.subtrans(), wal, steps, logsAssignments);
    this.steps = steps;
    this.critical = critical;
    this.commit = new Commit(procArray, wal, transactionLog, buffers, steps, critical, log);
  }

  public Transaction begin(Proc proc, boolean repeatableRead, boolean readOnly) {
    return new Transaction(proc, ids, repeatableRead, readOnly);
  }

  /**
   * Commits and answers the client.
   *
   * @throws PgError an ERROR if the transaction can still be aborted, otherwise a PANIC
   * @throws IOException if it has committed and the answer could not be sent
   */
  public void commit(Transaction transaction, CommitLevel level, Owner owner) throws IOException {
    commit.run(transaction, level, now(), owner);
  }

  /**
   * Aborts.
   *
   * @throws PgError a PANIC if the commit record may be in the WAL
   */
  public void abort(Transaction transaction) {
    Proc proc = transaction.proc();
    if (transaction.isCommitRecorded()) {
      String xid = transaction.topXid().xid().toString();
      throw critical.panic(
          PgError.panic(
              "cannot abort transaction %s, it was already committed".formatted(xid), null));
    }
    while (transaction.hasSavepoints()) {
      abortSubtransaction(transaction, false);
      transaction.pop();
    }
    if (transaction.hasXid()) {
      Xid xid = transaction.topXid().xid();
      List<Xid> children = transaction.committedChildren();
      Outcome outcome =
          Outcome.of(now()).withSubxids(children).withDroppedRelations(transaction.created());
      critical.run("abort", () -> recordAbort(proc, xid, children, outcome));
    } else {
      procArray.end(proc);
    }
    commit.removeFiles(transaction.created());
    procArray.tableLocks().releaseAll(proc);
  }

  private void recordAbort(Proc proc, Xid xid, List<Xid> children, Outcome outcome) {
    TransactionBody.Abort record = new TransactionBody.Abort(outcome);
    Lsn end = steps.answer(CommitSteps.ABORT_RECORD, xid, () -> wal.insert(xid, record).end());
    wal.background().asyncCommitted(end);
    transactionLog.transactionIdAbortTree(xid, children);
    steps.step(CommitSteps.PROC_ARRAY_END, xid, () -> procArray.end(proc));
  }

  /** Undoes everything since the savepoint, which stays open (RollbackToSavepoint). */
  public void rollbackTo(Transaction transaction, String savepoint) {
    int depth = transaction.depthOf(savepoint);
    while (transaction.depth() > depth) {
      abortSubtransaction(transaction);
      transaction.pop();
    }
    transaction.savepoint(savepoint);
  }

  /**
   * Undoes the innermost savepoint and releases its locks, at an error or at a rollback
   * (AbortSubTransaction). Does nothing if that was done before.
   */
  public void abortSubtransaction(Transaction transaction) {
    abortSubtransaction(transaction, true);
  }

  /**
   * @param keepsLocks whether row locks of the levels outside are still wanted
   */
  private void abortSubtransaction(Transaction transaction, boolean keepsLocks) {
    Subtransaction level = transaction.innermost();
    if (level.aborted) {
      return;
    }
    if (keepsLocks) {
      level.beforeAbort.reversed().forEach(act -> act.act().run());
    }
    if (level.xid.isValid()) {
      critical.run("abort of a subtransaction", () -> recordAbort(transaction.proc(), level));
    }
    level.aborted = true;
    commit.removeFiles(level.created);
    level.locks.forEach(
        held -> procArray.tableLocks().release(transaction.proc(), held.table(), held.mode()));
    level.locks.clear();
  }

  private void recordAbort(Proc proc, Subtransaction level) {
    List<Xid> children = level.children.toList();
    Outcome outcome = Outcome.of(now()).withSubxids(children).withDroppedRelations(level.created);
    Xid xid = level.xid;
    steps.answer(
        CommitSteps.ABORT_RECORD,
        xid,
        () -> wal.insert(xid, new TransactionBody.Abort(outcome)).end());
    transactionLog.transactionIdAbortTree(xid, children);
    steps.step(
        CommitSteps.SUBTRANSACTION_END,
        xid,
        () -> procArray.endSubtransaction(proc, xid, children));
  }

  private long now() {
    return PgTime.of(clock.wallClock());
  }
}
