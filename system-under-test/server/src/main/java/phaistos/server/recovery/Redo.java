package phaistos.server.recovery;

import java.util.Optional;
import java.util.function.Consumer;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Version;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.ClogBody;
import phaistos.formats.record.Heap2Body;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.LogicalMessageBody;
import phaistos.formats.record.OtherBody;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.SequenceBody;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.StorageBody;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.record.TupleData;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.WalRecord;
import phaistos.server.catalog.Catalog;
import phaistos.server.clog.Clog;
import phaistos.server.errors.PgError;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;
import phaistos.server.storage.Buffer;
import phaistos.server.storage.BufferPool;
import phaistos.server.types.TupleCodec;
import phaistos.server.xact.ProcArray;

/**
 * Applies records to pages, commit log and process array. A page whose LSN is at or after the
 * record's has the change already. Used by the startup process only.
 */
final class Redo {
  private final BufferPool buffers;
  private final Clog clog;
  private final ProcArray procArray;
  private final Catalog catalog;
  private final Consumer<XlogBody> onXlog;
  private final Steps steps;
  private boolean catalogTouched;
  private boolean applyFeedback;

  /**
   * @param onXlog called with each record of resource manager XLOG after it was applied here
   */
  Redo(
      BufferPool buffers,
      Clog clog,
      ProcArray procArray,
      Catalog catalog,
      Steps steps,
      Consumer<XlogBody> onXlog) {
    this.steps = steps;
    this.buffers = buffers;
    this.clog = clog;
    this.procArray = procArray;
    this.catalog = catalog;
    this.onXlog = onXlog;
  }

