package phaistos.server.types;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import phaistos.formats.Xid;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.TupleData;
import phaistos.server.errors.PgError;

/** Rows to tuples and back. */
class TupleCodecTest {
  private static final List<SqlType> TYPES =
      List.of(
          SqlType.BOOL,
          SqlType.INT8,
          SqlType.TEXT,
          SqlType.INT2,
          SqlType.VARCHAR,
          SqlType.FLOAT8,
          SqlType.INT4);

  private static List<Datum> throughTuple(List<Datum> row) {
    TupleData data = TupleCodec.encode(row, TYPES);
    TupleHeader header =
        new TupleHeader(
            new Xid(5),
            Xid.INVALID,
            0,
            0,
            1,
            data.infomask2(),
            data.infomask(),
            data.headerBytes());
    return TupleCodec.decode(TupleCodec.tuple(header, data), header, TYPES);
  }

  @Test
  void readsBackRowsWithNullsAndTextsOfAnyLength() {
    long seed = 20261121;
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      List<Datum> row = new ArrayList<>();
      for (SqlType type : TYPES) {
        row.add(random.nextInt(4) == 0 ? Datum.NULL : value(type, random));
      }
      assertEquals(row, throughTuple(row), "seed=" + seed + " i=" + i);
    }
  }

  private static Datum value(SqlType type, Random random) {
    return switch (type) {
      case BOOL -> Datum.of(random.nextBoolean());
      case INT2 -> Datum.of((short) random.nextInt());
      case INT4 -> Datum.of(random.nextInt());
      case INT8 -> Datum.of(random.nextLong());
      case FLOAT8 -> new Datum.Float(random.nextDouble());
      default -> Datum.of("ü".repeat(random.nextInt(random.nextBoolean() ? 5 : 300)));
    };
  }

  @Test
  void refusesARowThatFitsNoPage() {
    List<Datum> row = new ArrayList<>(List.of(Datum.TRUE, Datum.of(1), Datum.of("x".repeat(8200))));
    row.addAll(List.of(Datum.NULL, Datum.NULL, Datum.NULL, Datum.NULL));
    PgError error = assertThrows(PgError.class, () -> TupleCodec.encode(row, TYPES));
    assertEquals("54000", error.sqlState());
  }
}
