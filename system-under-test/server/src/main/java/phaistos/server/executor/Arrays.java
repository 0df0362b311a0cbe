package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** Arrays of one dimension, and rows. */
final class Arrays {
  private Arrays() {}

  static Expr of(List<Expr> elements) {
    if (elements.isEmpty()) {
      throw PgError.withHint(
          "42P18",
          "cannot determine type of empty array",
          "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
    }
    SqlType element = Casts.common(elements, "ARRAY");
    List<Expr> typed = elements.stream().map(e -> e.as(element)).toList();
    return new Expr(arrayOf(element), frame -> values(typed, frame));
  }

  static SqlType arrayOf(SqlType element) {
    return element.array().orElseThrow(() -> PgError.unsupported("an array of " + element.label()));
  }

  private static Datum values(List<Expr> exprs, Frame frame) {
    List<Datum> values = new ArrayList<>(exprs.size());
    exprs.forEach(expr -> values.add(expr.of(frame)));
    return new Datum.Array(values);
  }

  /** A row; only comparisons of two rows use it. */
  static Expr row(List<Expr> fields) {
    return new RowExpr(fields).expr();
  }

  private record RowExpr(List<Expr> fields) implements Expr.Eval {
    Expr expr() {
      return new Expr(SqlType.RECORD, this);
    }

    @Override
    public Datum of(Frame frame) {
      return values(fields, frame);
    }
  }

  /** Compares two rows field by field. */
  static Expr compareRows(String operator, Expr left, Expr right) {
    if (!(left.eval() instanceof RowExpr(List<Expr> a))
        || !(right.eval() instanceof RowExpr(List<Expr> b))) {
      throw PgError.unsupported("comparison of rows that are not written out");
    }
    if (a.size() != b.size()) {
      throw PgError.error("42601", "unequal number of entries in row expressions");
    }
    boolean equality = operator.equals("=") || operator.equals("<>");
    if (!equality) {
      return compareInOrder(operator, a, b);
    }
    for (int i = 0; i < a.size(); i++) {
      // for the error of operands that do not fit
      Operators.compare(operator, a.get(i), b.get(i));
    }
    Expr all = Operators.compare("=", a.getFirst(), b.getFirst());
    for (int i = 1; i < a.size(); i++) {
      Expr before = all;
      Expr next = Operators.compare("=", a.get(i), b.get(i));
      all =
          new Expr(
              SqlType.BOOL,
              frame -> {
                Datum x = before.of(frame);
                Datum y = next.of(frame);
                return x.equals(Datum.FALSE) || y.equals(Datum.FALSE)
                    ? Datum.FALSE
                    : x.isNull() ? x : y;
              });
    }
    return operator.equals("=") ? all : Conditions.not(all);
  }

  /** The first pair of fields that differ decides. */
  private static Expr compareInOrder(String operator, List<Expr> a, List<Expr> b) {
    String strict = operator.substring(0, 1);
    List<Expr> equal = new ArrayList<>();
    List<Expr> decides = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      boolean last = i == a.size() - 1;
      Operators.compare(operator, a.get(i), b.get(i));
      decides.add(Operators.compare(last ? operator : strict, a.get(i), b.get(i)));
      equal.add(Operators.compare("=", a.get(i), b.get(i)));
    }
    return new Expr(
        SqlType.BOOL,
        frame -> {
          for (int i = 0; i < equal.size() - 1; i++) {
            Datum same = equal.get(i).of(frame);
            if (!same.equals(Datum.TRUE)) {
              return same.isNull() ? same : decides.get(i).of(frame);
            }
          }
          return decides.getLast().of(frame);
        });
  }

  /** A field of what information_schema._pg_expandarray gives: x, the element; n, its place. */
  static Expr field(Expr row, String name) {
    int at = name.equals("x") ? 0 : name.equals("n") ? 1 : -1;
    if (row.type() != SqlType.RECORD || at < 0 || row.eval() instanceof RowExpr) {
      throw PgError.unsupported("field \"%s\" of a row".formatted(name));
    }
    return new Expr(
        SqlType.INT4,
        frame ->
            row.of(frame) instanceof Datum.Array(List<Datum> values) ? values.get(at) : Datum.NULL);
  }

