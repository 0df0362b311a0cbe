package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.sql.SqlParser;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;

/** NOT NULL and CHECK: what every row of a table must fulfil. */
final class RowChecks {
  private static final int SHOWN_MAX = 64;

  private final Table table;
  private final List<Expr> conditions = new ArrayList<>();

  private RowChecks(Table table) {
    this.table = table;
  }

  static RowChecks of(Table table, SessionContext session) {
    RowChecks checks = new RowChecks(table);
    Compiler compiler =
        new Compiler(
            Relation.of(table, java.util.Optional.empty()),
            new Compiler.Environment(new Parameters(0, List.of()), session));
    for (Table.Check check : table.checks()) {
      checks.conditions.add(compiler.bool(SqlParser.expression(check.sql()), "CHECK"));
    }
    return checks;
  }

  /**
   * @throws PgError 23502 or 23514
   */
  void check(List<Datum> row, Frame frame) {
    for (int i = 0; i < row.size(); i++) {
      Table.Column column = table.columns().get(i);
      if (row.get(i).isNull() && column.notNull()) {
        throw PgError.error(
                "23502",
                "null value in column \"%s\" of relation \"%s\" violates not-null constraint"
                    .formatted(column.name(), table.name()),
                "Failing row contains (%s).".formatted(shown(row)))
            .about(new PgError.Subject(table.name(), column.name(), ""));
      }
    }
    for (int i = 0; i < conditions.size(); i++) {
      if (conditions.get(i).of(frame.withRow(row)).equals(Datum.FALSE)) {
        String name = table.checks().get(i).name();
        throw PgError.error(
                "23514",
                "new row for relation \"%s\" violates check constraint \"%s\""
                    .formatted(table.name(), name),
                "Failing row contains (%s).".formatted(shown(row)))
            .about(new PgError.Subject(table.name(), "", name));
      }
    }
  }

  /** A failing row as PostgreSQL shows it: each value cut to 64 characters. */
  private String shown(List<Datum> row) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Datum value = row.get(i);
      SqlType type = table.columns().get(i).type();
      String text = value.isNull() ? "null" : TypeText.format(value, type);
      values.add(text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text);
    }
    return String.join(", ", values);
  }
}
