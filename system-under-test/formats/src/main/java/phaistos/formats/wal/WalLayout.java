package phaistos.formats.wal;

import java.util.Arrays;
import phaistos.formats.ByteWriter;
import phaistos.formats.Lsn;

/**
 * The placement of records in pages and segments. Records begin at multiples of 8 and continue
 * across page boundaries, after the page headers. A <i>byte position</i> counts the bytes of
 * records without page headers (PostgreSQL's XLogBytePosToRecPtr and related functions), so that
 * reserving space for a record is one addition.
 *
 * @param segmentSize bytes of a segment file: a power of two from 1 MB to 1 GB
 */
public record WalLayout(int segmentSize) {
  public static final int DEFAULT_SEGMENT_SIZE = 16 << 20;

  private static final int PAGE = PageHeader.PAGE_BYTES;
  private static final int PAGE_USABLE = PAGE - PageHeader.SHORT_BYTES;
  private static final int FIRST_PAGE_USABLE = PAGE - PageHeader.LONG_BYTES;

  public WalLayout {
    if (!isValidSegmentSize(segmentSize)) {
      throw new IllegalArgumentException(
          "segment size is %d bytes, not a power of two from 1 MB to 1 GB".formatted(segmentSize));
    }
  }

  public static boolean isValidSegmentSize(int size) {
    return Integer.bitCount(size) == 1 && size >= 1 << 20 && size <= 1 << 30;
  }

  /** The next multiple of 8. */
  public static long align(long value) {
    return value + 7 & -8L;
  }

  public long segmentNumber(Lsn lsn) {
    return Long.divideUnsigned(lsn.value(), segmentSize);
  }

  public int segmentOffset(Lsn lsn) {
    return (int) (lsn.value() & segmentSize - 1);
  }

  public Lsn segmentStart(Lsn lsn) {
    return new Lsn(lsn.value() & -(long) segmentSize);
  }

  public SegmentName segmentName(int timeline, Lsn lsn) {
    return SegmentName.of(timeline, lsn, segmentSize);
  }

  public static Lsn pageStart(Lsn lsn) {
    return new Lsn(lsn.value() & -(long) PAGE);
  }

  public static int pageOffset(Lsn lsn) {
    return (int) (lsn.value() & PAGE - 1);
  }

  /** The length of the header of the page at this LSN. */
  public int headerBytes(Lsn page) {
    return segmentOffset(page) < PAGE ? PageHeader.LONG_BYTES : PageHeader.SHORT_BYTES;
  }

  private long segmentUsable() {
    return (long) segmentSize / PAGE * PAGE_USABLE
        - (PageHeader.LONG_BYTES - PageHeader.SHORT_BYTES);
  }

  /**
   * The bytes of records before this LSN; an LSN within a page header counts as the header's end.
   */
  public long bytePosition(Lsn lsn) {
    int offset = segmentOffset(lsn);
    long whole = segmentNumber(lsn) * segmentUsable();
    int inPage = offset % PAGE;
    if (offset < PAGE) {
      return whole + Math.max(0, inPage - PageHeader.LONG_BYTES);
    }
    long pages = offset / PAGE - 1L;
    return whole
        + FIRST_PAGE_USABLE
        + pages * PAGE_USABLE
        + Math.max(0, inPage - PageHeader.SHORT_BYTES);
  }

  /** The LSN of a record that starts at this byte position; never a page boundary. */
  public Lsn startLsn(long bytePosition) {
    long segment = Long.divideUnsigned(bytePosition, segmentUsable());
    long left = Long.remainderUnsigned(bytePosition, segmentUsable());
    long offset;
    if (left < FIRST_PAGE_USABLE) {
      offset = left + PageHeader.LONG_BYTES;
    } else {
      left -= FIRST_PAGE_USABLE;
      offset = PAGE + left / PAGE_USABLE * PAGE + left % PAGE_USABLE + PageHeader.SHORT_BYTES;
    }
    return new Lsn(segment * segmentSize + offset);
  }

  /** The LSN of the end at this byte position: a page boundary, not the end of the next header. */
  public Lsn endLsn(long bytePosition) {
    long segment = Long.divideUnsigned(bytePosition, segmentUsable());
    long left = Long.remainderUnsigned(bytePosition, segmentUsable());
    long offset;
    if (left == 0) {
      offset = 0;
    } else if (left <= FIRST_PAGE_USABLE) {
      offset = left + PageHeader.LONG_BYTES;
      if (left == FIRST_PAGE_USABLE) {
        offset = PAGE;
      }
    } else {
      left -= FIRST_PAGE_USABLE;
      long inPage = left % PAGE_USABLE;
      offset =
          PAGE + left / PAGE_USABLE * PAGE + (inPage == 0 ? 0 : inPage + PageHeader.SHORT_BYTES);
    }
    return new Lsn(segment * segmentSize + offset);
  }

