package phaistos.server.types;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import phaistos.server.errors.PgError;

/** Values in binary, the way the wire protocol carries them. */
public final class BinaryForm {
  private BinaryForm() {}

  /** The binary form; text for types without a binary form here. Not for NULL. */
  public static byte[] format(Datum value, SqlType type) {
    return switch (value) {
      case Datum.Null _ -> throw new IllegalArgumentException("NULL has no binary form");
      case Datum.Bool bool -> new byte[] {(byte) (bool.value() ? 1 : 0)};
      case Datum.Int number -> integer(number.value(), type);
      case Datum.Float number ->
          type == SqlType.FLOAT4
              ? ByteBuffer.allocate(4).putFloat((float) number.value()).array()
              : ByteBuffer.allocate(8).putDouble(number.value()).array();
      case Datum.Numeric number -> NumericBinary.encode(number.value());
      case Datum.Interval i ->
          ByteBuffer.allocate(16).putLong(i.micros()).putInt(i.days()).putInt(i.months()).array();
      case Datum.Array array when type.isArray() ->
          array(array, type.element().orElseThrow(), type);
      case Datum.Text _, Datum.Array _ ->
          TypeText.format(value, type).getBytes(StandardCharsets.UTF_8);
    };
  }

  private static byte[] integer(long value, SqlType type) {
    return switch (type.length()) {
      case 2 -> ByteBuffer.allocate(2).putShort((short) value).array();
      case 4 -> ByteBuffer.allocate(4).putInt((int) value).array();
      case 6 -> ByteBuffer.allocate(6).putInt((int) (value >> 16)).putShort((short) value).array();
      default -> ByteBuffer.allocate(8).putLong(value).array();
    };
  }

  private static byte[] array(Datum.Array array, SqlType element, SqlType type) {
    int base = type == SqlType.INT2VECTOR || type == SqlType.OIDVECTOR ? 0 : 1;
    List<byte[]> values = new ArrayList<>();
    int bytes = 20;
    boolean nulls = false;
    for (Datum value : array.values()) {
      byte[] one = value.isNull() ? new byte[0] : format(value, element);
      nulls |= value.isNull();
      values.add(one);
      bytes += 4 + one.length;
    }
    boolean empty = values.isEmpty();
    ByteBuffer out = ByteBuffer.allocate(empty ? 12 : bytes);
    out.putInt(empty ? 0 : 1).putInt(nulls ? 1 : 0).putInt(element.oid());
    if (!empty) {
      out.putInt(values.size()).putInt(base);
    }
    for (int i = 0; i < values.size(); i++) {
      boolean isNull = array.values().get(i).isNull();
      out.putInt(isNull ? -1 : values.get(i).length).put(values.get(i));
    }
    return out.array();
  }

  /**
   * Reads a binary form.
   *
   * @throws PgError 22P03 for a wrong length
   */
  public static Datum parse(byte[] bytes, SqlType type) {
    boolean fixed = type.length() > 0 && type.form() != SqlType.Form.TEXT;
    if (fixed && bytes.length != type.length()) {
      throw wrong();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return switch (type.form()) {
      case BOOL -> Datum.of(bytes[0] != 0);
      case INTEGER, DATE, TIME, LSN -> Datum.of(signed(in, type.length()));
      case UNSIGNED ->
          Datum.of(type.length() == 4 ? Integer.toUnsignedLong(in.getInt()) : in.getLong());
      case TID ->
          Datum.of(Integer.toUnsignedLong(in.getInt()) << 16 | Short.toUnsignedLong(in.getShort()));
      case FLOAT -> new Datum.Float(type == SqlType.FLOAT4 ? in.getFloat() : in.getDouble());
      case NUMERIC -> new Datum.Numeric(NumericBinary.decode(in));
      case INTERVAL -> {
        long micros = in.getLong();
        int days = in.getInt();
        yield new Datum.Interval(in.getInt(), days, micros);
      }
      case TEXT -> TypeText.parse(new String(bytes, StandardCharsets.UTF_8), type);
      case ARRAY -> array(in, type);
    };
  }

  private static Datum array(ByteBuffer in, SqlType type) {
    SqlType element =
        type.element().orElseThrow(() -> PgError.unsupported("a parameter of type record"));
    try {
      int dimensions = in.getInt();
      in.getInt();
      in.getInt();
      if (dimensions > 1) {
        throw PgError.unsupported("an array of more than one dimension");
      }
      int count = dimensions == 0 ? 0 : in.getInt();
      if (dimensions > 0) {
        in.getInt();
      }
      List<Datum> values = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int length = in.getInt();
        if (length < 0) {
          values.add(Datum.NULL);
        } else {
          byte[] one = new byte[Math.min(length, in.remaining())];
          in.get(one);
          values.add(parse(one, element));
        }
      }
      return new Datum.Array(values);
    } catch (java.nio.BufferUnderflowException e) {
      throw wrong();
    }
  }

  private static long signed(ByteBuffer in, int length) {
    return switch (length) {
      case 2 -> in.getShort();
      case 4 -> in.getInt();
      default -> in.getLong();
    };
  }

  private static PgError wrong() {
    return PgError.error("22P03", "incorrect binary data format in bind parameter");
  }
}
