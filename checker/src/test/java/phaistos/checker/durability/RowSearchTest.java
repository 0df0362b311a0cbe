package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowSearchTest {
  @Test
  void findsSmallAndLargeIntegersAtTheirAlignment() {
    byte[] row =
        ByteBuffer.allocate(24)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(7)
            .putInt(-5)
            .putLong(1L << 40)
            .putLong(9)
            .array();
    assertEquals(List.of("0:7@0"), found(row, number(7)));
    assertEquals(List.of("0:-5@4"), found(row, number(-5)));
    assertEquals(List.of("0:1099511627776@8"), found(row, number(1L << 40)));
    assertEquals(List.of("0:9@16"), found(row, number(9)).subList(0, 1));
    assertEquals(List.of(), found(row, number(8)));
  }

  @Test
  void doesNotFindAnIntegerBetweenTwoColumns() {
    byte[] row =
        ByteBuffer.allocate(16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) 0)
            .putInt(77)
            .putShort((short) 0)
            .putLong(0)
            .array();
    assertEquals(List.of(), found(row, number(77)));
  }

  @Test
  void findsTextsBehindShortAndLongHeaders() {
    byte[] small = shortText("syncc0-1");
    assertEquals(List.of("0:\"syncc0-1\"@65535"), found(small, text("syncc0-1")));
    assertEquals(List.of(), found(small, text("syncc0-")));
    String large = "x".repeat(200);
    byte[] row =
        ByteBuffer.allocate(8 + 4 + 200)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(1)
            .putInt(204 << 2)
            .put(large.getBytes(StandardCharsets.UTF_8))
            .array();
    assertEquals(List.of("0:" + text(large) + "@65535"), found(row, text(large)));
    assertEquals(List.of("0:\"é\"@65535"), found(shortText("é"), text("é")));
  }

  @Test
  void alignsTheRestOfAnUpdatedRowAsTheWholeRow() {
    byte[] tail =
        ByteBuffer.allocate(6)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) 1)
            .putInt(42)
            .array();
    List<String> hits = new ArrayList<>();
    Marker marker = number(42);
    search(marker, MarkerColumn.ANY).search(tail, -6, 0, 6, (_, at) -> hits.add("@" + at));
    assertEquals(List.of("@8"), hits);
  }

  @Test
  void looksAtTheFirstColumnOnlyIfToldSo() {
    byte[] row =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(3).putLong(4).array();
    List<Integer> hits = new ArrayList<>();
    search(number(4), MarkerColumn.FIRST).search(row, 0, 0, 16, (_, at) -> hits.add(at));
    assertEquals(List.of(), hits);
    search(number(3), MarkerColumn.FIRST).search(row, 0, 0, 16, (_, at) -> hits.add(at));
    assertEquals(List.of(0), hits);
  }

  @Test
  void tellsEveryClaimThatHasTheSameMarker() {
    MarkerIndex index = new MarkerIndex(List.of(claim(number(5)), claim(number(5))));
    List<Integer> claims = new ArrayList<>();
    index.number(5, slot -> claims.add(index.claimOf(slot)));
    assertEquals(List.of(1, 0), claims);
  }

  private static List<String> found(byte[] row, Marker marker) {
    List<String> hits = new ArrayList<>();
    search(marker, MarkerColumn.ANY)
        .search(row, 0, 0, row.length, (slot, at) -> hits.add(slot + ":" + marker + "@" + at));
    return hits;
  }

  private static RowSearch search(Marker marker, MarkerColumn column) {
    return new RowSearch(new MarkerIndex(List.of(claim(marker))), column);
  }

  private static byte[] shortText(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {3, 0, 0, 0});
    out.write((bytes.length + 1) << 1 | 1);
    out.writeBytes(bytes);
    return out.toByteArray();
  }

  private static Marker number(long value) {
    return new Marker.Number(value);
  }

  private static Marker text(String value) {
    return new Marker.Text(value);
  }

  static Claim claim(Marker... markers) {
    Promise promise = new Promise(CommitLevel.ON, StandbyRule.NONE, false, false);
    return new Claim(1, 0, 0, Outcome.ACKNOWLEDGED, 700, 1, 0, "a", List.of(markers), promise);
  }
}
