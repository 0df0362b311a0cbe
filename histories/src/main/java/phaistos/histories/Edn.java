package phaistos.histories;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * A value of the extensible data notation, in which Jepsen writes its histories, or an extension by
 * Clojure's printer. Immutable; compared as Clojure's {@code =} compares:
 *
 * <ul>
 *   <li>1 and 1N are the same integer, whatever holds it; 2/4 is 1/2, and 4/2 is 2;
 *   <li>10.0M and 10.00M are the same decimal; an integer, a decimal, a double and a ratio are
 *       never equal to each other, so 42 is neither 42.0 nor 42M;
 *   <li>0.0 is -0.0, and a NaN is equal to nothing but itself, the very object;
 *   <li>a vector and a list of equal items are equal; order does not count in maps and sets, which
 *       keep it only for writing.
 * </ul>
 */
public sealed interface Edn {
  Nil NIL = Nil.NIL;
  Bool TRUE = new Bool(true);
  Bool FALSE = new Bool(false);

  enum Nil implements Edn {
    NIL
  }

  record Bool(boolean value) implements Edn {}

  record Int(long value) implements Edn {}

  /** An integer outside the range of {@code long}; see {@link #of(BigInteger)}. */
  record BigInt(BigInteger value) implements Edn {
    public BigInt {
      if (value.bitLength() < Long.SIZE) {
        throw new IllegalArgumentException("an Int, as it fits into a long: value=" + value);
      }
    }
  }

  /** A fraction in lowest terms; see {@link #ratio}. */
  record Ratio(BigInteger numerator, BigInteger denominator) implements Edn {
    public Ratio {
      if (denominator.compareTo(BigInteger.ONE) <= 0
          || !numerator.gcd(denominator).equals(BigInteger.ONE)) {
        throw new IllegalArgumentException(
            "no fraction in lowest terms: value=" + numerator + "/" + denominator);
      }
    }
  }

  /** A decimal of arbitrary precision, written with the suffix M. Its scale does not count. */
  record Decimal(BigDecimal value) implements Edn {
    @Override
    public boolean equals(Object other) {
      return other instanceof Decimal decimal && value.compareTo(decimal.value) == 0;
    }

    @Override
    public int hashCode() {
      return value.stripTrailingZeros().hashCode();
    }
  }

  record Real(double value) implements Edn {
    @Override
    public boolean equals(Object other) {
      return this == other || other instanceof Real real && value == real.value;
    }

    @Override
    public int hashCode() {
      return Double.hashCode(value == 0 ? 0.0 : value);
    }
  }

  record Text(String value) implements Edn {}

  record Char(int codePoint) implements Edn {}

  /** {@code name} without the leading colon, with its namespace if it has one. */
  record Keyword(String name) implements Edn {}

  record Symbol(String name) implements Edn {}

  record Vector(List<Edn> items) implements Edn {
    public Vector {
      items = List.copyOf(items);
    }

    @Override
    public boolean equals(Object other) {
      return this == other
          || other instanceof Vector vector && items.equals(vector.items)
          || other instanceof Sequence sequence && items.equals(sequence.items);
    }

    @Override
    public int hashCode() {
      return items.hashCode();
    }
  }

  /** A list in round brackets. */
  record Sequence(List<Edn> items) implements Edn {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public boolean equals(Object other) {
      return this == other
          || other instanceof Sequence sequence && items.equals(sequence.items)
          || other instanceof Vector vector && items.equals(vector.items);
    }

    @Override
    public int hashCode() {
      return items.hashCode();
    }
  }

  record Table(SequencedMap<Edn, Edn> entries) implements Edn {
    public static final Table EMPTY = new Table(new LinkedHashMap<>());

    /** The value under the keyword, or under the text, of that name; nil where there is none. */
    public Edn get(String name) {
      Edn value = entries.get(new Keyword(name));
      if (value == null) {
        value = entries.get(new Text(name));
      }
      return value == null ? NIL : value;
    }
  }

  record Group(SequencedSet<Edn> items) implements Edn {
    public static final Group EMPTY = new Group(new LinkedHashSet<>());
  }

  /** {@code #tag value}. */
  record Tagged(String tag, Edn value) implements Edn {}

  /**
   * Printed forms of Clojure that have no value here, as their text: {@code #"a+"}, {@code #'f}.
   */
  record Opaque(String text) implements Edn {}

  static Edn of(long value) {
    return new Int(value);
  }

  /** The integer, in its only form here. */
  static Edn of(BigInteger value) {
    return value.bitLength() < Long.SIZE ? new Int(value.longValue()) : new BigInt(value);
  }

  /**
   * The fraction in lowest terms, an integer if it is one.
   *
   * @throws ArithmeticException if the denominator is 0
   */
  static Edn ratio(BigInteger numerator, BigInteger denominator) {
    if (denominator.signum() == 0) {
      throw new ArithmeticException("a ratio whose denominator is 0");
    }
    BigInteger common = numerator.gcd(denominator);
    if (denominator.signum() < 0) {
      common = common.negate();
    }
    BigInteger over = numerator.divide(common);
    BigInteger under = denominator.divide(common);
    return under.equals(BigInteger.ONE) ? of(over) : new Ratio(over, under);
  }

  static Edn of(String value) {
    return new Text(value);
  }

  static Keyword keyword(String name) {
    return new Keyword(name);
  }

  static Vector vector(Edn... items) {
    return new Vector(List.of(items));
  }

  /** The items of a vector or list; an {@link IllegalArgumentException} for anything else. */
  default List<Edn> elements() {
    return switch (this) {
      case Vector vector -> vector.items;
      case Sequence sequence -> sequence.items;
      default ->
          throw new IllegalArgumentException(
              "expected a vector or list: value=" + EdnWriter.print(this));
    };
  }
}
