package phaistos.formats.wal;

import java.io.IOException;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.Lsn;
import phaistos.formats.Version;

/** Loads WAL pages in order, in stretches of a file, and checks their headers. Not thread-safe. */
final class WalPages {
  /** Bytes read at once; they stay in the processor's cache until they are parsed. */
  private static final int STRETCH = 1 << 18;

  private static final int PAGE = PageHeader.PAGE_BYTES;

  private final WalFiles files;
  private final WalLayout layout;
  private final int walMagic;
  private final byte[] stretch;
  private int stretchBytes;
  private long stretchStart;
  private Optional<WalFiles.File> file = Optional.empty();
  private long limit;
  private long fileNumber = -1;
  private long loaded = -1;
  private PageHeader header = new PageHeader(0, 0, Lsn.INVALID, 0, 0, 0);
  private Problem problem = new Problem.Zeros();
  private long systemId;
  private long firstPage = -1;
  private int firstTimeline;
  private long lastPage;
  private int lastTimeline;

  WalPages(WalFiles files) {
    this.files = files;
    this.layout = files.layout();
    this.walMagic = files.version().walMagic();
    this.stretch = new byte[Math.min(STRETCH, layout.segmentSize())];
  }

  /** Why a page could not be loaded. */
  sealed interface Problem {
    record Missing(long number, boolean later) implements Problem {}

    record Zeros() implements Problem {}

    record Stale(Lsn address) implements Problem {}

    record Cut(int bytes) implements Problem {}

    record Bad(String reason) implements Problem {}
  }

  Problem problem() {
    return problem;
  }

  PageHeader header() {
    return header;
  }

  int headerBytes() {
    return header.isLong() ? PageHeader.LONG_BYTES : PageHeader.SHORT_BYTES;
  }

  byte[] array() {
    return stretch;
  }

  /** Where the loaded page begins in {@link #array}. */
  int offset() {
    return (int) (loaded - stretchStart);
  }

  /**
   * Loads the page with this LSN and checks its header. After a failure {@link #problem} says why.
   */
  boolean load(long lsn) throws IOException {
    long page = lsn & -(long) PAGE;
    if (page == loaded) {
      return isBeforeLimit(lsn);
    }
    if (!fetch(page) || !isBeforeLimit(lsn)) {
      return false;
    }
    int at = (int) (page - stretchStart);
    if (!check(page, at)) {
      loaded = -1;
      return false;
    }
    loaded = page;
    return true;
  }

  /** A file of an ancestor counts up to the point where the history leaves its timeline. */
  private boolean isBeforeLimit(long lsn) {
    if (limit != 0 && Long.compareUnsigned(lsn, limit) >= 0) {
      problem = new Problem.Missing(fileNumber, files.hasLater(fileNumber));
      return false;
    }
    return true;
  }

  private boolean fetch(long page) throws IOException {
    long number = Long.divideUnsigned(page, layout.segmentSize());
    if (number != fileNumber) {
      file = files.file(number);
      limit = file.map(WalFiles.File::limit).orElse(Lsn.INVALID).value();
      fileNumber = number;
      stretchBytes = 0;
    }
    if (file.isEmpty()) {
      problem = new Problem.Missing(number, files.hasLater(number));
      fileNumber = -1;
      return false;
    }
    long inStretch = page - stretchStart;
    if (inStretch >= 0 && inStretch + PAGE <= stretchBytes) {
      return true;
    }
    loaded = -1;
    long fileOffset = page - file.get().start().value();
    stretchStart = page;
    stretchBytes = files.directory().read(file.get().path(), fileOffset, stretch);
    if (stretchBytes < PAGE) {
      problem = new Problem.Cut(stretchBytes);
      stretchBytes = 0;
      return false;
    }
    return true;
  }

  private boolean check(long page, int at) {
    int magic = ByteReader.u16(stretch, at);
    PageHeader found = PageHeader.decode(stretch, at);
    if (magic != walMagic) {
      problem =
          magic == 0 && found.pageAddress().value() == 0
              ? new Problem.Zeros()
              : new Problem.Bad(otherMagic(magic));
      return false;
    }
    if (found.pageAddress().value() != page) {
      problem =
          Long.compareUnsigned(found.pageAddress().value(), page) < 0
              ? new Problem.Stale(found.pageAddress())
              : new Problem.Bad(
                  "page says that it is %s, not %s".formatted(found.pageAddress(), new Lsn(page)));
      return false;
    }
    boolean first = (page & layout.segmentSize() - 1) == 0;
    if ((found.info() & ~PageHeader.ALL_FLAGS) != 0 || found.isLong() != first) {
      problem = new Problem.Bad("page has invalid flags %04X".formatted(found.info()));
      return false;
    }
    if (first && !checkLong(found, at)) {
      return false;
    }
    if (Long.compareUnsigned(page, lastPage) > 0
        && Integer.compareUnsigned(found.timeline(), lastTimeline) < 0) {
      problem =
          new Problem.Bad(
              "page is of timeline %s, after %s"
                  .formatted(
                      Integer.toUnsignedString(found.timeline()),
                      Integer.toUnsignedString(lastTimeline)));
      return false;
    }
    if (firstPage == -1) {
      firstPage = page;
      firstTimeline = found.timeline();
    }
    lastPage = page;
    lastTimeline = found.timeline();
    header = found;
    return true;
  }

