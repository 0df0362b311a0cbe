package phaistos.server.executor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;

/** Compiles queries: SELECT, VALUES, UNION and what stands around them. */
final class Queries {
  private Queries() {}

  /** A query of WITH; it is computed at each use. */
  record Named(String name, Rows rows) {}

  /** What to sort by. */
  record Sort(Expr expr, Expression.SortKey key) {}

  static Plan plan(Query query, Parameters parameters, SessionContext session) {
    Compiler.Environment environment = new Compiler.Environment(parameters, session);
    if (query instanceof Query.Full full && full.lock().isPresent()) {
      Optional<Plan> locking = LockingSelect.plan(full, environment);
      if (locking.isPresent()) {
        return locking.get();
      }
    }
    Rows rows = rows(query, environment).typed();
    return new Plan(
        parameters,
        rows.columns(),
        frame -> {
          List<List<Datum>> all = Names.shown(rows.all(frame), rows.columns(), session);
          return new Outcome(rows.columns(), all, "SELECT " + all.size());
        });
  }

  static Rows rows(Query query, Compiler.Environment environment) {
    return switch (query) {
      case Query.Select select -> SelectPlan.compile(select, List.of(), environment);
      case Query.Values values -> values(values, environment);
      case Query.Combined combined -> combined(combined, environment);
      case Query.Full full -> full(full, environment);
    };
  }

  private static Rows full(Query.Full full, Compiler.Environment outer) {
    Compiler.Environment environment = outer;
    for (Query.With with : full.with()) {
      Rows rows = renamed(rows(with.query(), environment).typed(), with.columns(), with.name());
      environment = environment.with(List.of(new Named(with.name(), rows)));
    }
    Rows body =
        full.body() instanceof Query.Select select
            ? SelectPlan.compile(select, full.order(), environment)
            : sorted(rows(full.body(), environment), full.order(), environment);
    return limited(body, full, environment);
  }

  /** The columns with other names, as an alias gives them. */
  static Rows renamed(Rows rows, List<String> names, String of) {
    if (names.size() > rows.columns().size()) {
      throw PgError.error(
          "42P10",
          "table \"%s\" has %d columns available but %d columns specified"
              .formatted(of, rows.columns().size(), names.size()));
    }
    List<Outcome.Column> columns = new ArrayList<>(rows.columns());
    for (int i = 0; i < names.size(); i++) {
      columns.set(i, columns.get(i).named(names.get(i)));
    }
    return new Rows(columns, rows.scan());
  }

  private static Rows limited(Rows rows, Query.Full full, Compiler.Environment environment) {
    if (full.limit().isEmpty() && full.offset().isEmpty()) {
      return rows;
    }
    Window window = Window.of(full, environment);
    return new Rows(
        rows.columns(),
        (frame, visitor) -> {
          long first = window.first(frame);
          long count = window.count(frame);
          long[] seen = new long[1];
          if (count == 0) {
            return;
          }
          rows.run(
              frame,
              row -> {
                long at = seen[0]++;
                if (at < first) {
                  return true;
                }
                return visitor.test(row) && at - first + 1 < count;
              });
        });
  }

  /** LIMIT and OFFSET. */
  record Window(Optional<Expr> limit, Optional<Expr> offset) {
    static Window of(Query.Full full, Compiler.Environment environment) {
      Compiler compiler = new Compiler(Relation.NONE, environment);
      return new Window(
          full.limit().map(e -> number(compiler.compile(e), "LIMIT")),
          full.offset().map(e -> number(compiler.compile(e), "OFFSET")));
    }

    private static Expr number(Expr expr, String clause) {
      Expr known = expr.known(SqlType.INT8);
      if (!known.type().isNumber()) {
        throw PgError.error(
            "42804",
            "argument of %s must be type bigint, not type %s"
                .formatted(clause, known.type().label()));
      }
      return known.as(SqlType.INT8);
    }

    long first(Frame frame) {
      long first = value(offset, frame, 0);
      if (first < 0) {
        throw PgError.error("2201X", "OFFSET must not be negative");
      }
      return first;
    }

    long count(Frame frame) {
      long count = value(limit, frame, Long.MAX_VALUE);
      if (count < 0) {
        throw PgError.error("2201W", "LIMIT must not be negative");
      }
      return count;
    }