  /** The start of the next record if this one ends, or the WAL begins, at {@code end}. */
  public Lsn startAfter(Lsn end) {
    return startLsn(align(bytePosition(end)));
  }

  /** The end, aligned to 8, of a record of {@code length} bytes that begins at {@code start}. */
  public Lsn endOf(Lsn start, int length) {
    return endLsn(bytePosition(start) + align(length));
  }

  /**
   * A record at its place in the WAL.
   *
   * @param at where the bytes begin: the record's start, or the start of the page that it opens
   * @param bytes to be written there: page headers included, up to {@code end}
   * @param start the record's LSN
   * @param end its end, aligned: what must be flushed, and where the next record may begin
   */
  public record Placed(Lsn at, byte[] bytes, Lsn start, Lsn end) {}

  /**
   * The fields of new page headers.
   *
   * @param removable the flag that no base backup is running (BKP_REMOVABLE)
   */
  public record PageSource(int timeline, long systemId, boolean removable) {}

  /**
   * Places a sealed record at {@code start}, a possible record start ({@link #startAfter}), with
   * the headers of all pages that it opens.
   */
  public Placed place(byte[] record, Lsn start, PageSource source) {
    Lsn end = endOf(start, record.length);
    Lsn at = pageOffset(start) == headerBytes(start) ? pageStart(start) : start;
    byte[] out = new byte[(int) end.minus(at)];
    Lsn lsn = at;
    int written = 0;
    while (lsn.compareTo(end) < 0) {
      int to = (int) lsn.minus(at);
      if (pageOffset(lsn) == 0) {
        int remaining = written == 0 ? 0 : record.length - written;
        byte[] header = pageHeader(lsn, remaining, source).encode();
        System.arraycopy(header, 0, out, to, header.length);
        to += header.length;
        lsn = lsn.plus(header.length);
      }
      int room = PAGE - pageOffset(lsn);
      int part = Math.min(room, record.length - written);
      System.arraycopy(record, written, out, to, part);
      written += part;
      lsn = written == record.length ? end : lsn.plus(part);
    }
    return new Placed(at, out, start, end);
  }

  /**
   * Places a SWITCH record at {@code start}. It takes the rest of the segment as empty pages with
   * headers. The next record begins in the next segment.
   */
  public Placed placeSwitch(byte[] record, Lsn start, PageSource source) {
    Placed placed = place(record, start, source);
    Lsn segmentEnd = segmentStart(start).plus(segmentSize);
    if (segmentOffset(placed.end()) == 0) {
      return placed;
    }
    byte[] out = Arrays.copyOf(placed.bytes(), (int) segmentEnd.minus(placed.at()));
    Lsn page = pageStart(placed.end().plus(PAGE - 1));
    for (; page.compareTo(segmentEnd) < 0; page = page.plus(PAGE)) {
      byte[] header = pageHeader(page, 0, source).encode();
      System.arraycopy(header, 0, out, (int) page.minus(placed.at()), header.length);
    }
    return new Placed(placed.at(), out, start, segmentEnd);
  }

  /** The header of the page at {@code page}. */
  public PageHeader pageHeader(Lsn page, int remainingLength, PageSource source) {
    boolean first = segmentOffset(page) == 0;
    int info =
        (remainingLength > 0 ? PageHeader.FIRST_IS_CONTRECORD : 0)
            | (first ? PageHeader.LONG_HEADER : 0)
            | (source.removable() ? PageHeader.BACKUP_REMOVABLE : 0);
    return new PageHeader(
        info,
        source.timeline(),
        page,
        remainingLength,
        first ? source.systemId() : 0,
        first ? segmentSize : 0);
  }

  /**
   * The header of a page that follows a record left incomplete by a crash. Its first record must be
   * OVERWRITE_CONTRECORD.
   */
  public PageHeader overwriteHeader(Lsn page, PageSource source) {
    PageHeader plain = pageHeader(page, 0, source);
    return new PageHeader(
        plain.info() | PageHeader.FIRST_IS_OVERWRITE_CONTRECORD,
        plain.timeline(),
        page,
        0,
        plain.systemId(),
        plain.segmentSize());
  }

  /** The first page of a new segment file: its header, then zeros. */
  public byte[] firstPage(Lsn segment, PageSource source) {
    byte[] page = new byte[PAGE];
    byte[] header = pageHeader(segment, 0, source).encode();
    System.arraycopy(header, 0, page, 0, header.length);
    ByteWriter.putU16(page, 0, PageHeader.MAGIC);
    return page;
  }
}
