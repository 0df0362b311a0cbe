package phaistos.server.catalog;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.heap.TupleHeader;

/**
 * The only page of a sequence's file, with its only row (sequence.c): the last value, how many more
 * are logged, and whether the last value was given out.
 */
public final class SequencePage {
  private static final int BYTES = 8192;
  private static final int MAGIC = 0x1717;
  private static final int SPECIAL = BYTES - 8;
  private static final int HEADER = 24;
  private static final int LINE_END = HEADER + 4;
  private static final int LENGTH = HEADER + 17;
  private static final int TUPLE = SPECIAL - 48;
  private static final int FROZEN_XID = 2;
  private static final int COLUMNS = 3;
  private static final int NORMAL = 1;
  private static final int LAYOUT_VERSION = 4;

  private SequencePage() {}

  /**
   * A sequence's state.
   *
   * @param logged how many values after the last one the WAL knows as given out
   */
  record State(long last, long logged, boolean called) {
    byte[] tuple() {
      byte[] tuple = new byte[LENGTH];
      ByteWriter.putI32(tuple, 0, FROZEN_XID);
      ByteWriter.putU16(tuple, 16, 1); // t_ctid: offset 1 of block 0
      ByteWriter.putU16(tuple, 18, COLUMNS);
      ByteWriter.putU16(tuple, 20, TupleHeader.XMIN_FROZEN | TupleHeader.XMAX_INVALID);
      tuple[22] = HEADER;
      ByteWriter.putI64(tuple, HEADER, last);
      ByteWriter.putI64(tuple, HEADER + 8, logged);
      tuple[HEADER + 16] = (byte) (called ? 1 : 0);
      return tuple;
    }
  }

  static State read(byte[] page) {
    int row = values(page);
    return new State(ByteReader.i64(page, row), ByteReader.i64(page, row + 8), page[row + 16] != 0);
  }

  private static int values(byte[] page) {
    if (ByteReader.u16(page, SPECIAL) != MAGIC) {
      throw new FormatException("bad magic number in sequence");
    }
    return ByteReader.u16(page, 14) + HEADER;
  }

  /** The same page with another last value. */
  static void advance(byte[] page, long last, long logged) {
    int row = values(page);
    ByteWriter.putI64(page, row, last);
    ByteWriter.putI64(page, row + 8, logged);
  }

  /** Makes {@code page} the page with this row; its LSN stays. */
  public static void write(byte[] page, byte[] tuple) {
    if (tuple.length != LENGTH) {
      throw new FormatException("a sequence's row has 41 bytes, not " + tuple.length);
    }
    java.util.Arrays.fill(page, 8, BYTES, (byte) 0);
    ByteWriter.putU16(page, 12, LINE_END);
    ByteWriter.putU16(page, 14, TUPLE);
    ByteWriter.putU16(page, 16, SPECIAL);
    ByteWriter.putU16(page, 18, BYTES | LAYOUT_VERSION);
    ByteWriter.putI32(page, HEADER, TUPLE | NORMAL << 15 | LENGTH << 17);
    System.arraycopy(tuple, 0, page, TUPLE, LENGTH);
    ByteWriter.putU16(page, SPECIAL, MAGIC);
  }
}
