package phaistos.server.executor;

import java.util.List;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * The result of a statement.
 *
 * @param columns of the rows; empty for a statement that gives none
 * @param tag the command tag: "INSERT 0 1"
 */
public record Outcome(List<Column> columns, List<List<Datum>> rows, String tag) {
  /** A column's name and type. */
  public record Column(String name, SqlType type) {}

  public static Outcome tag(String tag) {
    return new Outcome(List.of(), List.of(), tag);
  }

  public boolean hasRows() {
    return !columns.isEmpty();
  }
}
