package phaistos.formats.record;

import phaistos.formats.ByteReader;
import phaistos.formats.PgTime;
import phaistos.formats.Text;
import phaistos.formats.wal.RecordView;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * What pg_waldump prints for the most common records, straight from their bytes: decoding a record
 * into objects takes longer than printing it. The output equals that of {@link
 * RecordBody#describe}, which handles all other records and those whose length does not fit their
 * kind.
 */
final class CommonDescriptions {
  private static final int XLOG = Rmgr.XLOG.id();
  private static final int TRANSACTION = Rmgr.TRANSACTION.id();
  private static final int HEAP2 = Rmgr.HEAP2.id();
  private static final int HEAP = Rmgr.HEAP.id();
  private static final int BTREE = Rmgr.BTREE.id();

  private final HeapWords words;
  private final boolean pruneOfFourteen;

  CommonDescriptions(Wording wording) {
    this.words = wording.heap();
    this.pruneOfFourteen = wording.pruneOfFourteen();
  }

  /** Appends the description of a common record; returns false and appends nothing for others. */
  boolean append(Text out, RecordView record) {
    int rmgr = record.rmgrId();
    int info = record.info() & WalRecord.RMGR_INFO;
    if (rmgr == HEAP) {
      return appendHeap(out, info, record);
    }
    if (rmgr == BTREE) {
      return appendBtree(out, info, record);
    }
    if (rmgr == TRANSACTION) {
      return appendTransaction(out, info, record);
    }
    if (rmgr == HEAP2) {
      return appendHeap2(out, info, record);
    }
    // an image has no description
    return rmgr == XLOG && (info == 0xA0 || info == 0xB0) && record.mainLength() == 0;
  }

  private boolean appendHeap(Text out, int info, RecordView record) {
    byte[] bytes = record.bytes();
    int at = record.mainAt();
    int length = record.mainLength();
    switch (info) {
      case 0x00, 0x80 -> {
        if (length != 3 || !hasTuple(record, 0)) {
          return false;
        }
        words.insert(out, ByteReader.u16(bytes, at), bytes[at + 2]);
      }
      case 0x10 -> {
        if (length != 8 || (bytes[at + 7] & HeapBody.Delete.CONTAINS_OLD) != 0) {
          return false;
        }
        int xmax = ByteReader.i32(bytes, at);
        words.delete(out, xmax, ByteReader.u16(bytes, at + 4), bytes[at + 6], bytes[at + 7]);
      }
      case 0x20, 0x40, 0xA0, 0xC0 -> {
        if (length != 14 || !isPlainUpdate(bytes[at + 7], record)) {
          return false;
        }
        words.update(
            out,
            ByteReader.i32(bytes, at),
            ByteReader.u16(bytes, at + 4),
            bytes[at + 6],
            bytes[at + 7],
            ByteReader.i32(bytes, at + 8),
            ByteReader.u16(bytes, at + 12));
      }
      case 0x60 -> {
        if (length != 8) {
          return false;
        }
        int xid = ByteReader.i32(bytes, at);
        words.lock(out, xid, ByteReader.u16(bytes, at + 4), bytes[at + 6], bytes[at + 7]);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlainUpdate(int flags, RecordView record) {
    int before =
        ((flags & HeapBody.Update.PREFIX_FROM_OLD) != 0 ? 2 : 0)
            + ((flags & HeapBody.Update.SUFFIX_FROM_OLD) != 0 ? 2 : 0);
    return (flags & HeapBody.Update.CONTAINS_OLD) == 0 && hasTuple(record, before);
  }

  /** Whether block 0 has a tuple after so many bytes, or no data at all. */
  private static boolean hasTuple(RecordView record, int before) {
    int length = zeroLength(record);
    return length == 0 || length >= before + TupleData.BYTES;
  }

  /** The length of block 0's data. */
  private static int zeroLength(RecordView record) {
    boolean isThere = record.blockCount() > 0 && record.block(0).id() == 0;
    return isThere ? record.block(0).dataLength() : 0;
  }

  private boolean appendHeap2(Text out, int info, RecordView record) {
    byte[] bytes = record.bytes();
    int at = record.mainAt();
    if (info == 0x10 && record.mainLength() == 8 && pruneOfFourteen) {
      int redirected = ByteReader.u16(bytes, at + 4);
      int dead = ByteReader.u16(bytes, at + 6);
      int rest = zeroLength(record) - 4 * redirected - 2 * dead;
      if (zeroLength(record) > 0 && (rest < 0 || rest % 2 != 0)) {
        return false;
      }
      out.append("latestRemovedXid ").unsigned(ByteReader.i32(bytes, at));
      out.append(" nredirected ").append(redirected).append(" ndead ").append(dead);
      return true;
    }
    if (info == 0x40 && record.mainLength() == 5) {
      words.visible(out, ByteReader.i32(bytes, at), bytes[at + 4]);
      return true;
    }
    return false;
  }

  private boolean appendBtree(Text out, int info, RecordView record) {
    boolean isInsert = info == 0x00 || info == 0x10 || info == 0x20 || info == 0x50;
    if (!isInsert || record.mainLength() < 2) {
      return false;
    }
    words.offset(out, ByteReader.u16(record.bytes(), record.mainAt()));
    return true;
  }

  /** A commit or an abort that has only its time. */
  private static boolean appendTransaction(Text out, int info, RecordView record) {
    if (info != 0x00 && info != 0x20 || record.mainLength() != 8) {
      return false;
    }
    PgTime.append(out, ByteReader.i64(record.bytes(), record.mainAt()));
    return true;
  }
}
