package phaistos.formats.heap;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Xid;

/**
 * The fixed header of a heap tuple, 23 bytes (access/htup_details.h): who inserted it, who deleted
 * or locked it, by which command, where its next version is, and flags.
 *
 * @param xmax invalid, a transaction, or a multixact if {@link #XMAX_IS_MULTI}
 * @param command the inserting or deleting command, or a combination
 * @param ctidBlock page of the next version, or of the tuple itself
 * @param infomask2 number of columns (lower 11 bits) and flags
 * @param headerBytes where the columns begin, a multiple of 8
 */
public record TupleHeader(
    Xid xmin,
    Xid xmax,
    int command,
    int ctidBlock,
    int ctidOffset,
    int infomask2,
    int infomask,
    int headerBytes) {
  public static final int BYTES = 23;

  /** The first multiple of 8 after the fixed header: where columns begin without a null bitmap. */
  public static final int ALIGNED_BYTES = 24;

  public static final int HAS_NULL = 0x0001;
  public static final int HAS_VARWIDTH = 0x0002;
  public static final int HAS_EXTERNAL = 0x0004;
  public static final int XMAX_KEYSHR_LOCK = 0x0010;
  public static final int COMBOCID = 0x0020;
  public static final int XMAX_EXCL_LOCK = 0x0040;
  public static final int XMAX_LOCK_ONLY = 0x0080;
  public static final int XMIN_COMMITTED = 0x0100;
  public static final int XMIN_INVALID = 0x0200;
  public static final int XMIN_FROZEN = XMIN_COMMITTED | XMIN_INVALID;
  public static final int XMAX_COMMITTED = 0x0400;
  public static final int XMAX_INVALID = 0x0800;
  public static final int XMAX_IS_MULTI = 0x1000;

  /** All infomask bits about xmax (HEAP_XMAX_BITS, with HEAP_XMAX_LOCK_ONLY of its locks). */
  public static final int XMAX_BITS =
      XMAX_COMMITTED
          | XMAX_INVALID
          | XMAX_IS_MULTI
          | XMAX_LOCK_ONLY
          | XMAX_KEYSHR_LOCK
          | XMAX_EXCL_LOCK;

  public static final int UPDATED = 0x2000;

  public static final int ATTRIBUTES_MASK = 0x07FF;
  public static final int KEYS_UPDATED = 0x2000;
  public static final int HOT_UPDATED = 0x4000;
  public static final int ONLY_TUPLE = 0x8000;

  private static final String[] INFOMASK_NAMES = {
    "HASNULL",
    "HASVARWIDTH",
    "HASEXTERNAL",
    "HASOID_OLD",
    "XMAX_KEYSHR_LOCK",
    "COMBOCID",
    "XMAX_EXCL_LOCK",
    "XMAX_LOCK_ONLY",
    "XMIN_COMMITTED",
    "XMIN_INVALID",
    "XMAX_COMMITTED",
    "XMAX_INVALID",
    "XMAX_IS_MULTI",
    "UPDATED",
    "MOVED_OFF",
    "MOVED_IN"
  };

  public boolean has(int infomaskBits) {
    return (infomask & infomaskBits) == infomaskBits;
  }

  public boolean isFrozen() {
    return has(XMIN_FROZEN);
  }

  public int attributes() {
    return infomask2 & ATTRIBUTES_MASK;
  }

  public boolean isHotUpdated() {
    return (infomask2 & HOT_UPDATED) != 0;
  }

  /**
   * Whether the next version of the row is on the same page and belongs to the same chain
   * (HeapTupleHeaderIsHotUpdated): false if the update or the insertion is known to have aborted.
   */
  public boolean leadsOn() {
    boolean aborted = (infomask & XMIN_FROZEN) == XMIN_INVALID;
    return isHotUpdated() && !has(XMAX_INVALID) && !aborted;
  }

  public TupleHeader withInfomask(int other) {
    return new TupleHeader(
        xmin, xmax, command, ctidBlock, ctidOffset, infomask2, other, headerBytes);
  }

  public TupleHeader withInfomask2(int other) {
    return new TupleHeader(
        xmin, xmax, command, ctidBlock, ctidOffset, other, infomask, headerBytes);
  }

  public boolean isHeapOnly() {
    return (infomask2 & ONLY_TUPLE) != 0;
  }

  /** The names of the flags of both masks, PostgreSQL's without HEAP_ in front. */
  public java.util.List<String> flagNames() {
    java.util.List<String> names = new java.util.ArrayList<>();
    for (int bit = 0; bit < 16; bit++) {
      if ((infomask & 1 << bit) != 0) {
        names.add(INFOMASK_NAMES[bit]);
      }
    }
    if ((infomask2 & KEYS_UPDATED) != 0) {
      names.add("KEYS_UPDATED");
    }
    if ((infomask2 & HOT_UPDATED) != 0) {
      names.add("HOT_UPDATED");
    }
    if ((infomask2 & ONLY_TUPLE) != 0) {
      names.add("ONLY_TUPLE");
    }
    return names;
  }

  /** Reads the header of a tuple. */
  public static TupleHeader decode(byte[] tuple) {
    if (tuple.length < BYTES) {
      throw new FormatException("tuple header of %d bytes".formatted(tuple.length));
    }
    return decode(tuple, 0);
  }

  /** The one that begins there; the bytes hold it whole. */
  static TupleHeader decode(byte[] bytes, int at) {
    return new TupleHeader(
        new Xid(ByteReader.i32(bytes, at)),
        new Xid(ByteReader.i32(bytes, at + 4)),
        ByteReader.i32(bytes, at + 8),
        ByteReader.u16(bytes, at + 12) << 16 | ByteReader.u16(bytes, at + 14),
        ByteReader.u16(bytes, at + 16),
        ByteReader.u16(bytes, at + 18),
        ByteReader.u16(bytes, at + 20),
        bytes[at + 22] & 0xFF);
  }

  /** The 23 bytes. */
  public byte[] encode() {
    ByteWriter out = new ByteWriter().xid(xmin).xid(xmax).i32(command);
    out.u16(ctidBlock >>> 16).u16(ctidBlock).u16(ctidOffset);
    return out.u16(infomask2).u16(infomask).u8(headerBytes).toBytes();
  }
}
