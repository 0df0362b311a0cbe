package phaistos.server.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.formats.RelationLocator;
import phaistos.server.types.SqlType;

/**
 * The form in which the catalog's table holds a table or a function: lines of fields with tabs
 * between them. The first field says what the line is.
 */
final class Definitions {
  private static final String TABLE = "table";
  private static final String FUNCTION = "function";
  private static final String COLUMN = "column";
  private static final String INDEX = "index";
  private static final String CHECK = "check";
  private static final String ARGUMENT = "argument";

  private final StringBuilder out = new StringBuilder();

  private Definitions() {}

  private void line(Object... fields) {
    for (int i = 0; i < fields.length; i++) {
      out.append(i == 0 ? "" : "\t");
      out.append(
          fields[i].toString().replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n"));
    }
    out.append('\n');
  }

  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\t') {
        fields.add(field.toString());
        field.setLength(0);
      } else if (c == '\\') {
        char escaped = line.charAt(++i);
        field.append(escaped == 't' ? '\t' : escaped == 'n' ? '\n' : escaped);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }

  private static String optional(Optional<String> text) {
    return text.map(value -> "=" + value).orElse("");
  }

  private static Optional<String> optional(String field) {
    return field.isEmpty() ? Optional.empty() : Optional.of(field.substring(1));
  }

  static boolean isFunction(String definition) {
    return definition.startsWith(FUNCTION + "\t");
  }

  static String of(Table table) {
    Definitions made = new Definitions();
    made.line(TABLE, table.name(), table.locator().relation(), table.temporary());
    for (Table.Column column : table.columns()) {
      made.line(
          COLUMN,
          column.name(),
          column.type(),
          column.limit(),
          column.notNull(),
          column.sequence(),
          optional(column.defaultSql()));
    }
    for (Table.Index index : table.indexes()) {
      made.line(
          INDEX,
          index.oid(),
          index.name(),
          index.primary(),
          index.unique(),
          index.constraint(),
          String.join(" ", index.columns().stream().map(String::valueOf).toList()));
    }
    for (Table.Check check : table.checks()) {
      made.line(CHECK, check.oid(), check.name(), check.sql());
    }
    return made.out.toString();
  }

  static String of(SqlFunction function) {
    Definitions made = new Definitions();
    made.line(FUNCTION, function.name(), function.returns(), function.body(), function.strict());
    for (SqlFunction.Argument argument : function.arguments()) {
      made.line(ARGUMENT, optional(argument.name()), argument.type());
    }
    return made.out.toString();
  }

  static Table table(int oid, String definition) {
    List<List<String>> lines =
        java.util.Arrays.stream(definition.split("\n")).map(Definitions::fields).toList();
    List<String> head = lines.getFirst();
    List<Table.Column> columns = new ArrayList<>();
    List<Table.Index> indexes = new ArrayList<>();
    List<Table.Check> checks = new ArrayList<>();
    for (List<String> f : lines) {
      switch (f.getFirst()) {
        case COLUMN ->
            columns.add(
                new Table.Column(
                    f.get(1),
                    SqlType.valueOf(f.get(2)),
                    Integer.parseInt(f.get(3)),
                    Boolean.parseBoolean(f.get(4)),
                    Integer.parseInt(f.get(5)),
                    optional(f.get(6))));
        case INDEX ->
            indexes.add(
                new Table.Index(
                    Integer.parseInt(f.get(1)),
                    f.get(2),
                    Boolean.parseBoolean(f.get(3)),
                    Boolean.parseBoolean(f.get(4)),
                    Boolean.parseBoolean(f.get(5)),
                    java.util.Arrays.stream(f.get(6).split(" ")).map(Integer::valueOf).toList()));
        case CHECK -> checks.add(new Table.Check(Integer.parseInt(f.get(1)), f.get(2), f.get(3)));
        default -> {
          // the head
        }
      }
    }
    RelationLocator file =
        new RelationLocator(
            RelationLocator.DEFAULT_SPACE, Catalog.DATABASE, Integer.parseInt(head.get(2)));
    return new Table(
        oid, head.get(1), file, columns, indexes, checks, Integer.parseInt(head.get(3)));
  }

  static SqlFunction function(int oid, String definition) {
    List<List<String>> lines =
        java.util.Arrays.stream(definition.split("\n")).map(Definitions::fields).toList();
    List<String> head = lines.getFirst();
    List<SqlFunction.Argument> arguments = new ArrayList<>();
    for (List<String> f : lines.subList(1, lines.size())) {
      arguments.add(new SqlFunction.Argument(optional(f.get(1)), SqlType.valueOf(f.get(2))));
    }
    boolean strict = head.size() > 4 && Boolean.parseBoolean(head.get(4));
    return new SqlFunction(
        oid, head.get(1), arguments, SqlType.valueOf(head.get(2)), strict, head.get(3));
  }
}
