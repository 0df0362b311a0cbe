package phaistos.checker.jepsen;

import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/** A value that a checker cannot use: names the event, and what was expected. */
final class WrongValueException extends RuntimeException {
  WrongValueException(Event<UntypedCall> event, String expected) {
    super(
        "event %d: %s, not %s"
            .formatted(event.index(), expected, EdnWriter.print(event.call().value())));
  }
}
