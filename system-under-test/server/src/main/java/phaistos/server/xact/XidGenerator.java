package phaistos.server.xact;

import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Tasks;
import phaistos.formats.FullXid;
import phaistos.server.clog.TransactionLog;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerState;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/**
 * Gives out transaction ids, one after the other (GetNewTransactionId, varsup.c). Thread-safe: one
 * lock (XidGenLock), held over the making of a page of the commit log too. Sessions that want no id
 * do not wait for it.
 */
public final class XidGenerator {
  private final Tasks tasks;
  private final ServerState state;
  private final Steps steps;
  private final ProcArray procArray;
  private final TransactionLog transactionLog;
  private final ReentrantLock lock = new ReentrantLock();

  public XidGenerator(
      Tasks tasks,
      ServerState state,
      Steps steps,
      ProcArray procArray,
      TransactionLog transactionLog) {
    this.tasks = tasks;
    this.state = state;
    this.steps = steps;
    this.procArray = procArray;
    this.transactionLog = transactionLog;
  }

  /**
   * Assigns an id to the session's transaction, or to its subtransaction if it has one already.
   *
   * @throws PgError 54000 if ids would wrap around soon, 55000 in recovery
   */
  FullXid newTransactionId(Proc proc, boolean subtransaction) {
    tasks.yieldPoint();
    lock.lock();
    try {
      if (!state.isRunning()) {
        throw PgError.error("55000", "cannot assign TransactionIds during recovery");
      }
      FullXid xid = procArray.next();
      procArray.limits().check(xid.xid(), "postgres").ifPresent(proc::warn);
      steps.step(CommitSteps.XID_ASSIGN, xid.xid(), () -> transactionLog.extend(xid.xid()));
      procArray.assigned(proc, xid, subtransaction);
      return xid;
    } finally {
      lock.unlock();
    }
  }
}
