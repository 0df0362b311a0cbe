package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import phaistos.server.errors.PgError;

/** Parses SELECT, VALUES, TABLE and what combines them. */
final class QueryParser {
  private final TokenReader in;
  private final ExpressionParser expressions;

  QueryParser(TokenReader in) {
    this.in = in;
    this.expressions = new ExpressionParser(in, this);
  }

  ExpressionParser expressions() {
    return expressions;
  }

  /** Whether a query comes next, perhaps in parentheses. */
  boolean begins() {
    int ahead = 0;
    while (in.peek(ahead).isOperator("(")) {
      ahead++;
    }
    Token token = in.peek(ahead);
    return token.isWord("select")
        || token.isWord("values")
        || token.isWord("with")
        || token.isWord("table") && ahead == 0;
  }

  Query query() {
    List<Query.With> with = new ArrayList<>();
    if (in.take("with")) {
      if (in.isWord("recursive")) {
        throw PgError.unsupported("WITH RECURSIVE");
      }
      with = in.list(this::with);
      if (in.isWord("insert") || in.isWord("update") || in.isWord("delete")) {
        throw PgError.unsupported("WITH before " + in.next().text().toUpperCase(Locale.ROOT));
      }
    }
    Query body = union();
    List<Expression.SortKey> order = in.take("order", "by") ? expressions.sortKeys() : List.of();
    Optional<Expression> limit = Optional.empty();
    Optional<Expression> offset = Optional.empty();
    Optional<Query.Lock> lock = Optional.empty();
    while (true) {
      if (in.take("limit")) {
        limit = in.take("all") ? Optional.empty() : Optional.of(expressions.expression());
      } else if (in.take("offset")) {
        offset = Optional.of(expressions.expression());
        if (!in.take("rows")) {
          in.take("row");
        }
      } else if (in.take("fetch")) {
        limit = Optional.of(fetch());
      } else if (in.isWord("for")) {
        lock = Optional.of(lock());
      } else {
        break;
      }
    }
    boolean plain = with.isEmpty() && order.isEmpty() && limit.isEmpty() && offset.isEmpty();
    return plain && lock.isEmpty() ? body : new Query.Full(with, body, order, limit, offset, lock);
  }

  private Query.With with() {
    String name = in.name();
    List<String> columns = in.isOperator("(") ? in.names() : List.of();
    in.expect("as");
    if (in.take("not", "materialized") || in.take("materialized")) {
      // every one is computed once here
    }
    in.expectOperator("(");
    if (!begins()) {
      throw PgError.unsupported("data-modifying statement in WITH");
    }
    Query query = query();
    in.expectOperator(")");
    return new Query.With(name, columns, query);
  }

  private Expression fetch() {
    if (!in.take("first")) {
      in.expect("next");
    }
    Expression count =
        in.isWord("row") || in.isWord("rows") ? new Expression.Number("1") : expressions.bounded();
    if (!in.take("rows")) {
      in.expect("row");
    }
    if (in.isWord("with")) {
      throw PgError.unsupported("WITH TIES");
    }
    in.expect("only");
    return count;
  }

  private Query.Lock lock() {
    in.expect("for");
    Query.Strength strength;
    if (in.take("update")) {
      strength = Query.Strength.UPDATE;
    } else if (in.take("no", "key", "update")) {
      strength = Query.Strength.NO_KEY_UPDATE;
    } else if (in.take("key", "share")) {
      strength = Query.Strength.KEY_SHARE;
    } else {
      in.expect("share");
      strength = Query.Strength.SHARE;
    }
    if (in.take("of")) {
      in.list(in::qualifiedName);
    }
    Query.Wait wait = Query.Wait.BLOCK;
    if (in.take("skip")) {
      in.expect("locked");
      wait = Query.Wait.SKIP_LOCKED;
    } else if (in.take("nowait")) {
      wait = Query.Wait.NOWAIT;
    }
    return new Query.Lock(strength, wait);
  }

  private Query union() {
    Query left = intersect();
    while (in.isWord("union") || in.isWord("except")) {
      String operator = in.next().text();
      boolean all = all();
      left = new Query.Combined(left, operator, all, intersect());
    }
    return left;
  }

  private Query intersect() {
    Query left = simple();
    while (in.take("intersect")) {
      boolean all = all();
      left = new Query.Combined(left, "intersect", all, simple());
    }
    return left;
  }

  private boolean all() {
    boolean all = in.take("all");
    if (!all) {
      in.take("distinct");
    }
    return all;
  }

  private Query simple() {
    if (in.takeOperator("(")) {
      Query inner = query();
      in.expectOperator(")");
      return inner;
    }
    if (in.take("values")) {
      return values();
    }
    if (in.take("table")) {
      Command.Name name = in.qualifiedName();
      Query.From table =
          new Query.TableRef(
              name.schema(), name.name(), new Query.Alias(Optional.empty(), List.of()));
      Query.Item all = new Query.Item(new Expression.Star(Optional.empty()), Optional.empty());
      return new Query.Select(
          false, List.of(all), List.of(table), Optional.empty(), List.of(), Optional.empty());
    }
    in.expect("select");
    return select();
  }

