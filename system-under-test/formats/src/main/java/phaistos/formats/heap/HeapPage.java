package phaistos.formats.heap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;

/**
 * A page of a table, 8192 bytes, in an array that the caller owns; changes go to that array
 * (storage/bufpage.h). It has a header of 24 bytes, line pointers upwards from it, and tuples
 * downwards from the end. Offsets number line pointers from 1. Not thread-safe.
 */
public final class HeapPage {
  public static final int BYTES = 8192;
  public static final int HEADER_BYTES = 24;
  public static final int HAS_FREE_LINES = 0x0001;
  public static final int PAGE_FULL = 0x0002;
  public static final int ALL_VISIBLE = 0x0004;

  /** More line pointers do not fit with tuples of the least size. */
  public static final int MAX_TUPLES = 291;

  private static final int LAYOUT_VERSION = 4;
  private static final byte[] ZEROS = new byte[BYTES];

  private final byte[] page;

  private HeapPage(byte[] page) {
    this.page = page;
  }

  /** What a line pointer is for. Numbers are the ordinals. */
  public enum LineState {
    UNUSED,
    NORMAL,
    REDIRECT,
    DEAD;

    private static final LineState[] BY_BITS = values();
  }

  /**
   * A line pointer.
   *
   * @param at where the tuple begins in the page; of a redirection the offset it leads to
   * @param length bytes of the tuple; 0 without storage
   */
  public record Line(int offset, LineState state, int at, int length) {}

  /** Makes {@code page} an empty page. */
  public static HeapPage initialize(byte[] page) {
    Arrays.fill(page, (byte) 0);
    ByteWriter.putU16(page, 12, HEADER_BYTES);
    ByteWriter.putU16(page, 14, BYTES);
    ByteWriter.putU16(page, 16, BYTES);
    ByteWriter.putU16(page, 18, BYTES | LAYOUT_VERSION);
    return new HeapPage(page);
  }

  /**
   * The page in these bytes.
   *
   * @throws FormatException if its header is not one of a page of version 15 (a page of zeros,
   *     which a file may contain, is {@link #isNew})
   */
  public static HeapPage of(byte[] page) {
    if (page.length != BYTES) {
      throw new FormatException("a page has 8192 bytes, not " + page.length);
    }
    HeapPage heap = new HeapPage(page);
    if (heap.isNew()) {
      if (Arrays.mismatch(page, ZEROS) >= 0) {
        throw new FormatException("page header is damaged: upper is 0, but the page is not empty");
      }
      return heap;
    }
    int version = ByteReader.u16(page, 18);
    if (version != (BYTES | LAYOUT_VERSION)) {
      throw new FormatException(
          "page size and layout version are %04X, not 2004".formatted(version));
    }
    if (heap.lower() < HEADER_BYTES
        || heap.lower() > heap.upper()
        || heap.upper() > heap.special()
        || heap.special() > BYTES
        || (heap.lower() & 3) != 0
        || (heap.special() & 7) != 0) {
      throw new FormatException(
          "page header is damaged: lower %d, upper %d, special %d"
              .formatted(heap.lower(), heap.upper(), heap.special()));
    }
    return heap;
  }

  /** Never initialized. */
  public boolean isNew() {
    return upper() == 0;
  }

  public Lsn lsn() {
    return new Lsn((long) ByteReader.i32(page, 0) << 32 | ByteReader.i32(page, 4) & 0xFFFF_FFFFL);
  }

  /** The end of the last record that changed the page. */
  public void setLsn(Lsn lsn) {
    ByteWriter.putI32(page, 0, (int) (lsn.value() >>> 32));
    ByteWriter.putI32(page, 4, (int) lsn.value());
  }

  public int checksum() {
    return ByteReader.u16(page, 8);
  }

  public void setChecksum(int checksum) {
    ByteWriter.putU16(page, 8, checksum);
  }

  public int flags() {
    return ByteReader.u16(page, 10);
  }

  public void setFlags(int flags) {
    ByteWriter.putU16(page, 10, flags);
  }

  public int lower() {
    return ByteReader.u16(page, 12);
  }

