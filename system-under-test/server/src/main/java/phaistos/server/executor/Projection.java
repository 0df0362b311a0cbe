package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import phaistos.server.errors.PgError;
import phaistos.server.executor.Outcome.Column;
import phaistos.server.sql.Expression;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;

/** The items of a select list or of RETURNING. */
record Projection(List<Column> columns, List<Expr> items) {
  static Projection compile(List<Query.Item> selected, Compiler compiler) {
    List<Column> columns = new ArrayList<>();
    List<Expr> items = new ArrayList<>();
    for (Query.Item item : selected) {
      if (item.expression() instanceof Expression.Star(Optional<String> qualifier)) {
        addAll(qualifier, compiler, columns, items);
      } else {
        Expr expr = compiler.compile(item.expression());
        String name = item.alias().orElseGet(() -> Compiler.nameOf(item.expression()));
        items.add(expr);
        columns.add(column(item.expression(), compiler, name, expr));
      }
    }
    return new Projection(columns, items);
  }

  private static Column column(Expression expression, Compiler compiler, String name, Expr expr) {
    if (expression instanceof Expression.ColumnRef(Optional<String> qualifier, String of)) {
      OptionalInt at = compiler.relation().find(qualifier, of);
      if (at.isPresent()) {
        return compiler.relation().fields().get(at.getAsInt()).column().named(name);
      }
    }
    return new Column(name, expr.type(), expr.limit());
  }

  private static void addAll(
      Optional<String> qualifier, Compiler compiler, List<Column> columns, List<Expr> items) {
    Relation relation = compiler.relation();
    if (relation.fields().isEmpty()) {
      throw PgError.error("42601", "SELECT * with no tables specified is not valid");
    }
    if (qualifier.isPresent() && !relation.hasQualifier(qualifier.get())) {
      throw PgError.error(
          "42P01", "missing FROM-clause entry for table \"%s\"".formatted(qualifier.get()));
    }
    for (int i = 0; i < relation.fields().size(); i++) {
      Relation.Field field = relation.fields().get(i);
      boolean taken = qualifier.map(q -> field.qualifier().equals(q)).orElse(!field.hidden());
      if (taken) {
        columns.add(field.column());
        items.add(compiler.starSlot(i));
      }
    }
  }

  List<Datum> row(Frame frame) {
    List<Datum> row = new ArrayList<>(items.size());
    for (Expr item : items) {
      row.add(item.of(frame));
    }
    return row;
  }
}
