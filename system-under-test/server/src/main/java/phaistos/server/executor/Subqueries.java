package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** Queries inside expressions. They may name columns of the rows around them. */
final class Subqueries {
  private Subqueries() {}

  private static Rows inside(Query query, Compiler compiler) {
    return Queries.rows(query, compiler.environment().inside(compiler)).typed();
  }

  private static Rows oneColumn(Query query, Compiler compiler) {
    Rows rows = inside(query, compiler);
    if (rows.columns().size() != 1) {
      throw PgError.error("42601", "subquery must return only one column");
    }
    return rows;
  }

  static Expr scalar(Query query, Compiler compiler) {
    Rows rows = oneColumn(query, compiler);
    Outcome.Column column = rows.columns().getFirst();
    return new Expr(
        column.type(),
        column.limit(),
        frame -> {
          List<Datum> found = new ArrayList<>();
          rows.run(
              frame.inner(),
              row -> {
                found.add(row.getFirst());
                return found.size() < 2;
              });
          if (found.size() > 1) {
            throw PgError.error(
                "21000", "more than one row returned by a subquery used as an expression");
          }
          return found.isEmpty() ? Datum.NULL : found.getFirst();
        });
  }

  static Expr array(Query query, Compiler compiler) {
    Rows rows = oneColumn(query, compiler);
    return new Expr(
        Arrays.arrayOf(rows.columns().getFirst().type()),
        frame -> {
          List<Datum> values = new ArrayList<>();
          rows.run(frame.inner(), row -> values.add(row.getFirst()));
          return new Datum.Array(values);
        });
  }

  static Expr exists(Query query, Compiler compiler) {
    Rows rows = inside(query, compiler);
    return new Expr(
        SqlType.BOOL,
        frame -> {
          boolean[] found = new boolean[1];
          rows.run(
              frame.inner(),
              _ -> {
                found[0] = true;
                return false;
              });
          return Datum.of(found[0]);
        });
  }

  /** ANY, ALL and IN. */
  static Expr any(Expr left, String operator, Query query, boolean all, Compiler compiler) {
    Rows rows = inside(query, compiler);
    if (rows.columns().size() != 1) {
      throw left.type() == SqlType.RECORD
          ? PgError.unsupported("a row beside a subquery")
          : PgError.error("42601", "subquery has too many columns");
    }
    Datum[] current = new Datum[1];
    Expr item = new Expr(rows.columns().getFirst().type(), _ -> current[0]);
    Expr compare = Operators.binary(operator, left, item);
    return new Expr(
        SqlType.BOOL,
        frame -> {
          Datum[] result = {Datum.of(all)};
          rows.run(
              frame.inner(),
              row -> {
                current[0] = row.getFirst();
                Datum one = compare.of(frame);
                if (one.equals(Datum.of(!all))) {
                  result[0] = one;
                  return false;
                }
                result[0] = one.isNull() ? one : result[0];
                return true;
              });
          return result[0];
        });
  }
}
