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
  /**
   * A column's name and type.
   *
   * @param limit of the type, as {@link phaistos.server.catalog.Table.Column} has it
   */
  public record Column(String name, SqlType type, int limit) {
    public Column(String name, SqlType type) {
      this(name, type, 0);
    }

    Column named(String other) {
      return new Column(other, type, limit);
    }

    /** atttypmod: what comes after the type's name, or -1. */
    public int modifier() {
      return limit == 0 ? -1 : limit + 4;
    }
  }

  public static Outcome tag(String tag) {
    return new Outcome(List.of(), List.of(), tag);
  }

  /** A query has rows, though they may have no columns. */
  public boolean hasRows() {
    return !columns.isEmpty() || tag.startsWith("SELECT ");
  }
}
