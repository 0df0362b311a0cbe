package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.sql.TypeName;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;

/** Compiles expressions over the columns of one relation. Not thread-safe. */
class Compiler {
  private final Relation relation;
  private final Environment environment;
  private final List<RowNumbers> windows = new ArrayList<>();
  private Optional<List<SetFunctions.Current>> sets = Optional.empty();

  /**
   * What expressions use beside columns.
   *
   * @param outer compiles over the rows of the query around this one
   * @param with the queries of WITH
   */
  record Environment(
      Parameters parameters,
      SessionContext session,
      Optional<Compiler> outer,
      List<Queries.Named> with) {
    Environment(Parameters parameters, SessionContext session) {
      this(parameters, session, Optional.empty(), List.of());
    }

    /** For a query inside an expression that {@code compiler} compiles. */
    Environment inside(Compiler compiler) {
      return new Environment(parameters, session, Optional.of(compiler), with);
    }

    Environment with(List<Queries.Named> more) {
      List<Queries.Named> all = new ArrayList<>(more);
      all.addAll(with);
      return new Environment(parameters, session, outer, all);
    }
  }

  Compiler(Relation relation, Environment environment) {
    this.relation = relation;
    this.environment = environment;
  }

  /** For expressions that name no columns. */
  static Compiler constants(Parameters parameters, SessionContext session) {
    return new Compiler(Relation.NONE, new Environment(parameters, session));
  }

  /** Collects the set-returning functions of a select list; empty where they are not allowed. */
  void expandInto(Optional<List<SetFunctions.Current>> collected) {
    sets = collected;
  }

  Relation relation() {
    return relation;
  }

  Environment environment() {
    return environment;
  }

  /** Compiles an expression. Its type is UNKNOWN if only its context can say. */
  Expr compile(Expression expression) {
    return switch (expression) {
      case Expression.Number number -> number(number.digits());
      case Expression.Text text -> Expr.literal(text.value());
      case Expression.Null _ -> Expr.nothing();
      case Expression.Bool bool -> Expr.constant(SqlType.BOOL, Datum.of(bool.value()));
      case Expression.Parameter parameter -> environment.parameters().expr(parameter.number());
      case Expression.ColumnRef column -> column(column);
      case Expression.Keyword keyword -> Functions.keyword(keyword.name());
      case Expression.Call call -> call(call);
      case Expression.Window window -> window(window);
      case Expression.Cast cast -> cast(cast);
      case Expression.Unary unary -> Operators.unary(unary.operator(), compile(unary.operand()));
      case Expression.Binary binary ->
          Operators.binary(binary.operator(), compile(binary.left()), compile(binary.right()));
      case Expression.Case cases -> cases(cases);
      case Expression.Array array ->
          Arrays.of(array.elements().stream().map(this::compile).toList());
      case Expression.Field field -> Arrays.field(compile(field.of()), field.name());
      case Expression.Subscript subscript ->
          Arrays.subscript(compile(subscript.array()), compile(subscript.index()));
      case Expression.Row row -> Arrays.row(row.fields().stream().map(this::compile).toList());
      case Expression.And _,
          Expression.Or _,
          Expression.Not _,
          Expression.IsNull _,
          Expression.IsBool _,
          Expression.IsDistinct _,
          Expression.Between _,
          Expression.In _,
          Expression.InQuery _,
          Expression.Like _,
          Expression.AnyOf _,
          Expression.AnyRow _,
          Expression.Exists _ ->
          new Conditions(this).compile(expression);
      case Expression.Scalar scalar -> Subqueries.scalar(scalar.query(), this);
      case Expression.ArrayQuery array -> Subqueries.array(array.query(), this);
      case Expression.Star _ -> throw PgError.error("42601", "syntax error at or near \"*\"");
      case Expression.Default _ ->
          throw PgError.error("42601", "DEFAULT is not allowed in this context");
    };
  }

  /**
   * Compiles a condition.
   *
   * @param clause for the message: "WHERE"
   */
  Expr bool(Expression expression, String clause) {
    Expr compiled = compile(expression).known(SqlType.BOOL);
    if (compiled.type() != SqlType.BOOL) {
      throw PgError.error(
          "42804",
          "argument of %s must be type boolean, not type %s"
              .formatted(clause, compiled.type().label()));
    }
    return compiled;
  }

  private static Expr number(String digits) {
    if (digits.chars().allMatch(c -> c >= '0' && c <= '9' || c == '-')) {
      java.math.BigInteger value = new java.math.BigInteger(digits);
      if (value.bitLength() < 64) {
        return Expr.constant(
            value.bitLength() < 32 ? SqlType.INT4 : SqlType.INT8, Datum.of(value.longValue()));
      }
    }
    return Expr.constant(SqlType.NUMERIC, TypeText.parse(digits, SqlType.NUMERIC));
  }

  Expr column(Expression.ColumnRef column) {
    Optional<Expr> found = find(column);
    if (found.isPresent()) {
      return found.get();
    }
    Optional<Expr> argument = environment.parameters().named(column.qualifier(), column.name());
    if (argument.isPresent()) {
      return argument.get();
    }
    if (column.qualifier().isPresent()) {
      String qualifier = column.qualifier().get();
      if (!knows(qualifier)) {
        throw PgError.error(
            "42P01", "missing FROM-clause entry for table \"%s\"".formatted(qualifier));
      }
      throw PgError.error(
          "42703", "column %s.%s does not exist".formatted(qualifier, column.name()));
    }
    throw PgError.error("42703", "column \"%s\" does not exist".formatted(column.name()));
  }

  private boolean knows(String qualifier) {
    return relation.hasQualifier(qualifier)
        || environment.outer().map(outer -> outer.knows(qualifier)).orElse(false);
  }

