package phaistos.checker.durability;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The byte forms that a marker may have in a row, for any column type: the history has only the
 * client's value, and the catalog is not available. {@link RowSearch} and {@link WideSearch} find
 * other forms by decoding the values of a row.
 *
 * @param numbers values of int2, int4 or int8 columns, or of types of these lengths (date, time,
 *     timestamp, pg_lsn, float)
 * @param texts contents behind a length word
 * @param decimal as {@code numeric}, without trailing zeros
 * @param fixed contents without a length word: uuid, macaddr
 * @param shape the shape of the client's value
 * @param isComplete all types with such a text are covered, so a row without these bytes does not
 *     have the marker
 */
record MarkerForms(
    List<Long> numbers,
    List<byte[]> texts,
    Optional<String> decimal,
    Optional<byte[]> fixed,
    Shape shape,
    boolean isComplete) {
  /** Numbers below this occur in other columns by chance: counters, ids, codes. */
  static final long DISTINCTIVE = 1_000_000;

  /** The shape of a value; values of one shape are in columns of the same types. */
  enum Shape {
    SMALL_NUMBER,
    NUMBER,
    DECIMAL,
    UUID,
    TIME,
    ADDRESS,
    WORD,
    COMPOUND
  }

  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,18})");
  private static final Pattern DECIMAL =
      Pattern.compile("-?[0-9]{1,60}(\\.[0-9]{1,60})?([eE][+-]?[0-9]{1,3})?");
  private static final Pattern UUID =
      Pattern.compile("\\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\\}?");
  private static final Pattern LSN = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");
  private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}");
  private static final Pattern ADDRESS =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})(/(\\d{1,2}))?");
  private static final Pattern ADDRESS6 =
      Pattern.compile("([0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(/\\d{1,3})?");
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final Pattern STAMP =
      Pattern.compile(
          "(\\d{4}-\\d{2}-\\d{2})[ T](\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,6})?)?)"
              + " ?(Z|UTC|[+-]\\d{2}(?::?\\d{2})?)?");
  private static final Pattern TIME =
      Pattern.compile("(\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,6})?)?)([+-]\\d{2}(?::?\\d{2})?)?");
  private static final Pattern BYTES = Pattern.compile("\\\\x([0-9a-fA-F]{2})+");

  /** Arrays, ranges, composites, geometry, hstore, tsvector, intervals: not all are covered. */
  private static final Pattern COMPOUND =
      Pattern.compile(
          "[{(\\[<'\"].*|.*=>.*|[+-]?\\d+ ?(years?|mons?|days?|hours?|min).*", Pattern.DOTALL);

  private static final DateTimeFormatter CLOCK =
      new DateTimeFormatterBuilder()
          .appendPattern("HH:mm[:ss]")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
          .toFormatter(java.util.Locale.ROOT);
  private static final LocalDate EPOCH = LocalDate.of(2000, 1, 1);

  /** The forms of a marker. */
  static MarkerForms of(Marker marker) {
    return switch (marker) {
      case Marker.Number number ->
          new MarkerForms(
              List.of(number.value()),
              List.of(),
              Optional.empty(),
              Optional.empty(),
              isDistinctive(number.value()) ? Shape.NUMBER : Shape.SMALL_NUMBER,
              true);
      case Marker.Text text -> ofText(text.value(), text.bytes());
    };
  }

  static boolean isDistinctive(long value) {
    return value >= DISTINCTIVE || value <= -DISTINCTIVE;
  }

  private static MarkerForms ofText(String value, byte[] bytes) {
    List<byte[]> asIs = List.of(bytes);
    if (isPlainWord(value)) {
      return new MarkerForms(List.of(), asIs, Optional.empty(), Optional.empty(), Shape.WORD, true);
    }
    if (INTEGER.matcher(value).matches()) {
      return integer(value, asIs);
    }
    if (UUID.matcher(value).matches()) {
      byte[] raw = HexFormat.of().parseHex(value.replaceAll("[{}-]", ""));
      return fixed(asIs, raw, Shape.UUID);
    }
    if (MAC.matcher(value).matches()) {
      return fixed(asIs, HexFormat.of().parseHex(value.replaceAll("[:-]", "")), Shape.ADDRESS);
    }
    if (DECIMAL.matcher(value).matches()) {
      java.math.BigDecimal number = new java.math.BigDecimal(value);
      List<Long> floats =
          List.of(
              Double.doubleToLongBits(number.doubleValue()),
              (long) Float.floatToIntBits(number.floatValue()));
      String plain = number.stripTrailingZeros().toPlainString();
      return new MarkerForms(
          floats, asIs, Optional.of(plain), Optional.empty(), Shape.DECIMAL, true);
    }
    if (ADDRESS6.matcher(value).matches()) {
      return address6(value, asIs);
    }
    Optional<MarkerForms> time = time(value, asIs);
    if (time.isPresent()) {
      return time.get();
    }
    if (ADDRESS.matcher(value).matches()) {
      return address(value, asIs);
    }
    if (LSN.matcher(value).matches()) {
      OptionalLong lsn = lsn(value);
      List<Long> numbers = lsn.isPresent() ? List.of(lsn.getAsLong()) : List.of();
      return new MarkerForms(
          numbers, asIs, Optional.empty(), Optional.empty(), Shape.ADDRESS, true);
    }
    if (BYTES.matcher(value).matches()) {
      List<byte[]> both = List.of(bytes, HexFormat.of().parseHex(value.substring(2)));
      return new MarkerForms(List.of(), both, Optional.empty(), Optional.empty(), Shape.WORD, true);
    }
    boolean isWord = !COMPOUND.matcher(value).matches();
    return new MarkerForms(
        List.of(),
        asIs,
        Optional.empty(),
        Optional.empty(),
        isWord ? Shape.WORD : Shape.COMPOUND,
        isWord);
  }

  /**
   * "levels-3-17": letters, digits and hyphens behind a letter that is no hexadecimal digit. None
   * of the patterns matches such a text, and most markers are of that kind.
   */
  private static boolean isPlainWord(String value) {
    if (value.isEmpty() || !isLetter(value.charAt(0)) || isHexLetter(value.charAt(0))) {
      return false;
    }
    for (int i = 1; i < value.length(); i++) {
      char c = value.charAt(i);
      if (!isLetter(c) && !(c >= '0' && c <= '9') && c != '-') {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  private static boolean isHexLetter(char c) {
    return c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }

  private static MarkerForms integer(String value, List<byte[]> texts) {
    try {
      long number = Long.parseLong(value);
      Shape shape = isDistinctive(number) ? Shape.NUMBER : Shape.SMALL_NUMBER;
      return new MarkerForms(
          List.of(number), texts, Optional.empty(), Optional.empty(), shape, true);
    } catch (NumberFormatException e) {
      return new MarkerForms(
          List.of(), texts, Optional.of(value), Optional.empty(), Shape.DECIMAL, true);
    }
  }

  private static MarkerForms fixed(List<byte[]> texts, byte[] raw, Shape shape) {
    return new MarkerForms(List.of(), texts, Optional.empty(), Optional.of(raw), shape, true);
  }

  private static OptionalLong lsn(String value) {
    int slash = value.indexOf('/');
    return OptionalLong.of(
        Long.parseLong(value.substring(0, slash), 16) << 32
            | Long.parseLong(value.substring(slash + 1), 16));
  }

  /** {@code inet} and {@code cidr}: family 2, length of the netmask, the four bytes. */
  private static MarkerForms address(String value, List<byte[]> texts) {
    Matcher parts = ADDRESS.matcher(value);
    List<byte[]> all = new ArrayList<>(texts);
    if (parts.matches()) {
      int mask = parts.group(6) == null ? 32 : Integer.parseInt(parts.group(6));
      byte[] raw = {2, (byte) mask, 0, 0, 0, 0};
      for (int i = 0; i < 4; i++) {
        raw[2 + i] = (byte) Integer.parseInt(parts.group(1 + i));
      }
      all.add(raw);
    }
    return new MarkerForms(List.of(), all, Optional.empty(), Optional.empty(), Shape.ADDRESS, true);
  }

  /** The same with family 3 and 16 bytes, for text with a double colon or seven colons. */
  private static MarkerForms address6(String value, List<byte[]> texts) {
    int slash = value.indexOf('/');
    String address = slash < 0 ? value : value.substring(0, slash);
    int mask = slash < 0 ? 128 : Integer.parseInt(value.substring(slash + 1));
    String[] halves = address.split("::", -1);
    List<byte[]> all = new ArrayList<>(texts);
    if (halves.length <= 2) {
      byte[] raw = new byte[18];
      raw[0] = 3;
      raw[1] = (byte) mask;
      groups(halves[0], raw, 2);
      if (halves.length == 2 && !halves[1].isEmpty()) {
        groups(halves[1], raw, 18 - 2 * halves[1].split(":").length);
      }
      all.add(raw);
    }
    return new MarkerForms(List.of(), all, Optional.empty(), Optional.empty(), Shape.ADDRESS, true);
  }

  private static void groups(String text, byte[] into, int from) {
    int at = from;
    for (String group : text.isEmpty() ? new String[0] : text.split(":")) {
      int number = Integer.parseInt(group, 16);
      into[at++] = (byte) (number >> 8);
      into[at++] = (byte) number;
    }
  }

  /**
   * Days and microseconds since 2000. For a time without a zone the instant of a {@code
   * timestamptz} is unknown.
   */
  private static Optional<MarkerForms> time(String value, List<byte[]> texts) {
    try {
      Matcher stamp = STAMP.matcher(value);
      if (stamp.matches()) {
        LocalDateTime at =
            LocalDateTime.of(
                LocalDate.parse(stamp.group(1)), LocalTime.parse(stamp.group(2), CLOCK));
        List<Long> numbers = new ArrayList<>(List.of(micros(at)));
        if (stamp.group(3) != null) {
          numbers.add(micros(at) - 1_000_000L * zone(stamp.group(3)).getTotalSeconds());
        }
        return Optional.of(times(numbers, texts, stamp.group(3) != null));
      }
      if (DATE.matcher(value).matches()) {
        LocalDate day = LocalDate.parse(value);
        long days = ChronoUnit.DAYS.between(EPOCH, day);
        return Optional.of(times(List.of(days, micros(day.atStartOfDay())), texts, false));
      }
      Matcher time = TIME.matcher(value);
      if (time.matches()) {
        long nanos = LocalTime.parse(time.group(1), CLOCK).toNanoOfDay();
        return Optional.of(times(List.of(nanos / 1000), texts, true));
      }
    } catch (DateTimeException e) {
      // looks like a time, is none
    }
    return Optional.empty();
  }

  private static MarkerForms times(List<Long> numbers, List<byte[]> texts, boolean isComplete) {
    return new MarkerForms(
        numbers, texts, Optional.empty(), Optional.empty(), Shape.TIME, isComplete);
  }

  private static ZoneOffset zone(String text) {
    return text.equals("Z") || text.equals("UTC") ? ZoneOffset.UTC : ZoneOffset.of(text);
  }

  private static long micros(LocalDateTime at) {
    return ChronoUnit.MICROS.between(EPOCH.atStartOfDay(), at);
  }

  /** Bytes as a key of a map. */
  static String key(byte[] bytes, int from, int length) {
    return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
  }
}
