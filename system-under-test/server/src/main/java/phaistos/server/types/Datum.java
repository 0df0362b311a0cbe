package phaistos.server.types;

import java.math.BigDecimal;
import java.util.List;

/** An SQL value. The expression or column holds the type of an integer, text or time. */
public sealed interface Datum {
  Datum NULL = new Null();
  Datum TRUE = new Bool(true);
  Datum FALSE = new Bool(false);

  /** SQL's NULL. */
  record Null() implements Datum {}

  record Bool(boolean value) implements Datum {}

  /**
   * An integer type, an LSN, a transaction id, a row's place, days since 2000 for a date, or
   * microseconds since 2000 for times.
   */
  record Int(long value) implements Datum {}

  record Float(double value) implements Datum {}

  /** Never of a negative scale. */
  record Numeric(BigDecimal value) implements Datum {
    public Numeric {
      value = value.scale() < 0 ? value.setScale(0) : value;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Numeric that && value.compareTo(that.value) == 0;
    }

    @Override
    public int hashCode() {
      return value.stripTrailingZeros().hashCode();
    }
  }

  record Text(String value) implements Datum {}

  /** An interval's parts, which are kept apart (timestamp.h). */
  record Interval(int months, int days, long micros) implements Datum {}

  /** An array of one dimension, or a row's fields. */
  record Array(List<Datum> values) implements Datum {}

  static Datum of(boolean value) {
    return value ? TRUE : FALSE;
  }

  static Datum of(long value) {
    return new Int(value);
  }

  static Datum of(String value) {
    return new Text(value);
  }

  default boolean isNull() {
    return this instanceof Null;
  }
}
