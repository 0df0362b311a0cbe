package phaistos.server.executor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;

/** Joins: by a hash of the columns that must be equal if there are some, else row by row. */
final class Joins {
  private final Compiler.Environment environment;

  Joins(Compiler.Environment environment) {
    this.environment = environment;
  }

  /**
   * The right side of a join.
   *
   * @param lateral made anew for each row of the left side, which it may name
   */
  record Right(Relation relation, Rows.Scan scan, boolean lateral) {}

  /** Two columns that must be equal, and the type as which they are compared. */
  private record Equal(int left, SqlType leftType, int right, SqlType rightType, SqlType type) {}

  /**
   * @param hints conditions that hold for every row that counts; they are tested elsewhere
   */
  Source inner(Source left, Right right, Optional<Expr> on, List<Expression> hints) {
    Relation relation = left.relation().with(right.relation());
    return new Source(relation, scan(left, right, Query.Kind.INNER, on, equal(left, right, hints)));
  }

  /** A join with a condition, USING or NATURAL. */
  Source join(Query.Join join, Source left, Right right) {
    Relation both = left.relation().with(right.relation());
    if (join.on().isPresent()) {
      Expr on = new Compiler(both, environment).bool(join.on().get(), "JOIN/ON");
      List<Equal> equal = equal(left, right, Calls.conjuncts(join.on()));
      return new Source(both, scan(left, right, join.kind(), Optional.of(on), equal));
    }
    List<String> names = join.natural() ? shared(left.relation(), right.relation()) : join.using();
    return using(join.kind(), left, right, names, both);
  }

  private static List<String> shared(Relation left, Relation right) {
    Set<String> names = new LinkedHashSet<>();
    for (Relation.Field field : left.fields()) {
      if (!field.hidden() && right.find(Optional.empty(), field.column().name()).isPresent()) {
        names.add(field.column().name());
      }
    }
    return new ArrayList<>(names);
  }

  /** The columns of USING come first, once; the two of each are found with their qualifiers. */
  private Source using(
      Query.Kind kind, Source left, Right right, List<String> names, Relation both) {
    int width = left.relation().fields().size();
    List<Equal> equal = new ArrayList<>();
    List<Expr> conditions = new ArrayList<>();
    List<Expr> merged = new ArrayList<>();
    List<Relation.Field> fields = new ArrayList<>();
    Compiler compiler = new Compiler(both, environment);
    Set<Integer> hidden = new LinkedHashSet<>();
    for (String name : names) {
      int a = at(left.relation(), name, "left");
      int b = at(right.relation(), name, "right");
      Expr x = compiler.slot(a);
      Expr y = compiler.slot(width + b);
      conditions.add(Operators.compare("=", x, y));
      pair(left.relation(), a, right.relation(), b).ifPresent(equal::add);
      SqlType type = Casts.common(List.of(x, y), "JOIN/USING");
      merged.add(kind == Query.Kind.RIGHT ? y.as(type) : firstOf(x.as(type), y.as(type)));
      fields.add(new Relation.Field("", new Outcome.Column(name, type), false));
      hidden.add(a);
      hidden.add(width + b);
    }
    for (int i = 0; i < both.fields().size(); i++) {
      Relation.Field field = both.fields().get(i);
      fields.add(
          new Relation.Field(
              field.qualifier(), field.column(), field.hidden() || hidden.contains(i)));
    }
    Rows.Scan joined = scan(left, right, kind, all(conditions), equal);
    return new Source(
        new Relation(fields),
        (frame, visitor) ->
            joined.run(
                frame,
                row -> {
                  Frame here = frame.withRow(row);
                  List<Datum> made = new ArrayList<>(fields.size());
                  merged.forEach(expr -> made.add(expr.of(here)));
                  made.addAll(row);
                  return visitor.test(made);
                }));
  }

  private static Optional<Expr> all(List<Expr> conditions) {
    if (conditions.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Expr(
            SqlType.BOOL,
            frame -> Datum.of(conditions.stream().allMatch(c -> c.of(frame).equals(Datum.TRUE)))));
  }

  private static int at(Relation relation, String name, String side) {
    return relation
        .find(Optional.empty(), name)
        .orElseThrow(
            () ->
                PgError.error(
                    "42703",
                    "column \"%s\" specified in USING clause does not exist in %s table"
                        .formatted(name, side)));
  }

  private static Expr firstOf(Expr a, Expr b) {
    return new Expr(
        a.type(),
        frame -> {
          Datum value = a.of(frame);
          return value.isNull() ? b.of(frame) : value;
        });
  }

  // ---- columns that must be equal ----

