package phaistos.server.sql;

import java.util.List;
import java.util.Optional;

/** An expression, parsed; equal expressions are equal records. Names are folded. */
public sealed interface Expression {
  /** A number, as written. */
  record Number(String digits) implements Expression {}

  /** A quoted string. Its type comes from where it stands. */
  record Text(String value) implements Expression {}

  record Null() implements Expression {}

  record Bool(boolean value) implements Expression {}

  /** $n. */
  record Parameter(int number) implements Expression {}

  record ColumnRef(Optional<String> qualifier, String name) implements Expression {}

  /** * or t.*. */
  record Star(Optional<String> qualifier) implements Expression {}

  /** One of current_date and the like, which are called without parentheses. */
  record Keyword(String name) implements Expression {}

  /**
   * A call of a function.
   *
   * @param star count(*)
   */
  record Call(
      String name,
      List<Expression> arguments,
      boolean star,
      boolean distinct,
      List<SortKey> order,
      Optional<Expression> filter)
      implements Expression {
    public static Call of(String name, Expression... arguments) {
      return new Call(name, List.of(arguments), false, false, List.of(), Optional.empty());
    }
  }

  /** A function over the rows around a row. */
  record Window(Call call, List<Expression> partition, List<SortKey> order) implements Expression {}

  record Cast(Expression inner, TypeName type) implements Expression {}

  /** Minus, plus or another operator before its operand. */
  record Unary(String operator, Expression operand) implements Expression {}

  record Binary(String operator, Expression left, Expression right) implements Expression {}

  record And(Expression left, Expression right) implements Expression {}

  record Or(Expression left, Expression right) implements Expression {}

  record Not(Expression operand) implements Expression {}

  record IsNull(Expression operand, boolean not) implements Expression {}

  /** IS TRUE, IS FALSE, or IS UNKNOWN if there is no value. */
  record IsBool(Expression operand, Optional<Boolean> value, boolean not) implements Expression {}

  record IsDistinct(Expression left, Expression right, boolean not) implements Expression {}

  record Between(Expression operand, Expression low, Expression high, boolean not)
      implements Expression {}

  record In(Expression operand, List<Expression> list, boolean not) implements Expression {}

  record InQuery(Expression operand, Query query, boolean not) implements Expression {}

  record Like(
      Expression operand,
      Expression pattern,
      Optional<Expression> escape,
      boolean not,
      boolean ignoreCase)
      implements Expression {}

  /** ANY or ALL over an array. */
  record AnyOf(Expression left, String operator, Expression array, boolean all)
      implements Expression {}

  /** ANY or ALL over a query's rows. */
  record AnyRow(Expression left, String operator, Query query, boolean all) implements Expression {}

  record Case(Optional<Expression> operand, List<When> whens, Optional<Expression> otherwise)
      implements Expression {}

  record When(Expression condition, Expression result) {}

  record Array(List<Expression> elements) implements Expression {}

  record ArrayQuery(Query query) implements Expression {}

  /** A query whose only row's only column is the value. */
  record Scalar(Query query) implements Expression {}

  record Exists(Query query) implements Expression {}

  record Row(List<Expression> fields) implements Expression {}

  record Field(Expression of, String name) implements Expression {}

  record Subscript(Expression array, Expression index) implements Expression {}

  /** DEFAULT, in VALUES and SET. */
  record Default() implements Expression {}

  /** An item of ORDER BY; without {@code nullsFirst} the default of the direction. */
  record SortKey(Expression by, boolean descending, Optional<Boolean> nullsFirst) {
    public boolean isNullsFirst() {
      return nullsFirst.orElse(descending);
    }
  }
}
