package phaistos.server.executor;

import java.util.List;
import java.util.Optional;
import phaistos.server.types.Datum;

/**
 * The input of an expression: a row, parameters, the session.
 *
 * @param outer the input of the query around this one
 */
record Frame(
    List<Datum> row, List<Datum> parameters, SessionContext session, Optional<Frame> outer) {
  Frame(List<Datum> row, List<Datum> parameters, SessionContext session) {
    this(row, parameters, session, Optional.empty());
  }

  Frame withRow(List<Datum> other) {
    return new Frame(other, parameters, session, outer);
  }

  /** For a query inside an expression over this row. */
  Frame inner() {
    return new Frame(List.of(), parameters, session, Optional.of(this));
  }
}
