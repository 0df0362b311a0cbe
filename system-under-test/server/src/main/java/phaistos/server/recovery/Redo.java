package phaistos.server.recovery;

import java.util.function.Consumer;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Version;
import phaistos.formats.Xid;
import phaistos.formats.record.ClogBody;
import phaistos.formats.record.Heap2Body;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.LogicalMessageBody;
import phaistos.formats.record.MultiXactBody;
import phaistos.formats.record.OtherBody;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.SequenceBody;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.StorageBody;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.WalRecord;
import phaistos.server.background.DurableState;
import phaistos.server.catalog.Catalog;
import phaistos.server.clog.Clog;
import phaistos.server.errors.PgError;
import phaistos.server.multixact.MultiXact;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;
import phaistos.server.storage.BufferPool;
import phaistos.server.xact.ProcArray;

/**
 * Applies records to pages, commit log and process array. A page whose LSN is at or after the
 * record's has the change already. Used by the startup process only.
 */
final class Redo {
  private final BufferPool buffers;
  private final Clog clog;
  private final MultiXact multiXact;
  private final ProcArray procArray;
  private final Catalog catalog;
  private final RecoveryProgress progress;
  private final Consumer<XlogBody> onXlog;
  private final Steps steps;
  private final HeapRedo heap;
  private final InvalidPages invalid;
  private boolean catalogTouched;
  private boolean applyFeedback;
  private long lastCommitTime;

  /**
   * @param conflict see {@link HeapRedo}
   * @param onXlog called with each record of resource manager XLOG after it was applied here
   */
  Redo(
      DurableState durable,
      ProcArray procArray,
      Catalog catalog,
      RecoveryProgress progress,
      Steps steps,
      Consumer<Xid> conflict,
      InvalidPages invalid,
      Consumer<XlogBody> onXlog) {
    this.steps = steps;
    this.invalid = invalid;
    this.heap = new HeapRedo(durable.buffers(), invalid, steps, conflict);
    this.buffers = durable.buffers();
    this.clog = durable.clog();
    this.multiXact = durable.multiXact();
    this.procArray = procArray;
    this.catalog = catalog;
    this.progress = progress;
    this.onXlog = onXlog;
  }

  /** Whether the last record was a commit whose client waits for remote_apply. */
  boolean wantsApplyFeedback() {
    return applyFeedback;
  }

  /** The time of the last commit, in microseconds since 2000; 0 if there was none. */
  long lastCommitTime() {
    return lastCommitTime;
  }

  void apply(WalRecord record, Lsn end) {
    applyFeedback = false;
    procArray.seen(record.xid());
    try {
      RecordBody body = Version.WRITTEN.records().decode(record);
      steps.step(step(body), end, () -> apply(body, record, end));
    } catch (FormatException e) {
      throw PgError.panic("record cannot be replayed: " + e.getMessage(), e);
    }
  }

  private static Step<Lsn, Void> step(RecordBody body) {
    return switch (body) {
      case HeapBody _, Heap2Body _ -> RecoverySteps.REDO_HEAP;
      case TransactionBody _ -> RecoverySteps.REDO_TRANSACTION;
      case ClogBody _, MultiXactBody _ -> RecoverySteps.REDO_COMMIT_LOG;
      case StandbyBody _ -> RecoverySteps.REDO_STANDBY;
      case StorageBody _ -> RecoverySteps.REDO_STORAGE;
      case XlogBody _ -> RecoverySteps.REDO_XLOG;
      case SequenceBody _, LogicalMessageBody _, OtherBody _ -> RecoverySteps.REDO_OTHER;
    };
  }

