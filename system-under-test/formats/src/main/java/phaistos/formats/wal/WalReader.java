package phaistos.formats.wal;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import phaistos.formats.ByteReader;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.RecordFormat;

/**
 * Reads WAL records one after the other, with PostgreSQL's checks (xlogreader.c): page headers,
 * chain of previous positions, lengths, CRC. Holds one part of a file and one record in memory. A
 * record's buffer grows only as its pages prove valid. {@link #next} moves to the next record;
 * after it returns false {@link #end} says why. A record's raw bytes are overwritten by the next
 * step; {@link #record} is a copy. Not thread-safe.
 */
public final class WalReader {
  private static final int PAGE = PageHeader.PAGE_BYTES;
  private static final int HEADER = WalRecord.HEADER_BYTES;

  /** CRC-32C of any bytes and their own CRC-32C. */
  private static final int CRC_OF_ITSELF = 0x4867_4BC7;

  private final WalFiles files;
  private final WalLayout layout;
  private final WalPages pages;
  private final Lsn requestedEnd;
  private boolean isAhead;
  private final CRC32C crc = new CRC32C();
  private final RecordFormat format;
  private final RecordView view;

  private byte[] scratch = new byte[PAGE];
  private byte[] buffer = scratch;
  private int offset;
  private int length;
  private long lsn;
  private long nextLsn;
  private long previous;
  private boolean anyPrevious;
  private long firstLsn;
  private long firstLink;
  private int timeline;
  private Lsn overwritten = Lsn.INVALID;
  private Optional<WalEnd> end = Optional.empty();

  /**
   * Reads from the first record at or after {@code start}.
   *
   * @param start a record's position, or any other; the rest of an earlier record is skipped
   * @param requestedEnd records that begin there or later are not read; {@link Lsn#INVALID} for all
   */
  public WalReader(WalFiles files, Lsn start, Lsn requestedEnd) throws IOException {
    this(files, start, requestedEnd, false);
  }

  private WalReader(WalFiles files, Lsn start, Lsn requestedEnd, boolean isAhead)
      throws IOException {
    this.files = files;
    this.layout = files.layout();
    this.format = files.version().records();
    this.view = new RecordView(files.version());
    this.pages = new WalPages(files);
    this.requestedEnd = requestedEnd;
    this.isAhead = isAhead;
    findFirst(start);
  }

  /**
   * Reads from the first record that seems to begin at or after the page {@code start}. Only a
   * reader that arrives there from before can confirm it ({@link #continues}). At its end this
   * reader does not look for later valid pages: that takes time, and the result may not be used.
   */
  static WalReader ahead(WalFiles files, Lsn start, Lsn requestedEnd) throws IOException {
    return new WalReader(files, start, requestedEnd, true);
  }

  /**
   * Whether this reader began where {@code before} would have continued. Then it takes the place of
   * {@code before}. If it had reached an end, the next step finds that end again.
   */
  boolean continues(WalReader before) {
    long expected = before.nextLsn;
    if ((expected & PAGE - 1) == 0) {
      expected += layout.headerBytes(new Lsn(expected));
    }
    isAhead =
        !(anyPrevious
            && before.anyPrevious
            && firstLsn == expected
            && firstLink == before.previous
            && pages.continues(before.pages));
    if (!isAhead) {
      end = Optional.empty();
    }
    return !isAhead;
  }

  WalFiles files() {
    return files;
  }

  Lsn requestedEnd() {
    return requestedEnd;
  }

  /** Reads all files, from the oldest on. */
  public static WalReader all(WalFiles files) throws IOException {
    return new WalReader(files, files.first().orElse(Lsn.INVALID), Lsn.INVALID);
  }

  /** Where the next record begins, or would. */
  public Lsn position() {
    return new Lsn(nextLsn);
  }

  /** Why there are no more records; empty until {@link #next} returns false. */
  public Optional<WalEnd> end() {
    return end;
  }

  public Lsn lsn() {
    return new Lsn(lsn);
  }

  /** The aligned end of the current record: WAL must be flushed up to here for it to be durable. */
  public Lsn endLsn() {
    return new Lsn(nextLsn);
  }

  /** The timeline that the page says on which the record begins. */
  public int timeline() {
    return timeline;
  }

  /** The file in which the current record begins, and the offset. */
  public WalEnd.Spot spot() {
    return spot(lsn);
  }

  public int totalLength() {
    return length;
  }

  public Xid xid() {
    return new Xid(ByteReader.i32(buffer, offset + 4));
  }

  public Lsn previousLsn() {
    return new Lsn(ByteReader.i64(buffer, offset + 8));
  }

  public int info() {
    return buffer[offset + 16] & 0xFF;
  }

  public int rmgrId() {
    return buffer[offset + 17] & 0xFF;
  }

