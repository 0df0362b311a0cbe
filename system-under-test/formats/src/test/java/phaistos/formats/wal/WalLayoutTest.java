package phaistos.formats.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Version;
import phaistos.formats.Xid;

class WalLayoutTest {
  private static final WalLayout.PageSource SOURCE = new WalLayout.PageSource(1, 4711, true);

  @Property
  void positionsAndLsnsAreInverse(
      @ForAll @IntRange(max = 10) int shift, @ForAll @LongRange(min = 0, max = 1L << 45) long at) {
    WalLayout layout = new WalLayout(1 << 20 << shift);
    assertEquals(at, layout.bytePosition(layout.startLsn(at)));
    assertEquals(at, layout.bytePosition(layout.endLsn(at)));
    long aligned = WalLayout.align(at);
    assertEquals(layout.startLsn(aligned), layout.startAfter(layout.endLsn(aligned)));
  }

  @Property(tries = 200)
  void aRecordIsTheBytesBetweenThePageHeaders(
      @ForAll @LongRange(min = 0, max = 1L << 30) long units,
      @ForAll @IntRange(min = 24, max = 3_000_000) int length) {
    WalLayout layout = new WalLayout(1 << 20);
    Lsn start = layout.startLsn(units * 8);
    byte[] record = new byte[length];
    for (int i = 0; i < length; i++) {
      record[i] = (byte) (i * 31 + 1);
    }
    WalLayout.Placed placed = layout.place(record, start, SOURCE);
    byte[] found = new byte[length];
    int got = 0;
    Lsn lsn = placed.at();
    while (got < length) {
      int index = (int) lsn.minus(placed.at());
      if (WalLayout.pageOffset(lsn) == 0) {
        PageHeader header = PageHeader.decode(placed.bytes(), index);
        assertEquals(lsn, header.pageAddress());
        assertEquals(got == 0 ? 0 : length - got, header.remainingLength());
        lsn = lsn.plus(layout.headerBytes(lsn));
        continue;
      }
      int part = Math.min(8192 - WalLayout.pageOffset(lsn), length - got);
      System.arraycopy(placed.bytes(), index, found, got, part);
      got += part;
      lsn = lsn.plus(part);
    }
    assertArrayEquals(record, found);
    assertEquals(placed.end(), placed.at().plus(placed.bytes().length));
    assertEquals(new Lsn(WalLayout.align(lsn.value())), placed.end());
  }

  @Property(tries = 50)
  void recordsAreDecodedAsEncoded(@ForAll byte[] main, @ForAll byte[] data, @ForAll int seed) {
    byte[] page = new byte[8192];
    Arrays.fill(page, 5000, 8192, (byte) seed);
    phaistos.formats.ByteWriter.putU16(page, 12, 100);
    phaistos.formats.ByteWriter.putU16(page, 14, 5000);
    RelationLocator relation = new RelationLocator(1663, 5, seed);
    WalRecord record = WalRecord.of(new Xid(seed), Rmgr.HEAP, 0x50, main).withPrevious(new Lsn(88));
    for (Compression compression : Compression.values()) {
      BlockImage image = BlockImage.of(page, true, compression, true);
      assertEquals(compression, image.compression());
      assertArrayEquals(page, image.restore());
      WalRecord full =
          record
              .withBlocks(
                  List.of(
                      BlockReference.of(0, relation, 7, data).withImage(image),
                      BlockReference.of(1, relation, 8, data)))
              .withOrigin(3)
              .withTopLevelXid(new Xid(99));
      byte[] bytes = full.encode();
      assertEquals(WalRecord.storedCrc(bytes, 0), WalRecord.crc(bytes, 0, bytes.length));
      WalRecord decoded = WalRecord.decode(bytes, Version.WRITTEN);
      assertArrayEquals(bytes, decoded.encode());
      assertEquals(3, decoded.origin());
      assertArrayEquals(page, decoded.blocks().get(0).image().orElseThrow().restore());
    }
  }
}