  /** A column here or in a query around this one. */
  Optional<Expr> find(Expression.ColumnRef column) {
    OptionalInt at = relation.find(column.qualifier(), column.name());
    if (at.isPresent()) {
      return Optional.of(slot(at.getAsInt()));
    }
    Optional<Expr> system = relation.system(column.qualifier(), column.name());
    if (system.isPresent()) {
      return system;
    }
    return environment
        .outer()
        .flatMap(outer -> outer.find(column))
        .map(
            expr ->
                new Expr(expr.type(), expr.limit(), frame -> expr.of(frame.outer().orElseThrow())));
  }

  /** The value at a place of the row. */
  Expr slot(int at) {
    Outcome.Column column = relation.fields().get(at).column();
    return new Expr(column.type(), column.limit(), frame -> frame.row().get(at));
  }

  /** The same as part of *. */
  Expr starSlot(int at) {
    return slot(at);
  }

  Expr call(Expression.Call call) {
    if (Aggregate.isOne(call)) {
      throw PgError.error("42803", "aggregate functions are not allowed here");
    }
    if (call.distinct() || !call.order().isEmpty() || call.filter().isPresent() || call.star()) {
      throw PgError.error("42809", "%s is not an aggregate function".formatted(call.name()));
    }
    Optional<SetFunctions> set = SetFunctions.compile(call, this);
    if (set.isPresent()) {
      if (sets.isEmpty()) {
        throw PgError.error("0A000", "set-returning functions are not allowed here");
      }
      SetFunctions.Current current = new SetFunctions.Current(set.get(), new Datum[1]);
      sets.get().add(current);
      return new Expr(set.get().type(), _ -> current.holder()[0]);
    }
    return new Functions(this).compile(call);
  }

  private Expr window(Expression.Window window) {
    if (sets.isEmpty()) {
      throw PgError.error("42P20", "window functions are not allowed here");
    }
    RowNumbers numbers = RowNumbers.compile(window, this);
    windows.add(numbers);
    return new Expr(SqlType.INT8, _ -> numbers.current());
  }

  /** The window functions that the select list has named. */
  List<RowNumbers> windows() {
    return windows;
  }

  private Expr cast(Expression.Cast cast) {
    TypeName name = cast.type();
    SqlType to = Types.of(name);
    int limit = Types.limit(name, to);
    if (cast.inner() instanceof Expression.Array(List<Expression> elements)
        && to.element().isPresent()
        && elements.stream().noneMatch(each -> each instanceof Expression.Array)) {
      // the cast goes to the elements, so that their errors come first (transformTypeCast)
      SqlType element = to.element().get();
      return elements.isEmpty()
          ? Expr.constant(to, new Datum.Array(List.of()))
          : Arrays.of(elements.stream().map(e -> Casts.explicit(compile(e), element, 0)).toList());
    }
    Expr inner = compile(cast.inner());
    if (Names.isName(to)) {
      return Names.cast(inner, to, environment.session());
    }
    if (to.isText() && Names.isName(inner.type())) {
      return Names.text(inner, to);
    }
    return Casts.explicit(inner, to, limit);
  }

  private Expr cases(Expression.Case cases) {
    List<Expr> conditions = new ArrayList<>();
    List<Expr> results = new ArrayList<>();
    for (Expression.When when : cases.whens()) {
      conditions.add(
          cases.operand().isPresent()
              ? Operators.binary("=", compile(cases.operand().get()), compile(when.condition()))
              : bool(when.condition(), "CASE/WHEN"));
      results.add(compile(when.result()));
    }
    Expr otherwise = cases.otherwise().map(this::compile).orElseGet(Expr::nothing);
    List<Expr> all = new ArrayList<>();
    all.add(otherwise);
    all.addAll(results);
    SqlType type = Casts.common(all, "CASE/WHEN");
    List<Expr> typed = results.stream().map(result -> result.as(type)).toList();
    Expr last = otherwise.as(type);
    return new Expr(
        type,
        frame -> {
          for (int i = 0; i < conditions.size(); i++) {
            if (conditions.get(i).of(frame).equals(Datum.TRUE)) {
              return typed.get(i).of(frame);
            }
          }
          return last.of(frame);
        });
  }

  /** The name of a result column that was given none (FigureColname). */
  static String nameOf(Expression expression) {
    return name(expression).orElse("?column?");
  }

  private static Optional<String> name(Expression expression) {
    return switch (expression) {
      case Expression.ColumnRef column -> Optional.of(column.name());
      case Expression.Field field -> Optional.of(field.name());
      case Expression.Call call -> Optional.of(call.name());
      case Expression.Window window -> Optional.of(window.call().name());
      case Expression.Keyword keyword -> Optional.of(keyword.name());
      case Expression.Case cases ->
          Optional.of(
              cases.otherwise().filter(e -> strong(e)).flatMap(Compiler::name).orElse("case"));
      case Expression.Cast cast ->
          Optional.of(
              strong(cast.inner())
                  ? name(cast.inner()).orElseThrow()
                  : Types.of(cast.type()).typeName().replaceFirst("^_", ""));
      case Expression.Array _, Expression.ArrayQuery _ -> Optional.of("array");
      case Expression.Row _ -> Optional.of("row");
      case Expression.Exists _ -> Optional.of("exists");
      case Expression.Scalar scalar -> Queries.firstName(scalar.query());
      case Expression.Subscript subscript -> name(subscript.array());
      default -> Optional.empty();
    };
  }

  /** Whether a name is more than the name of a type. */
  private static boolean strong(Expression expression) {
    return switch (expression) {
      case Expression.Case _ -> false;
      case Expression.Cast cast -> strong(cast.inner());
      default -> name(expression).isPresent();
    };
  }
}
