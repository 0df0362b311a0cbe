package phaistos.server.catalog;

import java.util.ArrayList;
import java.util.List;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;
import phaistos.server.heap.HeapRow;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * The rows of the catalog: a relation's OID, its name, the definition of its columns, and its
 * {@link RelationStats}, which have fixed lengths and are overwritten in place. The catalog itself
 * and the database have a row without definition for their stats.
 */
final class CatalogRows {
  static final List<SqlType> TYPES =
      List.of(SqlType.INT4, SqlType.TEXT, SqlType.TEXT, SqlType.XID, SqlType.INT4, SqlType.FLOAT8);

  private static final int STATS = 3;

  private CatalogRows() {}

  static List<Datum> of(int oid, String name, String definition, RelationStats stats) {
    List<Datum> row = new ArrayList<>(List.of(Datum.of(oid), Datum.of(name), Datum.of(definition)));
    row.addAll(stats(stats));
    return row;
  }

  private static List<Datum> stats(RelationStats stats) {
    return List.of(
        Datum.of(stats.frozenXid().toLong()),
        Datum.of(stats.pages()),
        new Datum.Float(stats.tuples()));
  }

  static List<Datum> withStats(HeapRow row, RelationStats stats) {
    List<Datum> changed = new ArrayList<>(row.values().subList(0, STATS));
    changed.addAll(stats(stats));
    return changed;
  }

  static int oid(HeapRow row) {
    return (int) ((Datum.Int) row.values().get(0)).value();
  }

  static String name(HeapRow row) {
    return ((Datum.Text) row.values().get(1)).value();
  }

  static String definition(HeapRow row) {
    return ((Datum.Text) row.values().get(2)).value();
  }

  /** Whether the row is one of a table, not of the catalog or the database. */
  static boolean isTable(HeapRow row) {
    return !definition(row).isEmpty() && !isFunction(row);
  }

  static boolean isFunction(HeapRow row) {
    return Definitions.isFunction(definition(row));
  }

  static RelationLocator locator(int oid) {
    return new RelationLocator(RelationLocator.DEFAULT_SPACE, Catalog.DATABASE, oid);
  }

  static RelationStats stats(HeapRow row) {
    if (row.values().get(STATS).isNull()) {
      throw PgError.error(
          "0A000", "the data directory was made by a server that did not know VACUUM");
    }
    return new RelationStats(
        Xid.of(((Datum.Int) row.values().get(STATS)).value()),
        (int) ((Datum.Int) row.values().get(STATS + 1)).value(),
        ((Datum.Float) row.values().get(STATS + 2)).value());
  }
}
