package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.server.errors.PgError;

/** Parses what has no operator: constants, columns, calls, and what stands in parentheses. */
final class Primaries {
  private static final Set<String> KEYWORDS =
      Set.of(
          "current_date",
          "current_timestamp",
          "localtimestamp",
          "current_user",
          "current_role",
          "session_user",
          "user",
          "current_catalog",
          "current_schema");

  private final TokenReader in;
  private final ExpressionParser expressions;
  private final QueryParser queries;

  Primaries(TokenReader in, ExpressionParser expressions, QueryParser queries) {
    this.in = in;
    this.expressions = expressions;
    this.queries = queries;
  }

  Expression primary() {
    Expression made = simple();
    while (true) {
      if (in.takeOperator("::")) {
        made = new Expression.Cast(made, expressions.type());
      } else if (in.isOperator("[")) {
        in.next();
        Expression index = expressions.expression();
        if (in.isOperator(":")) {
          throw PgError.unsupported("array slice");
        }
        in.expectOperator("]");
        made = new Expression.Subscript(made, index);
      } else {
        return made;
      }
    }
  }

  private Expression simple() {
    Token token = in.peek();
    return switch (token.kind()) {
      case NUMBER -> new Expression.Number(in.next().text());
      case STRING -> new Expression.Text(in.next().text());
      case PARAMETER -> parameter();
      case QUOTED -> named();
      case WORD -> word(token.text());
      case OPERATOR -> {
        if (token.text().equals("(")) {
          yield parenthesis();
        }
        if (token.text().equals("*")) {
          in.next();
          yield new Expression.Star(Optional.empty());
        }
        throw in.syntax();
      }
      case END -> throw in.syntax();
    };
  }

  private Expression parameter() {
    String digits = in.next().text();
    if (digits.length() > 5) {
      throw PgError.error("42P02", "there is no parameter $" + digits);
    }
    return new Expression.Parameter(Integer.parseInt(digits));
  }

  private Expression word(String word) {
    boolean call = in.peek(1).isOperator("(");
    if (KEYWORDS.contains(word) && !call) {
      in.next();
      return new Expression.Keyword(word);
    }
    switch (word) {
      case "null" -> {
        in.next();
        return new Expression.Null();
      }
      case "true", "false" -> {
        in.next();
        return new Expression.Bool(word.equals("true"));
      }
      case "default" -> {
        in.next();
        return new Expression.Default();
      }
      case "case" -> {
        return cases();
      }
      case "cast" -> {
        return cast();
      }
      case "current_timestamp", "localtimestamp", "current_time", "localtime" ->
          throw PgError.unsupported(
              word.toUpperCase(java.util.Locale.ROOT)
                  + (word.endsWith("_time") || word.equals("localtime")
                      ? ""
                      : " with a precision"));
      case "exists" -> {
        if (call) {
          in.next();
          in.next();
          Query query = queries.query();
          in.expectOperator(")");
          return new Expression.Exists(query);
        }
      }
      case "array" -> {
        return array();
      }
      case "row" -> {
        if (call) {
          in.next();
          return new Expression.Row(arguments());
        }
      }
      case "extract", "substring", "position", "trim", "overlay" -> {
        if (call) {
          in.next();
          return new SpecialCalls(in, expressions).call(word);
        }
      }
      case "interval" -> {
        if (in.peek(1).kind() == Token.Kind.STRING) {
          in.next();
          return new Expression.Cast(
              new Expression.Text(in.next().text()), new TypeName("interval", List.of(), false));
        }
      }
      default -> {
        // a column, a call or a type
      }
    }
    return named();
  }

  /** A column, a call, or a constant behind its type. */
  private Expression named() {
    Token first = in.peek();
    boolean called = in.peek(1).isOperator("(") || in.peek(1).isOperator(".");
    if (first.kind() == Token.Kind.WORD
        && (TokenReader.isReserved(first.text()) || !in.isName() && !called)) {
      throw in.syntax();
    }
    if (first.kind() == Token.Kind.WORD && isTypedConstant()) {
      TypeName type = expressions.type();
      if (in.peek().kind() != Token.Kind.STRING) {
        throw in.syntax();
      }
      return new Expression.Cast(new Expression.Text(in.next().text()), type);
    }
    List<String> parts = new ArrayList<>();
    parts.add(in.next().text());
    while (in.isOperator(".")) {
      in.next();
      if (in.takeOperator("*")) {
        return new Expression.Star(Optional.of(parts.getLast()));
      }
      parts.add(in.label());
    }
    if (in.isOperator("(")) {
      Expression.Call call = call(parts.getLast());
      return in.take("over") ? window(call) : call;
    }
    return parts.size() == 1
        ? new Expression.ColumnRef(Optional.empty(), parts.getFirst())
        : new Expression.ColumnRef(Optional.of(parts.get(parts.size() - 2)), parts.getLast());
  }

