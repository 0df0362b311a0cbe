package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import phaistos.server.sql.Expression;
import phaistos.server.sql.SqlParser;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;

/**
 * Finds the types and casts of an expression that pg_get_expr makes plain. An expression that it
 * does not know stays as it was written.
 */
final class Deparser {
  private static final Set<String> OF_TEXT =
      Set.of(
          "length",
          "char_length",
          "upper",
          "lower",
          "initcap",
          "reverse",
          "repeat",
          "replace",
          "strpos",
          "substr",
          "left",
          "right",
          "lpad",
          "rpad",
          "md5",
          "ascii",
          "translate",
          "split_part",
          "starts_with",
          "like_escape");

  /** Functions that PostgreSQL writes with words between their arguments, or not at all. */
  private static final Set<String> SPECIAL =
      Set.of("btrim", "ltrim", "rtrim", "substring", "position", "extract", "overlay");

  private final boolean pretty;
  private final Compiler compiler;

  Deparser(Relation relation, boolean pretty, SessionContext session) {
    this.pretty = pretty;
    this.compiler =
        new Compiler(relation, new Compiler.Environment(new Parameters(0, List.of()), session));
  }

  /** An expression that this class does not write. */
  private static final class Unknown extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /**
   * An expression that is assigned to a column, or that is a condition.
   *
   * @param limit of the type, as {@link phaistos.server.catalog.Table.Column} has it
   */
  String assigned(String sql, SqlType type, int limit) {
    try {
      return ShownText.of(assigned(SqlParser.expression(sql), type, limit), pretty);
    } catch (Unknown e) {
      return sql;
    }
  }

  private Shown assigned(Expression expression, SqlType type, int limit) {
    if (isUntyped(expression)) {
      Shown constant = literal(expression, type);
      return limit == 0 ? constant : cast(constant, type, limit, true);
    }
    SqlType from = type(expression);
    Shown shown = converted(shown(expression), from, type);
    boolean limited = limit != 0 && limit != compiler.compile(expression).limit();
    return limited ? cast(shown, type, limit, true) : shown;
  }

  private static boolean isUntyped(Expression expression) {
    return expression instanceof Expression.Text || expression instanceof Expression.Null;
  }

