package phaistos.server.clog;

import java.util.List;
import java.util.function.Supplier;
import phaistos.formats.Checkpoint;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;

/**
 * The outcome of transactions, as the rest of the server asks for it (transam.c): the commit log,
 * and the parents of subtransactions. Methods have the names of their counterparts. Thread-safe.
 */
public final class TransactionLog {
  private final Clog clog;
  private final Subtrans subtrans;

  public TransactionLog(Clog clog, Subtrans subtrans) {
    this.clog = clog;
    this.subtrans = subtrans;
  }

  public Subtrans subtrans() {
    return subtrans;
  }

  /**
   * Begins with a checkpoint's ids (StartupCLOG, StartupSUBTRANS).
   *
   * @param shutdown whether nothing ran then
   */
  public void startup(Checkpoint checkpoint, boolean shutdown) {
    Xid next = checkpoint.nextXid().xid();
    clog.startup(next, checkpoint.oldestXid());
    Xid active = checkpoint.oldestActiveXid();
    subtrans.startup(shutdown || !active.isValid() ? next : active, next);
  }

  /** Makes the pages that begin with a new id (ExtendCLOG, ExtendSUBTRANS). */
  public void extend(Xid newest) {
    clog.extend(newest);
    subtrans.extend(newest);
  }

  /** TransactionLogFetch. */
  private Status fetch(Xid xid) {
    if (!xid.isNormal()) {
      return xid.isValid() ? Status.COMMITTED : Status.ABORTED;
    }
    return clog.transactionIdGetStatus(xid);
  }

  /**
   * Whether a transaction has committed, given that it is not in progress. A sub-committed one has
   * if its parent has.
   *
   * @param xmin an id that is not older than any transaction in progress; a sub-committed one
   *     before it was cut short by a crash
   */
  public boolean transactionIdDidCommit(Xid xid, Supplier<Xid> xmin) {
    return switch (fetch(xid)) {
      case COMMITTED -> true;
      case ABORTED, IN_PROGRESS -> false;
      case SUB_COMMITTED -> {
        Xid parent = parent(xid, xmin);
        yield parent.isValid() && transactionIdDidCommit(parent, xmin);
      }
    };
  }

  /** Whether a transaction is known to have aborted; one that a crash cut short is not. */
  public boolean transactionIdDidAbort(Xid xid, Supplier<Xid> xmin) {
    return switch (fetch(xid)) {
      case ABORTED -> true;
      case COMMITTED, IN_PROGRESS -> false;
      case SUB_COMMITTED -> {
        Xid parent = parent(xid, xmin);
        yield !parent.isValid() || transactionIdDidAbort(parent, xmin);
      }
    };
  }

  private Xid parent(Xid xid, Supplier<Xid> xmin) {
    return xid.precedes(xmin.get()) ? Xid.INVALID : subtrans.getParent(xid);
  }

  public void transactionIdCommitTree(Xid xid, List<Xid> children) {
    clog.transactionIdSetTreeStatus(xid, children, Status.COMMITTED, Lsn.INVALID);
  }

  /**
   * @param record the end of the commit record, which may not be flushed yet
   */
  public void transactionIdAsyncCommitTree(Xid xid, List<Xid> children, Lsn record) {
    clog.transactionIdSetTreeStatus(xid, children, Status.COMMITTED, record);
  }

  public void transactionIdAbortTree(Xid xid, List<Xid> children) {
    clog.transactionIdSetTreeStatus(xid, children, Status.ABORTED, Lsn.INVALID);
  }

  /** The highest asynchronous commit's LSN of the group of {@code xid}. */
  public Lsn transactionIdGetCommitLsn(Xid xid) {
    return clog.groupLsn(xid);
  }

  /** The latest of a transaction and its subtransactions, which are in rising order. */
  public static Xid transactionIdLatest(Xid xid, List<Xid> children) {
    return children.isEmpty() || children.getLast().precedes(xid) ? xid : children.getLast();
  }
}
