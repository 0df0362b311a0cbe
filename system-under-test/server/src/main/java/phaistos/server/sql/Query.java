package phaistos.server.sql;

import java.util.List;
import java.util.Optional;

/** SELECT, VALUES and what combines them, parsed. */
public sealed interface Query {
  record Select(
      boolean distinct,
      List<Item> items,
      List<From> from,
      Optional<Expression> where,
      List<Expression> groupBy,
      Optional<Expression> having)
      implements Query {}

  record Values(List<List<Expression>> rows) implements Query {}

  /** UNION, INTERSECT or EXCEPT. */
  record Combined(Query left, String operator, boolean all, Query right) implements Query {}

  /** A query with what goes around it. */
  record Full(
      List<With> with,
      Query body,
      List<Expression.SortKey> order,
      Optional<Expression> limit,
      Optional<Expression> offset,
      Optional<Lock> lock)
      implements Query {}

  record With(String name, List<String> columns, Query query) {}

  record Item(Expression expression, Optional<String> alias) {}

  /** FOR UPDATE and the like. */
  record Lock(Strength strength, Wait policy) {}

  enum Strength {
    KEY_SHARE,
    SHARE,
    NO_KEY_UPDATE,
    UPDATE;

    public String label() {
      return "FOR " + name().replace('_', ' ');
    }
  }

  enum Wait {
    BLOCK,
    SKIP_LOCKED,
    NOWAIT
  }

  /** What stands in FROM. */
  sealed interface From {}

  record Alias(Optional<String> name, List<String> columns) {}

  record TableRef(Optional<String> schema, String name, Alias alias) implements From {}

  record SubQuery(Query query, Alias alias, boolean lateral) implements From {}

  record FunctionRef(Expression.Call call, Alias alias) implements From {}

  enum Kind {
    INNER,
    LEFT,
    RIGHT,
    FULL,
    CROSS
  }

  /** A join; either a condition, or columns of the same names, or neither (CROSS). */
  record Join(
      From left,
      Kind kind,
      From right,
      Optional<Expression> on,
      List<String> using,
      boolean natural)
      implements From {}
}