  public int upper() {
    return ByteReader.u16(page, 14);
  }

  public int special() {
    return ByteReader.u16(page, 16);
  }

  /** The oldest transaction whose dead tuples pruning may remove (pd_prune_xid), or invalid. */
  public Xid pruneXid() {
    return new Xid(ByteReader.i32(page, 20));
  }

  public void setPruneXid(Xid xid) {
    ByteWriter.putI32(page, 20, xid.value());
  }

  /** The number of line pointers, used or not. */
  public int maxOffset() {
    return Math.max(0, (lower() - HEADER_BYTES) / 4);
  }

  public Line line(int offset) {
    if (offset < 1 || offset > maxOffset()) {
      throw new IllegalArgumentException(
          "line pointer %d of %d does not exist".formatted(offset, maxOffset()));
    }
    int bits = ByteReader.i32(page, HEADER_BYTES + (offset - 1) * 4);
    return new Line(
        offset, LineState.BY_BITS[bits >>> 15 & 3], bits & 0x7FFF, bits >>> 17 & 0x7FFF);
  }

  public void setLine(int offset, LineState state, int at, int length) {
    int bits = at & 0x7FFF | state.ordinal() << 15 | length << 17;
    ByteWriter.putI32(page, HEADER_BYTES + (offset - 1) * 4, bits);
  }

  public List<Line> lines() {
    int count = maxOffset();
    List<Line> lines = new ArrayList<>(count);
    for (int offset = 1; offset <= count; offset++) {
      lines.add(line(offset));
    }
    return lines;
  }

  /**
   * The tuple's bytes, header included.
   *
   * @throws FormatException if the line pointer points outside the page's tuples
   */
  public byte[] tuple(int offset) {
    Line line = line(offset);
    int from = checkedStorage(line);
    return Arrays.copyOfRange(page, from, from + line.length);
  }

  public TupleHeader header(int offset) {
    return TupleHeader.decode(page, checkedStorage(line(offset)));
  }

  /** Overwrites the header of a tuple in place: hint bits, deletion, locks. */
  public void setHeader(int offset, TupleHeader header) {
    int from = checkedStorage(line(offset));
    System.arraycopy(header.encode(), 0, page, from, TupleHeader.BYTES);
  }

  /** Overwrites bytes of a tuple from {@code at} on, which counts from the tuple's begin. */
  public void overwrite(int offset, int at, byte[] bytes) {
    Line line = line(offset);
    int from = checkedStorage(line);
    if (at < 0 || at + bytes.length > line.length) {
      throw new IllegalArgumentException(
          "%d bytes at %d of a tuple of %d".formatted(bytes.length, at, line.length));
    }
    System.arraycopy(bytes, 0, page, from + at, bytes.length);
  }

  private int checkedStorage(Line line) {
    if (line.state != LineState.NORMAL
        || line.length < TupleHeader.BYTES
        || line.at < upper()
        || line.at + line.length > special()) {
      throw new FormatException(
          "line pointer %d has no tuple: %s, %d bytes at %d (tuples stand at %d to %d)"
              .formatted(line.offset, line.state, line.length, line.at, upper(), special()));
    }
    return line.at;
  }

  /** Free bytes for one more tuple, after its line pointer. */
  public int freeSpace() {
    return Math.max(0, upper() - lower() - 4);
  }

  /**
   * Free bytes for one more tuple: 0 if the page has as many line pointers as it may have, all in
   * use (PageGetHeapFreeSpace).
   */
  public int heapFreeSpace() {
    int space = freeSpace();
    return space > 0 && maxOffset() >= MAX_TUPLES && firstUnused() == 0 ? 0 : space;
  }

  /** Whether a tuple of this length fits, in bytes and in the number of line pointers. */
  public boolean fits(int tupleLength) {
    return aligned(tupleLength) <= heapFreeSpace();
  }

  /** The line pointer that the next tuple takes: the first unused one, or else a new one. */
  public int nextOffset() {
    int unused = firstUnused();
    return unused > 0 ? unused : maxOffset() + 1;
  }

