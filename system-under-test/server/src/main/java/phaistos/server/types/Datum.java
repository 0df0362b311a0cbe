package phaistos.server.types;

import java.math.BigDecimal;

/** An SQL value. The expression or column holds the type of an integer, text or time. */
public sealed interface Datum {
  Datum NULL = new Null();
  Datum TRUE = new Bool(true);
  Datum FALSE = new Bool(false);

  /** SQL's NULL. */
  record Null() implements Datum {}

  record Bool(boolean value) implements Datum {}

  /** An integer type, an LSN, a transaction id, or microseconds since 2000 for times. */
  record Int(long value) implements Datum {}

  record Float(double value) implements Datum {}

  record Numeric(BigDecimal value) implements Datum {
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
