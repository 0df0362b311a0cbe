package phaistos.checker.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import phaistos.checker.CheckContext;
import phaistos.formats.ControlFile;
import phaistos.formats.DataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;

/**
 * Looks at the pages of tables, if the image has their files. No page may be ahead of the WAL (the
 * rule that WAL is flushed before a page is written), nor, on a standby, ahead of the position up
 * to which its control file says that replay must come. The hint bits of rows are compared with the
 * commit log after redo. A committed hint bit is set only after the commit record is flushed, so
 * redo must give the same status even in a crash image. Of an image without unsynced writes the
 * pages are those that were written, synced or not ({@link NodeImage#written}), if they are known,
 * and the WAL and the commit log are what was synced: a power cut may leave any of the pages. Not
 * checked: images of a power cut, whose pages may be torn; frozen rows; pages of other files than
 * tables.
 */
final class TablePages {
  private static final int STRETCH_PAGES = 64;

  private final NodeEvidence node;
  private final NodeEvidence.Files files;
  private final CheckContext context;
  private final Consumer<Defect> defects;
  private final Xid oldest;

  private TablePages(
      NodeEvidence node, NodeEvidence.Files files, CheckContext context, Consumer<Defect> defects) {
    this.node = node;
    this.files = files;
    this.context = context;
    this.defects = defects;
    this.oldest = files.control().checkpoint().oldestXid();
  }

  static void check(
      NodeEvidence node, NodeEvidence.Files files, CheckContext context, Consumer<Defect> defects) {
    if (node.image().kind() != ImageKind.POWER_CUT) {
      new TablePages(node, files, context, defects).run();
    }
  }

  private void run() {
    DataDirectory directory = node.image().written().orElse(node.image().files());
    try {
      for (String database : list(directory, "base")) {
        for (String file : list(directory, "base/" + database)) {
          if (isMainFork(file) && !context.isCancelled()) {
            file(directory, "base/" + database + "/" + file);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> list(DataDirectory directory, String path) throws IOException {
    try {
      return directory.list(path);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** 16385, 16385.1, but neither 16385_fsm nor t3_16385. */
  private static boolean isMainFork(String name) {
    return name.chars().allMatch(c -> c >= '0' && c <= '9' || c == '.');
  }

  private void file(DataDirectory directory, String path) throws IOException {
    long offset = 0;
    while (true) {
      byte[] bytes = directory.read(path, offset, STRETCH_PAGES * HeapPage.BYTES);
      for (int at = 0; at + HeapPage.BYTES <= bytes.length; at += HeapPage.BYTES) {
        page(path, offset + at, Arrays.copyOfRange(bytes, at, at + HeapPage.BYTES));
      }
      if (bytes.length < STRETCH_PAGES * HeapPage.BYTES) {
        return;
      }
      offset += bytes.length;
    }
  }

  private void page(String path, long offset, byte[] bytes) {
    HeapPage page;
    try {
      page = HeapPage.of(bytes);
    } catch (FormatException e) {
      return;
    }
    if (page.isNew() || page.special() != HeapPage.BYTES) {
      return;
    }
    ahead(page.lsn(), path + ", offset " + offset);
    for (HeapPage.Line line : page.lines()) {
      boolean fits =
          line.state() == HeapPage.LineState.NORMAL
              && line.length() >= TupleHeader.BYTES
              && line.at() >= page.upper()
              && line.at() + line.length() <= page.special();
      if (fits) {
        TupleHeader header = page.header(line.offset());
        Row row = new Row(path, offset, line.offset());
        xmin(header, row);
        xmax(header, row);
      }
    }
  }

  /** Only of files that were flushed: in others a page may have come from a copy of later. */
  private void ahead(Lsn page, String where) {
    if (node.image().kind() != ImageKind.SYNCED_ONLY) {
      return;
    }
    Lsn end = node.report().walEnd();
    if (page.compareTo(end) > 0) {
      defects.accept(
          new Defect(
              Defect.Kind.PAGE_AHEAD_OF_WAL,
              node.image().name(),
              where,
              "the page was changed at %s, and the valid WAL ends at %s%s"
                  .formatted(page, end, whyItEnds())));
      return;
    }
    Lsn minimum = files.control().recovery().minimum();
    boolean isStandby = files.control().state() == ControlFile.State.IN_ARCHIVE_RECOVERY;
    if (isStandby && page.compareTo(minimum) > 0) {
      defects.accept(
          new Defect(
              Defect.Kind.PAGE_AHEAD_OF_MINIMUM,
              node.image().name(),
              where,
              "the page was changed at %s, and the control file says that the files are consistent"
                      .formatted(page)
                  + " from %s on".formatted(minimum)));
    }
  }

  /** Named where WAL goes on that recovery does not choose. */
  private String whyItEnds() {
    return node.report().situation().hole().map(hole -> ": " + hole.words()).orElse("");
  }

  /** Where a row is; its text is made for a defect only. */
  private record Row(String path, long offset, int line) {
    @Override
    public String toString() {
      return path + ", offset " + offset + ", row " + line;
    }
  }

  private void xmin(TupleHeader header, Row row) {
    if (header.isFrozen()) {
      return;
    }
    if (header.has(TupleHeader.XMIN_COMMITTED)) {
      expect(header.xmin(), true, "inserted", row);
    } else if (header.has(TupleHeader.XMIN_INVALID)) {
      expect(header.xmin(), false, "inserted", row);
    }
  }

  private void xmax(TupleHeader header, Row row) {
    boolean deletes =
        header.has(TupleHeader.XMAX_COMMITTED)
            && !header.has(TupleHeader.XMAX_LOCK_ONLY)
            && !header.has(TupleHeader.XMAX_IS_MULTI)
            && !header.has(TupleHeader.XMAX_INVALID);
    if (deletes) {
      expect(header.xmax(), true, "deleted", row);
    }
  }

  private void expect(Xid xid, boolean committed, String what, Row row) {
    if (!xid.isNormal() || xid.precedes(oldest)) {
      return;
    }
    LogStatus status = files.log().afterRedo(xid);
    boolean isKnown =
        status != LogStatus.NO_PAGE && status != LogStatus.UNREAD && status != LogStatus.FROZEN;
    if (isKnown && (status == LogStatus.COMMITTED) != committed) {
      defects.accept(
          new Defect(
              Defect.Kind.HINT_BIT_DISAGREES,
              node.image().name(),
              row.toString(),
              "a hint bit says that xid %s, which %s the row, %s; the commit log says %s"
                  .formatted(xid, what, committed ? "committed" : "aborted", status.word())));
    }
  }
}
