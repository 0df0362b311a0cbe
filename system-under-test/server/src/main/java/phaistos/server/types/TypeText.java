package phaistos.server.types;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import phaistos.formats.Lsn;
import phaistos.server.errors.PgError;

/** Values as text and as binary, the way the wire protocol carries them. */
public final class TypeText {
  private static final LocalDateTime EPOCH = LocalDateTime.of(2000, 1, 1, 0, 0);

  private TypeText() {}

  /** The text form; not for NULL. */
  public static String format(Datum value, SqlType type) {
    return switch (value) {
      case Datum.Null _ -> throw new IllegalArgumentException("NULL has no text");
      case Datum.Bool bool -> bool.value() ? "t" : "f";
      case Datum.Text text -> text.value();
      case Datum.Float number -> formatFloat(number.value());
      case Datum.Numeric number -> number.value().toPlainString();
      case Datum.Int number -> formatInt(number.value(), type);
    };
  }

  private static String formatInt(long value, SqlType type) {
    return switch (type) {
      case PG_LSN -> new Lsn(value).toString();
      case TIMESTAMP -> formatTime(value);
      case TIMESTAMPTZ -> formatTime(value) + "+00";
      case XID8, XID, OID -> Long.toUnsignedString(value);
      case BOOL, INT8, INT2, INT4, TEXT, NAME, FLOAT8, UNKNOWN, BPCHAR, VARCHAR, NUMERIC, VOID ->
          Long.toString(value);
    };
  }

