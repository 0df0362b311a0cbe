package phaistos.server.executor;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;

/** Looks for calls and columns in an expression, but not in the queries inside it. */
final class Calls {
  private Calls() {}

  static boolean hasAggregate(Expression expression) {
    return expression instanceof Expression.Call call && Aggregate.isOne(call)
        || parts(expression).anyMatch(Calls::hasAggregate);
  }

  /**
   * Refuses what belongs to no expression that is kept in the catalog.
   *
   * @param one where it stands, for the message: "check constraint"
   * @param many the same in the plural
   * @throws PgError 0A000, 42803 or 42P20
   */
  static void requireScalar(Expression expression, String one, String many) {
    switch (expression) {
      case Expression.Scalar _,
          Expression.ArrayQuery _,
          Expression.Exists _,
          Expression.InQuery _,
          Expression.AnyRow _ ->
          throw PgError.error("0A000", "cannot use subquery in " + one);
      case Expression.Window _ ->
          throw PgError.error("42P20", "window functions are not allowed in " + many);
      case Expression.Call call when Aggregate.isOne(call) ->
          throw PgError.error("42803", "aggregate functions are not allowed in " + many);
      case Expression.Call call when SetFunctions.isOne(call) ->
          throw PgError.error("0A000", "set-returning functions are not allowed in " + many);
      default -> parts(expression).forEach(part -> requireScalar(part, one, many));
    }
  }

  private static Stream<Expression> parts(Expression expression) {
    return switch (expression) {
      case Expression.Call call -> call.arguments().stream();
      case Expression.Window window -> window.call().arguments().stream();
      case Expression.Cast cast -> Stream.of(cast.inner());
      case Expression.Unary unary -> Stream.of(unary.operand());
      case Expression.Binary binary -> Stream.of(binary.left(), binary.right());
      case Expression.And and -> Stream.of(and.left(), and.right());
      case Expression.Or or -> Stream.of(or.left(), or.right());
      case Expression.Not not -> Stream.of(not.operand());
      case Expression.IsNull test -> Stream.of(test.operand());
      case Expression.IsBool test -> Stream.of(test.operand());
      case Expression.IsDistinct test -> Stream.of(test.left(), test.right());
      case Expression.Between b -> Stream.of(b.operand(), b.low(), b.high());
      case Expression.In in -> Stream.concat(Stream.of(in.operand()), in.list().stream());
      case Expression.InQuery in -> Stream.of(in.operand());
      case Expression.Like like -> Stream.of(like.operand(), like.pattern());
      case Expression.AnyOf any -> Stream.of(any.left(), any.array());
      case Expression.AnyRow any -> Stream.of(any.left());
      case Expression.Case cases -> cases(cases);
      case Expression.Array array -> array.elements().stream();
      case Expression.Row row -> row.fields().stream();
      case Expression.Field field -> Stream.of(field.of());
      case Expression.Subscript s -> Stream.of(s.array(), s.index());
      case Expression.Number _,
          Expression.Text _,
          Expression.Null _,
          Expression.Bool _,
          Expression.Parameter _,
          Expression.ColumnRef _,
          Expression.Star _,
          Expression.Keyword _,
          Expression.ArrayQuery _,
          Expression.Scalar _,
          Expression.Exists _,
          Expression.Default _ ->
          Stream.empty();
    };
  }

  /** The names of the columns in an expression. */
  static Stream<String> columns(Expression expression) {
    return expression instanceof Expression.ColumnRef column
        ? Stream.of(column.name())
        : parts(expression).flatMap(Calls::columns);
  }

  private static Stream<Expression> cases(Expression.Case cases) {
    Stream<Expression> whens =
        cases.whens().stream().flatMap(when -> Stream.of(when.condition(), when.result()));
    return Stream.of(cases.operand().stream(), whens, cases.otherwise().stream())
        .flatMap(part -> part);
  }

  /** The parts that AND joins. */
  static List<Expression> conjuncts(Optional<Expression> condition) {
    return condition.map(Calls::split).orElse(List.of());
  }

  private static List<Expression> split(Expression condition) {
    return condition instanceof Expression.And(Expression left, Expression right)
        ? Stream.concat(split(left).stream(), split(right).stream()).toList()
        : List.of(condition);
  }
}
