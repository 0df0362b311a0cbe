package phaistos.server.types;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.TupleData;
import phaistos.server.errors.PgError;

/**
 * Rows as PostgreSQL lays them out in a tuple (heaptuple.c): null bitmap, columns with their
 * alignments, variable-length values with a header of one byte if they are short, of four
 * otherwise. numeric is stored as text, since no other program reads the columns of our tables.
 */
public final class TupleCodec {
  private static final int MAX_TUPLE = 8160;
  private static final int MAX_SHORT = 126;

  private TupleCodec() {}

  /**
   * The tuple's columns and the header fields that depend on them.
   *
   * @throws PgError 54000 if it does not fit on a page
   */
  public static TupleData encode(List<Datum> values, List<SqlType> types) {
    boolean nulls = values.contains(Datum.NULL);
    int bitmap = nulls ? (values.size() + 7) / 8 : 0;
    int headerBytes = (TupleHeader.BYTES + bitmap + 7) & -8;
    ByteWriter out = new ByteWriter();
    if (nulls) {
      byte[] bits = new byte[bitmap];
      for (int i = 0; i < values.size(); i++) {
        if (!values.get(i).isNull()) {
          bits[i / 8] |= (byte) (1 << i % 8);
        }
      }
      out.bytes(bits);
    }
    out.zeros(headerBytes - TupleHeader.BYTES - bitmap);
    boolean variable = false;
    // columns are aligned from the tuple's start, 23 bytes before ours
    int base = TupleHeader.BYTES;
    for (int i = 0; i < values.size(); i++) {
      Datum value = values.get(i);
      SqlType type = types.get(i);
      variable |= type.length() < 0;
      if (!value.isNull()) {
        write(out, base, value, type);
      }
    }
    byte[] data = out.toBytes();
    if (TupleHeader.BYTES + data.length > MAX_TUPLE) {
      throw PgError.error(
          "54000",
          "row is too big: size %d, maximum size %d"
              .formatted(TupleHeader.BYTES + data.length, MAX_TUPLE));
    }
    int infomask =
        TupleHeader.XMAX_INVALID
            | (nulls ? TupleHeader.HAS_NULL : 0)
            | (variable ? TupleHeader.HAS_VARWIDTH : 0);
    return new TupleData(values.size(), infomask, headerBytes, data);
  }

  private static void write(ByteWriter out, int base, Datum value, SqlType type) {
    if (type.length() < 0) {
      byte[] bytes = TypeText.format(value, type).getBytes(StandardCharsets.UTF_8);
      if (bytes.length <= MAX_SHORT) {
        out.u8((bytes.length + 1) << 1 | 1).bytes(bytes);
      } else {
        align(out, base, 4);
        out.i32((bytes.length + 4) << 2).bytes(bytes);
      }
      return;
    }
    align(out, base, type.alignment());
    switch (value) {
      case Datum.Bool bool -> out.u8(bool.value() ? 1 : 0);
      case Datum.Float number -> {
        if (type.length() == 4) {
          out.i32(Float.floatToIntBits((float) number.value()));
        } else {
          out.i64(Double.doubleToLongBits(number.value()));
        }
      }
      case Datum.Interval interval ->
          out.i64(interval.micros()).i32(interval.days()).i32(interval.months());
      case Datum.Int number -> {
        switch (type.length()) {
          case 2 -> out.u16((int) number.value());
          case 4 -> out.i32((int) number.value());
          default -> out.i64(number.value());
        }
      }
      case Datum.Text _, Datum.Numeric _, Datum.Array _, Datum.Null _ ->
          throw new IllegalArgumentException("column of type %s: %s".formatted(type, value));
    }
  }

  private static void align(ByteWriter out, int base, int alignment) {
    out.zeros(-(base + out.length()) & alignment - 1);
  }

  /** A whole tuple for a page, with the fixed header {@code header}. */
  public static byte[] tuple(TupleHeader header, TupleData data) {
    ByteWriter out = new ByteWriter().bytes(header.encode());
    return out.bytes(data.data()).toBytes();
  }

  /**
   * The columns of a tuple; columns added after it was written are NULL.
   *
   * @throws FormatException if its bytes do not fit the types
   */
  public static List<Datum> decode(byte[] tuple, TupleHeader header, List<SqlType> types) {
    List<Datum> values = new ArrayList<>(types.size());
    boolean nulls = header.has(TupleHeader.HAS_NULL);
    int at = header.headerBytes();
    for (int i = 0; i < types.size(); i++) {
      boolean there = i < header.attributes();
      if (there && nulls) {
        there = (tuple[TupleHeader.BYTES + i / 8] >> i % 8 & 1) != 0;
      }
      if (!there) {
        values.add(Datum.NULL);
        continue;
      }
      SqlType type = types.get(i);
      if (type.length() < 0) {
        at = readVariable(tuple, at, type, values);
      } else {
        at = at + type.alignment() - 1 & -type.alignment();
        values.add(readFixed(tuple, at, type));
        at += type.length();
      }
    }
    return values;
  }

  private static int readVariable(byte[] tuple, int from, SqlType type, List<Datum> values) {
    int at = from;
    int length;
    if ((tuple[at] & 1) != 0) {
      length = (tuple[at] & 0xFF) >> 1;
      length -= 1;
      at += 1;
    } else {
      at = at + 3 & -4;
      if ((tuple[at] & 1) != 0) {
        length = ((tuple[at] & 0xFF) >> 1) - 1;
        at += 1;
      } else {
        length = (ByteReader.i32(tuple, at) >>> 2) - 4;
        at += 4;
      }
    }
    if (length < 0 || at + length > tuple.length) {
      throw new FormatException("column of %d bytes leads out of its tuple".formatted(length));
    }
    String text = new String(tuple, at, length, StandardCharsets.UTF_8);
    values.add(type == SqlType.NUMERIC ? new Datum.Numeric(new BigDecimal(text)) : Datum.of(text));
    return at + length;
  }

  private static Datum readFixed(byte[] tuple, int at, SqlType type) {
    return switch (type.form()) {
      case BOOL -> Datum.of(tuple[at] != 0);
      case FLOAT ->
          new Datum.Float(
              type.length() == 4
                  ? Float.intBitsToFloat(ByteReader.i32(tuple, at))
                  : Double.longBitsToDouble(ByteReader.i64(tuple, at)));
      case INTEGER, DATE ->
          Datum.of(
              switch (type.length()) {
                case 2 -> (short) ByteReader.u16(tuple, at);
                case 4 -> ByteReader.i32(tuple, at);
                default -> ByteReader.i64(tuple, at);
              });
      case UNSIGNED ->
          Datum.of(
              type.length() == 4
                  ? Integer.toUnsignedLong(ByteReader.i32(tuple, at))
                  : ByteReader.i64(tuple, at));
      case TIME, LSN -> Datum.of(ByteReader.i64(tuple, at));
      case INTERVAL ->
          new Datum.Interval(
              ByteReader.i32(tuple, at + 12),
              ByteReader.i32(tuple, at + 8),
              ByteReader.i64(tuple, at));
      case NUMERIC, TEXT, TID, ARRAY ->
          throw new IllegalArgumentException("no column has type " + type);
    };
  }
}
