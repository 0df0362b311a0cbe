package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import phaistos.formats.wal.Pglz;

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
    search(marker, MarkerColumn.ANY)
        .search(tail, -6, 0, 6, new LongValues(0), (_, at) -> hits.add("@" + at));
    assertEquals(List.of("@8"), hits);
  }

  @Test
  void looksAtTheFirstColumnOnlyIfToldSo() {
    byte[] row =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(3).putLong(4).array();
    List<Integer> hits = new ArrayList<>();
    search(number(4), MarkerColumn.FIRST)
        .search(row, 0, 0, 16, new LongValues(0), (_, at) -> hits.add(at));
    assertEquals(List.of(), hits);
    search(number(3), MarkerColumn.FIRST)
        .search(row, 0, 0, 16, new LongValues(0), (_, at) -> hits.add(at));
    assertEquals(List.of(0), hits);
  }

  /** Against the rule itself, place by place. */
  @Property
  void findsEachNumberAtEachPlaceWhereItMayStand(
      @ForAll @Size(max = 40) byte[] row,
      @ForAll @IntRange(min = -9, max = 0) int base,
      @ForAll @IntRange(max = 9) int skipped,
      @ForAll MarkerColumn column) {
    int from = Math.min(skipped, row.length);
    ByteBuffer bytes = ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN);
    List<Long> numbers = new ArrayList<>(List.of(0L, -1L));
    Set<String> expected = new TreeSet<>();
    for (int at = from; at < row.length; at++) {
      boolean isLooked = column == MarkerColumn.ANY || at == base;
      if ((at - base) % 4 == 0 && at + 4 <= row.length) {
        numbers.add((long) bytes.getInt(at));
        expected.addAll(isLooked ? List.of(bytes.getInt(at) + "@" + (at - base)) : List.of());
      }
      if ((at - base) % 8 == 0 && at + 8 <= row.length) {
        numbers.add(bytes.getLong(at));
        expected.addAll(isLooked ? List.of(bytes.getLong(at) + "@" + (at - base)) : List.of());
      }
    }
    Marker[] markers =
        numbers.stream().distinct().map(RowSearchTest::number).toArray(Marker[]::new);
    Set<String> found = new TreeSet<>();
    new RowSearch(new MarkerIndex(List.of(claim(markers))), column)
        .search(
            row,
            base,
            from,
            row.length,
            new LongValues(0),
            (slot, at) -> found.add(markers[slot] + "@" + at));
    assertEquals(expected, found);
  }

  @Test
  void tellsEveryClaimThatHasTheSameMarker() {
    MarkerIndex index = new MarkerIndex(List.of(claim(number(5)), claim(number(5))));
    List<Integer> claims = new ArrayList<>();
    for (int slot = index.first(5); slot >= 0; slot = index.next(slot)) {
      claims.add(index.claimOf(slot));
    }
    assertEquals(List.of(1, 0), claims);
  }

  @Test
  void findsACompressedText() {
    String value = "ab".repeat(150) + "c".repeat(50);
    byte[] stored = compressed(value);
    byte[] row =
        ByteBuffer.allocate(8 + 4 + stored.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(1)
            .putInt(stored.length + 4 << 2 | 2)
            .put(stored)
            .array();
    assertEquals(List.of("0:" + text(value) + "@65535"), found(row, text(value)));
    assertEquals(List.of(), found(row, text("ab".repeat(175))));
    row[row.length - 1] ^= 1;
    assertEquals(List.of(), found(row, text(value)));
  }

  @Test
  void findsATextThatTheTransactionMovedOutOfLine() {
    String value = "0123456789".repeat(300);
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    LongValues moved = new LongValues(bytes.length);
    keep(moved, 70_000, 0, bytes, 0, 1996);
    byte[] row = pointer(bytes.length, bytes.length, 70_000);
    List<String> hits = new ArrayList<>();
    // a piece is missing: then it may be the marker, which is said
    assertFalse(lookForText(row, value, moved, hits));
    keep(moved, 70_000, 1, bytes, 1996, bytes.length);
    assertTrue(lookForText(row, value, moved, hits));
    assertEquals(List.of("hit"), hits);
    hits.clear();
    assertTrue(lookForText(row, "9876543210".repeat(300), moved, hits));
    assertTrue(lookForText(row, "too short to be it", new LongValues(20), hits));
    assertEquals(List.of(), hits);
    byte[] stored = compressed(value);
    keep(moved, 70_001, 0, stored, 0, stored.length);
    row = pointer(bytes.length, stored.length, 70_001);
    assertTrue(lookForText(row, value, moved, hits));
    assertEquals(List.of("hit"), hits);
  }

  private static boolean lookForText(
      byte[] row, String value, LongValues moved, List<String> hits) {
    return search(text(value), MarkerColumn.ANY)
        .search(row, 0, 0, row.length, moved, (_, _) -> hits.add("hit"));
  }

  /** As TOAST stores it: length, with the method pglz in the upper two bits, and the bytes. */
  private static byte[] compressed(String value) {
    byte[] raw = value.getBytes(StandardCharsets.UTF_8);
    byte[] small = Pglz.compress(raw).orElseThrow();
    return ByteBuffer.allocate(4 + small.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(raw.length)
        .put(small)
        .array();
  }

  private static void keep(
      LongValues moved, int value, int number, byte[] bytes, int from, int to) {
    byte[] row =
        ByteBuffer.allocate(12 + to - from)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(value)
            .putInt(number)
            .putInt(to - from + 4 << 2)
            .put(bytes, from, to - from)
            .array();
    moved.keep(row, 0, row.length);
  }

  private static byte[] pointer(int rawLength, int storedLength, int value) {
    return ByteBuffer.allocate(5 + LongValues.POINTER_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(5)
        .put((byte) 3)
        .put((byte) 1)
        .put((byte) 18)
        .putInt(rawLength + 4)
        .putInt(storedLength)
        .putInt(value)
        .putInt(16_390)
        .array();
  }

  private static List<String> found(byte[] row, Marker marker) {
    LongValues moved = new LongValues(0);
    List<String> hits = new ArrayList<>();
    search(marker, MarkerColumn.ANY)
        .search(
            row, 0, 0, row.length, moved, (slot, at) -> hits.add(slot + ":" + marker + "@" + at));
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
