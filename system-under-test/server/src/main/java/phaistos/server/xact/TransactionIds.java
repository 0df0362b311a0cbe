package phaistos.server.xact;

import java.util.List;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.formats.record.TransactionBody;
import phaistos.server.clog.Subtrans;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;
import phaistos.server.wal.Wal;

/**
 * Gives ids to transactions and subtransactions (AssignTransactionId).
 *
 * @param logsAssignments whether standbys need ASSIGNMENT records (wal_level above minimal)
 */
record TransactionIds(
    ProcArray procArray,
    XidGenerator generator,
    Subtrans subtrans,
    Wal wal,
    Steps steps,
    boolean logsAssignments) {
  FullXid assign(Proc proc) {
    return generator.newTransactionId(proc, false);
  }

  Xid assign(Proc proc, Xid parent) {
    Xid xid = generator.newTransactionId(proc, true).xid();
    steps.step(CommitSteps.SUBTRANS_SET, xid, () -> subtrans.setParent(xid, parent));
    return xid;
  }

  /**
   * Tells standbys whose subtransactions these are.
   *
   * @param current the innermost subtransaction's id, which the record bears; may be invalid
   */
  void logAssignment(Xid current, Xid top, List<Xid> subxids) {
    if (logsAssignments) {
      steps.step(
          CommitSteps.ASSIGNMENT_RECORD,
          top,
          () -> wal.insert(current, new TransactionBody.Assignment(top, subxids)));
    }
  }
}
