package phaistos.server.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.formats.ByteReader;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Version;
import phaistos.formats.wal.PageHeader;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalLayout;
import phaistos.formats.wal.WalRecord;
import phaistos.server.wal.WalFiles;

/**
 * Reads records in order from a growing {@code pg_wal} (xlogreader.c). It uses only bytes before a
 * limit, which rises as WAL arrives. Without a limit the WAL ends at the first invalid record. Not
 * thread-safe.
 */
public final class RecordReader implements AutoCloseable {
  private static final int PAGE = PageHeader.PAGE_BYTES;

  /** No limit: read until something is invalid. */
  public static final Lsn NO_LIMIT = new Lsn(-1L);

  private final Disk disk;
  private final WalFiles files;
  private final WalLayout layout;
  private TimelineHistory history;
  private Lsn position;
  private Lsn previous = Lsn.INVALID;
  private Lsn limit = NO_LIMIT;
  private int streamed; // the timeline of the stream, or 0

  private final byte[] page = new byte[PAGE];
  private Lsn pageStart = Lsn.INVALID;
  private Lsn pageValidTo = Lsn.INVALID;
  private Optional<DiskFile> segment = Optional.empty();
  private long segmentNumber = -1;
  private int segmentTimeline;

  public RecordReader(Disk disk, WalFiles files, TimelineHistory history) {
    this.disk = disk;
    this.files = files;
    this.layout = files.layout();
    this.history = history;
    this.position = Lsn.INVALID;
  }

  /** What was read. */
  public sealed interface Result {
    /**
     * @param end aligned: where the next record may begin
     */
    record Read(WalRecord record, Lsn start, Lsn end) implements Result {}

    /** The next record is not complete before the limit. */
    record NeedMore(Lsn start) implements Result {}

    /** No valid record begins here; the message is PostgreSQL's. */
    record Invalid(Lsn start, String message) implements Result {}
  }

  /**
   * Moves to a position where a record ends or begins. Checks the next record's xl_prev if the
   * previous record is known.
   */
  public void seek(Lsn to, Lsn previousRecord) {
    position = to;
    previous = previousRecord;
    pageStart = Lsn.INVALID;
  }

  /** Where the last record ended. */
  public Lsn position() {
    return position;
  }

  /** Where the last record began. */
  public Lsn previous() {
    return previous;
  }

  public TimelineHistory history() {
    return history;
  }

  /** The timeline of the file that the last page came from. */
  public int segmentTimeline() {
    return segmentTimeline;
  }

  public void follow(TimelineHistory newHistory) throws IOException {
    history = newHistory;
    closeSegment();
  }

  /** Reads the WAL on disk; each segment from the newest timeline that has a file for it. */
  public void readAll() throws IOException {
    if (streamed != 0) {
      closeSegment();
    }
    streamed = 0;
    limit = NO_LIMIT;
  }

  /**
   * Reads WAL that arrives, from the files of the timeline being streamed. A newer timeline's file
   * for the same segment may be incomplete, left by a stream that a crash ended.
   *
   * @param newLimit the flush position
   */
  public void readStreamed(Lsn newLimit, int timeline) throws IOException {
    if (streamed != timeline) {
      closeSegment();
    }
    streamed = timeline;
    limit = newLimit;
  }

  /** The next record. */
  public Result next() throws IOException {
    try {
      return read();
    } catch (Stop stop) {
      return stop.result;
    }
  }

  /** Ends the reading of a record. */
  private static final class Stop extends RuntimeException {
    final transient Result result;

    Stop(Result result) {
      super(null, null, false, false);
      this.result = result;
    }
  }

  private Result read() throws IOException {
    Lsn start = layout.startAfter(position);
    need(start, start.plus(8));
    loadPage(start, start, 0);
    int at = WalLayout.pageOffset(start);
    int length = ByteReader.i32(page, at);
    if (length < WalRecord.HEADER_BYTES || length > WalRecord.MAX_BYTES) {
      throw invalid(
          start,
          "invalid record length at %s: wanted 24, got %s"
              .formatted(start, Integer.toUnsignedString(length)));
    }
    Lsn end = layout.endOf(start, length);
    need(start, end);
    // a damaged length must not allocate memory before the pages prove to hold so much
    byte[] bytes = new byte[Math.min(length, 1 << 20)];
    int read = 0;
    Lsn lsn = start;
    while (read < length) {
      loadPage(start, lsn, read == 0 ? 0 : length - read);
      if (read > 0) {
        lsn = lsn.plus(layout.headerBytes(lsn));
      }
      int from = WalLayout.pageOffset(lsn);
      int part = Math.min(PAGE - from, length - read);
      if (bytes.length < read + part) {
        bytes = java.util.Arrays.copyOf(bytes, Math.min(length, bytes.length * 2));
      }
      System.arraycopy(page, from, bytes, read, part);
      if (read < WalRecord.HEADER_BYTES && read + part >= WalRecord.HEADER_BYTES) {
        checkHeader(bytes, start);
      }
      read += part;
      lsn = lsn.plus(part);
    }
    return finish(bytes, length, start, end);
  }

