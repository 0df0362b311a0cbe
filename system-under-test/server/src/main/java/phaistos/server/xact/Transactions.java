package phaistos.server.xact;

import java.util.List;
import phaistos.environment.Clock;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.Lsn;
import phaistos.formats.PgTime;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.TransactionBody;
import phaistos.server.InjectionPoints;
import phaistos.server.clog.Clog;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.Wal;

/**
 * Beginning and ending transactions (xact.c). The order of a commit is the promise that everything
 * else rests on: record, flush, commit log, wait for standbys, visible, locks and files, answer.
 * Thread-safe.
 */
public final class Transactions {
  /** Waits for the standbys (syncrep.c). */
  @FunctionalInterface
  public interface StandbyWait {
    void await(Proc proc, Lsn commit, CommitLevel level);
  }

  private final Clock clock;
  private final ProcArray procArray;
  private final Wal wal;
  private final Clog clog;
  private final BufferPool buffers;
  private final InjectionPoints points;

  public Transactions(
      Clock clock,
      ProcArray procArray,
      Wal wal,
      Clog clog,
      BufferPool buffers,
      InjectionPoints points) {
    this.clock = clock;
    this.procArray = procArray;
    this.wal = wal;
    this.clog = clog;
    this.buffers = buffers;
    this.points = points;
  }

  public Transaction begin(Proc proc, boolean repeatableRead, boolean readOnly) {
    return new Transaction(proc, procArray, repeatableRead, readOnly);
  }

  /** Commits; returns once the client may be told. */
  public void commit(Transaction transaction, CommitLevel level, StandbyWait standbys) {
    Proc proc = transaction.proc();
    if (!transaction.hasXid()) {
      procArray.end(proc);
      return;
    }
    Xid xid = transaction.topXid().xid();
    List<Xid> subxids = transaction.livingSubxids();
    List<RelationLocator> dropped = transaction.dropped();
    Lsn end;
    boolean wrote = transaction.hasWrittenWal();
    proc.delayCheckpoint(true);
    try {
      end = wal.insert(xid, commitRecord(subxids, dropped, level)).end();
      points.proceed(InjectionPoints.COMMIT_RECORD_INSERTED);
      if (wrote && level != CommitLevel.OFF || !dropped.isEmpty()) {
        wal.flush(end);
        points.proceed(InjectionPoints.COMMIT_FLUSHED);
        clog.setTree(xid, subxids, Status.COMMITTED, Lsn.INVALID);
      } else {
        wal.asyncCommitted(end);
        clog.setTree(xid, subxids, Status.COMMITTED, end);
      }
      points.proceed(InjectionPoints.COMMIT_LOG_SET);
    } finally {
      proc.delayCheckpoint(false);
    }
    if (wrote && level.waitsForStandby() && points.proceed(InjectionPoints.SYNC_REP_WAIT)) {
      standbys.await(proc, end, level);
    }
    points.proceed(InjectionPoints.BEFORE_PROC_ARRAY_END);
    procArray.end(proc);
    dropped.forEach(buffers::drop);
  }

  private TransactionBody commitRecord(
      List<Xid> subxids, List<RelationLocator> dropped, CommitLevel level) {
    Outcome outcome = Outcome.of(now()).withSubxids(subxids).withDroppedRelations(dropped);
    int flags =
        (level == CommitLevel.REMOTE_APPLY ? Outcome.APPLY_FEEDBACK : 0)
            | (dropped.isEmpty() ? 0 : Outcome.FORCE_SYNC);
    return new TransactionBody.Commit(flags == 0 ? outcome : outcome.withFlags(flags));
  }

  public void abort(Transaction transaction) {
    Proc proc = transaction.proc();
    if (transaction.hasXid()) {
      Xid xid = transaction.topXid().xid();
      List<Xid> subxids = transaction.livingSubxids();
      Outcome outcome =
          Outcome.of(now()).withSubxids(subxids).withDroppedRelations(transaction.created());
      Lsn end = wal.insert(xid, new TransactionBody.Abort(outcome)).end();
      wal.asyncCommitted(end);
      clog.setTree(xid, subxids, Status.ABORTED, Lsn.INVALID);
    }
    procArray.end(proc);
    transaction.created().forEach(buffers::drop);
  }

  /** Undoes everything since the savepoint. */
  public void rollbackTo(Transaction transaction, String savepoint) {
    List<Xid> aborted = transaction.rollbackTo(savepoint);
    if (aborted.isEmpty()) {
      return;
    }
    Xid first = aborted.getFirst();
    List<Xid> children = aborted.subList(1, aborted.size());
    wal.insert(first, TransactionBody.abort(now(), children));
    clog.setTree(first, children, Status.ABORTED, Lsn.INVALID);
    procArray.endSubtransactions(transaction.proc(), aborted);
  }

  private long now() {
    return PgTime.of(clock.wallClock());
  }
}
