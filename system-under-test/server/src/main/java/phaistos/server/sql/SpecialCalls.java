package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.errors.PgError;

/** Functions whose arguments are separated by words. */
final class SpecialCalls {
  private final TokenReader in;
  private final ExpressionParser expressions;

  SpecialCalls(TokenReader in, ExpressionParser expressions) {
    this.in = in;
    this.expressions = expressions;
  }

  /** The rest of a call, from its parenthesis on. */
  Expression call(String name) {
    in.expectOperator("(");
    Expression made =
        switch (name) {
          case "extract" -> extract();
          case "substring" -> substring();
          case "position" -> {
            Expression part = expressions.bounded();
            in.expect("in");
            yield Expression.Call.of("position", expressions.bounded(), part);
          }
          case "trim" -> trim();
          default -> throw PgError.unsupported(name);
        };
    in.expectOperator(")");
    return made;
  }

  private Expression extract() {
    String field = in.next().text();
    in.expect("from");
    return Expression.Call.of("extract", new Expression.Text(field), expressions.expression());
  }

  private Expression substring() {
    List<Expression> arguments = new ArrayList<>();
    arguments.add(expressions.expression());
    if (in.takeOperator(",")) {
      arguments.addAll(expressions.list());
    } else {
      Optional<Expression> from = Optional.empty();
      Optional<Expression> length = Optional.empty();
      while (in.isWord("from") || in.isWord("for")) {
        if (in.take("from")) {
          from = Optional.of(expressions.expression());
        } else {
          in.next();
          length = Optional.of(expressions.expression());
        }
      }
      if (from.isEmpty() && length.isEmpty()) {
        throw in.syntax();
      }
      arguments.add(from.orElse(new Expression.Number("1")));
      length.ifPresent(arguments::add);
    }
    return new Expression.Call("substring", arguments, false, false, List.of(), Optional.empty());
  }

  private Expression trim() {
    String name = "btrim";
    if (in.take("leading")) {
      name = "ltrim";
    } else if (in.take("trailing")) {
      name = "rtrim";
    } else {
      in.take("both");
    }
    List<Expression> arguments = new ArrayList<>();
    if (!in.isWord("from")) {
      arguments.add(expressions.expression());
    }
    if (in.take("from")) {
      arguments.addFirst(expressions.expression());
    }
    return new Expression.Call(name, arguments, false, false, List.of(), Optional.empty());
  }
}
