package phaistos.server.heap;

import phaistos.formats.ByteWriter;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.TupleData;
import phaistos.server.storage.Buffer;
import phaistos.server.xact.Transaction;

/** The headers of row versions that a transaction makes, ends or locks (heapam.c). */
final class Versions {
  private Versions() {}

  static TupleHeader newHeader(Xid xid, Xid xmax, Transaction own, Tid tid, TupleData data) {
    return new TupleHeader(
        xid,
        xmax,
        own.command(),
        tid.block(),
        tid.offset(),
        data.infomask2(),
        data.infomask(),
        data.headerBytes());
  }

  static byte[] encode(TupleData data) {
    ByteWriter out = new ByteWriter();
    out.u16(data.infomask2()).u16(data.infomask()).u8(data.headerBytes()).bytes(data.data());
    return out.toBytes();
  }

  /**
   * The header of a version that this transaction deletes or updates; {@code next} is the place of
   * the next version.
   */
  static TupleHeader ended(
      TupleHeader header, Xid xid, Transaction own, Tid next, int keysUpdated) {
    int infomask = header.infomask() & ~TupleHeader.XMAX_BITS;
    int command = own.command();
    if (own.isCurrent(header.xmin())) {
      int inserting =
          header.has(TupleHeader.COMBOCID)
              ? own.insertingCommand(header.command())
              : header.command();
      if (inserting != command) {
        command = own.combine(inserting, command);
        infomask |= TupleHeader.COMBOCID;
      } else {
        infomask &= ~TupleHeader.COMBOCID;
      }
    } else {
      infomask &= ~TupleHeader.COMBOCID;
    }
    int infomask2 =
        header.infomask2() & ~(TupleHeader.KEYS_UPDATED | TupleHeader.HOT_UPDATED) | keysUpdated;
    return new TupleHeader(
        header.xmin(),
        xid,
        command,
        next.block(),
        next.offset(),
        infomask2,
        infomask,
        header.headerBytes());
  }

  static void markPrunable(Buffer buffer, Xid xid) {
    HeapPage page = buffer.heapPage();
    if (!page.pruneXid().isValid() || xid.precedes(page.pruneXid())) {
      page.setPruneXid(xid);
    }
    buffer.markDirty();
  }
}
