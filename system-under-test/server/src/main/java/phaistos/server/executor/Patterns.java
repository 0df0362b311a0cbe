package phaistos.server.executor;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** LIKE and regular expressions. */
final class Patterns {
  private Patterns() {}

  static Expr like(Expression.Like like, Compiler compiler) {
    Expr operand = text(compiler.compile(like.operand()), "~~");
    Expr pattern = pattern(compiler.compile(like.pattern()), "~~");
    Optional<Expr> escape = like.escape().map(e -> text(compiler.compile(e), "~~"));
    Expr matches =
        new Expr(
            SqlType.BOOL,
            frame -> {
              Datum value = operand.of(frame);
              Datum shape = pattern.of(frame);
              Datum mark = escape.map(e -> e.of(frame)).orElse(Datum.of("\\"));
              if (value.isNull() || shape.isNull() || mark.isNull()) {
                return Datum.NULL;
              }
              return Datum.of(
                  new LikePattern(string(shape), string(mark), like.ignoreCase())
                      .matches(string(value)));
            });
    return like.not() ? Conditions.not(matches) : matches;
  }

  /** ~ and the operators behind LIKE, by their symbols. */
  static Expr match(String operator, Expr left, Expr right) {
    Expr operand = text(left, operator);
    Expr pattern = pattern(right, operator);
    boolean not = operator.startsWith("!");
    boolean like = operator.contains("~~");
    boolean ignoreCase = operator.endsWith("*");
    return Operators.strict(
        SqlType.BOOL,
        operand,
        pattern,
        (value, shape) -> {
          boolean found =
              like
                  ? new LikePattern(string(shape), "\\", ignoreCase).matches(string(value))
                  : regex(string(shape), ignoreCase).matcher(string(value)).find();
          return Datum.of(found != not);
        });
  }

  /** The pattern as text; a character(n) loses its blanks as in every conversion to text. */
  private static Expr pattern(Expr expr, String operator) {
    return text(expr, operator).as(SqlType.TEXT);
  }

  /** What is matched; a character(n) keeps its blanks. */
  private static Expr text(Expr expr, String operator) {
    Expr known = expr.known(SqlType.TEXT);
    if (!known.type().isText()) {
      throw Operators.missing(operator, known.type(), SqlType.UNKNOWN);
    }
    return known;
  }

  private static String string(Datum value) {
    return ((Datum.Text) value).value();
  }

  private static int ignore(boolean ignoreCase) {
    return ignoreCase ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
  }

  /** Java reads the expressions that PostgreSQL reads, but for a few of its own. */
  private static Pattern regex(String shape, boolean ignoreCase) {
    if (shape.startsWith("***")
        || shape.startsWith("(?")
        || shape.contains("[[:")
        || shape.contains("\\m")
        || shape.contains("\\M")
        || shape.contains("[[.")) {
      throw PgError.unsupported("regular expression \"%s\"".formatted(shape));
    }
    try {
      return Pattern.compile(shape, Pattern.DOTALL | ignore(ignoreCase));
    } catch (PatternSyntaxException e) {
      throw PgError.error(
          "2201B", "invalid regular expression: " + e.getDescription().toLowerCase());
    }
  }
}
