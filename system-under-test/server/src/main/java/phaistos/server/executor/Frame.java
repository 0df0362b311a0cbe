package phaistos.server.executor;

import java.util.List;
import phaistos.server.types.Datum;

/** The input of an expression: a row, parameters, the session. */
record Frame(List<Datum> row, List<Datum> parameters, SessionContext session) {
  Frame withRow(List<Datum> other) {
    return new Frame(other, parameters, session);
  }
}
