package phaistos.server.types;

import java.math.BigDecimal;
import java.util.List;

/** How values compare, and the form in which equal values are equal as keys. */
public final class Order {
  private static final long DAY_MICROS = 86_400_000_000L;

  private Order() {}

  /** Below 0, 0 or above 0; neither is NULL. Both are of types that compare as {@code type}. */
  public static int compare(Datum left, Datum right, SqlType type) {
    return switch (left) {
      case Datum.Int(long a) when right instanceof Datum.Int(long b) ->
          switch (type.form()) {
            case LSN, UNSIGNED, TID -> Long.compareUnsigned(a, b);
            default -> Long.compare(a, b);
          };
      case Datum.Text(String a) when right instanceof Datum.Text(String b) ->
          type == SqlType.BPCHAR ? text(withoutBlanks(a), withoutBlanks(b)) : text(a, b);
      case Datum.Bool(boolean a) when right instanceof Datum.Bool(boolean b) ->
          Boolean.compare(a, b);
      case Datum.Interval a when right instanceof Datum.Interval b -> span(a).compareTo(span(b));
      case Datum.Array(List<Datum> a) when right instanceof Datum.Array(List<Datum> b) ->
          lists(a, b, type);
      case Datum.Float(double a) when right instanceof Datum.Float(double b) -> floats(a, b);
      case Datum.Float(double a) -> floats(a, Numbers.toDouble(right));
      case Datum.Int _, Datum.Numeric _ when right instanceof Datum.Float(double b) ->
          floats(Numbers.toDouble(left), b);
      case Datum.Int _, Datum.Numeric _ ->
          Numbers.toDecimal(left).compareTo(Numbers.toDecimal(right));
      case Datum.Text _, Datum.Bool _, Datum.Interval _, Datum.Array _, Datum.Null _ ->
          throw new IllegalArgumentException("%s beside %s".formatted(left, right));
    };
  }

  /** The order of UTF-8's bytes, which is that of the code points (collation C). */
  private static int text(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean pair = Character.isSurrogate(x) != Character.isSurrogate(y);
        return pair ? Boolean.compare(Character.isSurrogate(x), Character.isSurrogate(y)) : x - y;
      }
    }
    return a.length() - b.length();
  }

  /** Zeros are equal; NaN is equal to itself and above all others. */
  private static int floats(double a, double b) {
    return a == b ? 0 : Double.compare(a == 0 ? 0.0 : a, b == 0 ? 0.0 : b);
  }

  private static BigDecimal span(Datum.Interval interval) {
    return BigDecimal.valueOf(interval.months() * 30L + interval.days())
        .multiply(BigDecimal.valueOf(DAY_MICROS))
        .add(BigDecimal.valueOf(interval.micros()));
  }

  private static int lists(List<Datum> a, List<Datum> b, SqlType type) {
    SqlType element = type.element().orElse(SqlType.UNKNOWN);
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      Datum x = a.get(i);
      Datum y = b.get(i);
      int sign =
          x.isNull() || y.isNull()
              ? Boolean.compare(x.isNull(), y.isNull())
              : compare(x, y, element);
      if (sign != 0) {
        return sign;
      }
    }
    return a.size() - b.size();
  }

  /** A character value without the blanks at its end, which have no meaning. */
  public static String withoutBlanks(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }

  /**
   * The form in which values of a type that compare as equal are equal objects: without blanks at
   * the end of a character(n), with one zero and one NaN.
   */
  public static Datum key(Datum value, SqlType type) {
    return switch (value) {
      case Datum.Text(String text) when type == SqlType.BPCHAR -> Datum.of(withoutBlanks(text));
      case Datum.Float(double number) -> new Datum.Float(number == 0 ? 0.0 : number);
      case Datum.Interval interval -> new Datum.Numeric(span(interval));
      case Datum.Int _, Datum.Text _, Datum.Bool _, Datum.Numeric _, Datum.Array _, Datum.Null _ ->
          value;
    };
  }

  /** {@link #key(Datum, SqlType)} of each value. */
  public static List<Datum> keys(List<Datum> values, List<SqlType> types) {
    Datum[] keys = new Datum[values.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = key(values.get(i), types.get(i));
    }
    return List.of(keys);
  }
}