  private String otherMagic(int magic) {
    return Version.ofWalMagic(magic)
        .map(other -> "page magic %04X is %s's, not %s's".formatted(magic, other, files.version()))
        .orElseGet(() -> Version.describeWalMagic(magic));
  }

  /**
   * Whether the checks between pages hold from those of {@code before} to these. These then take
   * over the system identifier too.
   */
  boolean continues(WalPages before) {
    boolean sameSystem = systemId == 0 || before.systemId == 0 || systemId == before.systemId;
    boolean rises =
        Long.compareUnsigned(before.lastPage, firstPage) >= 0
            || Integer.compareUnsigned(firstTimeline, before.lastTimeline) >= 0;
    if (systemId == 0) {
      systemId = before.systemId;
    }
    return sameSystem && rises;
  }

  private boolean checkLong(PageHeader found, int at) {
    if (found.segmentSize() != layout.segmentSize()) {
      problem =
          new Problem.Bad(
              "page says that segments have %d bytes, not %d"
                  .formatted(found.segmentSize(), layout.segmentSize()));
      return false;
    }
    int blockSize = ByteReader.i32(stretch, at + 36);
    if (blockSize != PAGE) {
      problem = new Problem.Bad("page says that WAL blocks have %d bytes".formatted(blockSize));
      return false;
    }
    if (systemId != 0 && found.systemId() != systemId) {
      problem =
          new Problem.Bad(
              "segment is of another database system: %s, not %s"
                  .formatted(
                      Long.toUnsignedString(found.systemId()), Long.toUnsignedString(systemId)));
      return false;
    }
    systemId = found.systemId();
    return true;
  }

  /** The first valid page after {@code lsn}, in its segment or at the start of the next one. */
  Lsn validPageAfter(long lsn) throws IOException {
    long segmentEnd = (lsn | layout.segmentSize() - 1) + 1;
    Problem kept = problem;
    for (long page = (lsn | PAGE - 1) + 1;
        Long.compareUnsigned(page, segmentEnd) <= 0;
        page += PAGE) {
      if (!fetch(page)) {
        break;
      }
      int at = (int) (page - stretchStart);
      PageHeader found = PageHeader.decode(stretch, at);
      if (ByteReader.u16(stretch, at) == walMagic && found.pageAddress().value() == page) {
        problem = kept;
        return new Lsn(page);
      }
    }
    problem = kept;
    return Lsn.INVALID;
  }

  /**
   * The start of the first record on or after the page of this LSN, past the continuation of an
   * earlier record. For a page that cannot be loaded it returns the complement of its position,
   * {@code ~page}.
   */
  long firstRecordSince(long start) throws IOException {
    long page = start & -(long) PAGE;
    while (load(page)) {
      long skipped = 0;
      if ((header.info() & PageHeader.FIRST_IS_CONTRECORD) != 0) {
        skipped = WalLayout.align(header.remainingLength() & 0xFFFF_FFFFL);
      }
      if (skipped < PAGE - headerBytes()) {
        return page + headerBytes() + skipped;
      }
      page += PAGE;
    }
    return ~page;
  }

  /**
   * The end of WAL at a page that could not be loaded, by its {@link #problem}.
   *
   * @param good where the last complete record ends
   * @param at where the next record would begin
   * @param page the page
   * @param inRecord whether that record began before the page
   * @param looksOn whether to look for valid pages after the end, which takes time
   */
  WalEnd end(Lsn good, long at, long page, boolean inRecord, boolean looksOn) throws IOException {
    WalEnd.Spot spot = files.spot(page);
    return switch (problem) {
      case Problem.Missing(long number, boolean later) ->
          new WalEnd.MissingSegment(
              good, files.spot(at), files.expectedName(number), inRecord, later);
      case Problem.Zeros _ ->
          inRecord
              ? unfinished(good, spot, page, "is empty", looksOn)
              : new WalEnd.EndOfData(good, spot, after(page, looksOn));
      case Problem.Stale(Lsn address) ->
          inRecord
              ? unfinished(good, spot, page, "is stale: it is " + address, looksOn)
              : new WalEnd.StaleSegment(good, spot, address, after(page, looksOn));
      case Problem.Cut(int bytes) ->
          new WalEnd.TornPage(
              good, spot, "file ends within a page, after %d bytes of it".formatted(bytes));
      case Problem.Bad(String reason) ->
          inRecord
              ? new WalEnd.TornPage(good, spot, tornBy(page, "is damaged: " + reason))
              : new WalEnd.BadPage(good, spot, reason);
    };
  }

  private WalEnd unfinished(Lsn good, WalEnd.Spot spot, long page, String how, boolean looksOn)
      throws IOException {
    return new WalEnd.TornPage(good, spot, tornBy(page, how), true, after(page, looksOn));
  }

  private Lsn after(long page, boolean looksOn) throws IOException {
    return looksOn ? validPageAfter(page) : Lsn.INVALID;
  }

  private static String tornBy(long page, String how) {
    return "record goes on, but the page at %s %s".formatted(new Lsn(page), how);
  }
}