  /** The array that holds the record's bytes, from {@link #rawOffset} on. */
  public byte[] rawBuffer() {
    return buffer;
  }

  public int rawOffset() {
    return offset;
  }

  /** The record whose continuation is missing before the current record, or invalid. */
  public Lsn overwritten() {
    return overwritten;
  }

  /**
   * The current record, decoded.
   *
   * @throws FormatException if its parts do not fit together, although its CRC is right
   */
  public WalRecord record() {
    return view().toRecord();
  }

  /**
   * A view of the current record; it belongs to the reader and changes with the next record.
   *
   * @throws FormatException as {@link #record}
   */
  public RecordView view() {
    return view.parse(buffer, offset, length);
  }

  /**
   * The current record's decoded content.
   *
   * @throws FormatException as {@link #record}, or if its body does not have its kind's form
   */
  public RecordBody body() {
    return view().body();
  }

  /** Steps to the next record; false at the end. */
  public boolean next() throws IOException {
    if (end.isPresent()) {
      return false;
    }
    overwritten = Lsn.INVALID;
    long at = nextLsn;
    while (true) {
      if (requestedEnd.isValid() && Long.compareUnsigned(at, requestedEnd.value()) >= 0) {
        return ended(new WalEnd.Requested(new Lsn(at), spot(at)));
      }
      if (!pages.load(at)) {
        return ended(pageProblem(at, at, false));
      }
      int inPage = (int) (at & PAGE - 1);
      if (inPage == 0) {
        inPage = pages.headerBytes();
        at += inPage;
        if (pages.header().remainingLength() != 0
            && (pages.header().info() & PageHeader.FIRST_IS_CONTRECORD) != 0) {
          return ended(
              new WalEnd.TornPage(
                  new Lsn(nextLsn), spot(at), "page continues a record that did not begin"));
        }
      }
      long restart = read(at, inPage);
      if (restart < 0) {
        return false;
      }
      if (restart == 0) {
        return true;
      }
      // a record that was never finished: the page begins anew
      overwritten = new Lsn(at);
      at = restart;
      nextLsn = restart;
    }
  }

  /** 0: a record was read; -1: the end; otherwise the page at which reading starts again. */
  private long read(long at, int inPage) throws IOException {
    byte[] page = pages.array();
    int from = pages.offset() + inPage;
    int total = ByteReader.i32(page, from);
    if (total == 0) {
      endOfData(at);
      return -1;
    }
    int room = PAGE - inPage;
    if (total < HEADER || total > WalRecord.MAX_BYTES) {
      ended(
          new WalEnd.BadRecord(
              new Lsn(nextLsn),
              spot(at),
              "record has an invalid length: %s, at least 24 wanted"
                  .formatted(Integer.toUnsignedString(total))));
      return -1;
    }
    if (room >= HEADER && !isHeaderValid(page, from, at, total, total <= room)) {
      return -1;
    }
    timeline = pages.header().timeline();
    long recordEnd;
    if (total <= room) {
      buffer = page;
      offset = from;
      recordEnd = at + WalLayout.align(total);
    } else {
      long result = assemble(at, page, from, room, total);
      if (result < 0) {
        return result == -1 ? -1 : -result;
      }
      recordEnd = result;
      buffer = scratch;
      offset = 0;
      if (room < HEADER && !isHeaderValid(buffer, 0, at, total, true)) {
        return -1;
      }
    }
    length = total;
    if (!isCrcValid(at)) {
      return -1;
    }
    lsn = at;
    previous = at;
    if (!anyPrevious) {
      anyPrevious = true;
      firstLsn = at;
      firstLink = ByteReader.i64(buffer, offset + 8);
    }
    nextLsn = isSwitch() ? switchEnd(recordEnd) : recordEnd;
    return 0;
  }

  private boolean isSwitch() {
    return rmgrId() == 0 && (info() & WalRecord.RMGR_INFO) == 0x40;
  }

  private long switchEnd(long recordEnd) {
    return recordEnd + layout.segmentSize() - 1 & -(long) layout.segmentSize();
  }

