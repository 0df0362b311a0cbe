package phaistos.formats.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Text;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Xid;

class WalReaderTest {
  private static final Lsn START = Lsn.parse("0/100028");

  @Property(tries = 150)
  void readsBackRandomRecordsOverPageAndSegmentBorders(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 29, max = 40_000) Integer> lengths,
      @ForAll @IntRange(max = 127) int startPage)
      throws IOException {
    WalBuilder wal = new WalBuilder(Lsn.parse("0/100000").plus(startPage * 8192L));
    lengths.forEach(wal::addBytes);
    WalReader reader = wal.reader();
    for (int i = 0; i < lengths.size(); i++) {
      assertTrue(reader.next(), () -> reader.end().orElseThrow().describe());
      assertEquals(wal.positions.get(i), reader.lsn());
      byte[] raw =
          Arrays.copyOfRange(
              reader.rawBuffer(), reader.rawOffset(), reader.rawOffset() + reader.totalLength());
      assertArrayEquals(wal.records.get(i), raw);
    }
    assertFalse(reader.next());
    assertEquals(wal.end(), reader.end().orElseThrow().lsn());
    assertTrue(reader.end().orElseThrow().isNormal());
  }

  private static WalBuilder twenty() {
    WalBuilder wal = new WalBuilder(START);
    for (int i = 0; i < 20; i++) {
      wal.addBytes(3000);
    }
    return wal;
  }

  @Test
  void aGarbledRecordIsABadCrc() throws IOException {
    WalBuilder wal = twenty();
    Lsn at = wal.positions.get(4);
    wal.flip(at.plus(60));
    WalEnd.BadCrc end = assertInstanceOf(WalEnd.BadCrc.class, wal.endFound());
    assertEquals(at, end.lsn());
    assertEquals("000000010000000000000001", end.spot().path());
    assertEquals(wal.layout.segmentOffset(at), end.spot().offset());
    assertFalse(end.isNormal());
  }

  @Test
  void aRecordWhoseNextPageWasNeverWrittenIsTorn() throws IOException {
    WalBuilder wal = twenty();
    Lsn at = wal.positions.get(2);
    Lsn page = WalLayout.pageStart(at).plus(8192);
    wal.write(page, new byte[WalBuilder.SEGMENT - wal.layout.segmentOffset(page)]);
    WalEnd.TornPage end = assertInstanceOf(WalEnd.TornPage.class, wal.endFound());
    assertEquals(at, end.lsn());
    assertEquals(wal.layout.segmentOffset(page), end.spot().offset());
  }

  @Test
  void anOldPageOfARecycledFileIsStale() throws IOException {
    WalBuilder wal = new WalBuilder(Lsn.parse("0/300028"));
    wal.addBytes(8192 - 40);
    Lsn next = wal.end();
    PageHeader old = new PageHeader(4, 1, Lsn.parse("0/102000"), 0, 0, 0);
    wal.write(next, old.encode());
    WalEnd.StaleSegment end = assertInstanceOf(WalEnd.StaleSegment.class, wal.endFound());
    assertEquals(Lsn.parse("0/102000"), end.oldAddress());
    assertEquals(next, end.lsn());
    assertTrue(end.isNormal());
  }

  @Test
  void anOldRecordBehindTheEndIsStaleToo() throws IOException {
    WalBuilder wal = twenty();
    byte[] old =
        WalRecord.of(new Xid(7), Rmgr.XLOG, 0x20, new byte[10])
            .withPrevious(Lsn.parse("0/2000"))
            .encode();
    wal.write(wal.end(), old);
    assertInstanceOf(WalEnd.StaleSegment.class, wal.endFound());
  }

  @Test
  void aWrongLinkToTheRecordBeforeIsFound() throws IOException {
    WalBuilder wal = twenty();
    byte[] foreign =
        WalRecord.of(new Xid(7), Rmgr.XLOG, 0x20, new byte[10])
            .withPrevious(wal.positions.get(3))
            .encode();
    wal.write(wal.end(), foreign);
    WalEnd.BadPreviousLink end = assertInstanceOf(WalEnd.BadPreviousLink.class, wal.endFound());
    assertEquals(wal.positions.get(3), end.found());
    assertEquals(wal.positions.get(19), end.expected());
  }

  @Test
  void aMissingFileIsDamageOnlyWithinARecordOrBeforeALaterFile() throws IOException {
    WalBuilder wal = new WalBuilder(START);
    for (int i = 0; i < 30; i++) {
      wal.addBytes(100_000);
    }
    wal.directory.remove("000000010000000000000002");
    WalEnd.MissingSegment end = assertInstanceOf(WalEnd.MissingSegment.class, wal.endFound());
    assertTrue(end.inRecord());
    assertTrue(end.later());
    assertFalse(end.isNormal());
    assertEquals("000000010000000000000002", end.name());
  }

  @Test
  void aPageLostBetweenOthersIsNotTakenForTheEnd() throws IOException {
    WalBuilder wal = new WalBuilder(START);
    wal.addBytes(8192 - 40);
    Lsn lost = wal.end();
    wal.addBytes(8192 - 24).addBytes(100);
    wal.write(lost, new byte[8192]);
    WalEnd.EndOfData end = assertInstanceOf(WalEnd.EndOfData.class, wal.endFound());
    assertEquals(lost, end.lsn());
    assertEquals(lost.plus(8192), end.goesOn());
    assertFalse(end.isNormal());
  }

  @Test
  void readsOnAfterARecordThatWasNeverFinished() throws IOException {
    WalBuilder wal = new WalBuilder(START);
    wal.addBytes(500);
    Lsn aborted = wal.addUnfinished();
    Lsn page = WalLayout.pageStart(aborted).plus(8192);
    WalReader reader = wal.reader();
    assertTrue(reader.next());
    assertTrue(reader.next());
    assertEquals(aborted, reader.overwritten());
    assertEquals(page.plus(24), reader.lsn());
    Text text = new Text();
    WalLine.describe(text, reader.view());
    assertEquals("lsn " + aborted + "; time 2000-01-01 00:00:00.000000 UTC", text.toString());
    assertFalse(reader.next());
    assertTrue(reader.end().orElseThrow().isNormal());
  }

  @ParameterizedTest
  @CsvSource({
    "D101, page magic D101 is PostgreSQL 12's",
    "D11C, page magic D11C is later than PostgreSQL 18's D118",
    "D112, page magic D112 is no version's that is known",
  })
  void namesTheVersionOfForeignWal(String magic, String sentence) {
    WalBuilder wal = twenty();
    ByteWriter.putU16(
        wal.directory.file("000000010000000000000001"), 0, Integer.parseInt(magic, 16));
    FormatException e =
        assertThrows(FormatException.class, () -> WalFiles.ofTimeline(wal.directory, "", 1));
    assertTrue(
        e.getMessage().endsWith(sentence + "; PostgreSQL 13 to 18 are supported"), e.getMessage());
  }

  @Test
  void aPageOfAnotherVersionIsDamage() throws IOException {
    WalBuilder wal = twenty();
    ByteWriter.putU16(wal.directory.file("000000010000000000000001"), 8192, 0xD113);
    WalReader reader = wal.reader();
    while (reader.next()) {
      // to the end
    }
    WalEnd end = reader.end().orElseThrow();
    assertFalse(end.isNormal());
    assertTrue(
        end.reason().contains("page magic D113 is PostgreSQL 16's, not PostgreSQL 15's"),
        end.reason());
  }

  @Test
  void takesTheNewestTimelinesFileAndStopsWhereAnAncestorWasLeft() throws IOException {
    WalBuilder wal = twenty();
    Lsn fork = wal.positions.get(10);
    TimelineHistory history = TimelineHistory.root(1).fork(2, fork, "test");
    WalReader reader = WalReader.all(WalFiles.following(wal.directory, "", history));
    int count = 0;
    while (reader.next()) {
      count++;
    }
    assertEquals(10, count);
    assertInstanceOf(WalEnd.MissingSegment.class, reader.end().orElseThrow());
    wal.directory.put(
        "000000020000000000000001", wal.directory.file("000000010000000000000001").clone());
    wal.flip(wal.positions.get(1));
    WalReader other = WalReader.all(WalFiles.following(wal.directory, "", history));
    count = 0;
    while (other.next()) {
      count++;
    }
    assertEquals(20, count);
  }
}
