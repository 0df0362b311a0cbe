package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Markers in columns of many types: the rows' bytes are PostgreSQL 15's, of a table with an id and
 * one column that is not null.
 */
class WideSearchTest {
  private record Row(String type, Marker marker, String bytes) {}

  private static final List<Row> ROWS =
      List.of(
          new Row(
              "uuid",
              text("3f2504e0-4f89-41d3-9a0c-0305e82c0009"),
              "150000003f2504e04f8941d39a0c0305e82c0009"),
          new Row(
              "uuid_up",
              text("3F2504E0-4F89-41D3-9A0C-0305E82C000A"),
              "160000003f2504e04f8941d39a0c0305e82c000a"),
          new Row("numeric", number(884000777L), "170000001302800800d0200903"),
          new Row("numeric_text", text("884000778"), "180000001302800800d0200a03"),
          new Row("numeric_dec", text("884000.7790"), "190000001301825800a00f6e1e"),
          new Row("numeric_scale", number(884000780L), "1a0000001302820800d0200c03"),
          new Row("numeric_neg", number(-884000781L), "1b0000001302a20800d0200d03"),
          new Row(
              "numeric_big",
              text("123456789012345678901234567890"),
              "1c0000002707800c00800dd21ed2042e163423800dd21e"),
          new Row(
              "jsonb",
              text("js-1"),
              "1d00000073020000200100008001000000040000001e0000506b7a6a732d"
                  + "310000020000400800009008000010200000000080010020000000008002"
                  + "00"),
          new Row(
              "jsonb_num",
              number(884000782L),
              "1e0000004b020000200100008002000000010000000c0000106b69646130"
                  + "00000002800800d0200e03"),
          new Row(
              "jsonb_nested",
              text("deep-key-7"),
              "1f000000bf0300002001000080010000000100000002000000320000500b"
                  + "000010616b6e626200000001000020010000802200005078000000010000"
                  + "40170000d001000020010000800a00000079646565702d6b65792d370028"
                  + "000000808001008813"),
          new Row(
              "jsonb_str", text("scalar-js-1"), "2000000029010000500b0000807363616c61722d6a732d31"),
          new Row("char", text("ch-7781-b"), "210000002b63682d373738312d622020202020202020202020"),
          new Row("varchar", text("vc-1"), "220000000b76632d31"),
          new Row("smallint", number(12345L), "230000003930"),
          new Row("int", number(884000783L), "240000000fc8b034"),
          new Row("bigint_text", text("88400000000784"), "25000000000000001023993a66500000"),
          new Row("int_as_text", number(884000785L), "2600000015383834303030373835"),
          new Row(
              "timestamptz", text("2026-01-01 00:00:00+00"), "27000000000000000060e80a47ea0200"),
          new Row(
              "timestamptz_iso",
              text("2026-01-02T03:04:05.123456+02:00"),
              "280000000000000080adef0d5cea0200"),
          new Row("timestamp", text("2026-01-03 04:05:06.5"), "2900000000000000a0812ab372ea0200"),
          new Row("date", text("2026-02-03"), "2a0000003a250000"),
          new Row("time", text("04:05:06.789"), "2b0000000000000088ca976c03000000"),
          new Row("inet", text("10.20.30.40"), "2c0000000f02200a141e28"),
          new Row("inet_net", text("10.20.0.0/16"), "2d0000000f02100a140000"),
          new Row("inet6", text("2001:db8::7"), "2e00000027038020010db8000000000000000000000007"),
          new Row("range", text("[884000801,884000900)"), "2f0000001d400f000021c8b03484c8b03402"),
          new Row("range_lower", number(884000901L), "300000001d400f000085c8b034e7c8b03402"),
          new Row(
              "range8",
              text("[88400000000901,88400000000999)"),
              "310000002d560f00008523993a66500000e723993a6650000002"),
          new Row(
              "array",
              number(884001001L),
              "3200000043010000000000000017000000030000000100000001000000e9" + "c8b03403000000"),
          new Row(
              "array_whole",
              text("{884001002,884001003}"),
              "330000003b0100000000000000170000000200000001000000eac8b034eb" + "c8b034"),
          new Row(
              "array_text",
              text("tag-1"),
              "340000006301000000000000001900000003000000010000001400000078"
                  + "000000240000007461672d310000001c00000079797900"),
          new Row(
              "array_uuid",
              text("3f2504e0-4f89-41d3-9a0c-0305e82c00aa"),
              "350000006b0100000000000000860b000002000000010000003f2504e04f"
                  + "8941d39a0c0305e82c00ab3f2504e04f8941d39a0c0305e82c00aa"),
          new Row("bytea", text("\\xdeadbeef01"), "360000000ddeadbeef01"),
          new Row("float8", number(884001004L), "3700000000000000000000766458ca41"),
          new Row("float8_dec", text("1234.5678"), "3800000000000000adfa5c6d454a9340"),
          new Row("json", text("json-7"), "39000000217b2261223a20226a736f6e2d37227d"),
          new Row("xml", text("xml-77"), "3a0000001d3c613e786d6c2d37373c2f613e"),
          new Row("macaddr", text("08:00:2b:01:02:03"), "3b00000008002b010203"),
          new Row(
              "name",
              text("name-770"),
              "3c0000006e616d652d373730000000000000000000000000000000000000"
                  + "000000000000000000000000000000000000000000000000000000000000"
                  + "0000000000000000"),
          new Row("pglsn", text("0/ABCDEF12"), "3e0000000000000012efcdab00000000"),
          new Row(
              "comp_json",
              text("comp-7"),
              "4100000066010000bc0f0000000200002001000080000100000006000000"
                  + "00a00f00006b70636fc06d702d3761620f02ff0f02ffff0f02ff0f02ff0f"
                  + "02ff0f02ff0f02ff0f02ff0f02ff0f02ff1f0f02ff0f02ff0f02ff0f02ff"
                  + "0f029e"),
          new Row(
              "text_long",
              text("in-a-text-7"),
              "420000003d6120726f77207769746820696e2d612d746578742d37207769" + "7468696e"),
          new Row(
              "tsvector",
              text("lexeme-9"),
              "450000003f0200000003000000116000006200010002006c6578656d652d" + "3901000100"));