  private static String formatFloat(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return Long.toString((long) value);
    }
    String text = Double.toString(value);
    int e = text.indexOf('E');
    if (e < 0) {
      return text;
    }
    int exponent = Integer.parseInt(text.substring(e + 1));
    String mantissa = text.substring(0, e).replaceAll("\\.0$", "");
    return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private static String formatTime(long micros) {
    LocalDateTime time = EPOCH.plus(micros, ChronoUnit.MICROS);
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "%04d-%02d-%02d %02d:%02d:%02d",
            time.getYear(),
            time.getMonthValue(),
            time.getDayOfMonth(),
            time.getHour(),
            time.getMinute(),
            time.getSecond()));
    int fraction = time.getNano() / 1000;
    if (fraction != 0) {
      String digits = String.format(Locale.ROOT, "%06d", fraction).replaceAll("0+$", "");
      out.append('.').append(digits);
    }
    return out.toString();
  }

  /**
   * Reads a text form.
   *
   * @throws PgError 22P02 or 22003 with PostgreSQL's text
   */
  public static Datum parse(String text, SqlType type) {
    return switch (type) {
      case TEXT, NAME, UNKNOWN, BPCHAR, VARCHAR -> Datum.of(text);
      case BOOL -> parseBool(text);
      case INT2, INT4, INT8 -> parseInteger(text, type);
      case FLOAT8 -> parseFloat(text);
      case NUMERIC -> parseNumeric(text);
      case PG_LSN -> parseLsn(text);
      case XID8, XID, OID -> parseUnsigned(text, type);
      case TIMESTAMP, TIMESTAMPTZ -> parseTime(text, type);
      case VOID -> Datum.of("");
    };
  }

  /** Whether an integer fits into its type. */
  public static Datum checkRange(long value, SqlType type) {
    boolean fits =
        switch (type) {
          case INT2 -> value == (short) value;
          case INT4 -> value == (int) value;
          case BOOL,
              INT8,
              TEXT,
              NAME,
              FLOAT8,
              UNKNOWN,
              BPCHAR,
              VARCHAR,
              TIMESTAMP,
              TIMESTAMPTZ,
              NUMERIC,
              VOID,
              PG_LSN,
              XID8,
              XID,
              OID ->
              true;
        };
    if (!fits) {
      throw PgError.error("22003", type.label() + " out of range");
    }
    return Datum.of(value);
  }

  private static PgError invalid(String text, SqlType type) {
    return PgError.error(
        "22P02", "invalid input syntax for type %s: \"%s\"".formatted(type.label(), text));
  }

  private static Datum parseBool(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "t", "true", "on", "yes", "y", "1" -> Datum.TRUE;
      case "f", "false", "off", "no", "n", "0" -> Datum.FALSE;
      default -> throw invalid(text, SqlType.BOOL);
    };
  }

  private static Datum parseInteger(String text, SqlType type) {
    String digits = text.strip();
    try {
      long value = Long.parseLong(digits);
      boolean fits = type == SqlType.INT8 || type == SqlType.INT4 && value == (int) value;
      if (fits || type == SqlType.INT2 && value == (short) value) {
        return Datum.of(value);
      }
    } catch (NumberFormatException e) {
      if (!digits.matches("[+-]?[0-9]+")) {
        throw invalid(text, type);
      }
    }
    throw PgError.error(
        "22003", "value \"%s\" is out of range for type %s".formatted(text, type.label()));
  }

  private static Datum parseUnsigned(String text, SqlType type) {
    try {
      return Datum.of(Long.parseUnsignedLong(text.strip()));
    } catch (NumberFormatException e) {
      throw invalid(text, type);
    }
  }

  private static Datum parseFloat(String text) {
    try {
      String word = text.strip();
      return new Datum.Float(
          switch (word.toLowerCase(Locale.ROOT)) {
            case "nan" -> Double.NaN;
            case "infinity", "inf" -> Double.POSITIVE_INFINITY;
            case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(word);
          });
    } catch (NumberFormatException e) {
      throw invalid(text, SqlType.FLOAT8);
    }
  }

  private static Datum parseNumeric(String text) {
    try {
      return new Datum.Numeric(new BigDecimal(text.strip()));
    } catch (NumberFormatException e) {
      throw invalid(text, SqlType.NUMERIC);
    }
  }

  private static Datum parseLsn(String text) {
    try {
      return Datum.of(Lsn.parse(text.strip()).value());
    } catch (IllegalArgumentException e) {
      throw invalid(text, SqlType.PG_LSN);
    }
  }

  private static Datum parseTime(String text, SqlType type) {
    try {
      String[] parts = text.strip().split("[ T]", 2);
      LocalDate date = LocalDate.parse(parts[0]);
      LocalTime time = LocalTime.MIDNIGHT;
      int offsetSeconds = 0;
      if (parts.length == 2) {
        String clock = parts[1];
        int zone = Math.max(clock.lastIndexOf('+'), clock.lastIndexOf('-'));
        if (clock.endsWith("Z")) {
          zone = clock.length() - 1;
        }
        if (zone > 0) {
          offsetSeconds = ZoneOffset.of(clock.substring(zone)).getTotalSeconds();
          clock = clock.substring(0, zone);
        }
        time = LocalTime.parse(clock);
      }
      long micros = ChronoUnit.MICROS.between(EPOCH, date.atTime(time));
      return Datum.of(type == SqlType.TIMESTAMPTZ ? micros - offsetSeconds * 1_000_000L : micros);
    } catch (DateTimeException e) {
      throw invalid(text, type);
    }
  }

  /** The binary form; text for types without a binary form here. */
  public static byte[] formatBinary(Datum value, SqlType type) {
    return switch (type) {
      case BOOL -> new byte[] {(byte) (value.equals(Datum.TRUE) ? 1 : 0)};
      case INT2 -> ByteBuffer.allocate(2).putShort((short) integer(value)).array();
      case INT4, OID, XID -> ByteBuffer.allocate(4).putInt((int) integer(value)).array();
      case INT8, TIMESTAMP, TIMESTAMPTZ, PG_LSN, XID8 ->
          ByteBuffer.allocate(8).putLong(integer(value)).array();
      case FLOAT8 ->
          ByteBuffer.allocate(8)
              .putDouble(value instanceof Datum.Float f ? f.value() : integer(value))
              .array();
      case NUMERIC -> NumericBinary.encode(((Datum.Numeric) value).value());
      case TEXT, NAME, UNKNOWN, BPCHAR, VARCHAR, VOID ->
          format(value, type).getBytes(StandardCharsets.UTF_8);
    };
  }

  private static long integer(Datum value) {
    return ((Datum.Int) value).value();
  }

  /**
   * Reads a binary form.
   *
   * @throws PgError 22P03 for a wrong length
   */
  public static Datum parseBinary(byte[] bytes, SqlType type) {
    if (type.length() > 0 && type != SqlType.NAME && bytes.length != type.length()) {
      throw PgError.error("22P03", "incorrect binary data format in bind parameter");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return switch (type) {
      case BOOL -> Datum.of(bytes[0] != 0);
      case INT2 -> Datum.of(in.getShort());
      case INT4 -> Datum.of(in.getInt());
      case OID, XID -> Datum.of(Integer.toUnsignedLong(in.getInt()));
      case INT8, TIMESTAMP, TIMESTAMPTZ, PG_LSN, XID8 -> Datum.of(in.getLong());
      case FLOAT8 -> new Datum.Float(in.getDouble());
      case NUMERIC -> new Datum.Numeric(NumericBinary.decode(in));
      case TEXT, NAME, UNKNOWN, BPCHAR, VARCHAR, VOID ->
          Datum.of(new String(bytes, StandardCharsets.UTF_8));
    };
  }
}
