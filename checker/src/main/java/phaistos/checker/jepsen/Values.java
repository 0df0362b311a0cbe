package phaistos.checker.jepsen;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/** Reading values of untyped calls. */
final class Values {
  private static final int SHOWN = 10;

  private Values() {}

  /** The items of a vector, list or set; none of nil. */
  static List<Edn> items(Edn value) {
    return switch (value) {
      case Edn.Group group -> List.copyOf(group.items());
      case Edn.Nil _ -> List.of();
      default -> value.elements();
    };
  }

  static Optional<Long> integer(Edn value) {
    return value instanceof Edn.Int(long number) ? Optional.of(number) : Optional.empty();
  }

  /** The number, or an error that says what stands there instead. */
  static long requireInteger(Edn value, String what) {
    return integer(value)
        .orElseThrow(
            () -> new IllegalArgumentException(what + " is no integer: " + EdnWriter.print(value)));
  }

  /** The first ten, for a sentence. */
  static String some(Collection<? extends Edn> values) {
    String shown =
        values.stream().limit(SHOWN).map(EdnWriter::print).collect(Collectors.joining(" "));
    return values.size() > SHOWN ? shown + " ..." : shown;
  }
}
