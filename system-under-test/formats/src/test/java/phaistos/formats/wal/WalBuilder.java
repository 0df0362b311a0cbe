package phaistos.formats.wal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import phaistos.formats.Lsn;
import phaistos.formats.MemoryDirectory;
import phaistos.formats.Xid;
import phaistos.formats.record.XlogBody;

/** Writes WAL into a directory in memory, record after record: the tests' small language. */
final class WalBuilder {
  static final int SEGMENT = 1 << 20;

  final MemoryDirectory directory = new MemoryDirectory();
  final WalLayout layout = new WalLayout(SEGMENT);
  final List<byte[]> records = new ArrayList<>();
  final List<Lsn> positions = new ArrayList<>();
  private final WalLayout.PageSource source = new WalLayout.PageSource(1, 4711, false);
  private Lsn previous = Lsn.INVALID;
  private Lsn end;

  /** The first record begins at or behind {@code start}. */
  WalBuilder(Lsn start) {
    end = start;
    Lsn page = layout.segmentStart(start);
    // pages before the first record are empty but valid
    for (; page.compareTo(start) < 0; page = page.plus(PageHeader.PAGE_BYTES)) {
      write(page, layout.pageHeader(page, 0, source).encode());
    }
  }

  WalBuilder add(WalRecord record) {
    byte[] bytes = record.withPrevious(previous).encode();
    WalLayout.Placed placed = layout.place(bytes, layout.startAfter(end), source);
    write(placed.at(), placed.bytes());
    records.add(bytes);
    positions.add(placed.start());
    previous = placed.start();
    end = placed.end();
    return this;
  }

  /** A record of this many bytes in all, at least 29. */
  WalBuilder addBytes(int length) {
    int main =
        length - WalRecord.HEADER_BYTES - (length - WalRecord.HEADER_BYTES - 2 > 255 ? 5 : 2);
    byte[] data = new byte[main];
    for (int i = 0; i < main; i++) {
      data[i] = (byte) (i * 7 + length);
    }
    return add(WalRecord.of(new Xid(700 + records.size()), Rmgr.XLOG, 0x20, data));
  }

  /** A switch to the next segment. */
  WalBuilder addSwitch() {
    byte[] bytes =
        WalRecord.of(Xid.INVALID, Rmgr.XLOG, 0x40, new byte[0]).withPrevious(previous).encode();
    WalLayout.Placed placed = layout.placeSwitch(bytes, layout.startAfter(end), source);
    write(placed.at(), placed.bytes());
    records.add(bytes);
    positions.add(placed.start());
    previous = placed.start();
    end = layout.segmentStart(placed.start()).plus(SEGMENT);
    return this;
  }

  /**
   * A record that a crash cut at a page's end, and behind it the one that says so. Where it began.
   */
  Lsn addUnfinished() {
    Lsn aborted = layout.startAfter(end);
    byte[] unfinished =
        WalRecord.of(new Xid(9), Rmgr.XLOG, 0x20, new byte[20_000]).withPrevious(previous).encode();
    Lsn page = WalLayout.pageStart(aborted).plus(PageHeader.PAGE_BYTES);
    WalLayout.Placed placed = layout.place(unfinished, aborted, source);
    write(placed.at(), Arrays.copyOf(placed.bytes(), (int) page.minus(placed.at())));
    byte[] header = layout.overwriteHeader(page, source).encode();
    write(page, header);
    Lsn at = page.plus(header.length);
    XlogBody.OverwriteContrecord body = new XlogBody.OverwriteContrecord(aborted, 0);
    byte[] bytes =
        WalRecord.of(Xid.INVALID, Rmgr.XLOG, body.info(), body.mainData())
            .withPrevious(previous)
            .encode();
    write(at, bytes);
    records.add(bytes);
    positions.add(at);
    previous = at;
    end = at.plus(bytes.length);
    return aborted;
  }

  Lsn end() {
    return end;
  }

  String path(Lsn lsn) {
    return layout.segmentName(1, lsn).toString();
  }

  /** Writes bytes at a position, over segment borders. */
  void write(Lsn at, byte[] bytes) {
    int done = 0;
    while (done < bytes.length) {
      Lsn lsn = at.plus(done);
      if (directory.file(path(lsn)) == null) {
        directory.put(path(lsn), new byte[SEGMENT]);
      }
      int offset = layout.segmentOffset(lsn);
      int part = Math.min(bytes.length - done, SEGMENT - offset);
      System.arraycopy(bytes, done, directory.file(path(lsn)), offset, part);
      done += part;
    }
  }

  void flip(Lsn at) {
    directory.file(path(at))[layout.segmentOffset(at)] ^= 0x10;
  }

  WalReader reader() throws java.io.IOException {
    return new WalReader(WalFiles.ofTimeline(directory, "", 1), positions.get(0), Lsn.INVALID);
  }

  /** Reads to the end and says what was found there. */
  WalEnd endFound() throws java.io.IOException {
    WalReader reader = reader();
    while (reader.next()) {
      // to the end
    }
    return reader.end().orElseThrow();
  }
}
