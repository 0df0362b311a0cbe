package phaistos.server.executor;

import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.function.Supplier;
import phaistos.server.errors.PgError;
import phaistos.server.heap.HeapRow;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * The columns that every table has (heap_getsysattr): ctid, xmin, cmin, xmax, cmax, tableoid. They
 * are not part of *, and come from the header of the version that a row was read from. The command
 * columns show the same field of the header, as PostgreSQL does.
 */
final class SystemColumns {
  private SystemColumns() {}

  /** The values of a version's columns that still know the version. */
  private static final class Read extends AbstractList<Datum> implements RandomAccess {
    private final List<Datum> values;
    private final Supplier<HeapRow> version;

    Read(List<Datum> values, Supplier<HeapRow> version) {
      this.values = values;
      this.version = version;
    }

    @Override
    public Datum get(int index) {
      return values.get(index);
    }

    @Override
    public int size() {
      return values.size();
    }
  }

  /** The values of a row, as expressions over its table take them. */
  static List<Datum> of(HeapRow row) {
    return new Read(row.values(), () -> row);
  }

  /** The same of a version that a statement has just made. */
  static List<Datum> of(List<Datum> values, Supplier<HeapRow> version) {
    return new Read(values, version);
  }

  static boolean isOne(String name) {
    return type(name).isPresent();
  }

  /**
   * @throws PgError 42701 if a new column cannot have this name
   */
  static void requireNone(String name) {
    if (isOne(name)) {
      throw PgError.error(
          "42701", "column name \"%s\" conflicts with a system column name".formatted(name));
    }
  }

  private static Optional<SqlType> type(String name) {
    return switch (name) {
      case "ctid" -> Optional.of(SqlType.TID);
      case "xmin", "xmax" -> Optional.of(SqlType.XID);
      case "cmin", "cmax" -> Optional.of(SqlType.CID);
      case "tableoid" -> Optional.of(SqlType.OID);
      default -> Optional.empty();
    };
  }

  /** The column of this name of a table. */
  static Optional<Expr> find(String name, int tableOid) {
    return type(name).map(type -> new Expr(type, frame -> value(name, tableOid, frame.row())));
  }

  private static Datum value(String name, int tableOid, List<Datum> row) {
    if (name.equals("tableoid")) {
      return Datum.of(Integer.toUnsignedLong(tableOid));
    }
    if (!(row instanceof Read read)) {
      throw PgError.unsupported("system column \"%s\" at this place".formatted(name));
    }
    HeapRow version = read.version.get();
    return Datum.of(
        switch (name) {
          case "ctid" -> (long) version.tid().block() << 16 | version.tid().offset();
          case "xmin" -> version.header().xmin().toLong();
          case "xmax" -> version.header().xmax().toLong();
          default -> Integer.toUnsignedLong(version.header().command());
        });
  }
}
