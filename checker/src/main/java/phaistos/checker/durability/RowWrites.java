package phaistos.checker.durability;

import java.util.List;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.Heap2Body;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.TupleData;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.RecordView;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * The rows that heap records write, from the record's data or, if it has a full-page image instead,
 * from the page. An update may hold only the difference to the old row.
 */
final class RowWrites {
  private static final int FIRST_NORMAL_OID = 16_384;
  private static final int OPERATION = 0x70;
  private static final int INSERT = 0x00;
  private static final int DELETE = 0x10;
  private static final int UPDATE = 0x20;
  private static final int TRUNCATE = 0x30;
  private static final int HOT_UPDATE = 0x40;
  private static final int MULTI_INSERT = 0x50;
  private static final int LOCK = 0x60;
  private static final int LOCK_UPDATED = 0x60;
  private static final int PG_CLASS = 1259;

  /** Lengths and flags of heapam_xlog.h: main data of both, and a tuple's header in the data. */
  private static final int INSERT_BYTES = 3;

  private static final int UPDATE_BYTES = 14;
  private static final int TUPLE_BYTES = 5;
  private static final int CONTAINS_OLD = 0x0C;
  private static final int PREFIX_FROM_OLD = 0x20;
  private static final int SUFFIX_FROM_OLD = 0x40;

  /** Called with each row. */
  interface Rows {
    /**
     * Columns of a row.
     *
     * @param base where the first column begins, or would begin, in {@code bytes}
     * @param whole false if values may be missing
     */
    void row(byte[] bytes, int base, int from, int to, boolean whole);

    /** A row was written that cannot be read. */
    void unreadable();
  }

  private RowWrites() {}

  /** Reports the rows of a record of resource manager Heap or Heap2. */
  static void read(RecordView view, Rows rows) {
    if (view.blockCount() == 0
        || view.block(0).id() != 0
        || isOfCatalog(view.block(0).relation())
        || readPlain(view, rows)) {
      return;
    }
    WalRecord record = view.toRecord();
    Optional<BlockReference> block = record.block(0);
    switch (view.format().decode(record)) {
      case HeapBody.Insert insert -> {
        if (insert.tuple().isPresent()) {
          tuple(insert.tuple().get(), 0, 0, rows);
        } else {
          fromImage(block.get(), List.of(insert.offset()), rows);
        }
      }
      case HeapBody.Update update -> {
        if (update.newTuple().isPresent()) {
          HeapBody.NewTuple tuple = update.newTuple().get();
          tuple(tuple.tuple(), tuple.prefix(), tuple.suffix(), rows);
        } else {
          fromImage(block.get(), List.of(update.newOffset()), rows);
        }
      }
      case Heap2Body.MultiInsert insert -> {
        if (!insert.inserted().isEmpty()) {
          insert.inserted().forEach(tuple -> tuple(tuple, 0, 0, rows));
        } else {
          fromImage(
              block.get(),
              insert.init()
                  ? java.util.stream.IntStream.rangeClosed(1, insert.tuples()).boxed().toList()
                  : insert.offsets(),
              rows);
        }
      }
      default -> {}
    }
  }

  /**
   * The row of an insert or update, straight from the record's bytes, which is the usual case.
   * False for every other record, and for one whose length does not fit its kind.
   */
  private static boolean readPlain(RecordView view, Rows rows) {
    if (view.rmgrId() != Rmgr.HEAP.id()) {
      return false;
    }
    byte[] bytes = view.bytes();
    int at = view.block(0).dataAt();
    int end = at + view.block(0).dataLength();
    int prefix = 0;
    int suffix = 0;
    switch (view.info() & OPERATION) {
      case INSERT -> {
        if (view.mainLength() != INSERT_BYTES || end - at < TUPLE_BYTES) {
          return false;
        }
      }
      case UPDATE, HOT_UPDATE -> {
        int flags = view.mainLength() == UPDATE_BYTES ? bytes[view.mainAt() + 7] : CONTAINS_OLD;
        if ((flags & CONTAINS_OLD) != 0 || end - at < TUPLE_BYTES + 4) {
          return false;
        }
        if ((flags & PREFIX_FROM_OLD) != 0) {
          prefix = ByteReader.u16(bytes, at);
          at += 2;
        }
        if ((flags & SUFFIX_FROM_OLD) != 0) {
          suffix = ByteReader.u16(bytes, at);
          at += 2;
        }
      }
      default -> {
        return false;
      }
    }
    tuple(bytes[at + 4] & 0xFF, bytes, at + TUPLE_BYTES, end, prefix, suffix, rows);
    return true;
  }

  /**
   * Whether a page belongs to one of the database's own tables, whose rows hold OIDs that may equal
   * a marker (FirstNormalObjectId, transam.h).
   */
  static boolean isOfCatalog(int relation) {
    return Integer.compareUnsigned(relation, FIRST_NORMAL_OID) < 0;
  }

  /** Whether a record inserts into pg_class. */
  static boolean isCreation(int rmgr, int info, int relation) {
    boolean isInsert = rmgr == Rmgr.HEAP.id() ? (info & OPERATION) == INSERT : isMultiInsert(info);
    return relation == PG_CLASS && isInsert;
  }

  /** Whether a record deletes or locks a row; it has only the row's place. */
  static boolean isTouch(int rmgr, int info) {
    int operation = info & OPERATION;
    return rmgr == Rmgr.HEAP.id()
        ? operation == DELETE || operation == TRUNCATE || operation == LOCK
        : operation == LOCK_UPDATED;
  }

  /** Whether a record of resource manager Heap with this info may write a row. */
  static boolean mayWriteRow(int info) {
    int operation = info & OPERATION;
    return operation == INSERT || operation == UPDATE || operation == HOT_UPDATE;
  }

  /** Whether a record of resource manager Heap2 with this info writes rows. */
  static boolean isMultiInsert(int info) {
    return (info & OPERATION) == MULTI_INSERT;
  }

  private static void tuple(TupleData tuple, int prefix, int suffix, Rows rows) {
    byte[] data = tuple.data();
    tuple(tuple.headerBytes(), data, 0, data.length, prefix, suffix, rows);
  }

  /** A tuple whose bytes after the fixed header are {@code bytes[at..end)}. */
  private static void tuple(
      int headerBytes, byte[] bytes, int at, int end, int prefix, int suffix, Rows rows) {
    int from = at + headerBytes - TupleHeader.BYTES;
    if (from < at || from > end) {
      rows.unreadable();
      return;
    }
    rows.row(bytes, from - prefix, from, end, prefix == 0 && suffix == 0);
  }

  private static void fromImage(BlockReference block, List<Integer> offsets, Rows rows) {
    if (block.image().isEmpty()) {
      rows.unreadable();
      return;
    }
    HeapPage page = HeapPage.of(block.image().get().restore());
    for (int offset : offsets) {
      if (offset < 1 || offset > page.maxOffset()) {
        rows.unreadable();
        continue;
      }
      byte[] bytes = page.tuple(offset);
      int from = bytes[22] & 0xFF;
      if (from > bytes.length) {
        rows.unreadable();
      } else {
        rows.row(bytes, from, from, bytes.length, true);
      }
    }
  }
}