  private Query.Values values() {
    List<List<Expression>> rows =
        in.list(
            () -> {
              in.expectOperator("(");
              List<Expression> row = expressions.list();
              in.expectOperator(")");
              return row;
            });
    int width = rows.getFirst().size();
    if (rows.stream().anyMatch(row -> row.size() != width)) {
      throw PgError.error("42601", "VALUES lists must all be the same length");
    }
    return new Query.Values(rows);
  }

  private Query select() {
    boolean distinct = in.take("distinct");
    if (distinct && in.isWord("on")) {
      throw PgError.unsupported("DISTINCT ON");
    }
    if (!distinct) {
      in.take("all");
    }
    boolean none =
        in.atEnd()
            || in.isOperator(")")
            || in.isOperator(";")
            || in.isWord("from")
            || in.isWord("into");
    List<Query.Item> items = none ? List.of() : items();
    if (in.isWord("into")) {
      throw PgError.unsupported("SELECT INTO");
    }
    List<Query.From> from = in.take("from") ? in.list(this::from) : List.of();
    Optional<Expression> where =
        in.take("where") ? Optional.of(expressions.expression()) : Optional.empty();
    List<Expression> groupBy = List.of();
    if (in.take("group", "by")) {
      if (in.isWord("rollup") || in.isWord("cube") || in.isWord("grouping")) {
        throw PgError.unsupported("GROUP BY " + in.next().text().toUpperCase());
      }
      groupBy = expressions.list();
    }
    Optional<Expression> having =
        in.take("having") ? Optional.of(expressions.expression()) : Optional.empty();
    if (in.isWord("window")) {
      throw PgError.unsupported("WINDOW");
    }
    return new Query.Select(distinct, items, from, where, groupBy, having);
  }

  /** A select list, or RETURNING's. */
  List<Query.Item> items() {
    return in.list(() -> new Query.Item(expressions.expression(), in.columnAlias()));
  }

  private Query.From from() {
    Query.From left = item();
    while (true) {
      boolean natural = in.take("natural");
      if (in.take("cross", "join")) {
        left = new Query.Join(left, Query.Kind.CROSS, item(), Optional.empty(), List.of(), false);
        continue;
      }
      Optional<Query.Kind> kind = joinKind();
      if (kind.isEmpty()) {
        if (natural) {
          throw in.syntax();
        }
        return left;
      }
      left = join(left, kind.get(), natural);
    }
  }

  private Query.From join(Query.From left, Query.Kind kind, boolean natural) {
    Query.From right = item();
    if (natural) {
      return new Query.Join(left, kind, right, Optional.empty(), List.of(), true);
    }
    if (in.take("using")) {
      return new Query.Join(left, kind, right, Optional.empty(), in.names(), false);
    }
    // a join may come before the condition of this one
    while (!in.isWord("on")) {
      Optional<Query.Kind> inner = joinKind();
      if (inner.isEmpty()) {
        throw in.syntax();
      }
      right = join(right, inner.get(), false);
    }
    in.expect("on");
    return new Query.Join(
        left, kind, right, Optional.of(expressions.expression()), List.of(), false);
  }

  private Optional<Query.Kind> joinKind() {
    if (in.take("join") || in.take("inner", "join")) {
      return Optional.of(Query.Kind.INNER);
    }
    for (Query.Kind kind : List.of(Query.Kind.LEFT, Query.Kind.RIGHT, Query.Kind.FULL)) {
      String word = kind.name().toLowerCase(java.util.Locale.ROOT);
      if (in.take(word, "join") || in.take(word, "outer", "join")) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  private Query.From item() {
    boolean lateral = in.take("lateral");
    if (in.isWord("rows") && in.peek(1).isWord("from")) {
      throw PgError.unsupported("ROWS FROM");
    }
    if (in.isOperator("(")) {
      if (begins()) {
        in.next();
        Query query = query();
        in.expectOperator(")");
        Query.Alias alias = alias();
        if (alias.name().isEmpty()) {
          throw PgError.withHint(
              "42601",
              "subquery in FROM must have an alias",
              "For example, FROM (SELECT ...) [AS] foo.");
        }
        return new Query.SubQuery(query, alias, lateral);
      }
      in.next();
      Query.From inner = from();
      in.expectOperator(")");
      return inner;
    }
    in.take("only");
    Command.Name name = in.qualifiedName();
    if (in.isOperator("(")) {
      Expression.Call call = expressions.primaries().call(name.name());
      if (in.isWord("with")) {
        throw PgError.unsupported("WITH ORDINALITY");
      }
      return new Query.FunctionRef(call, alias());
    }
    in.takeOperator("*");
    Query.Alias alias = alias();
    if (in.isWord("tablesample")) {
      throw PgError.unsupported("TABLESAMPLE");
    }
    return new Query.TableRef(name.schema(), name.name(), alias);
  }

  private Query.Alias alias() {
    Optional<String> name = in.tableAlias();
    List<String> columns = name.isPresent() && in.isOperator("(") ? in.names() : List.of();
    return new Query.Alias(name, columns);
  }
}
