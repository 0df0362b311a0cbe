package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;

/** The columns that an expression may name, in the order of the row's values. */
record Relation(List<Field> fields) {
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

  static Relation of(String qualifier, List<Outcome.Column> columns) {
    return new Relation(
        columns.stream().map(column -> new Field(qualifier, column, false)).toList());
  }

  static Relation of(Table table, Optional<String> alias) {
    return of(
        alias.orElse(table.name()),
        table.columns().stream()
            .map(column -> new Outcome.Column(column.name(), column.type(), column.limit()))
            .toList());
  }

  /** This one's columns, then the other's. */
  Relation with(Relation other) {
    List<Field> all = new ArrayList<>(fields);
    all.addAll(other.fields);
    return new Relation(all);
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

  boolean hasQualifier(String qualifier) {
    return fields.stream().anyMatch(field -> field.qualifier.equals(qualifier));
  }
}