  /** No default: a new kind of record must not be skipped silently. */
  private void apply(RecordBody body, WalRecord record, Lsn end) {
    switch (body) {
      case HeapBody change -> {
        noteCatalog(record);
        heap.apply(change, record, end);
      }
      case Heap2Body change -> heap.apply(change, record, end);
      case TransactionBody transaction -> transaction(transaction, record, end);
      case ClogBody.ZeroPage zero -> clog.redoZeroPage(zero.page());
      case MultiXactBody multi -> multiXact.redo(multi);
      case StandbyBody.RunningXacts running -> procArray.apply(running);
      case StorageBody.Create create -> buffers.create(create.relation());
      case StorageBody.Truncate truncate -> truncate(truncate);
      case XlogBody xlog -> xlog(xlog, record, end);
      case ClogBody.Truncate(int page, Xid oldest, int _) -> clog.redoTruncate(page, oldest);
      // sessions of this server hold no locks or caches that these records concern
      case StandbyBody.Locks _, StandbyBody.Invalidations _ -> {}
      case SequenceBody sequence -> heap.sequence(sequence, record, end);
      // this server never logs these; they come from a real primary, whose tables it cannot read
      case LogicalMessageBody _, OtherBody _ -> heap.images(record, end);
    }
  }

  private void drop(RelationLocator relation) {
    buffers.drop(relation);
    invalid.forget(relation, 0);
  }

  /** The main fork: the other forks have no pages here. */
  private void truncate(StorageBody.Truncate truncate) {
    if ((truncate.forks() & StorageBody.Truncate.HEAP) != 0) {
      buffers.truncate(truncate.relation(), truncate.blocks(), () -> {});
      invalid.forget(truncate.relation(), truncate.blocks());
    }
  }

  private void xlog(XlogBody body, WalRecord record, Lsn end) {
    switch (body) {
      case XlogBody.CheckpointTaken taken -> {
        procArray
            .limits()
            .replayed(taken.checkpoint().oldestXid(), taken.checkpoint().oldestXidDatabase());
        multiXact.advance(taken.checkpoint().nextMulti(), taken.checkpoint().nextMultiOffset());
        if (taken.shutdown()) {
          procArray.nothingRuns(taken.checkpoint().nextXid());
          catalog.nextOid(taken.checkpoint().nextOid());
        } else {
          // NEXTOID records set the OID counter; at the start of recovery the checkpoint did
          procArray.advanceNext(taken.checkpoint().nextXid());
        }
      }
      case XlogBody.NextOid oid -> catalog.nextOid(oid.nextOid());
      case XlogBody.FullPageImages _ -> heap.images(record, end);
      case XlogBody.Noop _,
          XlogBody.Switch _,
          XlogBody.BackupEnd _,
          XlogBody.ParameterChange _,
          XlogBody.RestorePoint _,
          XlogBody.FullPageWritesChange _,
          XlogBody.EndOfRecovery _,
          XlogBody.CheckpointRedo _,
          XlogBody.OverwriteContrecord _ -> {}
    }
    onXlog.accept(body);
  }

  private void transaction(TransactionBody body, WalRecord record, Lsn end) {
    switch (body) {
      case TransactionBody.Commit commit -> {
        Outcome outcome = commit.outcome();
        Xid xid = TransactionBody.decided(record, body).orElse(record.xid());
        clog.transactionIdSetTreeStatus(xid, outcome.subxids(), Status.COMMITTED, end);
        procArray.ended(xid, outcome.subxids());
        outcome.droppedRelations().forEach(this::drop);
        lastCommitTime = outcome.time();
        applyFeedback = (outcome.flags() & Outcome.APPLY_FEEDBACK) != 0;
        progress.lastCommitTime(outcome.time());
        catalogMayHaveChanged();
      }
      case TransactionBody.Abort abort -> {
        Outcome outcome = abort.outcome();
        Xid xid = TransactionBody.decided(record, body).orElse(record.xid());
        clog.transactionIdSetTreeStatus(xid, outcome.subxids(), Status.ABORTED, Lsn.INVALID);
        procArray.ended(xid, outcome.subxids());
        outcome.droppedRelations().forEach(this::drop);
        catalogMayHaveChanged();
      }
      case TransactionBody.Assignment assignment ->
          procArray.assignment(assignment.top(), assignment.subxids());
      case TransactionBody.Prepare _, TransactionBody.Invalidations _ -> {}
    }
  }

  private void catalogMayHaveChanged() {
    if (catalogTouched) {
      catalogTouched = false;
      catalog.changed();
    }
  }

  private void noteCatalog(WalRecord record) {
    for (BlockReference block : record.blocks()) {
      catalogTouched |= block.relation().equals(Catalog.LOCATOR);
    }
  }
}
