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
  public record Column(String name, SqlType type, int limit, Origin origin) {
    public Column(String name, SqlType type) {
      this(name, type, 0);
    }

    public Column(String name, SqlType type, int limit) {
      this(name, type, limit, Origin.NONE);
    }

    Column named(String other) {
      return new Column(other, type, limit, origin);
    }

    /** The same as a column of a subquery, which has no primary key. */
    Column ofSubquery() {
      return new Column(name, type, limit, new Origin(origin.table(), origin.number(), 0));
    }

    /** atttypmod: what comes after the type's name, or -1. */
    public int modifier() {
      return limit == 0 ? -1 : limit + 4;
    }
  }

  /**
   * The column of a table that a result's column shows.
   *
   * @param table its OID; 0 for an expression
   * @param number from 1 on
   * @param keyColumns how many columns the table's primary key has; 0 if this is none of them
   */
  public record Origin(int table, int number, int keyColumns) {
    static final Origin NONE = new Origin(0, 0, 0);
  }

  public static Outcome tag(String tag) {
    return new Outcome(List.of(), List.of(), tag);
  }

  /** A query has rows, though they may have no columns. */
  public boolean hasRows() {
    return !columns.isEmpty() || tag.startsWith("SELECT ");
  }
}
