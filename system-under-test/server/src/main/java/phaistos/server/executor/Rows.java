package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** The rows of a query or of a part of it. */
record Rows(List<Outcome.Column> columns, Scan scan) {
  /** Passes rows to a visitor until it returns false. */
  @FunctionalInterface
  interface Scan {
    void run(Frame frame, Predicate<List<Datum>> visitor);
  }

  void run(Frame frame, Predicate<List<Datum>> visitor) {
    scan.run(frame, visitor);
  }

  List<List<Datum>> all(Frame frame) {
    List<List<Datum>> rows = new ArrayList<>();
    scan.run(frame, rows::add);
    return rows;
  }

  /** The same; a literal of no type is text (UNKNOWN has text's form). */
  Rows typed() {
    List<Outcome.Column> typed = new ArrayList<>();
    for (Outcome.Column column : columns) {
      typed.add(
          column.type() == SqlType.UNKNOWN
              ? new Outcome.Column(column.name(), SqlType.TEXT)
              : column);
    }
    return new Rows(typed, scan);
  }
}
