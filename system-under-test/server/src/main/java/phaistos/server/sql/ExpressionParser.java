package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.server.errors.PgError;

/** Parses expressions with the precedence that gram.y gives the operators. */
final class ExpressionParser {
  private static final int OR = 1;
  private static final int AND = 2;
  private static final int NOT = 3;
  private static final int IS = 4;
  private static final int COMPARISON = 5;
  private static final int MATCHING = 6;
  private static final int OTHER = 7;
  private static final int SUM = 8;
  private static final int PRODUCT = 9;
  private static final int POWER = 10;
  private static final int TIME_ZONE = 11;
  private static final int COLLATE = 12;
  private static final int SIGN = 13;

  private static final Map<String, Integer> OPERATORS =
      Map.ofEntries(
          Map.entry("=", COMPARISON),
          Map.entry("<", COMPARISON),
          Map.entry(">", COMPARISON),
          Map.entry("<=", COMPARISON),
          Map.entry(">=", COMPARISON),
          Map.entry("<>", COMPARISON),
          Map.entry("!=", COMPARISON),
          Map.entry("+", SUM),
          Map.entry("-", SUM),
          Map.entry("*", PRODUCT),
          Map.entry("/", PRODUCT),
          Map.entry("%", PRODUCT),
          Map.entry("^", POWER));

  private static final Set<String> MATCHERS = Set.of("in", "like", "ilike", "between", "similar");

  private final TokenReader in;
  private final QueryParser queries;
  private final Primaries primaries;
  private boolean bounded;

  ExpressionParser(TokenReader in, QueryParser queries) {
    this.in = in;
    this.queries = queries;
    this.primaries = new Primaries(in, this, queries);
  }

  Expression expression() {
    boolean before = bounded;
    bounded = false;
    Expression expression = expression(0);
    bounded = before;
    return expression;
  }

  List<Expression> list() {
    return in.list(this::expression);
  }

  /** An expression where AND, NOT, IN and the like end it: BETWEEN's bounds, a default (b_expr). */
  Expression bounded() {
    boolean before = bounded;
    bounded = true;
    Expression expression = expression(IS);
    bounded = before;
    return expression;
  }

  private Expression expression(int least) {
    Expression left = prefix();
    // an operator that does not associate may not follow one of its own level
    int most = Integer.MAX_VALUE;
    while (true) {
      int level = level();
      if (level < least || level < 0) {
        return left;
      }
      if (level == most) {
        throw in.syntax();
      }
      left = infix(left, level);
      most = level == COMPARISON || level == MATCHING ? level : Integer.MAX_VALUE;
    }
  }

  private Expression prefix() {
    if (!bounded && in.take("not")) {
      return new Expression.Not(expression(NOT));
    }
    Token token = in.peek();
    if (token.kind() == Token.Kind.OPERATOR) {
      if (token.text().equals("-") || token.text().equals("+")) {
        in.next();
        return signed(token.text(), expression(SIGN));
      }
      if (isOther(token)) {
        in.next();
        return new Expression.Unary(token.text(), expression(OTHER + 1));
      }
    }
    return primaries.primary();
  }

  /** A minus before a number is part of it: the smallest integers have no positive (doNegate). */
  private static Expression signed(String sign, Expression operand) {
    if (!sign.equals("-") || !(operand instanceof Expression.Number(String digits))) {
      return new Expression.Unary(sign, operand);
    }
    return new Expression.Number(digits.startsWith("-") ? digits.substring(1) : "-" + digits);
  }

  private static boolean isOther(Token token) {
    String text = token.text();
    return token.kind() == Token.Kind.OPERATOR
        && !OPERATORS.containsKey(text)
        && "()[],;.:$".indexOf(text.charAt(0)) < 0;
  }