  private SqlType type(Expression expression) {
    SqlType type = compiler.compile(expression).type();
    return type == SqlType.UNKNOWN ? SqlType.TEXT : type;
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  // ---- constants and casts ----

  /** A quoted literal or NULL as a constant of that type. */
  private static Shown literal(Expression expression, SqlType type) {
    return expression instanceof Expression.Text(String text)
        ? constant(TypeText.format(TypeText.parse(text, type), type), type)
        : new Shown.Constant("NULL", "NULL::" + Types.shown(type, 0), type);
  }

  /** get_const_expr. */
  private static Shown constant(String value, SqlType type) {
    boolean number = !value.isEmpty() && Character.isDigit(value.charAt(0));
    return switch (type) {
      case BOOL -> {
        String word = value.equals("t") || value.equals("true") ? "true" : "false";
        yield new Shown.Constant(word, word, type);
      }
      case INT4 -> labelled(value, value.startsWith("-"), value.startsWith("-"), type);
      case NUMERIC -> {
        boolean plain = number && value.matches(".*[eE.].*");
        yield labelled(value, !plain, !plain, type);
      }
      default -> labelled(value, true, true, type);
    };
  }

  private static Shown labelled(String value, boolean quoted, boolean label, SqlType type) {
    String bare = quoted ? quoted(value) : value;
    String text = label ? bare + "::" + Types.shown(type, 0) : bare;
    return new Shown.Constant(bare, text, type);
  }

  private static Shown cast(Shown of, SqlType to, int limit, boolean implicit) {
    return new Shown.Cast(of, Types.shown(to, limit), to, implicit, false);
  }

  /** With an implicit cast if the types differ. */
  private static Shown converted(Shown shown, SqlType from, SqlType to) {
    if (from == to) {
      return shown;
    }
    boolean relabels =
        from.isText() && to.isText() && to != SqlType.BPCHAR && from != SqlType.BPCHAR;
    return new Shown.Cast(shown, Types.shown(to, 0), to, true, relabels);
  }

  private Shown as(Expression expression, SqlType to) {
    return isUntyped(expression)
        ? literal(expression, to)
        : converted(shown(expression), type(expression), to);
  }

  // ---- expressions ----

  private Shown shown(Expression expression) {
    return switch (expression) {
      case Expression.Number(String digits) ->
          literal(new Expression.Text(digits), type(expression));
      case Expression.Text _, Expression.Null _ -> literal(expression, SqlType.TEXT);
      case Expression.Bool(boolean value) -> constant(value ? "t" : "f", SqlType.BOOL);
      case Expression.ColumnRef column -> new Shown.Word(TextFunctions.identifier(column.name()));
      case Expression.Keyword(String name) -> new Shown.Word(name.toUpperCase(Locale.ROOT));
      case Expression.Call call -> call(call);
      case Expression.Cast cast -> explicit(cast);
      case Expression.Binary binary -> binary(binary.operator(), binary.left(), binary.right());
      case Expression.Unary(String operator, Expression operand) ->
          new Shown.Operator(operator, List.of(shown(operand)));
      case Expression.And _ -> logic("AND", expression);
      case Expression.Or _ -> logic("OR", expression);
      case Expression.Not(Expression operand) ->
          new Shown.Logic("NOT", List.of(as(operand, SqlType.BOOL)));
      case Expression.IsNull(Expression operand, boolean not) ->
          new Shown.Test(shown(operand), not ? "IS NOT NULL" : "IS NULL");
      case Expression.IsBool(Expression operand, Optional<Boolean> value, boolean not) ->
          new Shown.Test(
              as(operand, SqlType.BOOL),
              (not ? "IS NOT " : "IS ") + value.map(v -> v ? "TRUE" : "FALSE").orElse("UNKNOWN"));
      case Expression.IsDistinct(Expression left, Expression right, boolean not) -> {
        Shown.Operator same = (Shown.Operator) binary("=", left, right);
        Shown distinct = new Shown.Distinct(same.operands().getFirst(), same.operands().getLast());
        yield not ? new Shown.Logic("NOT", List.of(distinct)) : distinct;
      }
      case Expression.Between between -> between(between);
      case Expression.In in -> in(in);
      case Expression.Like like -> like(like);
      case Expression.Case cases -> cases(cases);
      default -> throw new Unknown();
    };
  }

  private Shown logic(String word, Expression expression) {
    List<Shown> operands = new ArrayList<>();
    flatten(word, expression, operands);
    return new Shown.Logic(word, operands);
  }

  /** a AND b AND c is one list, where it is written without parentheses on the right. */
  private void flatten(String word, Expression expression, List<Shown> into) {
    switch (expression) {
      case Expression.And(Expression left, Expression right) when word.equals("AND") -> {
        flatten(word, left, into);
        into.add(as(right, SqlType.BOOL));
      }
      case Expression.Or(Expression left, Expression right) when word.equals("OR") -> {
        flatten(word, left, into);
        into.add(as(right, SqlType.BOOL));
      }
      default -> into.add(as(expression, SqlType.BOOL));
    }
  }

  private Shown call(Expression.Call call) {
    String name = call.name();
    if (SPECIAL.contains(name)) {
      throw new Unknown();
    }
    List<Expression> given = call.arguments();
    return switch (name) {
      case "coalesce", "greatest", "least" -> {
        SqlType type = type(call);
        yield new Shown.Call(
            name.toUpperCase(Locale.ROOT), given.stream().map(each -> as(each, type)).toList());
      }
      case "nullif" -> {
        Shown.Operator same = (Shown.Operator) binary("=", given.getFirst(), given.getLast());
        yield new Shown.Call("NULLIF", same.operands());
      }
      default -> new Shown.Call(name, given.stream().map(each -> argument(name, each)).toList());
    };
  }

  private Shown argument(String function, Expression argument) {
    return OF_TEXT.contains(function) && !isUntyped(argument) && type(argument) == SqlType.VARCHAR
        ? as(argument, SqlType.TEXT)
        : shown(argument);
  }

  private Shown explicit(Expression.Cast cast) {
    SqlType to = Types.of(cast.type());
    int limit = Types.limit(cast.type(), to);
    if (isUntyped(cast.inner())) {
      Shown constant = literal(cast.inner(), to);
      return limit == 0 ? constant : cast(constant, to, limit, false);
    }
    SqlType from = type(cast.inner());
    Shown inner = shown(cast.inner());
    if (from == to) {
      return limit == 0 ? inner : cast(inner, to, limit, false);
    }
    // with a limit, the cast between the types is hidden below the one that applies the limit
    Shown of = limit == 0 ? inner : converted(inner, from, to);
    return cast(of, to, limit, false);
  }

  /** The types of an operator's two operands in pg_operator. */
  private record Operands(SqlType left, SqlType right) {
    static Operands both(SqlType type) {
      return new Operands(type, type);
    }
  }

  private Shown binary(String operator, Expression left, Expression right) {
    Operands types = operands(operator, left, right);
    return new Shown.Operator(operator, List.of(as(left, types.left()), as(right, types.right())));
  }

  private Operands operands(String operator, Expression left, Expression right) {
    // an operand without a type has the other's, as far as there is one
    SqlType a = isUntyped(left) ? type(right) : type(left);
    SqlType b = isUntyped(right) ? a : type(right);
    boolean untyped = isUntyped(left) || isUntyped(right);
    return switch (operator) {
      case "||" -> concatenated(left, right);
      case "~", "~*", "!~", "!~*", "~~", "!~~", "~~*", "!~~*" ->
          new Operands(a == SqlType.VARCHAR || isUntyped(left) ? SqlType.TEXT : a, SqlType.TEXT);
      case "^" -> Operands.both(SqlType.FLOAT8);
      case "<<", ">>" -> new Operands(a, SqlType.INT4);
      case "+", "-" -> {
        if (a.isNumber() && b.isNumber()) {
          yield common(a, b);
        }
        if (untyped) {
          throw new Unknown();
        }
        yield new Operands(a, b);
      }
      default -> a == b && a == SqlType.VARCHAR ? Operands.both(SqlType.TEXT) : common(a, b);
    };
  }

  /** The types of an operator that is there for each of some types, and for some pairs of them. */
  private static Operands common(SqlType a, SqlType b) {
    boolean pair =
        a == b
            || a.isInteger() && b.isInteger()
            || a.isFloat() && b.isFloat()
            || a.isTime() && b.isTime()
            || a == SqlType.NAME && b == SqlType.TEXT
            || a == SqlType.TEXT && b == SqlType.NAME;
    if (a == SqlType.FLOAT4 && b.isInteger() || a.isInteger() && b == SqlType.FLOAT4) {
      return a.isInteger() ? new Operands(SqlType.FLOAT8, b) : new Operands(a, SqlType.FLOAT8);
    }
    return pair
        ? new Operands(a, b)
        : Operators.comparable(a, b).map(Operands::both).orElseThrow(Unknown::new);
  }

  private Operands concatenated(Expression left, Expression right) {
    SqlType a = type(left);
    SqlType b = type(right);
    if (a.isArray() || b.isArray()) {
      throw new Unknown();
    }
    return new Operands(a.isText() ? SqlType.TEXT : a, b.isText() ? SqlType.TEXT : b);
  }

  private Shown between(Expression.Between between) {
    Expression operand = between.operand();
    return between.not()
        ? new Shown.Logic(
            "OR",
            List.of(binary("<", operand, between.low()), binary(">", operand, between.high())))
        : new Shown.Logic(
            "AND",
            List.of(binary(">=", operand, between.low()), binary("<=", operand, between.high())));
  }

  private Shown like(Expression.Like like) {
    String operator = (like.not() ? "!" : "") + (like.ignoreCase() ? "~~*" : "~~");
    Expression pattern =
        like.escape().isEmpty()
            ? like.pattern()
            : Expression.Call.of("like_escape", like.pattern(), like.escape().get());
    if (like.escape().isEmpty()) {
      return binary(operator, like.operand(), pattern);
    }
    Shown left =
        ((Shown.Operator) binary(operator, like.operand(), like.pattern())).operands().getFirst();
    return new Shown.Operator(operator, List.of(left, call((Expression.Call) pattern)));
  }

  /** a IN (1, 2) is a = ANY (ARRAY[1, 2]); a IN (1) is a = 1. */
  private Shown in(Expression.In in) {
    String operator = in.not() ? "<>" : "=";
    if (in.list().size() == 1) {
      return binary(operator, in.operand(), in.list().getFirst());
    }
    List<Expr> all = new ArrayList<>();
    all.add(compiler.compile(in.operand()));
    in.list().forEach(item -> all.add(compiler.compile(item)));
    if (in.list().stream().anyMatch(item -> item instanceof Expression.ColumnRef)) {
      throw new Unknown();
    }
    SqlType type = Casts.common(all, "IN");
    Shown array = new Shown.Array(in.list().stream().map(item -> as(item, type)).toList());
    boolean ofVarchar = type == SqlType.VARCHAR;
    return new Shown.AnyOf(
        as(in.operand(), ofVarchar ? SqlType.TEXT : common(type(in.operand()), type).left()),
        operator,
        in.not() ? "ALL" : "ANY",
        ofVarchar ? new Shown.Cast(array, "text[]", SqlType.TEXT_ARRAY, true, true) : array);
  }

  private Shown cases(Expression.Case cases) {
    SqlType type = type(cases);
    List<Shown.When> whens = new ArrayList<>();
    for (Expression.When when : cases.whens()) {
      Shown condition =
          cases.operand().isEmpty()
              ? as(when.condition(), SqlType.BOOL)
              : ((Shown.Operator) binary("=", cases.operand().get(), when.condition()))
                  .operands()
                  .getLast();
      whens.add(new Shown.When(condition, as(when.result(), type)));
    }
    Expression otherwise = cases.otherwise().orElse(new Expression.Null());
    return new Shown.Case(cases.operand().map(this::shown), whens, as(otherwise, type));
  }
}
