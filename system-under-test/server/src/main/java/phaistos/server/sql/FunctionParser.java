package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.server.errors.PgError;

/** Parses CREATE FUNCTION in SQL language. */
final class FunctionParser {
  /** Properties that change nothing here: a function is run as it stands. */
  private static final Set<String> PROPERTIES =
      Set.of("immutable", "stable", "volatile", "leakproof");

  private final TokenReader in;
  private final ExpressionParser expressions;

  FunctionParser(TokenReader in, ExpressionParser expressions) {
    this.in = in;
    this.expressions = expressions;
  }

  Command function(boolean replace) {
    Command.Name name = in.qualifiedName();
    List<Command.Argument> arguments = new ArrayList<>();
    in.expectOperator("(");
    while (!in.isOperator(")")) {
      arguments.add(argument());
      if (!in.isOperator(")")) {
        in.expectOperator(",");
      }
    }
    in.expectOperator(")");
    Optional<TypeName> returns = Optional.empty();
    Optional<String> language = Optional.empty();
    Optional<String> body = Optional.empty();
    boolean strict = false;
    while (!in.atEnd()) {
      if (in.take("strict") || in.take("returns", "null", "on", "null", "input")) {
        strict = true;
      } else if (in.take("called", "on", "null", "input")) {
        strict = false;
      } else if (in.take("returns")) {
        if (in.isWord("table") || in.isWord("setof")) {
          throw PgError.unsupported("function that returns a set");
        }
        returns = Optional.of(expressions.type());
      } else if (in.take("language")) {
        language = Optional.of(in.next().text());
      } else if (in.take("as")) {
        body = Optional.of(string());
      } else if (in.isWord("security")) {
        throw PgError.unsupported("function property " + in.next().text());
      } else if (in.peek().kind() == Token.Kind.WORD && PROPERTIES.contains(in.peek().text())) {
        in.next();
      } else if (in.isWord("return") || in.isWord("begin")) {
        throw PgError.unsupported("function body that is not a string");
      } else {
        throw in.syntax();
      }
    }
    if (!language.map(word -> word.equalsIgnoreCase("sql")).orElse(false)) {
      throw language
          .map(word -> PgError.unsupported("function in language " + word))
          .orElse(PgError.error("42P13", "no language specified"));
    }
    if (body.isEmpty()) {
      throw PgError.error("42P13", "no function body specified");
    }
    TypeName type =
        returns.orElseThrow(() -> PgError.error("42P13", "function result type must be specified"));
    return new Command.CreateFunction(name, replace, arguments, type, strict, body.get());
  }

  private String string() {
    if (in.peek().kind() != Token.Kind.STRING) {
      throw in.syntax();
    }
    return in.next().text();
  }

  private Command.Argument argument() {
    if (in.isWord("out") || in.isWord("inout") || in.isWord("variadic")) {
      throw PgError.unsupported("function argument that is not IN");
    }
    in.take("in");
    boolean named =
        !in.peek(1).isOperator(",")
            && !in.peek(1).isOperator(")")
            && !in.peek(1).isOperator("(")
            && !in.peek(1).isOperator("[")
            && !in.peek(1).isWord("precision")
            && !in.peek(1).isWord("varying")
            && !in.peek(1).isWord("with")
            && !in.peek(1).isWord("without");
    Optional<String> name = named ? Optional.of(in.name()) : Optional.empty();
    TypeName type = expressions.type();
    if (in.isWord("default") || in.isOperator("=")) {
      throw PgError.unsupported("default of a function's argument");
    }
    return new Command.Argument(name, type);
  }
}
