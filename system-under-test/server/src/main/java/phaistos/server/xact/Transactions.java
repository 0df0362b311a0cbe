package phaistos.server.xact;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import phaistos.environment.Clock;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.Lsn;
import phaistos.formats.PgTime;
import phaistos.formats.Xid;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.TransactionBody;
import phaistos.server.clog.Clog;
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
  private final Clog clog;
  private final Steps steps;
  private final CriticalSections critical;
  private final Commit commit;

  /**
   * @param log for messages of level LOG
   */
  public Transactions(
      Clock clock,
      ProcArray procArray,
      Wal wal,
      Clog clog,
      BufferPool buffers,
      Steps steps,
      CriticalSections critical,
      Consumer<String> log) {
    this.clock = clock;
    this.procArray = procArray;
    this.wal = wal;
    this.clog = clog;
    this.steps = steps;
    this.critical = critical;
    this.commit = new Commit(procArray, wal, clog, buffers, steps, critical, log);
  }

  public Transaction begin(Proc proc, boolean repeatableRead, boolean readOnly) {
    return new Transaction(proc, procArray, repeatableRead, readOnly);
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
    if (transaction.hasXid()) {
      Xid xid = transaction.topXid().xid();
      List<Xid> subxids = transaction.livingSubxids();
      Outcome outcome =
          Outcome.of(now()).withSubxids(subxids).withDroppedRelations(transaction.created());
      critical.run("abort", () -> recordAbort(proc, xid, subxids, outcome));
    } else {
      procArray.end(proc);
    }
    commit.removeFiles(transaction.created());
  }

  private void recordAbort(Proc proc, Xid xid, List<Xid> subxids, Outcome outcome) {
    TransactionBody.Abort record = new TransactionBody.Abort(outcome);
    Lsn end = steps.answer(CommitSteps.ABORT_RECORD, xid, () -> wal.insert(xid, record).end());
    wal.asyncCommitted(end);
    clog.transactionIdSetTreeStatus(xid, subxids, Status.ABORTED, Lsn.INVALID);
    steps.step(CommitSteps.PROC_ARRAY_END, xid, () -> procArray.end(proc));
  }

  /** Undoes everything since the savepoint. */
  public void rollbackTo(Transaction transaction, String savepoint) {
    List<Xid> aborted = transaction.rollbackTo(savepoint);
    if (aborted.isEmpty()) {
      return;
    }
    Xid first = aborted.getFirst();
    List<Xid> children = aborted.subList(1, aborted.size());
    critical.run(
        "abort of a subtransaction",
        () -> {
          wal.insert(first, TransactionBody.abort(now(), children));
          clog.transactionIdSetTreeStatus(first, children, Status.ABORTED, Lsn.INVALID);
        });
    procArray.endSubtransactions(transaction.proc(), aborted);
  }

  private long now() {
    return PgTime.of(clock.wallClock());
  }
}