  /**
   * Collects a record that spans pages. Returns its aligned end; -1 at the end of the WAL; the
   * negated address of a page that starts over because the record was never completed.
   */
  private long assemble(long at, byte[] firstPage, int from, int room, int total)
      throws IOException {
    if (scratch.length < room) {
      scratch = new byte[PAGE];
    }
    System.arraycopy(firstPage, from, scratch, 0, room);
    int got = room;
    long page = (at & -(long) PAGE) + PAGE;
    while (true) {
      if (!pages.load(page)) {
        ended(pageProblem(at, page, true));
        return -1;
      }
      PageHeader header = pages.header();
      if ((header.info() & PageHeader.FIRST_IS_OVERWRITE_CONTRECORD) != 0) {
        return -page;
      }
      if ((header.info() & PageHeader.FIRST_IS_CONTRECORD) == 0
          || header.remainingLength() != total - got) {
        ended(
            new WalEnd.TornPage(
                new Lsn(nextLsn),
                spot(page),
                "record goes on for %d bytes, but the page at %s %s"
                    .formatted(
                        total - got,
                        new Lsn(page),
                        (header.info() & PageHeader.FIRST_IS_CONTRECORD) == 0
                            ? "begins with another"
                            : "says " + Integer.toUnsignedString(header.remainingLength()))));
        return -1;
      }
      int headerBytes = pages.headerBytes();
      int part = Math.min(PAGE - headerBytes, total - got);
      if (scratch.length < got + part) {
        int doubled = (int) Math.min((long) total, scratch.length * 2L);
        scratch = Arrays.copyOf(scratch, Math.max(doubled, got + part));
      }
      System.arraycopy(pages.array(), pages.offset() + headerBytes, scratch, got, part);
      if (got < HEADER && !isHeaderValid(scratch, 0, at, total, total <= got + part)) {
        return -1;
      }
      got += part;
      if (got == total) {
        return page + headerBytes + WalLayout.align(part);
      }
      page += PAGE;
    }
  }

  private boolean isHeaderValid(byte[] bytes, int from, long at, int total, boolean whole) {
    int rmgr = bytes[from + 17] & 0xFF;
    long link = ByteReader.i64(bytes, from + 8);
    boolean wrong = anyPrevious ? link != previous : Long.compareUnsigned(link, at) >= 0;
    if (wrong) {
      Lsn found = new Lsn(link);
      if (whole && anyPrevious && isLeftover(bytes, from, total, at, link)) {
        return ended(new WalEnd.StaleSegment(new Lsn(nextLsn), spot(at), found, Lsn.INVALID));
      }
      return ended(
          new WalEnd.BadPreviousLink(new Lsn(nextLsn), spot(at), found, new Lsn(previous)));
    }
    if (!format.isValidRmgr(rmgr)) {
      return ended(
          new WalEnd.BadRecord(
              new Lsn(nextLsn), spot(at), "record has the unknown resource manager " + rmgr));
    }
    return true;
  }

  /** An old record of a recycled file, on a page that a standby has received only in part. */
  private boolean isLeftover(byte[] bytes, int from, int total, long at, long link) {
    boolean earlierSegment = Long.compareUnsigned(link, at & -(long) layout.segmentSize()) < 0;
    return earlierSegment && WalRecord.storedCrc(bytes, from) == WalRecord.crc(bytes, from, total);
  }

  /** A CRC over the data, the header and the header's own CRC is a constant. */
  private boolean isCrcValid(long at) throws IOException {
    crc.reset();
    crc.update(buffer, offset + HEADER, length - HEADER);
    crc.update(buffer, offset, HEADER);
    if ((int) crc.getValue() == CRC_OF_ITSELF) {
      return true;
    }
    if (WalRecord.isHalfCopied(buffer, offset, length)) {
      Lsn goesOn = validPageAfter((at + length - 1 & -(long) PAGE) + PAGE);
      if (!goesOn.isValid()) {
        return ended(
            new WalEnd.TornPage(
                new Lsn(nextLsn),
                spot(at),
                "record was never finished: its end is zeros",
                true,
                goesOn));
      }
    }
    int stored = WalRecord.storedCrc(buffer, offset);
    int computed = WalRecord.crc(buffer, offset, length);
    return ended(new WalEnd.BadCrc(new Lsn(nextLsn), spot(at), stored, computed));
  }

  /** No record at {@code at}: nothing was written, or some WAL was lost. */
  private void endOfData(long at) throws IOException {
    ended(new WalEnd.EndOfData(new Lsn(nextLsn), spot(at), validPageAfter(at)));
  }

  private Lsn validPageAfter(long at) throws IOException {
    return isAhead ? Lsn.INVALID : pages.validPageAfter(at);
  }

  private boolean ended(WalEnd why) {
    end = Optional.of(why);
    return false;
  }

  private WalEnd.Spot spot(long at) {
    return files.spot(at);
  }

  private WalEnd pageProblem(long at, long page, boolean inRecord) throws IOException {
    return pages.end(new Lsn(nextLsn), at, page, inRecord, !isAhead);
  }

  /** Moves to the first record at or after {@code start}, past the rest of an earlier one. */
  private void findFirst(Lsn start) throws IOException {
    long first = pages.firstRecordSince(start.value());
    if (first < 0) {
      long page = ~first;
      nextLsn = Math.max(start.value(), page);
      end = Optional.of(pageProblem(page, page, false));
      return;
    }
    nextLsn = first;
    while (Long.compareUnsigned(nextLsn, start.value()) < 0 && next()) {
      // walks to the first record that begins at start or later
    }
  }
}
