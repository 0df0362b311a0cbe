package phaistos.server.executor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.server.catalog.Table;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * The system catalogs, with PostgreSQL 15's columns. Their rows are made up from the tables when
 * they are read. A catalog of things that this server does not have is empty; one that is not
 * listed is not supported.
 */
final class SystemCatalog {
  static final int PG_CATALOG = 11;
  static final int PUBLIC = 2200;
  static final int INFORMATION_SCHEMA = 13_207;
  static final int OWNER = 10;

  /** The role pg_database_owner, to which the schema public belongs. */
  static final int DATABASE_OWNER = 6171;

  private static final Map<String, Catalog> CATALOGS = read();

  private SystemCatalog() {}

  /**
   * A catalog.
   *
   * @param kind r for a table, v for a view
   */
  record Catalog(int oid, char kind, String name, List<Outcome.Column> columns) {
    /** A row with these values; the others are zero, false, empty or NULL, as their types allow. */
    List<Datum> row(Map<String, Datum> values) {
      List<Datum> row = new ArrayList<>(columns.size());
      for (Outcome.Column column : columns) {
        row.add(values.getOrDefault(column.name(), none(column.type())));
      }
      return row;
    }

    private static Datum none(SqlType type) {
      return switch (type.form()) {
        case BOOL -> Datum.FALSE;
        case INTEGER, UNSIGNED -> Datum.of(0);
        case FLOAT -> new Datum.Float(0);
        case TEXT -> type == SqlType.TEXT ? Datum.NULL : Datum.of("");
        case NUMERIC, DATE, TIME, INTERVAL, LSN, TID, ARRAY -> Datum.NULL;
      };
    }
  }

  private static Map<String, Catalog> read() {
    Map<String, Catalog> catalogs = new TreeMap<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                SystemCatalog.class.getResourceAsStream("catalogs.txt"), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ");
        List<Outcome.Column> columns = new ArrayList<>();
        for (int i = 3; i < words.length; i++) {
          String[] column = words[i].split(":");
          Outcome.Origin origin = new Outcome.Origin(Integer.parseInt(words[0]), i - 2, 0);
          columns.add(new Outcome.Column(column[0], type(column[1]), 0, origin));
        }
        catalogs.put(
            words[2],
            new Catalog(Integer.parseInt(words[0]), words[1].charAt(0), words[2], columns));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return catalogs;
  }

  /** A column's type; one that the server does not have is text here. */
  private static SqlType type(String name) {
    return switch (name) {
      case "char" -> SqlType.CHAR;
      case "char[]" -> SqlType.CHAR_ARRAY;
      case "aclitem[]", "anyarray" -> SqlType.TEXT_ARRAY;
      default -> SqlType.named(name.replace('_', ' ')).orElse(SqlType.TEXT);
    };
  }

  private static final Map<Integer, String> SCHEMAS =
      Map.of(PG_CATALOG, "pg_catalog", PUBLIC, "public", INFORMATION_SCHEMA, "information_schema");

  static Optional<String> schemaName(int oid) {
    return Optional.ofNullable(SCHEMAS.get(oid));
  }

  static Optional<Integer> schemaOf(String name) {
    return SCHEMAS.entrySet().stream()
        .filter(entry -> entry.getValue().equals(name))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  static Optional<Catalog> named(String name) {
    return Optional.ofNullable(CATALOGS.get(name));
  }

  static Iterable<Catalog> all() {
    return CATALOGS.values();
  }

  static List<List<Datum>> rows(Catalog catalog, SessionContext session) {
    List<Map<String, Datum>> rows = new SystemRows(session).of(catalog.name());
    return rows.stream().map(catalog::row).toList();
  }

  /** The names of all relations by OID: tables, indexes, sequences and catalogs. */
  private static Map<Integer, String> names(SessionContext session) {
    Map<Integer, String> names = new HashMap<>();
    CATALOGS.values().forEach(catalog -> names.put(catalog.oid, catalog.name));
    for (Table table : session.tables().catalog().tables(session.transaction()).values()) {
      names.put(table.oid(), table.name());
      table.indexes().forEach(index -> names.put(index.oid(), index.name()));
      for (Table.Column column : table.columns()) {
        if (column.serial()) {
          names.put(column.sequence(), sequence(table, column));
        }
      }
    }
    return names;
  }

  static String sequence(Table table, Table.Column column) {
    return table.name() + "_" + column.name() + "_seq";
  }

  /** The OID of a relation. */
  static Optional<Integer> oidOf(String name, SessionContext session) {
    return names(session).entrySet().stream()
        .filter(entry -> entry.getValue().equals(name))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** The name of a relation. */
  static Optional<String> nameOf(int oid, SessionContext session) {
    return Optional.ofNullable(names(session).get(oid));
  }

  /** The table to which a table's, an index's or a constraint's OID leads. */
  static Optional<Table> tableOf(int oid, SessionContext session) {
    return session.tables().catalog().tables(session.transaction()).values().stream()
        .filter(
            table ->
                table.oid() == oid
                    || table.indexes().stream().anyMatch(index -> index.oid() == oid)
                    || table.checks().stream().anyMatch(check -> check.oid() == oid))
        .findFirst();
  }
}