  private Result finish(byte[] bytes, int length, Lsn start, Lsn end) {
    if (WalRecord.crc(bytes, 0, length) != WalRecord.storedCrc(bytes, 0)) {
      throw invalid(
          start, "incorrect resource manager data checksum in record at %s".formatted(start));
    }
    WalRecord record;
    try {
      record =
          WalRecord.decode(
              bytes.length == length ? bytes : java.util.Arrays.copyOf(bytes, length),
              Version.WRITTEN);
    } catch (FormatException e) {
      throw invalid(start, e.getMessage() + " in record at " + start);
    }
    Lsn next = end;
    if (record.rmgrId() == Rmgr.XLOG.id() && (record.info() & WalRecord.RMGR_INFO) == 0x40) {
      next = layout.segmentStart(end.plus(-1)).plus(layout.segmentSize());
    }
    position = next;
    previous = start;
    return new Result.Read(record, start, next);
  }

  private void checkHeader(byte[] bytes, Lsn start) {
    if (!Version.WRITTEN.records().isValidRmgr(bytes[17] & 0xFF)) {
      throw invalid(
          start, "invalid resource manager ID %d at %s".formatted(bytes[17] & 0xFF, start));
    }
    Lsn link = new Lsn(ByteReader.i64(bytes, 8));
    boolean wrong = previous.isValid() ? !link.equals(previous) : link.compareTo(start) >= 0;
    if (wrong) {
      throw invalid(start, "record with incorrect prev-link %s at %s".formatted(link, start));
    }
  }

  private void need(Lsn start, Lsn end) {
    if (limit.compareTo(end) < 0) {
      throw new Stop(new Result.NeedMore(start));
    }
  }

  private static Stop invalid(Lsn start, String message) {
    return new Stop(new Result.Invalid(start, message));
  }

  /** Makes {@code lsn}'s page current, with a valid header. */
  private void loadPage(Lsn record, Lsn lsn, int remaining) throws IOException {
    Lsn start = WalLayout.pageStart(lsn);
    boolean fresh = start.equals(pageStart) && lsn.compareTo(pageValidTo) < 0;
    Lsn validTo = limit.compareTo(start.plus(PAGE)) > 0 ? start.plus(PAGE) : limit;
    if (!fresh || pageValidTo.compareTo(validTo) < 0) {
      DiskFile file = segmentOf(record, start);
      ByteBuffer target = ByteBuffer.wrap(page);
      file.read(layout.segmentOffset(start), target);
      if (target.hasRemaining()) {
        pageStart = Lsn.INVALID;
        throw invalid(record, "could not read from WAL segment at %s: too short".formatted(start));
      }
      pageStart = start;
      pageValidTo = validTo;
      checkPage(record, start);
    }
    PageHeader header = PageHeader.decode(page, 0);
    if (remaining > 0) {
      if ((header.info() & PageHeader.FIRST_IS_CONTRECORD) == 0) {
        throw invalid(record, "there is no contrecord flag at %s".formatted(record));
      }
      if (header.remainingLength() != remaining) {
        throw invalid(
            record,
            "invalid contrecord length %d (expected %d) at %s"
                .formatted(header.remainingLength(), remaining, record));
      }
    }
  }

  private void checkPage(Lsn record, Lsn start) {
    int magic = ByteReader.u16(page, 0);
    PageHeader header = PageHeader.decode(page, 0);
    if (magic != PageHeader.MAGIC) {
      pageStart = Lsn.INVALID;
      throw invalid(
          record,
          "invalid magic number %04X in log segment %s, offset %d"
              .formatted(
                  magic, layout.segmentName(segmentTimeline, start), layout.segmentOffset(start)));
    }
    if (!header.pageAddress().equals(start)) {
      pageStart = Lsn.INVALID;
      throw invalid(
          record,
          "unexpected pageaddr %s in log segment %s, offset %d"
              .formatted(
                  header.pageAddress(),
                  layout.segmentName(segmentTimeline, start),
                  layout.segmentOffset(start)));
    }
  }

  private DiskFile segmentOf(Lsn record, Lsn start) throws IOException {
    long number = layout.segmentNumber(start);
    if (number == segmentNumber && segment.isPresent()) {
      return segment.get();
    }
    closeSegment();
    Optional<DiskFile> file = tryOpen(streamed == 0 ? history.timeline() : streamed, start);
    for (int i = history.ancestors().size() - 1; i >= 0 && streamed == 0 && file.isEmpty(); i--) {
      file = tryOpen(history.ancestors().get(i).timeline(), start);
    }
    segment = file;
    segmentNumber = number;
    return segment.orElseThrow(
        () ->
            invalid(
                record,
                "WAL segment %s is not there"
                    .formatted(layout.segmentName(history.timelineAt(start), start))));
  }

  /** A timeline that begins after the segment has no part in it, even if such a file exists. */
  private Optional<DiskFile> tryOpen(int timeline, Lsn start) throws IOException {
    Lsn begin = Lsn.INVALID;
    for (TimelineHistory.Entry entry : history.ancestors()) {
      if (entry.timeline() < timeline) {
        begin = entry.end();
      }
    }
    if (layout.segmentNumber(start) < layout.segmentNumber(begin)) {
      return Optional.empty();
    }
    try {
      DiskFile file = disk.open(files.path(timeline, start));
      segmentTimeline = timeline;
      return Optional.of(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private void closeSegment() throws IOException {
    if (segment.isPresent()) {
      segment.get().close();
    }
    segment = Optional.empty();
    segmentNumber = -1;
    pageStart = Lsn.INVALID;
  }

  @Override
  public void close() throws IOException {
    closeSegment();
  }
}