  /** How strongly the next operator binds; negative if none comes. */
  private int level() {
    Token token = in.peek();
    if (token.kind() == Token.Kind.OPERATOR) {
      Integer known = OPERATORS.get(token.text());
      return known != null ? known : isOther(token) ? OTHER : -1;
    }
    if (token.kind() != Token.Kind.WORD) {
      return -1;
    }
    if (bounded) {
      return token.isWord("is")
          ? IS
          : token.isWord("operator") && in.peek(1).isOperator("(") ? OTHER : -1;
    }
    return switch (token.text()) {
      case "or" -> OR;
      case "and" -> AND;
      case "is", "isnull", "notnull" -> IS;
      case "in", "like", "ilike", "between", "similar" -> MATCHING;
      case "not" ->
          in.peek(1).kind() == Token.Kind.WORD && MATCHERS.contains(in.peek(1).text())
              ? MATCHING
              : -1;
      case "operator" -> in.peek(1).isOperator("(") ? OTHER : -1;
      case "at" -> in.peek(1).isWord("time") ? TIME_ZONE : -1;
      case "collate" -> COLLATE;
      default -> -1;
    };
  }

  private Expression infix(Expression left, int level) {
    return switch (level) {
      case OR -> {
        in.next();
        yield new Expression.Or(left, expression(OR + 1));
      }
      case AND -> {
        in.next();
        yield new Expression.And(left, expression(AND + 1));
      }
      case IS -> is(left);
      case MATCHING -> matching(left);
      case TIME_ZONE -> {
        in.expect("at", "time", "zone");
        yield Expression.Call.of("timezone", expression(TIME_ZONE + 1), left);
      }
      case COLLATE -> {
        in.next();
        collation();
        yield left;
      }
      default -> binary(left, operator(), level);
    };
  }

  private String operator() {
    if (!in.take("operator")) {
      String text = in.next().text();
      return text.equals("!=") ? "<>" : text;
    }
    in.expectOperator("(");
    if (!in.isOperator("*") && in.peek(1).isOperator(".")) {
      in.label();
      in.next();
    }
    String text = in.next().text();
    in.expectOperator(")");
    return text;
  }

  private Expression binary(Expression left, String operator, int level) {
    boolean all = in.isWord("all");
    if ((all || in.isWord("any") || in.isWord("some")) && in.peek(1).isOperator("(")) {
      if (bounded) {
        throw in.syntax();
      }
      in.next();
      in.next();
      if (queries.begins()) {
        Query query = queries.query();
        in.expectOperator(")");
        return new Expression.AnyRow(left, operator, query, all);
      }
      Expression array = expression();
      in.expectOperator(")");
      return new Expression.AnyOf(left, operator, array, all);
    }
    return new Expression.Binary(operator, left, expression(level + 1));
  }

  /** Only the C collation and the default one, which is the same here. */
  void collation() {
    String name = in.label();
    while (in.takeOperator(".")) {
      name = in.label();
    }
    if (!Set.of("C", "default", "POSIX", "ucs_basic", "C.UTF-8").contains(name)) {
      throw PgError.unsupported("collation \"%s\"".formatted(name));
    }
  }

  private Expression is(Expression left) {
    if (in.take("isnull")) {
      return new Expression.IsNull(left, false);
    }
    if (in.take("notnull")) {
      return new Expression.IsNull(left, true);
    }
    in.expect("is");
    boolean not = in.take("not");
    if (bounded && !in.isWord("distinct")) {
      throw in.syntax();
    }
    if (in.take("null")) {
      return new Expression.IsNull(left, not);
    }
    if (in.take("true")) {
      return new Expression.IsBool(left, Optional.of(true), not);
    }
    if (in.take("false")) {
      return new Expression.IsBool(left, Optional.of(false), not);
    }
    if (in.take("unknown")) {
      return new Expression.IsBool(left, Optional.empty(), not);
    }
    if (in.take("distinct", "from")) {
      return new Expression.IsDistinct(left, expression(IS + 1), not);
    }
    throw in.syntax();
  }