  /** Whether the last record was a commit whose client waits for remote_apply. */
  boolean wantsApplyFeedback() {
    return applyFeedback;
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
      case HeapBody _ -> RecoverySteps.REDO_HEAP;
      case TransactionBody _ -> RecoverySteps.REDO_TRANSACTION;
      case ClogBody _ -> RecoverySteps.REDO_COMMIT_LOG;
      case StandbyBody _ -> RecoverySteps.REDO_STANDBY;
      case StorageBody _ -> RecoverySteps.REDO_STORAGE;
      case XlogBody _ -> RecoverySteps.REDO_XLOG;
      case Heap2Body _, SequenceBody _, LogicalMessageBody _, OtherBody _ ->
          RecoverySteps.REDO_OTHER;
    };
  }

  /** No default: a new kind of record must not be skipped silently. */
  private void apply(RecordBody body, WalRecord record, Lsn end) {
    switch (body) {
      case HeapBody heap -> heap(heap, record, end);
      case TransactionBody transaction -> transaction(transaction, record, end);
      case ClogBody.ZeroPage zero -> clog.redoZeroPage(zero.page());
      case StandbyBody.RunningXacts running -> procArray.apply(running);
      case StorageBody.Create create -> buffers.create(create.relation());
      case StorageBody.Truncate truncate -> truncate(truncate);
      case XlogBody xlog -> xlog(xlog, record, end);
      case ClogBody.Truncate(int page, Xid oldest, int _) -> clog.redoTruncate(page, oldest);
      // sessions of this server hold no locks or caches that these records concern
      case StandbyBody.Locks _, StandbyBody.Invalidations _ -> {}
      // this server never logs these; they come from a real primary, whose tables it cannot read
      case Heap2Body _, SequenceBody _, LogicalMessageBody _, OtherBody _ -> images(record, end);
    }
  }

  /** The main fork: the other forks have no pages here. */
  private void truncate(StorageBody.Truncate truncate) {
    if ((truncate.forks() & StorageBody.Truncate.HEAP) != 0) {
      buffers.truncate(truncate.relation(), truncate.blocks());
    }
  }

  private void xlog(XlogBody body, WalRecord record, Lsn end) {
    switch (body) {
      case XlogBody.CheckpointTaken taken -> {
        procArray
            .limits()
            .replayed(taken.checkpoint().oldestXid(), taken.checkpoint().oldestXidDatabase());
        if (taken.shutdown()) {
          procArray.nothingRuns(taken.checkpoint().nextXid());
          catalog.nextOid(taken.checkpoint().nextOid());
        } else {
          // NEXTOID records set the OID counter; at the start of recovery the checkpoint did
          procArray.advanceNext(taken.checkpoint().nextXid());
        }
      }
      case XlogBody.NextOid oid -> catalog.nextOid(oid.nextOid());
      case XlogBody.FullPageImages _ -> images(record, end);
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
        outcome.droppedRelations().forEach(buffers::drop);
        applyFeedback = (outcome.flags() & Outcome.APPLY_FEEDBACK) != 0;
        catalogMayHaveChanged();
      }
      case TransactionBody.Abort abort -> {
        Outcome outcome = abort.outcome();
        Xid xid = TransactionBody.decided(record, body).orElse(record.xid());
        clog.transactionIdSetTreeStatus(xid, outcome.subxids(), Status.ABORTED, Lsn.INVALID);
        procArray.ended(xid, outcome.subxids());
        outcome.droppedRelations().forEach(buffers::drop);
        catalogMayHaveChanged();
      }
      case TransactionBody.Assignment assignment -> assignment.subxids().forEach(procArray::seen);
      case TransactionBody.Prepare _, TransactionBody.Invalidations _ -> {}
    }
  }

  private void catalogMayHaveChanged() {
    if (catalogTouched) {
      catalogTouched = false;
      catalog.changed();
    }
  }

  private void heap(HeapBody body, WalRecord record, Lsn end) {
    for (BlockReference block : record.blocks()) {
      catalogTouched |= block.relation().equals(Catalog.LOCATOR);
    }
    switch (body) {
      case HeapBody.Insert insert ->
          change(
              record,
              0,
              end,
              insert.init(),
              (page, block) -> insert(page, insert, record.xid(), block));
      case HeapBody.Delete delete ->
          change(record, 0, end, false, (page, block) -> delete(page, delete, block));
      case HeapBody.Update update -> update(update, record, end);
      case HeapBody.Lock lock -> change(record, 0, end, false, (page, block) -> lock(page, lock));
      case HeapBody.Truncate _, HeapBody.Confirm _, HeapBody.Inplace _ -> images(record, end);
    }
  }

  /** A change of one page. */
  @FunctionalInterface
  private interface PageChange {
    void apply(HeapPage page, BlockReference block);
  }

  private void change(WalRecord record, int id, Lsn end, boolean init, PageChange change) {
    Optional<BlockReference> found = record.block(id);
    if (found.isEmpty()) {
      return;
    }
    BlockReference block = found.get();
    if (block.fork() != BlockReference.MAIN_FORK) {
      return;
    }
    Buffer buffer = buffers.getOrExtend(block.relation(), block.block());
    buffer.lock().lock();
    try {
      if (restoreImage(block, buffer, end)) {
        return;
      }
      if (init) {
        HeapPage.initialize(buffer.page());
      } else if (buffer.pageLsn().compareTo(end) >= 0) {
        return;
      }
      if (buffer.heapPage().isNew()) {
        throw new FormatException(
            "page %d of %s was never written".formatted(block.block(), block.relation()));
      }
      change.apply(buffer.heapPage(), block);
      buffer.pageLsn(end);
      buffer.markDirty();
    } finally {
      buffer.lock().unlock();
    }
  }

  private boolean restoreImage(BlockReference block, Buffer buffer, Lsn end) {
    if (block.image().isEmpty() || !block.image().get().apply()) {
      return false;
    }
    steps.step(RecoverySteps.REDO_IMAGE, block.relation(), () -> copyImage(block, buffer, end));
    return true;
  }

  private static void copyImage(BlockReference block, Buffer buffer, Lsn end) {
    byte[] image = block.image().get().restore();
    System.arraycopy(image, 0, buffer.page(), 0, image.length);
    if (!buffer.heapPage().isNew()) {
      buffer.pageLsn(end);
    }
    buffer.markDirty();
  }

  /** Restores the full-page images of a record that is not decoded further. */
  private void images(WalRecord record, Lsn end) {
    for (BlockReference block : record.blocks()) {
      if (block.fork() == BlockReference.MAIN_FORK && block.image().isPresent()) {
        change(record, block.id(), end, false, (page, b) -> {});
      }
    }
  }

  private static void insert(HeapPage page, HeapBody.Insert insert, Xid xid, BlockReference block) {
    TupleData data = insert.tuple().orElseThrow(() -> new FormatException("INSERT has no tuple"));
    TupleHeader header =
        new TupleHeader(
            xid,
            Xid.INVALID,
            0,
            block.block(),
            insert.offset(),
            data.infomask2(),
            data.infomask(),
            data.headerBytes());
    page.insertAt(insert.offset(), TupleCodec.tuple(header, data));
  }

  private static void delete(HeapPage page, HeapBody.Delete delete, BlockReference block) {
    TupleHeader header = page.header(delete.offset());
    page.setHeader(
        delete.offset(),
        ended(header, delete.xmax(), delete.lockBits(), block.block(), delete.offset()));
    prunable(page, delete.xmax());
  }

  private static void prunable(HeapPage page, Xid xid) {
    if (!page.pruneXid().isValid() || xid.precedes(page.pruneXid())) {
      page.setPruneXid(xid);
    }
  }

  /** The header of a deleted or updated version, with the record's infomask bits (fix_infomask). */
  private static TupleHeader ended(
      TupleHeader header, Xid xmax, int lockBits, int nextBlock, int nextOffset) {
    int infomask = header.infomask() & ~(TupleHeader.XMAX_BITS | TupleHeader.COMBOCID);
    infomask |= (lockBits & 0x01) != 0 ? TupleHeader.XMAX_IS_MULTI : 0;
    infomask |= (lockBits & 0x02) != 0 ? TupleHeader.XMAX_LOCK_ONLY : 0;
    infomask |= (lockBits & 0x04) != 0 ? TupleHeader.XMAX_EXCL_LOCK : 0;
    infomask |= (lockBits & 0x08) != 0 ? TupleHeader.XMAX_KEYSHR_LOCK : 0;
    int infomask2 = header.infomask2() & ~(TupleHeader.KEYS_UPDATED | TupleHeader.HOT_UPDATED);
    infomask2 |= (lockBits & 0x10) != 0 ? TupleHeader.KEYS_UPDATED : 0;
    return new TupleHeader(
        header.xmin(), xmax, 0, nextBlock, nextOffset, infomask2, infomask, header.headerBytes());
  }

  private static void lock(HeapPage page, HeapBody.Lock lock) {
    TupleHeader header = page.header(lock.offset());
    TupleHeader locked =
        ended(header, lock.xid(), lock.lockBits(), header.ctidBlock(), header.ctidOffset());
    page.setHeader(lock.offset(), locked);
  }

  private void update(HeapBody.Update update, WalRecord record, Lsn end) {
    int newBlock = record.block(0).map(BlockReference::block).orElse(0);
    boolean samePage = record.block(1).isEmpty();
    int oldId = samePage ? 0 : 1;
    byte[][] oldTuple = new byte[1][];
    if (!samePage) {
      change(
          record,
          1,
          end,
          false,
          (page, block) -> {
            oldTuple[0] = page.tuple(update.oldOffset());
            endOld(page, update, newBlock);
          });
    }
    change(
        record,
        0,
        end,
        update.init(),
        (page, block) -> {
          if (oldId == 0) {
            oldTuple[0] = page.tuple(update.oldOffset());
            endOld(page, update, newBlock);
          }
          insertNew(page, update, record.xid(), newBlock, Optional.ofNullable(oldTuple[0]));
        });
  }

  private static void endOld(HeapPage page, HeapBody.Update update, int newBlock) {
    TupleHeader header = page.header(update.oldOffset());
    TupleHeader ended =
        ended(header, update.oldXmax(), update.oldLockBits(), newBlock, update.newOffset());
    if (update.hot()) {
      ended =
          new TupleHeader(
              ended.xmin(),
              ended.xmax(),
              ended.command(),
              ended.ctidBlock(),
              ended.ctidOffset(),
              ended.infomask2() | TupleHeader.HOT_UPDATED,
              ended.infomask(),
              ended.headerBytes());
    }
    page.setHeader(update.oldOffset(), ended);
    prunable(page, update.oldXmax());
  }

  private static void insertNew(
      HeapPage page, HeapBody.Update update, Xid xid, int block, Optional<byte[]> old) {
    HeapBody.NewTuple fresh =
        update.newTuple().orElseThrow(() -> new FormatException("UPDATE has no new tuple"));
    TupleData data = fresh.tuple();
    byte[] body = data.data();
    if (fresh.prefix() > 0 || fresh.suffix() > 0) {
      body =
          complete(fresh, old.orElseThrow(() -> new FormatException("UPDATE lacks the old tuple")));
    }
    TupleHeader header =
        new TupleHeader(
            xid,
            update.newXmax(),
            0,
            block,
            update.newOffset(),
            data.infomask2(),
            data.infomask(),
            data.headerBytes());
    TupleData whole = new TupleData(data.infomask2(), data.infomask(), data.headerBytes(), body);
    page.insertAt(update.newOffset(), TupleCodec.tuple(header, whole));
  }

  /**
   * The new tuple's bytes after its fixed header, with the prefix and suffix taken from the old
   * one.
   */
  private static byte[] complete(HeapBody.NewTuple fresh, byte[] old) {
    TupleHeader oldHeader = TupleHeader.decode(old);
    byte[] own = fresh.tuple().data();
    int beforeColumns = fresh.tuple().headerBytes() - TupleHeader.BYTES;
    byte[] out = new byte[own.length + fresh.prefix() + fresh.suffix()];
    System.arraycopy(own, 0, out, 0, beforeColumns);
    System.arraycopy(old, oldHeader.headerBytes(), out, beforeColumns, fresh.prefix());
    int rest = own.length - beforeColumns;
    System.arraycopy(own, beforeColumns, out, beforeColumns + fresh.prefix(), rest);
    System.arraycopy(
        old, old.length - fresh.suffix(), out, out.length - fresh.suffix(), fresh.suffix());
    return out;
  }
}
