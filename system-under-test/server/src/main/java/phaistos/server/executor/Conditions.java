package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.sql.Expression;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** Compiles what is true, false or unknown. */
final class Conditions {
  private final Compiler compiler;

  Conditions(Compiler compiler) {
    this.compiler = compiler;
  }

  Expr compile(Expression expression) {
    return switch (expression) {
      case Expression.And(Expression left, Expression right) ->
          logic(compiler.bool(left, "AND"), compiler.bool(right, "AND"), false);
      case Expression.Or(Expression left, Expression right) ->
          logic(compiler.bool(left, "OR"), compiler.bool(right, "OR"), true);
      case Expression.Not(Expression operand) -> not(compiler.bool(operand, "NOT"));
      case Expression.IsNull test -> isNull(test);
      case Expression.IsBool test -> isBool(test);
      case Expression.IsDistinct test -> isDistinct(test);
      case Expression.Between between -> between(between);
      case Expression.In in -> in(in);
      case Expression.InQuery in -> {
        Expr any = Subqueries.any(compiler.compile(in.operand()), "=", in.query(), false, compiler);
        yield in.not() ? not(any) : any;
      }
      case Expression.AnyRow any ->
          Subqueries.any(
              compiler.compile(any.left()), any.operator(), any.query(), any.all(), compiler);
      case Expression.Like like -> Patterns.like(like, compiler);
      case Expression.AnyOf any ->
          Arrays.any(
              compiler.compile(any.left()),
              any.operator(),
              compiler.compile(any.array()),
              any.all());
      case Expression.Exists exists -> Subqueries.exists(exists.query(), compiler);
      default -> throw new IllegalArgumentException("no condition: " + expression);
    };
  }

  /** AND and OR of three-valued logic; {@code decisive} is the value that decides at once. */
  private static Expr logic(Expr left, Expr right, boolean decisive) {
    Datum deciding = Datum.of(decisive);
    return new Expr(
        SqlType.BOOL,
        frame -> {
          Datum a = left.of(frame);
          if (a.equals(deciding)) {
            return a;
          }
          Datum b = right.of(frame);
          return b.equals(deciding) || !a.isNull() ? b : a;
        });
  }

  static Expr not(Expr inner) {
    return new Expr(
        SqlType.BOOL,
        frame -> {
          Datum value = inner.of(frame);
          return value.isNull() ? value : Datum.of(value.equals(Datum.FALSE));
        });
  }

  private Expr isNull(Expression.IsNull test) {
    Expr inner = compiler.compile(test.operand()).known(SqlType.TEXT);
    boolean expected = !test.not();
    return new Expr(SqlType.BOOL, frame -> Datum.of(inner.of(frame).isNull() == expected));
  }

  private Expr isBool(Expression.IsBool test) {
    Expr inner = compiler.bool(test.operand(), "IS");
    Datum value = test.value().map(Datum::of).orElse(Datum.NULL);
    boolean expected = !test.not();
    return new Expr(SqlType.BOOL, frame -> Datum.of(inner.of(frame).equals(value) == expected));
  }

  private Expr isDistinct(Expression.IsDistinct test) {
    Expr left = compiler.compile(test.left());
    Expr right = compiler.compile(test.right());
    Expr a = left.isUnknown() && right.isUnknown() ? left.known(SqlType.TEXT) : left;
    Expr equal = Operators.compare("=", a, right);
    Expr x = a.isUnknown() ? a.known(right.type()) : a;
    Expr y = right.known(x.type());
    boolean same = test.not();
    return new Expr(
        SqlType.BOOL,
        frame -> {
          boolean leftNull = x.of(frame).isNull();
          boolean rightNull = y.of(frame).isNull();
          boolean isSame =
              leftNull || rightNull ? leftNull == rightNull : equal.of(frame).equals(Datum.TRUE);
          return Datum.of(isSame == same);
        });
  }

  private Expr between(Expression.Between between) {
    Expr operand = compiler.compile(between.operand());
    Expr low = Operators.compare(">=", operand, compiler.compile(between.low()));
    Expr high = Operators.compare("<=", operand, compiler.compile(between.high()));
    Expr both = logic(low, high, false);
    return between.not() ? not(both) : both;
  }

  /** All of the list have one type if they can, else each is compared by itself. */
  private Expr in(Expression.In in) {
    Expr operand = compiler.compile(in.operand());
    List<Expr> items = new ArrayList<>();
    in.list().forEach(item -> items.add(compiler.compile(item)));
    Optional<SqlType> type = listType(operand, items);
    String operator = in.not() ? "<>" : "=";
    List<Expr> comparisons = new ArrayList<>();
    for (Expr item : items) {
      Expr left = type.isPresent() ? operand.known(type.get()) : operand;
      Expr right = type.isPresent() ? item.known(type.get()) : item;
      comparisons.add(Operators.compare(operator, left, right));
    }
    Datum decisive = Datum.of(!in.not());
    return new Expr(
        SqlType.BOOL,
        frame -> {
          Datum result = Datum.of(in.not());
          for (Expr comparison : comparisons) {
            Datum one = comparison.of(frame);
            if (one.equals(decisive)) {
              return one;
            }
            result = one.isNull() ? one : result;
          }
          return result;
        });
  }

  /** The type that literals of a list take: that of the operand and the other items. */
  private static Optional<SqlType> listType(Expr operand, List<Expr> items) {
    List<Expr> all = new ArrayList<>();
    all.add(operand);
    all.addAll(items);
    List<Expr> typed = all.stream().filter(expr -> !expr.isUnknown()).toList();
    boolean oneCategory =
        typed.stream().map(expr -> expr.type().category()).distinct().count() <= 1;
    boolean rows = typed.stream().anyMatch(expr -> expr.type() == SqlType.RECORD);
    if (!oneCategory || rows) {
      return Optional.empty();
    }
    return typed.stream().map(Expr::type).distinct().count() <= 1
            || typed.getFirst().type().isNumber()
            || typed.getFirst().type().isText()
            || typed.getFirst().type().isTime()
        ? Optional.of(Casts.common(all, "IN"))
        : Optional.empty();
  }
}