  private Expression matching(Expression left) {
    boolean not = in.take("not");
    if (in.take("in")) {
      return in(left, not);
    }
    if (in.take("between")) {
      boolean symmetric = in.take("symmetric");
      if (symmetric || in.take("asymmetric") && false) {
        throw PgError.unsupported("BETWEEN SYMMETRIC");
      }
      Expression low = bounded();
      in.expect("and");
      return new Expression.Between(left, low, bounded(), not);
    }
    if (in.isWord("similar")) {
      throw PgError.unsupported("SIMILAR TO");
    }
    boolean ignoreCase = in.next().text().equals("ilike");
    if (in.isWord("any") || in.isWord("all")) {
      throw PgError.unsupported("LIKE ANY");
    }
    Expression pattern = expression(MATCHING + 1);
    Optional<Expression> escape =
        in.take("escape") ? Optional.of(expression(MATCHING + 1)) : Optional.empty();
    return new Expression.Like(left, pattern, escape, not, ignoreCase);
  }

  private Expression in(Expression left, boolean not) {
    in.expectOperator("(");
    if (queries.begins()) {
      Query query = queries.query();
      in.expectOperator(")");
      return new Expression.InQuery(left, query, not);
    }
    List<Expression> list = list();
    in.expectOperator(")");
    return new Expression.In(left, list, not);
  }

  /** ORDER BY's items. */
  List<Expression.SortKey> sortKeys() {
    return in.list(
        () -> {
          Expression by = expression();
          if (in.isWord("using")) {
            throw PgError.unsupported("ORDER BY USING");
          }
          boolean descending = in.take("desc");
          if (!descending) {
            in.take("asc");
          }
          Optional<Boolean> nullsFirst = Optional.empty();
          if (in.take("nulls")) {
            nullsFirst = Optional.of(in.isWord("first"));
            if (!in.take("first")) {
              in.expect("last");
            }
          }
          return new Expression.SortKey(by, descending, nullsFirst);
        });
  }

  /** A type's name, with modifiers and brackets. */
  TypeName type() {
    boolean quoted = in.peek().kind() == Token.Kind.QUOTED;
    String name = in.label();
    while (in.takeOperator(".")) {
      quoted = in.peek().kind() == Token.Kind.QUOTED;
      name = in.label();
    }
    if (quoted) {
      // a name in pg_type, not a word of SQL's grammar: "char" is another type than char
      name = '"' + name + '"';
    } else if (name.equals("double") && in.take("precision")) {
      name = "double precision";
    } else if ((name.equals("character") || name.equals("char")) && in.take("varying")) {
      name = "character varying";
    } else if (name.equals("bit") && in.take("varying")) {
      name = "bit varying";
    }
    List<Integer> modifiers = new ArrayList<>();
    if (in.takeOperator("(")) {
      modifiers.addAll(in.list(this::modifier));
      in.expectOperator(")");
    }
    if ((name.equals("timestamp") || name.equals("time")) && in.isWord("with")
        || in.isWord("without")) {
      boolean with = in.next().text().equals("with");
      in.expect("time", "zone");
      name = with ? name + "tz" : name;
    }
    boolean array = in.take("array");
    while (in.isOperator("[") && (in.peek(1).isOperator("]") || in.peek(2).isOperator("]"))) {
      in.next();
      if (!in.takeOperator("]")) {
        in.next();
        in.expectOperator("]");
      }
      array = true;
    }
    return new TypeName(name, modifiers, array);
  }

  private int modifier() {
    boolean minus = in.takeOperator("-");
    Token token = in.next();
    if (token.kind() != Token.Kind.NUMBER || !token.text().matches("[0-9]{1,9}")) {
      throw PgError.error("42601", "invalid type modifier");
    }
    int value = Integer.parseInt(token.text());
    return minus ? -value : value;
  }

  Primaries primaries() {
    return primaries;
  }
}
