package phaistos.checker.durability;

import java.util.List;
import java.util.Optional;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.Heap2Body;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.TupleData;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.WalRecord;

/**
 * The rows that heap records write: from the record's own data, or, where a full-page image stands
 * in for it, from the page. Of an update only what differs from the old row may be there.
 */
final class RowWrites {
  private static final int FIRST_NORMAL_OID = 16_384;
  private static final int OPERATION = 0x70;
  private static final int INSERT = 0x00;
  private static final int UPDATE = 0x20;
  private static final int HOT_UPDATE = 0x40;
  private static final int MULTI_INSERT = 0x50;

  /** Told of each row. */
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

  /** Tells the rows of a record of resource manager Heap or Heap2. */
  static void read(WalRecord record, Rows rows) {
    Optional<BlockReference> block = record.block(0);
    if (block.isEmpty() || isOfCatalog(block.get())) {
      return;
    }
    switch (RecordBody.decode(record)) {
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
   * Whether a page belongs to one of the database's own tables, whose rows hold OIDs, which may
   * well be equal to a marker (FirstNormalObjectId, transam.h).
   */
  private static boolean isOfCatalog(BlockReference block) {
    return Integer.compareUnsigned(block.relation().relation(), FIRST_NORMAL_OID) < 0;
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
    int from = tuple.headerBytes() - TupleHeader.BYTES;
    if (from < 0 || from > tuple.data().length) {
      rows.unreadable();
      return;
    }
    boolean whole = prefix == 0 && suffix == 0;
    rows.row(tuple.data(), from - prefix, from, tuple.data().length, whole);
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
