package phaistos.server.catalog;

import java.util.HashSet;
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
 * @param temporary the process number of the session that it belongs to; 0 if it is not temporary
 */
public record Table(
    int oid,
    String name,
    RelationLocator locator,
    List<Column> columns,
    List<Index> indexes,
    List<Check> checks,
    int temporary) {
  /**
   * A column.
   *
   * @param limit characters of a varchar or char, or precision (upper 16 bits) and scale of a
   *     numeric; 0 for no limit
   * @param sequence the OID of the sequence that gives its default; 0 if it is not serial
   * @param defaultSql an expression, if there is a default
   */
  public record Column(
      String name,
      SqlType type,
      int limit,
      boolean notNull,
      int sequence,
      Optional<String> defaultSql) {
    public boolean serial() {
      return sequence != 0;
    }

    Column withNotNull() {
      return new Column(name, type, limit, true, sequence, defaultSql);
    }
  }

  /**
   * An index; kept in memory only.
   *
   * @param constraint made by PRIMARY KEY or UNIQUE, not by CREATE INDEX
   * @param columns by position from 0
   */
  public record Index(
      int oid,
      String name,
      boolean primary,
      boolean unique,
      boolean constraint,
      List<Integer> columns) {
    public Index {
      columns = List.copyOf(columns);
    }
  }

  /** A condition that every row must fulfil, or leave unknown. */
  public record Check(int oid, String name, String sql) {}

  public Table {
    columns = List.copyOf(columns);
    indexes = List.copyOf(indexes);
    checks = List.copyOf(checks);
  }

  public List<SqlType> types() {
    return columns.stream().map(Column::type).toList();
  }

  /** The files of the sequences of its serial columns. */
  public List<RelationLocator> sequences() {
    return columns.stream()
        .filter(Column::serial)
        .map(column -> CatalogRows.locator(column.sequence()))
        .toList();
  }

  public boolean isTemporary() {
    return temporary != 0;
  }

  public Optional<Index> primaryKey() {
    return indexes.stream().filter(Index::primary).findFirst();
  }

  /** What an update must know of the columns. */
  public Columns forUpdate() {
    Set<Integer> keys = new HashSet<>();
    Set<Integer> indexed = new HashSet<>();
    for (Index index : indexes) {
      indexed.addAll(index.columns);
      if (index.unique) {
        keys.addAll(index.columns);
      }
    }
    return new Columns(types(), keys, indexed);
  }

  public OptionalInt indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name.equals(column)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** The same with another index. A primary key's columns take no NULL. */
  public Table with(Index index) {
    List<Index> all = new java.util.ArrayList<>(indexes);
    all.add(index);
    List<Column> changed = new java.util.ArrayList<>(columns);
    if (index.primary) {
      index.columns.forEach(at -> changed.set(at, changed.get(at).withNotNull()));
    }
    return new Table(oid, name, locator, changed, all, checks, temporary);
  }

  public Table without(Index index) {
    List<Index> others = indexes.stream().filter(i -> i.oid != index.oid).toList();
    return new Table(oid, name, locator, columns, others, checks, temporary);
  }

  public Table with(Check check) {
    List<Check> all = new java.util.ArrayList<>(checks);
    all.add(check);
    return new Table(oid, name, locator, columns, indexes, all, temporary);
  }

  /** The same with its rows in another file. */
  public Table in(RelationLocator file) {
    return new Table(oid, name, file, columns, indexes, checks, temporary);
  }
}
