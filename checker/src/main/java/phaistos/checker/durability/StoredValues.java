package phaistos.checker.durability;

import java.util.Optional;
import java.util.function.Consumer;
import phaistos.formats.ByteReader;

/**
 * Values as PostgreSQL stores them within others (numeric.c, jsonb.h, array.h, rangetypes.h). Bytes
 * of another shape give no value; nothing is thrown.
 */
final class StoredValues {
  /** A value within another. */
  sealed interface Value {
    record Whole(long number) implements Value {}

    /** Without trailing zeros. */
    record Decimal(String plain) implements Value {}

    record Bytes(byte[] bytes, int from, int to) implements Value {}
  }

  private static final int NUMERIC_DIGIT_MAX = 9_999;
  private static final int NUMERIC_BYTES_MAX = 80;
  private static final int JSON_COUNT = 0x0FFF_FFFF;
  private static final int JSON_SCALAR = 0x1000_0000;
  private static final int JSON_OBJECT = 0x2000_0000;
  private static final int JSON_ARRAY = 0x4000_0000;
  private static final int ENTRY_LENGTH = 0x0FFF_FFFF;
  private static final int ENTRY_HAS_OFFSET = 0x8000_0000;

  private StoredValues() {}

  /** The value of these bytes as a numeric: a header, and digits of base 10,000. */
  static Optional<String> numeric(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length < 2 || length > NUMERIC_BYTES_MAX || (length & 1) != 0) {
      return Optional.empty();
    }
    int header = ByteReader.u16(bytes, from);
    boolean isShort = (header & 0xC000) == 0x8000;
    if ((header & 0xC000) == 0xC000 || !isShort && length < 4) {
      return Optional.empty();
    }
    int weight =
        isShort ? (header & 0x3F) - (header & 0x40) : (short) ByteReader.u16(bytes, from + 2);
    boolean isNegative = isShort ? (header & 0x2000) != 0 : (header & 0x4000) != 0;
    int scale = isShort ? header >> 7 & 0x3F : header & 0x3FFF;
    int first = from + (isShort ? 2 : 4);
    int count = (to - first) / 2;
    if (weight > 20 || weight < -20) {
      return Optional.empty();
    }
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int digit = ByteReader.u16(bytes, first + 2 * i);
      if (digit > NUMERIC_DIGIT_MAX) {
        return Optional.empty();
      }
      digits.append("%04d".formatted(digit));
    }
    if (count == 0) {
      return scale > 0 && weight != 0 ? Optional.empty() : Optional.of("0");
    }
    java.math.BigDecimal value =
        new java.math.BigDecimal(
            new java.math.BigInteger(digits.toString()), 4 * (count - 1 - weight));
    return Optional.of((isNegative ? value.negate() : value).stripTrailingZeros().toPlainString());
  }

  /** Strings and numbers of a jsonb, keys too. */
  static void jsonb(byte[] bytes, int from, int to, Consumer<Value> found) {
    if (to - from >= 8) {
      container(bytes, from, to, 0, found);
    }
  }

  /** Offsets in entries count from the end of the entries; numerics and containers are aligned. */
  private static void container(byte[] bytes, int from, int to, int depth, Consumer<Value> found) {
    if (to - from < 4 || depth > 16) {
      return;
    }
    int header = ByteReader.i32(bytes, from);
    int kind = header & ~JSON_COUNT;
    boolean isObject = kind == JSON_OBJECT;
    if (!isObject && kind != JSON_ARRAY && kind != (JSON_ARRAY | JSON_SCALAR)) {
      return;
    }
    long entries = (long) (header & JSON_COUNT) * (isObject ? 2 : 1);
    long data = from + 4 + 4 * entries;
    if (data > to) {
      return;
    }
    int at = 0;
    for (int i = 0; i < entries; i++) {
      int entry = ByteReader.i32(bytes, from + 4 + 4 * i);
      int value = entry & ENTRY_LENGTH;
      int end = (entry & ENTRY_HAS_OFFSET) != 0 ? value : at + value;
      if (end < at || data + end > to) {
        return;
      }
      int begin = (int) data + at;
      element(bytes, from, entry >>> 28 & 7, begin, (int) data + end, depth, found);
      at = end;
    }
  }

  private static void element(
      byte[] bytes, int base, int type, int from, int to, int depth, Consumer<Value> found) {
    int aligned = base + (from - base + 3 & ~3);
    switch (type) {
      case 0 -> found.accept(new Value.Bytes(bytes, from, to));
      case 1 -> {
        int header = aligned < to ? bytes[aligned] & 0xFF : 0;
        int start = aligned + ((header & 1) == 1 ? 1 : 4);
        if (start < to) {
          numeric(bytes, start, to).ifPresent(plain -> found.accept(new Value.Decimal(plain)));
        }
      }
      case 5 -> container(bytes, aligned, to, depth + 1, found);
      default -> {
        // null, true, false
      }
    }
  }

  /** Elements of an array, and all of it as PostgreSQL writes it. */
  static void array(byte[] bytes, int from, int to, Consumer<Value> found) {
    if (to - from < 20) {
      return;
    }
    int dimensions = ByteReader.i32(bytes, from);
    int dataOffset = ByteReader.i32(bytes, from + 4);
    Optional<ElementType> type = ElementType.of(ByteReader.i32(bytes, from + 8));
    if (dimensions < 1 || dimensions > 6 || type.isEmpty()) {
      return;
    }
    // the offset of elements with nulls counts from the array's own length word
    int at = from + (dataOffset == 0 ? 12 + 8 * dimensions : dataOffset - 4);
    int base = from - 4;
    at = base + align(at - base, 8);
    StringBuilder whole = new StringBuilder("{");
    while (at < to && at >= from) {
      at = base + type.get().align(bytes, at, at - base);
      int next = type.get().end(bytes, at, to);
      if (next <= at || next > to) {
        break;
      }
      Value value = type.get().value(bytes, at, next);
      found.accept(value);
      whole.append(whole.length() > 1 ? "," : "").append(ElementType.text(value));
      at = next;
    }
    byte[] text = whole.append('}').toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    found.accept(new Value.Bytes(text, 0, text.length));
  }

  /** Bounds of a range, and all of it as PostgreSQL writes it. */
  static void range(byte[] bytes, int from, int to, Consumer<Value> found) {
    if (to - from < 5) {
      return;
    }
    Optional<ElementType> type = ElementType.ofRange(ByteReader.i32(bytes, from));
    if (type.isEmpty()) {
      return;
    }
    int flags = bytes[to - 1];
    boolean isEmpty = (flags & 1) != 0;
    StringBuilder whole = new StringBuilder((flags & 2) != 0 ? "[" : "(");
    int base = from - 4;
    int at = from + 4;
    for (int bound = 0; bound < 2; bound++) {
      boolean isInfinite = isEmpty || (flags & (bound == 0 ? 8 : 16)) != 0;
      if (!isInfinite) {
        at = base + type.get().align(bytes, at, at - base);
        int next = type.get().end(bytes, at, to - 1);
        if (next <= at || next > to - 1) {
          return;
        }
        Value value = type.get().value(bytes, at, next);
        found.accept(value);
        whole.append(ElementType.text(value));
        at = next;
      }
      whole.append(bound == 0 ? "," : (flags & 4) != 0 ? "]" : ")");
    }
    byte[] text = whole.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    found.accept(new Value.Bytes(text, 0, text.length));
  }

  static int align(int offset, int to) {
    return offset + to - 1 & -to;
  }

  /** Types of elements, by their OIDs (pg_type.dat); length 0: behind a length word. */
  private record ElementType(int length, int alignment, Kind kind) {
    private enum Kind {
      INTEGER,
      NUMERIC,
      RAW
    }

    static Optional<ElementType> of(int oid) {
      return switch (oid) {
        case 21 -> Optional.of(new ElementType(2, 2, Kind.INTEGER));
        case 23, 26, 1082 -> Optional.of(new ElementType(4, 4, Kind.INTEGER));
        case 20, 1083, 1114, 1184, 3220 -> Optional.of(new ElementType(8, 8, Kind.INTEGER));
        case 1700 -> Optional.of(new ElementType(0, 4, Kind.NUMERIC));
        case 17, 25, 869, 1042, 1043 -> Optional.of(new ElementType(0, 4, Kind.RAW));
        case 2950 -> Optional.of(new ElementType(16, 1, Kind.RAW));
        case 829 -> Optional.of(new ElementType(6, 4, Kind.RAW));
        default -> Optional.empty();
      };
    }

    static Optional<ElementType> ofRange(int oid) {
      return switch (oid) {
        case 3904 -> of(23);
        case 3906 -> of(1700);
        case 3908 -> of(1114);
        case 3910 -> of(1184);
        case 3912 -> of(1082);
        case 3926 -> of(20);
        default -> Optional.empty();
      };
    }

    /** A value behind a length word of one byte is not aligned. */
    int align(byte[] bytes, int at, int offset) {
      boolean isPacked = length == 0 && at < bytes.length && bytes[at] != 0;
      return isPacked ? offset : StoredValues.align(offset, alignment);
    }

    int end(byte[] bytes, int at, int to) {
      if (length > 0) {
        return at + length;
      }
      if (at >= to) {
        return -1;
      }
      int header = bytes[at] & 0xFF;
      if ((header & 1) == 1) {
        return at + (header >> 1);
      }
      return at + 4 > to ? -1 : at + (ByteReader.i32(bytes, at) >>> 2);
    }

    Value value(byte[] bytes, int at, int end) {
      int data = length > 0 ? at : at + ((bytes[at] & 1) == 1 ? 1 : 4);
      Value raw = new Value.Bytes(bytes, data, Math.max(data, end));
      return switch (kind) {
        case INTEGER ->
            new Value.Whole(
                switch (length) {
                  case 2 -> (short) ByteReader.u16(bytes, data);
                  case 4 -> ByteReader.i32(bytes, data);
                  default -> ByteReader.i64(bytes, data);
                });
        case NUMERIC -> numeric(bytes, data, end).<Value>map(Value.Decimal::new).orElse(raw);
        case RAW -> raw;
      };
    }

    static String text(Value value) {
      return switch (value) {
        case Value.Whole(long number) -> Long.toString(number);
        case Value.Decimal(String plain) -> plain;
        case Value.Bytes(byte[] bytes, int from, int to) ->
            new String(bytes, from, to - from, java.nio.charset.StandardCharsets.UTF_8);
      };
    }
  }
}
