package phaistos.histories;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Arithmetic on the numbers of {@link Edn}, as Clojure's: integers and ratios are exact; with a
 * decimal the result is a decimal, with a double a double. A NaN is not a number here.
 */
public final class Numbers {
  /** Decimals of more digits than these are compared, but not added: 1E+1000000000M say. */
  private static final int SCALE_MAX = 10_000;

  private Numbers() {}

  public static boolean isNumber(Edn value) {
    return switch (value) {
      case Edn.Int _, Edn.BigInt _, Edn.Ratio _, Edn.Decimal _ -> true;
      case Edn.Real real -> !Double.isNaN(real.value());
      default -> false;
    };
  }

  /**
   * @throws IllegalArgumentException if one is not a number, or the sum cannot be computed
   */
  public static Edn add(Edn a, Edn b) {
    if (a instanceof Edn.Int(long one) && b instanceof Edn.Int(long other)) {
      long sum = one + other;
      boolean isOverflow = ((one ^ sum) & (other ^ sum)) < 0;
      return isOverflow
          ? Edn.of(BigInteger.valueOf(one).add(BigInteger.valueOf(other)))
          : Edn.of(sum);
    }
    if (a instanceof Edn.Real || b instanceof Edn.Real) {
      return new Edn.Real(asDouble(a) + asDouble(b));
    }
    if (a instanceof Edn.Decimal || b instanceof Edn.Decimal) {
      return new Edn.Decimal(asDecimal(a).add(asDecimal(b)));
    }
    BigInteger under = denominator(a).multiply(denominator(b));
    BigInteger over =
        numerator(a).multiply(denominator(b)).add(numerator(b).multiply(denominator(a)));
    return Edn.ratio(over, under);
  }

  /**
   * Compares by value: 1 and 1.0 compare as the same, although they are not equal.
   *
   * @throws IllegalArgumentException if one is not a number
   */
  public static int compare(Edn a, Edn b) {
    if (a instanceof Edn.Int(long one) && b instanceof Edn.Int(long other)) {
      return Long.compare(one, other);
    }
    if (a instanceof Edn.Real || b instanceof Edn.Real) {
      double one = asDouble(a);
      double other = asDouble(b);
      return one < other ? -1 : one > other ? 1 : 0;
    }
    if (a instanceof Edn.Decimal(BigDecimal one) && b instanceof Edn.Decimal(BigDecimal other)) {
      return one.compareTo(other);
    }
    if (a instanceof Edn.Decimal || b instanceof Edn.Decimal) {
      BigDecimal one = asDecimal(numeratorOf(a)).multiply(asDecimal(Edn.of(denominator(b))));
      BigDecimal other = asDecimal(numeratorOf(b)).multiply(asDecimal(Edn.of(denominator(a))));
      return one.compareTo(other);
    }
    return numerator(a).multiply(denominator(b)).compareTo(numerator(b).multiply(denominator(a)));
  }

  /** -1, 0 or 1. */
  public static int signum(Edn value) {
    return compare(value, Edn.of(0));
  }

  private static Edn numeratorOf(Edn value) {
    return value instanceof Edn.Decimal ? value : Edn.of(numerator(value));
  }

  private static BigInteger numerator(Edn value) {
    return switch (value) {
      case Edn.Int(long number) -> BigInteger.valueOf(number);
      case Edn.BigInt(BigInteger number) -> number;
      case Edn.Ratio(BigInteger over, BigInteger _) -> over;
      default -> throw noNumber(value);
    };
  }

  private static BigInteger denominator(Edn value) {
    return value instanceof Edn.Ratio(BigInteger _, BigInteger under) ? under : BigInteger.ONE;
  }

  private static BigDecimal asDecimal(Edn value) {
    switch (value) {
      case Edn.Decimal(BigDecimal decimal) -> {
        if (Math.abs((long) decimal.scale()) > SCALE_MAX) {
          throw new IllegalArgumentException(
              "a decimal of too many digits: " + EdnWriter.print(value));
        }
        return decimal;
      }
      case Edn.Ratio(BigInteger over, BigInteger under) -> {
        try {
          return new BigDecimal(over).divide(new BigDecimal(under));
        } catch (ArithmeticException e) {
          throw new IllegalArgumentException(
              "a ratio that is no decimal, beside decimals: " + EdnWriter.print(value), e);
        }
      }
      default -> {
        return new BigDecimal(numerator(value));
      }
    }
  }

  private static double asDouble(Edn value) {
    return switch (value) {
      case Edn.Real(double number) when !Double.isNaN(number) -> number;
      case Edn.Decimal(BigDecimal decimal) -> decimal.doubleValue();
      case Edn.Ratio(BigInteger over, BigInteger under) ->
          new BigDecimal(over)
              .divide(new BigDecimal(under), java.math.MathContext.DECIMAL64)
              .doubleValue();
      default -> numerator(value).doubleValue();
    };
  }

  private static IllegalArgumentException noNumber(Edn value) {
    return new IllegalArgumentException("no number: " + EdnWriter.print(value));
  }
}
