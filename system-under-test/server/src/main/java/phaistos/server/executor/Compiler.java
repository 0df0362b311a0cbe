package phaistos.server.executor;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntPredicate;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.BooleanValue;
import net.sf.jsqlparser.expression.CaseExpression;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.DoubleValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.JdbcParameter;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.TimeKeyExpression;
import net.sf.jsqlparser.expression.WhenClause;
import net.sf.jsqlparser.expression.operators.arithmetic.Addition;
import net.sf.jsqlparser.expression.operators.arithmetic.Concat;
import net.sf.jsqlparser.expression.operators.arithmetic.Division;
import net.sf.jsqlparser.expression.operators.arithmetic.Modulo;
import net.sf.jsqlparser.expression.operators.arithmetic.Multiplication;
import net.sf.jsqlparser.expression.operators.arithmetic.Subtraction;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.conditional.OrExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.ComparisonOperator;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** Compiles the library's expressions over the columns of one relation. Not thread-safe. */
final class Compiler {
  private final Relation relation;
  private final Parameters parameters;

  Compiler(Relation relation, Parameters parameters) {
    this.relation = relation;
    this.parameters = parameters;
  }

  Relation relation() {
    return relation;
  }

  Expr compile(Expression expression) {
    return compile(expression, Optional.empty());
  }

  /**
   * Compiles an expression; {@code wanted} is the type of a parameter or quoted literal that has
   * none.
   */
  Expr compile(Expression expression, Optional<SqlType> wanted) {
    return switch (expression) {
      case LongValue value -> integer(value.getBigIntegerValue());
      case DoubleValue value ->
          Expr.constant(SqlType.NUMERIC, new Datum.Numeric(new BigDecimal(value.toString())));
      case StringValue value -> string(value, wanted);
      case NullValue _ -> Expr.constant(wanted.orElse(SqlType.UNKNOWN), Datum.NULL);
      case BooleanValue value -> Expr.constant(SqlType.BOOL, Datum.of(value.getValue()));
      case JdbcParameter parameter -> parameters.expr(parameter.getIndex(), wanted);
      case Column column -> column(column);
      case TimeKeyExpression _ ->
          new Expr(SqlType.TIMESTAMPTZ, frame -> Datum.of(frame.session().transactionStart()));
      case SignedExpression signed -> signed(signed, wanted);
      case ParenthesedExpressionList<?> list when list.size() == 1 ->
          compile(list.getFirst(), wanted);
      case CastExpression cast -> cast(cast);
      case Function function -> new Functions(this).compile(function);
      case CaseExpression cases -> cases(cases, wanted);
      case AndExpression and -> logic(and, false);
      case OrExpression or -> logic(or, true);
      case NotExpression not -> not(bool(not.getExpression()));
      case IsNullExpression test -> isNull(test);
      case IsBooleanExpression test -> isBoolean(test);
      case Between between -> between(between);
      case InExpression in -> in(in);
      case ComparisonOperator comparison -> comparison(comparison);
      case Addition binary -> arithmetic('+', binary);
      case Subtraction binary -> arithmetic('-', binary);
      case Multiplication binary -> arithmetic('*', binary);
      case Division binary -> arithmetic('/', binary);
      case Modulo binary -> arithmetic('%', binary);
      case Concat concat -> concat(concat);
      default -> throw PgError.unsupported("expression " + expression);
    };
  }

  /** Compiles a condition. */
  Expr bool(Expression expression) {
    Expr compiled = compile(expression, Optional.of(SqlType.BOOL));
    if (compiled.type() != SqlType.BOOL) {
      throw PgError.error(
          "42804", "argument of WHERE must be type boolean, not type " + compiled.type().label());
    }
    return compiled;
  }

  private static Expr integer(java.math.BigInteger value) {
    if (value.bitLength() < 32) {
      return Expr.constant(SqlType.INT4, Datum.of(value.longValue()));
    }
    if (value.bitLength() < 64) {
      return Expr.constant(SqlType.INT8, Datum.of(value.longValue()));
    }
    return Expr.constant(SqlType.NUMERIC, new Datum.Numeric(new BigDecimal(value)));
  }

  private static Expr string(StringValue value, Optional<SqlType> wanted) {
    String text = value.getValue().replace("''", "'");
    if ("E".equalsIgnoreCase(value.getPrefix())) {
      text = text.translateEscapes();
    }
    SqlType type = wanted.orElse(SqlType.UNKNOWN);
    return Expr.constant(
        type, type.isText() ? Datum.of(text) : phaistos.server.types.TypeText.parse(text, type));
  }