    private static long value(Optional<Expr> expr, Frame frame, long none) {
      return expr.isPresent() && expr.get().of(frame) instanceof Datum.Int(long number)
          ? number
          : none;
    }
  }

  private static Rows values(Query.Values values, Compiler.Environment environment) {
    Compiler compiler = new Compiler(Relation.NONE, environment);
    List<List<Expr>> rows = new ArrayList<>();
    for (List<Expression> row : values.rows()) {
      rows.add(row.stream().map(compiler::compile).toList());
    }
    List<Outcome.Column> columns = new ArrayList<>();
    for (int i = 0; i < rows.getFirst().size(); i++) {
      int at = i;
      List<Expr> column = rows.stream().map(row -> row.get(at)).toList();
      boolean unknown = column.stream().allMatch(Expr::isUnknown);
      SqlType type = unknown ? SqlType.UNKNOWN : Casts.common(column, "VALUES");
      columns.add(new Outcome.Column("column" + (i + 1), type));
    }
    List<List<Expr>> typed = new ArrayList<>();
    for (List<Expr> row : rows) {
      List<Expr> made = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        SqlType type = columns.get(i).type();
        made.add(type == SqlType.UNKNOWN ? row.get(i) : row.get(i).as(type));
      }
      typed.add(made);
    }
    return new Rows(
        columns,
        (frame, visitor) -> {
          for (List<Expr> row : typed) {
            if (!visitor.test(row.stream().map(e -> e.of(frame)).toList())) {
              return;
            }
          }
        });
  }

  // ---- UNION, INTERSECT, EXCEPT ----

  private static Rows combined(Query.Combined combined, Compiler.Environment environment) {
    String name = combined.operator().toUpperCase(java.util.Locale.ROOT);
    Rows left = rows(combined.left(), environment);
    Rows right = rows(combined.right(), environment);
    if (left.columns().size() != right.columns().size()) {
      throw PgError.error(
          "42601", "each %s query must have the same number of columns".formatted(name));
    }
    List<Outcome.Column> columns = new ArrayList<>();
    for (int i = 0; i < left.columns().size(); i++) {
      Outcome.Column a = left.columns().get(i);
      Outcome.Column b = right.columns().get(i);
      SqlType type = Casts.common(List.of(typeOf(a), typeOf(b)), name);
      boolean same = a.type() == b.type() && a.limit() == b.limit();
      columns.add(new Outcome.Column(a.name(), type, same ? a.limit() : 0));
    }
    Rows a = converted(left, columns);
    Rows b = converted(right, columns);
    List<SqlType> types = columns.stream().map(Outcome.Column::type).toList();
    return new Rows(
        columns,
        switch (combined.operator()) {
          case "union" -> union(a, b, combined.all(), types);
          case "intersect" ->
              (frame, visitor) ->
                  intersect(a, b, combined.all(), types, frame).stream().allMatch(visitor);
          default ->
              (frame, visitor) ->
                  except(a, b, combined.all(), types, frame).stream().allMatch(visitor);
        });
  }

  private static Expr typeOf(Outcome.Column column) {
    return new Expr(column.type(), _ -> Datum.NULL);
  }

  private static Rows converted(Rows rows, List<Outcome.Column> to) {
    if (rows.columns().stream()
        .map(Outcome.Column::type)
        .toList()
        .equals(to.stream().map(Outcome.Column::type).toList())) {
      return rows;
    }
    return new Rows(
        to,
        (frame, visitor) ->
            rows.run(
                frame,
                row -> {
                  List<Datum> made = new ArrayList<>(row.size());
                  for (int i = 0; i < row.size(); i++) {
                    made.add(
                        Casts.cast(row.get(i), rows.columns().get(i).type(), to.get(i).type()));
                  }
                  return visitor.test(made);
                }));
  }

  private static Rows.Scan union(Rows a, Rows b, boolean all, List<SqlType> types) {
    return (frame, visitor) -> {
      Set<List<Datum>> seen = new LinkedHashSet<>();
      boolean[] more = {true};
      for (Rows rows : List.of(a, b)) {
        if (more[0]) {
          rows.run(
              frame,
              row -> {
                if (all || seen.add(Order.keys(row, types))) {
                  more[0] = visitor.test(row);
                }
                return more[0];
              });
        }
      }
    };
  }

  private static Map<List<Datum>, Integer> counted(Rows rows, List<SqlType> types, Frame frame) {
    Map<List<Datum>, Integer> counts = new HashMap<>();
    rows.run(
        frame,
        row -> {
          counts.merge(Order.keys(row, types), 1, Integer::sum);
          return true;
        });
    return counts;
  }

  private static List<List<Datum>> intersect(
      Rows a, Rows b, boolean all, List<SqlType> types, Frame frame) {
    Map<List<Datum>, Integer> left = counted(b, types, frame);
    List<List<Datum>> kept = new ArrayList<>();
    for (List<Datum> row : a.all(frame)) {
      List<Datum> key = Order.keys(row, types);
      int count = left.getOrDefault(key, 0);
      if (count > 0) {
        left.put(key, all ? count - 1 : 0);
        kept.add(row);
      }
    }
    return kept;
  }

  private static List<List<Datum>> except(
      Rows a, Rows b, boolean all, List<SqlType> types, Frame frame) {
    Map<List<Datum>, Integer> taken = counted(b, types, frame);
    Set<List<Datum>> seen = new LinkedHashSet<>();
    List<List<Datum>> kept = new ArrayList<>();
    for (List<Datum> row : a.all(frame)) {
      List<Datum> key = Order.keys(row, types);
      int count = taken.getOrDefault(key, 0);
      if (count > 0) {
        if (all) {
          taken.put(key, count - 1);
        }
      } else if (all || seen.add(key)) {
        kept.add(row);
      }
    }
    return kept;
  }

  // ---- ORDER BY ----

  /** Rows sorted by their own columns, which is all that a UNION can be sorted by. */
  private static Rows sorted(
      Rows rows, List<Expression.SortKey> keys, Compiler.Environment environment) {
    if (keys.isEmpty()) {
      return rows;
    }
    Rows typed = rows.typed();
    Compiler compiler = new Compiler(Relation.of("", typed.columns()), environment);
    List<Sort> sorts = new ArrayList<>();
    for (Expression.SortKey key : keys) {
      Optional<Integer> at = SelectPlan.output(key.by(), typed.columns(), List.of());
      sorts.add(new Sort(at.map(compiler::slot).orElseGet(() -> compiler.compile(key.by())), key));
    }
    return new Rows(
        typed.columns(),
        (frame, visitor) -> {
          record Keyed(List<Datum> row, List<Datum> keys) {}
          List<Keyed> all = new ArrayList<>();
          for (List<Datum> row : typed.all(frame)) {
            all.add(new Keyed(row, keys(sorts, frame.withRow(row))));
          }
          all.sort((a, b) -> compare(sorts, a.keys, b.keys));
          for (Keyed keyed : all) {
            if (!visitor.test(keyed.row)) {
              return;
            }
          }
        });
  }

  static List<Datum> keys(List<Sort> sorts, Frame frame) {
    List<Datum> keys = new ArrayList<>(sorts.size());
    sorts.forEach(sort -> keys.add(sort.expr().of(frame)));
    return keys;
  }

  static int compare(List<Sort> sorts, List<Datum> left, List<Datum> right) {
    for (int i = 0; i < sorts.size(); i++) {
      Sort sort = sorts.get(i);
      Datum a = left.get(i);
      Datum b = right.get(i);
      int sign;
      if (a.isNull() || b.isNull()) {
        sign = a.isNull() == b.isNull() ? 0 : a.isNull() == sort.key().isNullsFirst() ? -1 : 1;
      } else {
        int natural = Order.compare(a, b, sort.expr().type());
        sign = sort.key().descending() ? -natural : natural;
      }
      if (sign != 0) {
        return sign;
      }
    }
    return 0;
  }

  /** The name of a query's first column, if it has one of its own. */
  static Optional<String> firstName(Query query) {
    return switch (query) {
      case Query.Select select when !select.items().isEmpty() -> {
        Query.Item item = select.items().getFirst();
        yield item.alias()
            .or(
                () ->
                    Optional.of(Compiler.nameOf(item.expression()))
                        .filter(name -> !name.equals("?column?")));
      }
      case Query.Select _ -> Optional.empty();
      case Query.Values _ -> Optional.of("column1");
      case Query.Combined combined -> firstName(combined.left());
      case Query.Full full -> firstName(full.body());
    };
  }
}
