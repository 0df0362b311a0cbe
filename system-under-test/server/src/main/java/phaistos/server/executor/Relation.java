package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;

/**
 * The columns that an expression may name, in the order of the row's values.
 *
 * @param table the OID of the table whose rows these are, which have system columns too; 0 if they
 *     are joined from several
 */
record Relation(List<Field> fields, OptionalInt table) {
  private static final int JOINED = 0;

  static final Relation NONE = new Relation(List.of());

  /**
   * A column.
   *
   * @param qualifier the table's alias, or else its name; empty for a column of none
   * @param hidden not part of *, and found only with its qualifier
   */
  record Field(String qualifier, Outcome.Column column, boolean hidden) {}

  Relation {
    fields = List.copyOf(fields);
  }

  Relation(List<Field> fields) {
    this(fields, OptionalInt.empty());
  }

  static Relation of(String qualifier, List<Outcome.Column> columns) {
    return new Relation(
        columns.stream().map(column -> new Field(qualifier, column.ofSubquery(), false)).toList());
  }

  static Relation of(Table table, Optional<String> alias) {
    List<Integer> key =
        table.indexes().stream()
            .filter(Table.Index::primary)
            .findFirst()
            .map(Table.Index::columns)
            .orElse(List.of());
    List<Field> columns = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      Table.Column column = table.columns().get(i);
      int keyColumns = key.contains(i) ? key.size() : 0;
      columns.add(
          new Field(
              alias.orElse(table.name()),
              new Outcome.Column(
                  column.name(),
                  column.type(),
                  column.limit(),
                  new Outcome.Origin(table.oid(), i + 1, keyColumns)),
              false));
    }
    return new Relation(columns, OptionalInt.of(table.oid()));
  }

  /** This one's columns, then the other's. */
  Relation with(Relation other) {
    List<Field> all = new ArrayList<>(fields);
    all.addAll(other.fields);
    boolean tables = table.isPresent() || other.table.isPresent();
    return fields.isEmpty()
        ? other
        : new Relation(all, tables ? OptionalInt.of(JOINED) : OptionalInt.empty());
  }

  List<Outcome.Column> columns() {
    return fields.stream().map(Field::column).toList();
  }

  /**
   * Where a column is.
   *
   * @throws PgError 42702 if there are several of this name
   */
  OptionalInt find(Optional<String> qualifier, String name) {
    int found = -1;
    for (int i = 0; i < fields.size(); i++) {
      Field field = fields.get(i);
      boolean matches =
          field.column.name().equals(name)
              && (qualifier.isPresent() ? field.qualifier.equals(qualifier.get()) : !field.hidden);
      if (matches && found >= 0) {
        throw PgError.error("42702", "column reference \"%s\" is ambiguous".formatted(name));
      }
      found = matches ? i : found;
    }
    return found < 0 ? OptionalInt.empty() : OptionalInt.of(found);
  }

  /** A system column of the table, if this is one and has the name. */
  Optional<Expr> system(Optional<String> qualifier, String name) {
    if (table.isEmpty()
        || !SystemColumns.isOne(name)
        || qualifier.isPresent() && !hasQualifier(qualifier.get())) {
      return Optional.empty();
    }
    if (table.getAsInt() == JOINED) {
      throw PgError.unsupported("system column \"%s\" of joined tables".formatted(name));
    }
    return SystemColumns.find(name, table.getAsInt());
  }

  boolean hasQualifier(String qualifier) {
    return fields.stream().anyMatch(field -> field.qualifier.equals(qualifier));
  }
}