  /** date '2020-01-01', double precision '1', timestamp with time zone '...'. */
  private boolean isTypedConstant() {
    Token second = in.peek(1);
    if (second.kind() == Token.Kind.STRING) {
      return true;
    }
    Token first = in.peek();
    return first.isWord("double") && second.isWord("precision")
        || first.isWord("timestamp") && (second.isWord("with") || second.isWord("without"));
  }

  private Expression window(Expression.Call call) {
    if (!in.isOperator("(")) {
      throw PgError.unsupported("WINDOW");
    }
    in.next();
    List<Expression> partition = in.take("partition", "by") ? expressions.list() : List.of();
    List<Expression.SortKey> order = in.take("order", "by") ? expressions.sortKeys() : List.of();
    if (!in.isOperator(")")) {
      throw PgError.unsupported("window frame");
    }
    in.next();
    return new Expression.Window(call, partition, order);
  }

  private List<Expression> arguments() {
    in.expectOperator("(");
    List<Expression> arguments = in.isOperator(")") ? List.of() : expressions.list();
    in.expectOperator(")");
    return arguments;
  }

  Expression.Call call(String name) {
    in.expectOperator("(");
    boolean star = in.takeOperator("*");
    boolean distinct = !star && in.take("distinct");
    if (!distinct) {
      in.take("all");
    }
    if (in.isWord("variadic")) {
      throw PgError.unsupported("VARIADIC");
    }
    List<Expression> arguments = star || in.isOperator(")") ? List.of() : expressions.list();
    List<Expression.SortKey> order = in.take("order", "by") ? expressions.sortKeys() : List.of();
    in.expectOperator(")");
    if (in.isWord("within")) {
      throw PgError.unsupported("WITHIN GROUP");
    }
    Optional<Expression> filter = Optional.empty();
    if (in.isWord("filter") && in.peek(1).isOperator("(")) {
      in.next();
      in.next();
      in.expect("where");
      filter = Optional.of(expressions.expression());
      in.expectOperator(")");
    }
    return new Expression.Call(name, arguments, star, distinct, order, filter);
  }

  private Expression parenthesis() {
    in.expectOperator("(");
    Expression made;
    if (queries.begins()) {
      made = new Expression.Scalar(queries.query());
    } else {
      List<Expression> list = expressions.list();
      made = list.size() == 1 ? list.getFirst() : new Expression.Row(list);
    }
    in.expectOperator(")");
    while (in.isOperator(".")) {
      in.next();
      made = new Expression.Field(made, in.label());
    }
    return made;
  }

  private Expression cases() {
    in.expect("case");
    Optional<Expression> operand =
        in.isWord("when") ? Optional.empty() : Optional.of(expressions.expression());
    List<Expression.When> whens = new ArrayList<>();
    while (in.take("when")) {
      Expression condition = expressions.expression();
      in.expect("then");
      whens.add(new Expression.When(condition, expressions.expression()));
    }
    if (whens.isEmpty()) {
      throw in.syntax();
    }
    Optional<Expression> otherwise =
        in.take("else") ? Optional.of(expressions.expression()) : Optional.empty();
    in.expect("end");
    return new Expression.Case(operand, whens, otherwise);
  }

  private Expression cast() {
    in.expect("cast");
    in.expectOperator("(");
    Expression inner = expressions.expression();
    in.expect("as");
    TypeName type = expressions.type();
    in.expectOperator(")");
    return new Expression.Cast(inner, type);
  }

  private Expression array() {
    in.expect("array");
    if (in.takeOperator("(")) {
      Query query = queries.query();
      in.expectOperator(")");
      return new Expression.ArrayQuery(query);
    }
    in.expectOperator("[");
    List<Expression> elements = in.isOperator("]") ? List.of() : expressions.list();
    in.expectOperator("]");
    return new Expression.Array(elements);
  }
}