  private static List<Equal> equal(Source left, Right right, List<Expression> conditions) {
    List<Equal> found = new ArrayList<>();
    for (Expression condition : conditions) {
      if (condition instanceof Expression.Binary(String operator, Expression a, Expression b)
          && operator.equals("=")
          && a instanceof Expression.ColumnRef x
          && b instanceof Expression.ColumnRef y) {
        equal(left, right, x, y).or(() -> equal(left, right, y, x)).ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<Equal> equal(
      Source left, Right right, Expression.ColumnRef x, Expression.ColumnRef y) {
    OptionalInt a = only(left.relation(), right.relation(), x);
    OptionalInt b = only(right.relation(), left.relation(), y);
    return a.isPresent() && b.isPresent()
        ? pair(left.relation(), a.getAsInt(), right.relation(), b.getAsInt())
        : Optional.empty();
  }

  /** Where a column is, if it is in one of the relations only. */
  private static OptionalInt only(Relation in, Relation other, Expression.ColumnRef column) {
    return other.find(column.qualifier(), column.name()).isPresent()
        ? OptionalInt.empty()
        : in.find(column.qualifier(), column.name());
  }

  private static Optional<Equal> pair(Relation left, int a, Relation right, int b) {
    SqlType x = left.fields().get(a).column().type();
    SqlType y = right.fields().get(b).column().type();
    return Operators.comparable(x, y)
        .filter(type -> type != SqlType.RECORD)
        .map(type -> new Equal(a, x, b, y, type));
  }

  // ---- running ----

  private static Rows.Scan scan(
      Source left, Right right, Query.Kind kind, Optional<Expr> on, List<Equal> equal) {
    int leftWidth = left.relation().fields().size();
    int rightWidth = right.relation().fields().size();
    boolean keepsLeft = kind == Query.Kind.LEFT || kind == Query.Kind.FULL;
    boolean keepsRight = kind == Query.Kind.RIGHT || kind == Query.Kind.FULL;
    if (right.lateral()) {
      if (keepsRight) {
        throw PgError.unsupported("RIGHT or FULL JOIN with LATERAL");
      }
      return (frame, visitor) -> lateral(left, right, on, keepsLeft, frame, visitor);
    }
    return (frame, visitor) -> {
      Table table = new Table(right, equal, frame);
      boolean[] more = {true};
      left.scan()
          .run(
              frame,
              row -> {
                frame.session().transaction().proc().checkInterrupts();
                boolean matched = false;
                for (int at : table.candidates(row)) {
                  List<Datum> both = joined(row, table.rows.get(at));
                  if (on.isEmpty() || on.get().of(frame.withRow(both)).equals(Datum.TRUE)) {
                    matched = true;
                    table.matched[at] = true;
                    more[0] = visitor.test(both);
                    if (!more[0]) {
                      return false;
                    }
                  }
                }
                if (!matched && keepsLeft) {
                  more[0] = visitor.test(joined(row, nulls(rightWidth)));
                }
                return more[0];
              });
      for (int at = 0; keepsRight && more[0] && at < table.rows.size(); at++) {
        if (!table.matched[at]) {
          more[0] = visitor.test(joined(nulls(leftWidth), table.rows.get(at)));
        }
      }
    };
  }

  private static void lateral(
      Source left,
      Right right,
      Optional<Expr> on,
      boolean keepsLeft,
      Frame frame,
      Predicate<List<Datum>> visitor) {
    int width = right.relation().fields().size();
    left.scan()
        .run(
            frame,
            row -> {
              boolean[] matched = new boolean[1];
              boolean[] more = {true};
              right
                  .scan()
                  .run(
                      frame.withRow(row).inner(),
                      other -> {
                        List<Datum> both = joined(row, other);
                        if (on.isEmpty() || on.get().of(frame.withRow(both)).equals(Datum.TRUE)) {
                          matched[0] = true;
                          more[0] = visitor.test(both);
                        }
                        return more[0];
                      });
              return more[0]
                  && (matched[0] || !keepsLeft || visitor.test(joined(row, nulls(width))));
            });
  }

  private static List<Datum> joined(List<Datum> left, List<Datum> right) {
    List<Datum> both = new ArrayList<>(left.size() + right.size());
    both.addAll(left);
    both.addAll(right);
    return both;
  }

  private static List<Datum> nulls(int count) {
    return Collections.nCopies(count, Datum.NULL);
  }

  /** The rows of the right side, by the values of their equal columns. */
  private static final class Table {
    final List<List<Datum>> rows = new ArrayList<>();
    final boolean[] matched;
    private final List<Equal> equal;
    private final Map<List<Datum>, List<Integer>> byKey = new HashMap<>();
    private final List<Integer> all = new ArrayList<>();

    Table(Right right, List<Equal> equal, Frame frame) {
      this.equal = equal;
      right
          .scan()
          .run(
              frame,
              row -> {
                int at = rows.size();
                rows.add(row);
                all.add(at);
                key(row, false)
                    .ifPresent(key -> byKey.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(at));
                return true;
              });
      this.matched = new boolean[rows.size()];
    }

    List<Integer> candidates(List<Datum> row) {
      return equal.isEmpty()
          ? all
          : key(row, true).map(key -> byKey.getOrDefault(key, List.of())).orElse(List.of());
    }

    /** Empty if one of the values is NULL, which equals nothing. */
    private Optional<List<Datum>> key(List<Datum> row, boolean left) {
      List<Datum> key = new ArrayList<>(equal.size());
      for (Equal pair : equal) {
        Datum value = row.get(left ? pair.left : pair.right);
        if (value.isNull()) {
          return Optional.empty();
        }
        SqlType from = left ? pair.leftType : pair.rightType;
        key.add(Order.key(Casts.cast(value, from, pair.type), pair.type));
      }
      return Optional.of(key);
    }
  }
}
