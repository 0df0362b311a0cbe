package phaistos.server.executor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.types.Datum;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;

/** Aggregates: count, sum, avg, min, max, bool_and, bool_or, string_agg and array_agg. */
final class Aggregate {
  private static final Set<String> NAMES =
      Set.of(
          "count",
          "sum",
          "avg",
          "min",
          "max",
          "bool_and",
          "bool_or",
          "every",
          "string_agg",
          "array_agg");

  /** Aggregates of PostgreSQL that this server does not have. */
  private static final Set<String> OTHERS =
      Set.of(
          ("any_value bit_and bit_or bit_xor corr covar_pop covar_samp json_agg json_object_agg"
                  + " jsonb_agg jsonb_object_agg range_agg range_intersect_agg regr_avgx regr_avgy"
                  + " regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy"
                  + " stddev stddev_pop stddev_samp var_pop var_samp variance xmlagg")
              .split(" "));

  private final Expression.Call call;
  private final List<Expr> arguments;
  private final Optional<Expr> filter;
  private final List<Queries.Sort> order;
  private final SqlType type;

  private Aggregate(
      Expression.Call call,
      List<Expr> arguments,
      Optional<Expr> filter,
      List<Queries.Sort> order,
      SqlType type) {
    this.call = call;
    this.arguments = arguments;
    this.filter = filter;
    this.order = order;
    this.type = type;
  }

  /**
   * @throws PgError 0A000 if it is an aggregate that only PostgreSQL has
   */
  static boolean isOne(Expression.Call call) {
    if (OTHERS.contains(call.name())) {
      throw PgError.unsupported("function " + call.name());
    }
    return NAMES.contains(call.name());
  }

  static Aggregate compile(Expression.Call call, Compiler compiler) {
    List<Expr> arguments = new ArrayList<>();
    for (Expression argument : call.arguments()) {
      arguments.add(compiler.compile(argument).known(SqlType.TEXT));
    }
    SqlType type = type(call, arguments);
    if (call.name().equals("avg") || call.name().equals("sum")) {
      arguments.set(0, arguments.getFirst().as(type));
    }
    return new Aggregate(
        call,
        arguments,
        call.filter().map(condition -> compiler.bool(condition, "FILTER")),
        call.order().stream()
            .map(key -> new Queries.Sort(compiler.compile(key.by()).known(SqlType.TEXT), key))
            .toList(),
        type);
  }

  private static SqlType type(Expression.Call call, List<Expr> arguments) {
    String name = call.name();
    int expected = name.equals("string_agg") ? 2 : call.star() ? 0 : 1;
    boolean star = call.star() && name.equals("count");
    if (!star && (arguments.size() != expected || call.star())) {
      throw Functions.missing(name, arguments);
    }
    SqlType of = star ? SqlType.VOID : arguments.getFirst().type();
    return switch (name) {
      case "count" -> SqlType.INT8;
      case "sum" ->
          switch (of) {
            case INT2, INT4 -> SqlType.INT8;
            case INT8, NUMERIC -> SqlType.NUMERIC;
            case FLOAT4, FLOAT8, INTERVAL -> of;
            default -> throw Functions.missing(name, arguments);
          };
      case "avg" ->
          switch (of) {
            case INT2, INT4, INT8, NUMERIC -> SqlType.NUMERIC;
            case FLOAT4, FLOAT8 -> SqlType.FLOAT8;
            default -> throw Functions.missing(name, arguments);
          };
      case "bool_and", "bool_or", "every" -> {
        if (of != SqlType.BOOL) {
          throw Functions.missing(name, arguments);
        }
        yield of;
      }
      case "string_agg" -> SqlType.TEXT;
      case "array_agg" -> Arrays.arrayOf(of);
      default -> {
        if (of == SqlType.BOOL || of == SqlType.VOID || of == SqlType.XID) {
          throw Functions.missing(name, arguments);
        }
        yield of == SqlType.VARCHAR || of == SqlType.NAME ? SqlType.TEXT : of;
      }
    };
  }

  SqlType type() {
    return type;
  }

  /** Gathers the rows of one group. */
  Group group() {
    return new Group();
  }

  /** The state of an aggregate over one group. */
  final class Group {
    private final Set<Datum> seen = new HashSet<>();
    private final List<List<Datum>> kept = new ArrayList<>();
    private long count;
    private Datum result = Datum.NULL;

    void add(Frame frame) {
      if (filter.isPresent() && !filter.get().of(frame).equals(Datum.TRUE)) {
        return;
      }
      Datum value = arguments.isEmpty() ? Datum.TRUE : arguments.getFirst().of(frame);
      boolean array = call.name().equals("array_agg");
      if (value.isNull() && !array) {
        return;
      }
      if (call.distinct() && !seen.add(Order.key(value, arguments.getFirst().type()))) {
        return;
      }
      count++;
      if (array || call.name().equals("string_agg")) {
        List<Datum> row = new ArrayList<>();
        arguments.forEach(argument -> row.add(argument.of(frame)));
        order.forEach(key -> row.add(key.expr().of(frame)));
        kept.add(row);
      } else if (!call.name().equals("count")) {
        result = result.isNull() ? value : combine(result, value);
      }
    }

    private Datum combine(Datum sum, Datum value) {
      return switch (call.name()) {
        case "sum", "avg" ->
            type == SqlType.INTERVAL
                ? TimeOperators.sum(sum, value)
                : Arithmetic.compute('+', sum, value, type);
        case "min" -> extreme(value, sum, -1);
        case "max" -> extreme(value, sum, 1);
        case "bool_or" -> value.equals(Datum.TRUE) ? value : sum;
        default -> value.equals(Datum.FALSE) ? value : sum;
      };
    }

    /** Of equals that look different the last, but for character(n) the first, as there. */
    private Datum extreme(Datum value, Datum before, int sign) {
      int order = sign * Order.compare(value, before, type);
      return order > 0 || order == 0 && type != SqlType.BPCHAR ? value : before;
    }

    Datum result() {
      return switch (call.name()) {
        case "count" -> Datum.of(count);
        case "avg" -> count == 0 ? result : Arithmetic.compute('/', result, Datum.of(count), type);
        case "string_agg" -> joined();
        case "array_agg" ->
            kept.isEmpty()
                ? Datum.NULL
                : new Datum.Array(sorted().stream().map(List::getFirst).toList());
        default -> result;
      };
    }

    private List<List<Datum>> sorted() {
      int from = arguments.size();
      Comparator<List<Datum>> comparator =
          (a, b) -> Queries.compare(order, a.subList(from, a.size()), b.subList(from, b.size()));
      if (call.distinct() && order.isEmpty()) {
        SqlType by = arguments.getFirst().type();
        kept.sort((a, b) -> nullsLast(a.getFirst(), b.getFirst(), by));
      } else if (!order.isEmpty()) {
        kept.sort(comparator);
      }
      return kept;
    }

    private static int nullsLast(Datum a, Datum b, SqlType type) {
      return a.isNull() || b.isNull()
          ? Boolean.compare(a.isNull(), b.isNull())
          : Order.compare(a, b, type);
    }

    private Datum joined() {
      if (kept.isEmpty()) {
        return Datum.NULL;
      }
      StringBuilder out = new StringBuilder();
      boolean first = true;
      for (List<Datum> row : sorted()) {
        if (!first && row.get(1) instanceof Datum.Text(String between)) {
          out.append(between);
        }
        first = false;
        out.append(Functions.text(row.getFirst(), arguments.getFirst().type()));
      }
      return Datum.of(out.toString());
    }
  }
}
