package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import phaistos.server.sql.Expression;
import phaistos.server.sql.SqlParser;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;

/**
 * Writes an expression with its types made plain, as pg_get_expr does (ruleutils.c). What it does
 * not know stays as it was written.
 */
final class Deparser {
  private static final Set<String> COMPARISONS = Set.of("=", "<>", "<", "<=", ">", ">=");

  private final boolean pretty;
  private final Compiler compiler;

  Deparser(Relation relation, boolean pretty, SessionContext session) {
    this.pretty = pretty;
    this.compiler =
        new Compiler(relation, new Compiler.Environment(new Parameters(0, List.of()), session));
  }

  /** An expression that is assigned to a column, or that is a condition. */
  String assigned(String sql, SqlType type) {
    Expression expression = SqlParser.expression(sql);
    try {
      return isUntyped(expression) ? literal(expression, type) : text(expression);
    } catch (Unknown e) {
      return sql;
    }
  }

  /** An expression that this class does not write. */
  private static final class Unknown extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private boolean isUntyped(Expression expression) {
    return expression instanceof Expression.Text || expression instanceof Expression.Null;
  }

  private SqlType type(Expression expression) {
    return compiler.compile(expression).type();
  }

  private static String label(SqlType type) {
    return Types.shown(type, 0);
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static String literal(Expression expression, SqlType type) {
    if (!(expression instanceof Expression.Text(String text))) {
      return "NULL::" + label(type);
    }
    Datum value = TypeText.parse(text, type);
    return switch (type) {
      case INT4, INT2, INT8 ->
          text.strip().startsWith("-") || type != SqlType.INT4
              ? quoted(TypeText.format(value, type)) + "::" + label(type)
              : TypeText.format(value, type);
      case BOOL -> value.equals(Datum.TRUE) ? "true" : "false";
      default -> quoted(TypeText.format(value, type)) + "::" + label(type);
    };
  }

  private String text(Expression expression) {
    return switch (expression) {
      case Expression.Number(String digits) -> number(digits);
      case Expression.Text _, Expression.Null _ -> literal(expression, SqlType.TEXT);
      case Expression.Bool(boolean value) -> value ? "true" : "false";
      case Expression.ColumnRef column -> TextFunctions.identifier(column.name());
      case Expression.Keyword(String name) -> name.toUpperCase(Locale.ROOT);
      case Expression.Call call -> call(call);
      case Expression.Cast cast -> cast(cast);
      case Expression.Binary binary -> binary(binary);
      case Expression.Unary(String operator, Expression operand) ->
          wrapped("%s %s".formatted(operator, part(operand)));
      case Expression.And(Expression left, Expression right) ->
          wrapped("%s AND %s".formatted(side(left), side(right)));
      case Expression.Or(Expression left, Expression right) ->
          wrapped("%s OR %s".formatted(side(left), side(right)));
      case Expression.Not(Expression operand) -> wrapped("NOT " + part(operand));
      case Expression.IsNull(Expression operand, boolean not) ->
          wrapped(part(operand) + (not ? " IS NOT NULL" : " IS NULL"));
      case Expression.Between between when !between.not() ->
          text(
              new Expression.And(
                  new Expression.Binary(">=", between.operand(), between.low()),
                  new Expression.Binary("<=", between.operand(), between.high())));
      case Expression.In in when !in.not() -> in(in);
      case Expression.Like like when like.escape().isEmpty() ->
          binary(
              new Expression.Binary(
                  (like.not() ? "!" : "") + (like.ignoreCase() ? "~~*" : "~~"),
                  like.operand(),
                  like.pattern()));
      default -> throw new Unknown();
    };
  }

  private String wrapped(String text) {
    return pretty ? text : "(" + text + ")";
  }

  /** An operand; in the pretty form too it has parentheses if it is no simple one. */
  private String part(Expression expression) {
    boolean simple =
        switch (expression) {
          case Expression.Number _,
              Expression.Text _,
              Expression.Bool _,
              Expression.ColumnRef _,
              Expression.Keyword _,
              Expression.Call _,
              Expression.Cast _ ->
              true;
          default -> false;
        };
    return pretty && !simple ? "(" + text(expression) + ")" : text(expression);
  }

  /** A side of AND or OR: a comparison needs no parentheses in the pretty form. */
  private String side(Expression expression) {
    boolean bound = expression instanceof Expression.And || expression instanceof Expression.Or;
    return bound ? part(expression) : text(expression);
  }

  private static String number(String digits) {
    return digits.startsWith("-")
        ? quoted(digits) + "::" + (digits.contains(".") ? "numeric" : "integer")
        : digits;
  }

  private String call(Expression.Call call) {
    List<String> arguments = new ArrayList<>();
    for (Expression argument : call.arguments()) {
      arguments.add(text(argument));
    }
    String name = call.name().equals("coalesce") ? "COALESCE" : call.name();
    return "%s(%s)".formatted(name, String.join(", ", arguments));
  }

  private String cast(Expression.Cast cast) {
    SqlType type = Types.of(cast.type());
    String shown = Types.shown(type, Types.limit(cast.type(), type));
    if (isUntyped(cast.inner())) {
      return cast.inner() instanceof Expression.Text(String value)
          ? quoted(TypeText.format(TypeText.parse(value, type), type)) + "::" + shown
          : "NULL::" + shown;
    }
    return converted(cast.inner(), shown);
  }

  private String converted(Expression inner, String type) {
    return pretty ? part(inner) + "::" + type : "(%s)::%s".formatted(text(inner), type);
  }

  private String binary(Expression.Binary binary) {
    String operator = binary.operator();
    Expr left = compiler.compile(binary.left());
    Expr right = compiler.compile(binary.right());
    boolean leftOpen = left.isUnknown();
    SqlType a = leftOpen ? right.type() : left.type();
    SqlType b = right.isUnknown() ? left.type() : right.type();
    Optional<SqlType> common = Optional.empty();
    boolean text = a.isText() && b.isText() && a != SqlType.BPCHAR;
    boolean cross = a.isInteger() && b.isInteger() || a.isTime() && b.isTime();
    if (text && !(a == SqlType.NAME || b == SqlType.NAME)) {
      common = Optional.of(SqlType.TEXT);
    } else if (a != b && !cross && (COMPARISONS.contains(operator) || a.isNumber())) {
      common = Operators.comparable(a, b);
    }
    return wrapped(
        "%s %s %s"
            .formatted(
                operand(binary.left(), a, common), operator, operand(binary.right(), b, common)));
  }

  private String operand(Expression expression, SqlType type, Optional<SqlType> common) {
    SqlType wanted = common.orElse(type);
    if (isUntyped(expression)) {
      return literal(expression, wanted == SqlType.UNKNOWN ? SqlType.TEXT : wanted);
    }
    return type(expression) == wanted ? part(expression) : converted(expression, label(wanted));
  }

  /** a IN (1, 2) is a = ANY (ARRAY[1, 2]). */
  private String in(Expression.In in) {
    Expr operand = compiler.compile(in.operand());
    SqlType type = operand.type() == SqlType.VARCHAR ? SqlType.TEXT : operand.type();
    List<String> items = new ArrayList<>();
    for (Expression item : in.list()) {
      items.add(isUntyped(item) ? literal(item, type) : text(item));
    }
    return wrapped(
        "%s = ANY (ARRAY[%s])"
            .formatted(
                operand(in.operand(), operand.type(), Optional.of(type)),
                String.join(", ", items)));
  }
}
