package phaistos.server.executor;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.xact.TableLockMode;

/** Compiles FROM. */
final class FromItems {
  private final Compiler.Environment environment;

  /** The conditions of WHERE that are true of every row that counts. */
  private final List<Expression> where;

  private final boolean single;

  private FromItems(Compiler.Environment environment, List<Expression> where, boolean single) {
    this.environment = environment;
    this.where = where;
    this.single = single;
  }

  /** The product of the items. Without any, one row without columns. */
  static Source compile(
      List<Query.From> items, Optional<Expression> where, Compiler.Environment environment) {
    boolean single = items.size() == 1 && items.getFirst() instanceof Query.TableRef;
    return new FromItems(environment, Calls.conjuncts(where), single).product(items);
  }

  private Source product(List<Query.From> items) {
    Source left = new Source(Relation.NONE, (_, visitor) -> visitor.test(List.of()));
    for (Query.From item : items) {
      Joins.Right right = item(item, left.relation());
      requireOtherNames(left.relation(), right.relation());
      left =
          left.relation().fields().isEmpty() && !right.lateral()
              ? new Source(right.relation(), right.scan())
              : new Joins(environment).inner(left, right, Optional.empty(), where);
    }
    return left;
  }

  private static void requireOtherNames(Relation left, Relation right) {
    for (Relation.Field field : right.fields()) {
      if (!field.qualifier().isEmpty() && left.hasQualifier(field.qualifier())) {
        throw PgError.error(
            "42712", "table name \"%s\" specified more than once".formatted(field.qualifier()));
      }
    }
  }

  /** An item; {@code left} are the columns that it may use if it is lateral. */
  private Joins.Right item(Query.From item, Relation left) {
    return switch (item) {
      case Query.TableRef table -> {
        Source source = table(table);
        yield new Joins.Right(source.relation(), source.scan(), false);
      }
      case Query.SubQuery sub -> {
        Compiler.Environment inner =
            sub.lateral() ? environment.inside(new Compiler(left, environment)) : environment;
        Rows rows = Queries.rows(sub.query(), inner).typed();
        String name = sub.alias().name().orElse("");
        Rows named = Queries.renamed(rows, sub.alias().columns(), name);
        yield new Joins.Right(Relation.of(name, named.columns()), named.scan(), sub.lateral());
      }
      case Query.FunctionRef function -> function(function, left);
      case Query.Join join -> {
        Source source = join(join, left);
        yield new Joins.Right(source.relation(), source.scan(), false);
      }
    };
  }

  private Source join(Query.Join join, Relation outer) {
    Joins.Right first = item(join.left(), outer);
    Rows.Scan scan =
        first.lateral()
            ? (frame, visitor) -> first.scan().run(frame.inner(), visitor)
            : first.scan();
    Source left = new Source(first.relation(), scan);
    Joins.Right right = item(join.right(), left.relation());
    requireOtherNames(left.relation(), right.relation());
    Joins joins = new Joins(environment);
    return switch (join.kind()) {
      case CROSS -> joins.inner(left, right, Optional.empty(), where);
      case INNER, LEFT, RIGHT, FULL -> joins.join(join, left, right);
    };
  }

  private Source table(Query.TableRef ref) {
    Optional<String> alias = ref.alias().name();
    String name = alias.orElse(ref.name());
    if (ref.schema().isEmpty()) {
      for (Queries.Named with : environment.with()) {
        if (with.name().equals(ref.name())) {
          Rows rows = Queries.renamed(with.rows(), ref.alias().columns(), name);
          return new Source(Relation.of(name, rows.columns()), rows.scan());
        }
      }
    }
    SessionContext session = environment.session();
    Optional<Rows> view = TableNames.view(ref.schema(), ref.name(), session);
    if (view.isPresent()) {
      Rows rows = Queries.renamed(view.get(), ref.alias().columns(), name);
      return new Source(Relation.of(name, rows.columns()), rows.scan());
    }
    Table table = TableNames.table(ref.schema(), ref.name(), TableLockMode.ACCESS_SHARE, session);
    TableScan scan = TableScan.of(table, alias);
    TableScan narrowed = single ? scan.narrowed(where, environment) : scan;
    Rows rows =
        Queries.renamed(
            new Rows(narrowed.relation().columns(), narrowed.rows()), ref.alias().columns(), name);
    List<Relation.Field> fields =
        rows.columns().stream().map(column -> new Relation.Field(name, column, false)).toList();
    return new Source(new Relation(fields, narrowed.relation().table()), rows.scan());
  }

  private Joins.Right function(Query.FunctionRef ref, Relation left) {
    Compiler.Environment inner = environment.inside(new Compiler(left, environment));
    Compiler compiler = new Compiler(Relation.NONE, inner);
    String name = ref.alias().name().orElse(ref.call().name());
    Optional<SetFunctions> set = SetFunctions.compile(ref.call(), compiler);
    SqlType type;
    Rows.Scan scan;
    if (set.isPresent()) {
      type = set.get().type();
      if (type == SqlType.RECORD) {
        throw PgError.unsupported("function %s in FROM".formatted(ref.call().name()));
      }
      scan =
          (frame, visitor) -> {
            Iterator<Datum> values = set.get().of(frame);
            long count = 0;
            while (values.hasNext()) {
              if (!visitor.test(List.of(values.next()))) {
                return;
              }
              if ((++count & 1023) == 0) {
                frame.session().transaction().proc().checkInterrupts();
              }
            }
          };
    } else {
      Expr value = compiler.call(ref.call());
      type = value.type();
      scan = (frame, visitor) -> visitor.test(List.of(value.of(frame)));
    }
    Rows rows = new Rows(List.of(new Outcome.Column(name, type)), scan);
    Rows named = Queries.renamed(rows, ref.alias().columns(), name);
    return new Joins.Right(Relation.of(name, named.columns()), named.scan(), true);
  }
}
