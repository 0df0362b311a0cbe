package phaistos.server.executor;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import phaistos.server.catalog.Table;

/**
 * The columns that an expression may name.
 *
 * @param name what the columns may be qualified with: the alias, or else the table's name
 */
record Relation(String name, List<Outcome.Column> columns) {
  static final Relation NONE = new Relation("", List.of());

  static Relation of(Table table, Optional<String> alias) {
    return new Relation(
        alias.orElse(table.name()),
        table.columns().stream()
            .map(column -> new Outcome.Column(column.name(), column.type()))
            .toList());
  }

  OptionalInt find(Optional<String> qualifier, String column) {
    if (qualifier.isPresent() && !qualifier.get().equals(name)) {
      return OptionalInt.empty();
    }
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** Folds to lower case unless quoted. */
  static String identifier(String text) {
    if (text.length() >= 2 && text.startsWith("\"")) {
      return text.substring(1, text.length() - 1).replace("\"\"", "\"");
    }
    return text.toLowerCase(Locale.ROOT);
  }
}
