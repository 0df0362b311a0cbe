package phaistos.server.recovery;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.Heap2Body;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.SequenceBody;
import phaistos.formats.record.TupleData;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.WalRecord;
import phaistos.server.catalog.SequencePage;
import phaistos.server.heap.PageChanges;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Steps;
import phaistos.server.storage.Buffer;
import phaistos.server.storage.BufferPool;
import phaistos.server.types.TupleCodec;

/**
 * Applies records of the resource managers Heap and Heap2 to pages (heap_redo, heap2_redo). A page
 * whose LSN is at or after the record's has the change already. Used by the startup process only.
 */
final class HeapRedo {
  private final BufferPool buffers;
  private final Steps steps;
  private final InvalidPages invalid;
  private final Consumer<Xid> conflict;

  /**
   * @param conflict called before versions are removed that transactions up to this one had ended:
   *     waits for or cancels queries that may still see them
   */
  HeapRedo(BufferPool buffers, InvalidPages invalid, Steps steps, Consumer<Xid> conflict) {
    this.buffers = buffers;
    this.invalid = invalid;
    this.steps = steps;
    this.conflict = conflict;
  }

  void apply(HeapBody body, WalRecord record, Lsn end) {
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
      case HeapBody.Lock lock ->
          change(record, 0, end, false, (page, block) -> lock(page, lock, block));
      case HeapBody.Inplace inplace ->
          change(record, 0, end, false, (page, block) -> overwrite(page, inplace, block));
      case HeapBody.Truncate _, HeapBody.Confirm _ -> images(record, end);
    }
  }

  /** Of what this server never logs, it takes the images: it comes from a real primary. */
  void apply(Heap2Body body, WalRecord record, Lsn end) {
    switch (body) {
      case Heap2Body.Prune prune -> {
        conflict.accept(prune.latestRemovedXid());
        change(record, 0, end, false, (page, block) -> PageChanges.prune(page, prune));
      }
      case Heap2Body.Vacuum vacuum ->
          change(record, 0, end, false, (page, block) -> PageChanges.vacuum(page, vacuum));
      case Heap2Body.FreezePage freeze -> {
        conflict.accept(freeze.cutoff().previous());
        change(record, 0, end, false, (page, block) -> PageChanges.freeze(page, freeze));
      }
      case Heap2Body.MultiInsert insert ->
          change(
              record,
              0,
              end,
              insert.init(),
              (page, block) -> insertAll(page, insert, record.xid(), block));
      case Heap2Body.Rewrite _, Heap2Body.Visible _, Heap2Body.LockUpdated _, Heap2Body.NewCid _ ->
          images(record, end);
    }
  }

  private static void overwrite(HeapPage page, HeapBody.Inplace inplace, BlockReference block) {
    PageChanges.overwrite(page, inplace.offset(), block.data());
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
    if (block.fork() == BlockReference.MAIN_FORK) {
      steps.answer(
          RecoverySteps.REDO_CHANGE, block.relation(), () -> change(block, end, init, change));
    }
  }

  /** Returns whether the page was changed; it may be there no more, or have the change already. */
  private boolean change(BlockReference block, Lsn end, boolean init, PageChange change) {
    boolean needsPage = !init && block.image().filter(image -> image.apply()).isEmpty();
    Buffer buffer;
    if (needsPage) {
      Optional<Buffer> known = buffers.find(block.relation(), block.block());
      if (known.isEmpty() || known.get().heapPage().isNew()) {
        invalid.note(block.relation(), block.block());
        return false;
      }
      buffer = known.get();
    } else {
      buffer = buffers.getOrExtend(block.relation(), block.block());
    }
    buffer.lock().lock();
    try {
      if (restoreImage(block, buffer, end)) {
        return true;
      }
      if (init) {
        HeapPage.initialize(buffer.page());
      } else if (buffer.pageLsn().compareTo(end) >= 0) {
        return false;
      }
      change.apply(buffer.heapPage(), block);
      buffer.pageLsn(end);
      buffer.markDirty();
      return true;
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

  /** The page is made anew, whatever its LSN (seq_redo). */
  void sequence(SequenceBody body, WalRecord record, Lsn end) {
    BlockReference block =
        record.block(0).orElseThrow(() -> new FormatException("sequence record has no block"));
    Buffer buffer = buffers.getOrExtend(block.relation(), block.block());
    buffer.lock().lock();
    try {
      SequencePage.write(buffer.page(), body.tuple());
      buffer.pageLsn(end);
      buffer.markDirty();
    } finally {
      buffer.lock().unlock();
    }
  }

  /** Restores the full-page images of a record that is not decoded further. */
  void images(WalRecord record, Lsn end) {
    for (BlockReference block : record.blocks()) {
      if (block.fork() == BlockReference.MAIN_FORK && block.image().isPresent()) {
        change(record, block.id(), end, false, (page, b) -> {});
      }
    }
  }

  private static void insert(HeapPage page, HeapBody.Insert insert, Xid xid, BlockReference block) {
    TupleData data = insert.tuple().orElseThrow(() -> new FormatException("INSERT has no tuple"));
    insert(page, insert.offset(), data, xid, block.block());
  }

  private static void insertAll(
      HeapPage page, Heap2Body.MultiInsert insert, Xid xid, BlockReference block) {
    List<TupleData> tuples = insert.inserted();
    for (int i = 0; i < tuples.size(); i++) {
      int offset = insert.init() ? i + 1 : insert.offsets().get(i);
      insert(page, offset, tuples.get(i), xid, block.block());
    }
  }

  private static void insert(HeapPage page, int offset, TupleData data, Xid xid, int block) {
    TupleHeader header =
        new TupleHeader(
            xid,
            Xid.INVALID,
            0,
            block,
            offset,
            data.infomask2(),
            data.infomask(),
            data.headerBytes());
    page.insertAt(offset, TupleCodec.tuple(header, data));
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

  private static void lock(HeapPage page, HeapBody.Lock lock, BlockReference block) {
    TupleHeader header = page.header(lock.offset());
    TupleHeader locked = ended(header, lock.xid(), lock.lockBits(), block.block(), lock.offset());
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
      ended = ended.withInfomask2(ended.infomask2() | TupleHeader.HOT_UPDATED);
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