  /** The first unused line pointer if the page says that it has one; otherwise 0. */
  private int firstUnused() {
    if ((flags() & HAS_FREE_LINES) == 0) {
      return 0;
    }
    int count = maxOffset();
    for (int offset = 1; offset <= count; offset++) {
      if (line(offset).state() == LineState.UNUSED) {
        return offset;
      }
    }
    return 0;
  }

  /** Adds a tuple at {@link #nextOffset} and returns its offset (PageAddItem). */
  public int insert(byte[] tuple) {
    int offset = nextOffset();
    if (offset == maxOffset() + 1) {
      setFlags(flags() & ~HAS_FREE_LINES);
    }
    return insertAt(offset, tuple);
  }

  /** Adds a tuple at the line pointer {@code offset}, the next new one or an unused one. */
  public int insertAt(int offset, byte[] tuple) {
    boolean fresh = offset == maxOffset() + 1;
    int newUpper = upper() - aligned(tuple.length);
    int newLower = lower() + (fresh ? 4 : 0);
    if (!fresh && line(offset).state != LineState.UNUSED) {
      throw new IllegalArgumentException("line pointer %d is in use".formatted(offset));
    }
    if (newLower > newUpper || tuple.length < TupleHeader.BYTES) {
      throw new IllegalArgumentException(
          "tuple of %d bytes does not fit: lower=%d, upper=%d"
              .formatted(tuple.length, lower(), upper()));
    }
    ByteWriter.putU16(page, 12, newLower);
    ByteWriter.putU16(page, 14, newUpper);
    System.arraycopy(tuple, 0, page, newUpper, tuple.length);
    setLine(offset, LineState.NORMAL, newUpper, tuple.length);
    return offset;
  }

  /** Makes a line pointer unused: what it led to is gone. */
  public void setUnused(int offset) {
    setLine(offset, LineState.UNUSED, 0, 0);
  }

  /** Makes a line pointer dead: its tuple is gone, but an index may still refer to it. */
  public void setDead(int offset) {
    setLine(offset, LineState.DEAD, 0, 0);
  }

  /** Makes a line pointer lead to another one, the first remaining version of its row. */
  public void setRedirect(int offset, int to) {
    setLine(offset, LineState.REDIRECT, to, 0);
  }

  /**
   * Moves the tuples to the end of the page, in the order of their line pointers, and removes
   * unused line pointers at the end of the array (PageRepairFragmentation). The bytes between are
   * zeroed.
   */
  public void repairFragmentation() {
    byte[] tuples = new byte[BYTES];
    int upper = special();
    int last = 0;
    int unused = 0;
    for (Line line : lines()) {
      if (line.state == LineState.UNUSED) {
        unused++;
        continue;
      }
      last = line.offset;
      if (line.state == LineState.NORMAL) {
        int from = checkedStorage(line);
        upper -= aligned(line.length);
        System.arraycopy(page, from, tuples, upper, line.length);
        setLine(line.offset, LineState.NORMAL, upper, line.length);
      }
    }
    System.arraycopy(tuples, upper, page, upper, special() - upper);
    unused -= maxOffset() - last;
    truncateLines(last, upper);
    setFlags(unused > 0 ? flags() | HAS_FREE_LINES : flags() & ~HAS_FREE_LINES);
  }

  /**
   * Removes unused line pointers at the end of the array, all but the first
   * (PageTruncateLinePointerArray).
   */
  public void truncateLines() {
    int last = maxOffset();
    while (last > 1 && line(last).state() == LineState.UNUSED) {
      last--;
    }
    boolean unused = false;
    for (int offset = 1; offset <= last; offset++) {
      unused |= line(offset).state() == LineState.UNUSED;
    }
    truncateLines(last, upper());
    setFlags(unused ? flags() | HAS_FREE_LINES : flags() & ~HAS_FREE_LINES);
  }

  private void truncateLines(int count, int upper) {
    int lower = HEADER_BYTES + count * 4;
    ByteWriter.putU16(page, 12, lower);
    ByteWriter.putU16(page, 14, upper);
    Arrays.fill(page, lower, upper, (byte) 0);
  }

  private static int aligned(int length) {
    return length + 7 & -8;
  }
}
