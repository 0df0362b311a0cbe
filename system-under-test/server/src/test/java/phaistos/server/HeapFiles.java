package phaistos.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.formats.RelationLocator;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;

/** Pages of tables in the files of a stopped node, as text to compare. */
final class HeapFiles {
  private static final int HINTS =
      TupleHeader.XMIN_FROZEN | TupleHeader.XMAX_COMMITTED | TupleHeader.XMAX_INVALID;
  private static final int PAGE_HINTS = HeapPage.HAS_FREE_LINES | HeapPage.PAGE_FULL;

  private HeapFiles() {}

  static List<byte[]> pages(Disk disk, RelationLocator table) {
    List<byte[]> pages = new ArrayList<>();
    try (DiskFile file = disk.open(table.path())) {
      for (long at = 0; at < file.size(); at += HeapPage.BYTES) {
        ByteBuffer page = ByteBuffer.allocate(HeapPage.BYTES);
        file.read(at, page);
        pages.add(page.array());
      }
    } catch (NoSuchFileException e) {
      // no table
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return pages;
  }

  /**
   * The pages without what a standby may have otherwise (heap_mask): hint bits, hints of the page,
   * command ids. The LSN stays.
   */
  static List<String> masked(Disk disk, RelationLocator table) {
    return pages(disk, table).stream().map(HeapFiles::masked).toList();
  }

  private static String masked(byte[] bytes) {
    HeapPage page = HeapPage.of(bytes);
    if (page.isNew()) {
      return "new";
    }
    StringBuilder out = new StringBuilder();
    out.append(
        "lsn %s flags %d lower %d upper %d"
            .formatted(page.lsn(), page.flags() & ~PAGE_HINTS, page.lower(), page.upper()));
    for (HeapPage.Line line : page.lines()) {
      out.append("\n  ").append(line);
      if (line.state() == HeapPage.LineState.NORMAL) {
        TupleHeader header = page.header(line.offset());
        int hints = header.isFrozen() ? HINTS & ~TupleHeader.XMIN_FROZEN : HINTS;
        out.append(
            " xmin %s xmax %s ctid (%d,%d) %04X %04X %d"
                .formatted(
                    header.xmin(),
                    header.xmax(),
                    header.ctidBlock(),
                    header.ctidOffset(),
                    header.infomask() & ~hints & ~TupleHeader.COMBOCID,
                    header.infomask2(),
                    header.headerBytes()));
        byte[] tuple = page.tuple(line.offset());
        out.append(java.util.HexFormat.of().formatHex(tuple, TupleHeader.BYTES, tuple.length));
      }
    }
    return out.toString();
  }
}
