package phaistos.checker.linearizability.models;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * The order of values as Clojure's {@code compare} has it: nil before all, false before true,
 * numbers by their size whatever holds them, texts by their characters, vectors by their length and
 * then item by item. Clojure refuses to compare other values, and values of different kinds; here
 * they have an arbitrary order. 1 and 1.0 compare as equal, though they are not.
 */
final class EdnOrder implements Comparator<Edn> {
  static final EdnOrder INSTANCE = new EdnOrder();

  /** A ratio is compared by so many digits. */
  private static final MathContext RATIO_DIGITS = new MathContext(60);

  private EdnOrder() {}

  @Override
  public int compare(Edn a, Edn b) {
    if (a instanceof Edn.Int x && b instanceof Edn.Int y) {
      return Long.compare(x.value(), y.value());
    }
    int byKind = Integer.compare(kind(a), kind(b));
    if (byKind != 0) {
      return byKind;
    }
    Optional<BigDecimal> x = number(a);
    Optional<BigDecimal> y = number(b);
    if (x.isPresent() && y.isPresent()) {
      return x.get().compareTo(y.get());
    }
    if (a instanceof Edn.Vector || a instanceof Edn.Sequence) {
      return compare(a.elements(), b.elements());
    }
    return EdnWriter.print(a).compareTo(EdnWriter.print(b));
  }

  private int compare(List<Edn> a, List<Edn> b) {
    if (a.size() != b.size()) {
      return Integer.compare(a.size(), b.size());
    }
    for (int i = 0; i < a.size(); i++) {
      int order = compare(a.get(i), b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static int kind(Edn value) {
    if (value instanceof Edn.Nil) {
      return 0;
    }
    if (value instanceof Edn.Bool) {
      return 1;
    }
    if (number(value).isPresent()) {
      return 2;
    }
    if (value instanceof Edn.Text) {
      return 3;
    }
    return value instanceof Edn.Vector || value instanceof Edn.Sequence ? 4 : 5;
  }

  private static Optional<BigDecimal> number(Edn value) {
    if (value instanceof Edn.Int number) {
      return Optional.of(BigDecimal.valueOf(number.value()));
    }
    if (value instanceof Edn.BigInt number) {
      return Optional.of(new BigDecimal(number.value()));
    }
    if (value instanceof Edn.Real number && Double.isFinite(number.value())) {
      return Optional.of(new BigDecimal(number.value()));
    }
    if (value instanceof Edn.Decimal number) {
      return Optional.of(number.value());
    }
    if (value instanceof Edn.Ratio number) {
      return Optional.of(
          new BigDecimal(number.numerator())
              .divide(new BigDecimal(number.denominator()), RATIO_DIGITS));
    }
    return Optional.empty();
  }
}