  private static Marker number(long value) {
    return new Marker.Number(value);
  }

  private static Marker text(String value) {
    return new Marker.Text(value);
  }

  private static boolean isFound(Marker marker, String hex) {
    byte[] row = HexFormat.of().parseHex(hex);
    RowSearch search =
        new RowSearch(new MarkerIndex(List.of(RowSearchTest.claim(marker))), MarkerColumn.ANY);
    List<Integer> hits = new ArrayList<>();
    search.search(row, 0, 0, row.length, new LongValues(-1), (slot, _) -> hits.add(slot));
    if (hits.isEmpty()) {
      search.searchWidely(row, 0, 0, row.length, (slot, _) -> hits.add(slot));
    }
    return !hits.isEmpty();
  }

  @Test
  void findsAMarkerWhateverTheTypeOfItsColumn() {
    TreeSet<String> missed = new TreeSet<>();
    for (Row row : ROWS) {
      if (!isFound(row.marker, row.bytes)) {
        missed.add(row.type);
      }
    }
    assertEquals(new TreeSet<String>(), missed);
  }

  /** A distinctive marker is found in its own row only: nothing is confirmed by chance. */
  @Test
  void doesNotFindAMarkerInAnothersRow() {
    TreeSet<String> wrong = new TreeSet<>();
    for (Row one : ROWS) {
      MarkerForms forms = MarkerForms.of(one.marker);
      boolean isDistinctive =
          forms.shape() != MarkerForms.Shape.SMALL_NUMBER
              && forms.shape() != MarkerForms.Shape.TIME;
      for (Row other : ROWS) {
        if (isDistinctive && one != other && isFound(one.marker, other.bytes)) {
          wrong.add(one.type + " in " + other.type);
        }
      }
    }
    assertEquals(new TreeSet<String>(), wrong);
  }

  @Test
  void whatRandomBytesHoldIsNotRead() {
    long seed = System.nanoTime();
    java.util.Random random = new java.util.Random(seed);
    MarkerIndex index =
        new MarkerIndex(ROWS.stream().map(row -> RowSearchTest.claim(row.marker)).toList());
    RowSearch search = new RowSearch(index, MarkerColumn.ANY);
    for (int i = 0; i < 20_000; i++) {
      byte[] row = new byte[random.nextInt(80)];
      random.nextBytes(row);
      int from = row.length == 0 ? 0 : random.nextInt(row.length);
      search.searchWidely(
          row,
          0,
          from,
          row.length,
          (slot, _) ->
              assertEquals(false, index.isDistinctive(slot), "seed " + seed + ": slot " + slot));
    }
  }
}
