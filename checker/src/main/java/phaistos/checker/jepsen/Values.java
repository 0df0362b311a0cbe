package phaistos.checker.jepsen;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.Numbers;
import phaistos.histories.UntypedCall;

/** Reading values of untyped calls. */
final class Values {
  private static final int SHOWN = 10;
  private static final Edn EMPTY = Edn.keyword("empty");

  private Values() {}

  /** The items of a vector or list that is the event's value. */
  static List<Edn> list(Event<UntypedCall> event, String expected) {
    return elements(event, event.call().value(), expected);
  }

  /** The items of a vector or list within the event's value. */
  static List<Edn> elements(Event<UntypedCall> event, Edn value, String expected) {
    return switch (value) {
      case Edn.Vector vector -> vector.items();
      case Edn.Sequence sequence -> sequence.items();
      default -> throw new WrongValueException(event, expected);
    };
  }

  /** The items of the vector, list or set that is the event's value. */
  static List<Edn> items(Event<UntypedCall> event, String expected) {
    return event.call().value() instanceof Edn.Group group
        ? List.copyOf(group.items())
        : list(event, expected);
  }

  static Optional<Long> integer(Edn value) {
    return value instanceof Edn.Int(long number) ? Optional.of(number) : Optional.empty();
  }

  /** The number that is the event's value. */
  static Edn number(Event<UntypedCall> event, String expected) {
    return number(event, event.call().value(), expected);
  }

  /** A number within the event's value. */
  static Edn number(Event<UntypedCall> event, Edn value, String expected) {
    if (!Numbers.isNumber(value)) {
      throw new WrongValueException(event, expected);
    }
    return value;
  }

  /** Whether a dequeue's value means that the queue was empty. */
  static boolean isEmpty(Edn value) {
    return value.equals(EMPTY);
  }

  /** The first ten, for a sentence. */
  static String some(Collection<? extends Edn> values) {
    String shown =
        values.stream().limit(SHOWN).map(EdnWriter::print).collect(Collectors.joining(" "));
    return values.size() > SHOWN ? shown + " ..." : shown;
  }
}
