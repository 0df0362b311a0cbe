package phaistos.server.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import phaistos.formats.RelationLocator;
import phaistos.server.heap.Columns;
import phaistos.server.types.SqlType;

/**
 * A table.
 *
 * @param keys the columns of its primary key, by position from 0; empty if it has none
 */
public record Table(
    int oid, String name, RelationLocator locator, List<Column> columns, List<Integer> keys) {
  /**
   * A column.
   *
   * @param limit characters of a varchar or char, 0 for no limit
   * @param serial takes the next number if no value is given
   * @param defaultSql an expression, if there is a default
   */
  public record Column(
      String name,
      SqlType type,
      int limit,
      boolean notNull,
      boolean serial,
      Optional<String> defaultSql) {}

  public Table {
    columns = List.copyOf(columns);
    keys = List.copyOf(keys);
  }

  public List<SqlType> types() {
    return columns.stream().map(Column::type).toList();
  }

  /** What an update must know of the columns. */
  public Columns forUpdate() {
    return new Columns(types(), Set.copyOf(keys), Set.copyOf(keys));
  }

  public OptionalInt indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name.equals(column)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  public String keyName() {
    return name + "_pkey";
  }

  /** The form in which the catalog stores columns and key. */
  String definition() {
    StringBuilder out = new StringBuilder();
    for (Column column : columns) {
      out.append(column.name).append('\t').append(column.type).append('\t').append(column.limit);
      out.append('\t').append(column.notNull).append('\t').append(column.serial).append('\t');
      out.append(column.defaultSql.map(sql -> "=" + sql.replaceAll("\\s", " ")).orElse(""));
      out.append('\n');
    }
    keys.forEach(key -> out.append(key).append(' '));
    return out.toString();
  }

  static Table parse(int oid, String name, RelationLocator locator, String definition) {
    String[] lines = definition.split("\n", -1);
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < lines.length - 1; i++) {
      String[] parts = lines[i].split("\t", -1);
      columns.add(
          new Column(
              parts[0],
              SqlType.valueOf(parts[1]),
              Integer.parseInt(parts[2]),
              Boolean.parseBoolean(parts[3]),
              Boolean.parseBoolean(parts[4]),
              parts[5].isEmpty() ? Optional.empty() : Optional.of(parts[5].substring(1))));
    }
    List<Integer> keys = new ArrayList<>();
    for (String key : lines[lines.length - 1].split(" ")) {
      if (!key.isEmpty()) {
        keys.add(Integer.parseInt(key));
      }
    }
    return new Table(oid, name, locator, columns, keys);
  }
}