  private Expr column(Column column) {
    String name = Relation.identifier(column.getColumnName());
    boolean plain = column.getTable() == null && !column.getColumnName().startsWith("\"");
    if (plain && relation.find(Optional.empty(), name).isEmpty()) {
      Optional<Expr> keyword = Functions.keyword(name);
      if (keyword.isPresent()) {
        return keyword.get();
      }
    }
    Optional<String> qualifier =
        Optional.ofNullable(column.getTable()).map(t -> Relation.identifier(t.getName()));
    int at =
        relation
            .find(qualifier, name)
            .orElseThrow(
                () -> PgError.error("42703", "column \"%s\" does not exist".formatted(column)));
    return new Expr(relation.columns().get(at).type(), frame -> frame.row().get(at));
  }

  private Expr signed(SignedExpression signed, Optional<SqlType> wanted) {
    Expr inner = compile(signed.getExpression(), wanted);
    if (signed.getSign() == '+') {
      return inner;
    }
    SqlType type = inner.type();
    return new Expr(
        type,
        frame -> {
          Datum value = inner.of(frame);
          return value.isNull() ? value : Values.compute('-', Datum.of(0), value, type);
        });
  }

  private Expr cast(CastExpression cast) {
    String name = cast.getColDataType().getDataType();
    SqlType to =
        SqlType.named(name)
            .orElseThrow(
                () -> PgError.error("42704", "type \"%s\" does not exist".formatted(name)));
    Expr inner = compile(cast.getLeftExpression(), Optional.of(to));
    return new Expr(to, frame -> Values.cast(inner.of(frame), inner.type(), to));
  }

  private Expr cases(CaseExpression cases, Optional<SqlType> wanted) {
    List<Expr> conditions = new ArrayList<>();
    List<Expr> results = new ArrayList<>();
    for (WhenClause when : cases.getWhenClauses()) {
      conditions.add(
          cases.getSwitchExpression() == null
              ? bool(when.getWhenExpression())
              : compare("=", cases.getSwitchExpression(), when.getWhenExpression()));
      results.add(compile(when.getThenExpression(), wanted));
    }
    Expr otherwise =
        cases.getElseExpression() == null
            ? Expr.constant(SqlType.UNKNOWN, Datum.NULL)
            : compile(cases.getElseExpression(), wanted);
    return new Expr(
        results.getFirst().type(),
        frame -> {
          for (int i = 0; i < conditions.size(); i++) {
            if (conditions.get(i).of(frame).equals(Datum.TRUE)) {
              return results.get(i).of(frame);
            }
          }
          return otherwise.of(frame);
        });
  }

