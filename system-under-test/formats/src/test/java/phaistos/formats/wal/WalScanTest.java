package phaistos.formats.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;

class WalScanTest {
  private static final Lsn START = Lsn.parse("0/100028");

  /** All that is to be known of each record. */
  private static final class Lines implements WalScan.Piece {
    private final List<String> lines = new ArrayList<>();
    private final Lsn stop;

    Lines(Lsn stop) {
      this.stop = stop;
    }

    @Override
    public boolean record(WalReader reader) {
      lines.add(
          "%s %s %s %d %s %s"
              .formatted(
                  reader.lsn(),
                  reader.endLsn(),
                  reader.previousLsn(),
                  reader.timeline(),
                  reader.overwritten(),
                  reader.xid()));
      return !reader.lsn().equals(stop);
    }
  }

  private static List<String> alone(WalReader reader) throws IOException {
    Lines lines = new Lines(Lsn.INVALID);
    while (reader.next()) {
      lines.record(reader);
    }
    lines.lines.add(reader.end().orElseThrow().toString());
    return lines.lines;
  }

  private static List<String> inPieces(WalReader reader, int pieceBytes, int threads, Lsn stop)
      throws IOException {
    List<String> lines = new ArrayList<>();
    try (WalScan<Lines> scan = new WalScan<>(reader, pieceBytes, threads, () -> new Lines(stop))) {
      for (var next = scan.next(); next.isPresent(); next = scan.next()) {
        lines.addAll(next.get().lines);
      }
      scan.reader().end().ifPresent(end -> lines.add(end.toString()));
    }
    return lines;
  }

  /** Records of many lengths, switches, and records that were never finished. */
  private static WalBuilder random(Random random) {
    WalBuilder wal = new WalBuilder(START);
    for (int i = random.nextInt(400); i >= 0; i--) {
      switch (random.nextInt(60)) {
        case 0 -> wal.addSwitch();
        case 1 -> wal.addUnfinished();
        case 2 -> wal.addBytes(29 + random.nextInt(200_000));
        case 3 -> fillThePage(wal);
        default -> wal.addBytes(29 + random.nextInt(random.nextBoolean() ? 100 : 9_000));
      }
    }
    return wal;
  }

  /** The next record begins behind a page's header. */
  private static void fillThePage(WalBuilder wal) {
    int room = (int) -wal.layout.startAfter(wal.end()).value() & PageHeader.PAGE_BYTES - 1;
    if (room >= 40) {
      wal.addBytes(room);
    }
  }

  private static void damage(WalBuilder wal, Random random) {
    long written = wal.end().minus(START);
    Lsn at = START.plus(random.nextLong(written));
    Lsn page = WalLayout.pageStart(at);
    byte[] file = wal.directory.file(wal.path(at));
    if (file == null) {
      return;
    }
    int offset = wal.layout.segmentOffset(page);
    switch (random.nextInt(8)) {
      case 0 -> wal.flip(at);
      case 1 -> wal.write(page, new byte[PageHeader.PAGE_BYTES]);
      case 2 -> wal.flip(page.plus(random.nextInt(24)));
      case 3 -> ByteWriter.putI32(file, offset + 4, random.nextInt(4));
      case 4 -> ByteWriter.putI64(file, 24, 1 + random.nextInt(4711));
      case 5 -> ByteWriter.putI32(file, offset + 16, random.nextInt(9_000));
      case 6 -> relink(wal, random.nextInt(wal.positions.size()), random);
      default -> wal.directory.remove(wal.path(at));
    }
  }

  /** A record with a right CRC that points back to another record than the one before it. */
  private static void relink(WalBuilder wal, int index, Random random) {
    Lsn at = wal.positions.get(index);
    byte[] record = wal.records.get(index).clone();
    if (WalLayout.pageOffset(at) + record.length <= PageHeader.PAGE_BYTES) {
      Lsn other = wal.positions.get(random.nextInt(index + 1));
      ByteWriter.putI64(record, 8, other.value());
      ByteWriter.putI32(record, 20, WalRecord.crc(record, 0, record.length));
      wal.write(at, record);
    }
  }

  @Property(tries = 400)
  void readsInPiecesWhatOneReaderReads(
      @ForAll long seed,
      @ForAll @IntRange(max = 3) int damages,
      @ForAll @IntRange(min = 13, max = 19) int pieceBits,
      @ForAll @IntRange(min = 1, max = 3) int threads)
      throws IOException {
    Random random = new Random(seed);
    WalBuilder wal = random(random);
    Lsn to =
        random.nextBoolean()
            ? Lsn.INVALID
            : wal.positions.get(random.nextInt(wal.positions.size())).plus(random.nextInt(3));
    for (int i = 0; i < damages; i++) {
      damage(wal, random);
    }
    WalFiles files;
    try {
      files = WalFiles.ofTimeline(wal.directory, "", 1);
    } catch (FormatException e) {
      return; // the damage hit what says how long segments are
    }
    assertEquals(
        String.join("\n", alone(new WalReader(files, START, to))),
        String.join(
            "\n", inPieces(new WalReader(files, START, to), 1 << pieceBits, threads, Lsn.INVALID)));
  }

  @Test
  void endsBehindThePieceThatWantsNoMore() throws IOException {
    WalBuilder wal = random(new Random(7));
    Lsn stop = wal.positions.get(wal.positions.size() * 2 / 3);
    for (int threads = 1; threads <= 3; threads++) {
      List<String> lines = inPieces(wal.reader(), 8192, threads, stop);
      assertEquals(
          alone(new WalReader(wal.reader().files(), START, stop.plus(1))).size() - 1,
          lines.size(),
          "seed 7");
      assertTrue(lines.getLast().startsWith(stop + " "), lines.getLast());
    }
  }
}