  static Expr subscript(Expr array, Expr index) {
    SqlType element =
        array
            .type()
            .element()
            .orElseThrow(
                () ->
                    PgError.error(
                        "42804",
                        "cannot subscript type %s because it does not support subscripting"
                            .formatted(array.type().label())));
    // the vectors of the catalogs begin with 0
    int first = array.type() == SqlType.INT2VECTOR || array.type() == SqlType.OIDVECTOR ? 0 : 1;
    return Operators.strict(
        element,
        array,
        index.as(SqlType.INT4),
        (values, at) -> {
          List<Datum> list = ((Datum.Array) values).values();
          long place = ((Datum.Int) at).value() - first;
          return place >= 0 && place < list.size() ? list.get((int) place) : Datum.NULL;
        });
  }

  static Expr any(Expr givenLeft, String operator, Expr givenArray, boolean all) {
    Expr array =
        givenArray.isUnknown()
            ? givenArray.known(arrayOf(givenLeft.isUnknown() ? SqlType.TEXT : givenLeft.type()))
            : givenArray;
    SqlType element =
        array
            .type()
            .element()
            .orElseThrow(
                () -> PgError.error("42809", "op ANY/ALL (array) requires array on right side"));
    Datum[] current = new Datum[1];
    Expr item = new Expr(element, _ -> current[0]);
    Expr compare = Operators.binary(operator, givenLeft.known(element), item);
    return new Expr(
        SqlType.BOOL,
        frame -> {
          if (!(array.of(frame) instanceof Datum.Array(List<Datum> values))) {
            return Datum.NULL;
          }
          Datum result = Datum.of(all);
          for (Datum value : values) {
            current[0] = value;
            Datum one = compare.of(frame);
            if (one.equals(Datum.of(!all))) {
              return one;
            }
            result = one.isNull() ? one : result;
          }
          return result;
        });
  }

  static Expr concat(Expr givenLeft, Expr givenRight) {
    Expr left = givenLeft.isUnknown() ? givenLeft.known(givenRight.type()) : givenLeft;
    Expr right = givenRight.isUnknown() ? givenRight.known(left.type()) : givenRight;
    SqlType type = left.type().isArray() ? left.type() : right.type();
    SqlType element = type.element().orElseThrow();
    boolean fits =
        (left.type() == type || Casts.isImplicit(left.type(), element))
            && (right.type() == type || Casts.isImplicit(right.type(), element));
    boolean numbers = element.category() == 'N' && single(left, right, type).category() == 'N';
    if (!fits && !numbers) {
      throw Operators.missing("||", left.type(), right.type());
    }
    SqlType single = single(left, right, type);
    if (!fits || single != type && single != element && !single.isInteger()) {
      throw PgError.unsupported("%s beside %s".formatted(single.label(), type.label()));
    }
    return new Expr(
        type,
        frame -> {
          List<Datum> values = new ArrayList<>(list(left, type, frame));
          values.addAll(list(right, type, frame));
          return new Datum.Array(values);
        });
  }

  /** The type of the operand that is no array of this type. */
  private static SqlType single(Expr left, Expr right, SqlType array) {
    return left.type() == array ? right.type() : left.type();
  }

  private static List<Datum> list(Expr expr, SqlType array, Frame frame) {
    Datum value = expr.of(frame);
    if (expr.type() != array) {
      return java.util.Arrays.asList(Casts.cast(value, expr.type(), array.element().orElseThrow()));
    }
    return value instanceof Datum.Array(List<Datum> values) ? values : List.of();
  }

  /** Containing and overlapping. */
  static Expr contains(String operator, Expr givenLeft, Expr givenRight) {
    Expr left = givenLeft.known(givenRight.type());
    Expr right = givenRight.known(left.type());
    if (!left.type().isArray() || left.type() != right.type()) {
      throw Operators.missing(operator, left.type(), right.type());
    }
    return Operators.strict(
        SqlType.BOOL,
        left,
        right,
        (x, y) -> {
          List<Datum> a = ((Datum.Array) x).values();
          List<Datum> b = ((Datum.Array) y).values();
          return Datum.of(
              switch (operator) {
                case "@>" -> b.stream().allMatch(v -> !v.isNull() && a.contains(v));
                case "<@" -> a.stream().allMatch(v -> !v.isNull() && b.contains(v));
                default -> a.stream().anyMatch(v -> !v.isNull() && b.contains(v));
              });
        });
  }
}