  /** AND and OR of three-valued logic; {@code decisive} is the value that decides at once. */
  private Expr logic(BinaryExpression binary, boolean decisive) {
    Expr left = bool(binary.getLeftExpression());
    Expr right = bool(binary.getRightExpression());
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

  private static Expr not(Expr inner) {
    return new Expr(
        SqlType.BOOL,
        frame -> {
          Datum value = inner.of(frame);
          return value.isNull() ? value : Datum.of(value.equals(Datum.FALSE));
        });
  }

  private Expr isNull(IsNullExpression test) {
    Expr inner = compile(test.getLeftExpression());
    boolean expected = !test.isNot();
    return new Expr(SqlType.BOOL, frame -> Datum.of(inner.of(frame).isNull() == expected));
  }

  private Expr isBoolean(IsBooleanExpression test) {
    Expr inner = bool(test.getLeftExpression());
    Datum value = Datum.of(test.isTrue());
    boolean expected = !test.isNot();
    return new Expr(SqlType.BOOL, frame -> Datum.of(inner.of(frame).equals(value) == expected));
  }

  private Expr between(Between between) {
    Expr low = compare(">=", between.getLeftExpression(), between.getBetweenExpressionStart());
    Expr high = compare("<=", between.getLeftExpression(), between.getBetweenExpressionEnd());
    Expr both =
        new Expr(
            SqlType.BOOL,
            frame -> {
              Datum a = low.of(frame);
              Datum b = high.of(frame);
              if (a.equals(Datum.FALSE) || b.equals(Datum.FALSE)) {
                return Datum.FALSE;
              }
              return a.isNull() ? a : b;
            });
    return between.isNot() ? not(both) : both;
  }

  private Expr in(InExpression in) {
    if (!(in.getRightExpression() instanceof ExpressionList<?> list)) {
      throw PgError.unsupported("IN with " + in.getRightExpression());
    }
    List<Expr> equalities = new ArrayList<>();
    for (Expression item : list) {
      equalities.add(compare("=", in.getLeftExpression(), item));
    }
    Expr any =
        new Expr(
            SqlType.BOOL,
            frame -> {
              Datum result = Datum.FALSE;
              for (Expr equality : equalities) {
                Datum one = equality.of(frame);
                if (one.equals(Datum.TRUE)) {
                  return one;
                }
                result = one.isNull() ? one : result;
              }
              return result;
            });
    return in.isNot() ? not(any) : any;
  }

  private Expr comparison(ComparisonOperator comparison) {
    return compare(
        comparison.getStringExpression(),
        comparison.getLeftExpression(),
        comparison.getRightExpression());
  }

  private Expr compare(String operator, Expression leftText, Expression rightText) {
    Expr[] pair = pair(leftText, rightText);
    Expr left = pair[0];
    Expr right = pair[1];
    SqlType type = left.type();
    boolean comparable =
        type == right.type()
            || type.isText() && right.type().isText()
            || !type.isText() && !right.type().isText() && type != SqlType.BOOL;
    if (!comparable) {
      throw PgError.error(
          "42883",
          "operator does not exist: %s %s %s"
              .formatted(type.label(), operator, right.type().label()));
    }
    IntPredicate accepts =
        switch (operator) {
          case "=" -> sign -> sign == 0;
          case "<>", "!=" -> sign -> sign != 0;
          case "<" -> sign -> sign < 0;
          case "<=" -> sign -> sign <= 0;
          case ">" -> sign -> sign > 0;
          case ">=" -> sign -> sign >= 0;
          default -> throw PgError.unsupported("operator " + operator);
        };
    return new Expr(
        SqlType.BOOL,
        frame -> {
          Datum a = left.of(frame);
          Datum b = right.of(frame);
          if (a.isNull() || b.isNull()) {
            return Datum.NULL;
          }
          return Datum.of(accepts.test(Values.compare(a, b, type)));
        });
  }

  /** Two operands; one without a type takes the other's. */
  private Expr[] pair(Expression left, Expression right) {
    if (isUntyped(left) && !isUntyped(right)) {
      Expr typed = compile(right);
      return new Expr[] {compile(left, Optional.of(typed.type())), typed};
    }
    Expr typed = compile(left);
    Optional<SqlType> wanted =
        typed.type() == SqlType.UNKNOWN ? Optional.empty() : Optional.of(typed.type());
    return new Expr[] {typed, isUntyped(right) ? compile(right, wanted) : compile(right)};
  }

  private boolean isUntyped(Expression expression) {
    return expression instanceof StringValue
        || expression instanceof NullValue
        || expression instanceof JdbcParameter parameter
            && !parameters.isDeclared(parameter.getIndex())
        || expression instanceof ParenthesedExpressionList<?> list
            && list.size() == 1
            && isUntyped(list.getFirst());
  }

  private Expr arithmetic(char operator, BinaryExpression binary) {
    Expr[] pair = pair(binary.getLeftExpression(), binary.getRightExpression());
    Expr left = pair[0];
    Expr right = pair[1];
    if (left.type() == SqlType.PG_LSN && right.type() == SqlType.PG_LSN && operator == '-') {
      return nullable(
          SqlType.NUMERIC,
          left,
          right,
          (a, b) ->
              new Datum.Numeric(
                  BigDecimal.valueOf(((Datum.Int) a).value() - ((Datum.Int) b).value())));
    }
    if (left.type() == SqlType.PG_LSN && right.type().isInteger() && operator != '*') {
      int sign = operator == '-' ? -1 : 1;
      return nullable(
          SqlType.PG_LSN,
          left,
          right,
          (a, b) -> Datum.of(((Datum.Int) a).value() + sign * ((Datum.Int) b).value()));
    }
    if (!left.type().isNumber() || !right.type().isNumber()) {
      throw PgError.error(
          "42883",
          "operator does not exist: %s %s %s"
              .formatted(left.type().label(), operator, right.type().label()));
    }
    SqlType type = Values.wider(left.type(), right.type());
    return nullable(type, left, right, (a, b) -> Values.compute(operator, a, b, type));
  }

  private Expr concat(Concat concat) {
    Expr left = compile(concat.getLeftExpression());
    Expr right = compile(concat.getRightExpression());
    return nullable(
        SqlType.TEXT,
        left,
        right,
        (a, b) -> Datum.of(Functions.text(a, left.type()) + Functions.text(b, right.type())));
  }

  private static Expr nullable(
      SqlType type, Expr left, Expr right, java.util.function.BinaryOperator<Datum> apply) {
    return new Expr(
        type,
        frame -> {
          Datum a = left.of(frame);
          Datum b = right.of(frame);
          return a.isNull() || b.isNull() ? Datum.NULL : apply.apply(a, b);
        });
  }

  /** The name of a result column that was given none. */
  static String nameOf(Expression expression) {
    return switch (expression) {
      case Column column -> Relation.identifier(column.getColumnName());
      case Function function -> {
        String name = function.getName().toLowerCase(Locale.ROOT);
        yield name.substring(name.lastIndexOf('.') + 1);
      }
      case CastExpression cast -> {
        String inner = nameOf(cast.getLeftExpression());
        yield inner.equals("?column?")
            ? SqlType.named(cast.getColDataType().getDataType())
                .map(type -> type.name().toLowerCase(Locale.ROOT))
                .orElse(inner)
            : inner;
      }
      case TimeKeyExpression time ->
          time.getStringValue().toLowerCase(Locale.ROOT).replace("()", "");
      case CaseExpression _ -> "case";
      case ParenthesedExpressionList<?> list when list.size() == 1 -> nameOf(list.getFirst());
      default -> "?column?";
    };
  }
}
