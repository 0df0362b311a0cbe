package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.HeapRow;
import phaistos.server.sql.Expression;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.xact.TableLockMode;

/**
 * SELECT ... FOR UPDATE and the like, of one table. Rows are sorted first, then locked one after
 * the other until LIMIT is reached, as PostgreSQL's LockRows does.
 */
final class LockingSelect {
  private LockingSelect() {}

  /** Nothing if FROM names no table of which rows could be locked. */
  static Optional<Plan> plan(Query.Full full, Compiler.Environment environment) {
    Query.Lock lock = full.lock().orElseThrow();
    String label = lock.strength().label();
    if (!(full.body() instanceof Query.Select select)) {
      throw PgError.error("0A000", label + " is not allowed with UNION/INTERSECT/EXCEPT");
    }
    if (select.distinct()) {
      throw PgError.error("0A000", label + " is not allowed with DISTINCT clause");
    }
    if (!select.groupBy().isEmpty()) {
      throw PgError.error("0A000", label + " is not allowed with GROUP BY clause");
    }
    if (select.items().stream().anyMatch(item -> Calls.hasAggregate(item.expression()))) {
      throw PgError.error("0A000", label + " is not allowed with aggregate functions");
    }
    if (select.from().isEmpty()) {
      return Optional.empty();
    }
    if (select.from().size() > 1
        || !(select.from().getFirst() instanceof Query.TableRef ref)
        || !full.with().isEmpty()) {
      throw PgError.unsupported(label + " of more than one table");
    }
    SessionContext session = environment.session();
    if (TableNames.view(ref.schema(), ref.name(), session).isPresent()) {
      return Optional.empty();
    }
    Changes.requireWritable(session, "SELECT " + label);
    Table table = TableNames.table(ref.schema(), ref.name(), TableLockMode.ROW_SHARE, session);
    return Optional.of(plan(full, select, TableScan.of(table, ref.alias().name()), environment));
  }

  private static Plan plan(
      Query.Full full, Query.Select select, TableScan whole, Compiler.Environment environment) {
    TableScan scan = whole.narrowed(Calls.conjuncts(select.where()), environment);
    Compiler compiler = new Compiler(scan.relation(), environment);
    Optional<Expr> condition = select.where().map(where -> compiler.bool(where, "WHERE"));
    Projection projection = Projection.compile(select.items(), compiler);
    List<Queries.Sort> sorts = new ArrayList<>();
    for (Expression.SortKey key : full.order()) {
      Optional<Integer> at = SelectPlan.output(key.by(), projection.columns(), List.of());
      Expr by = at.map(projection.items()::get).orElseGet(() -> compiler.compile(key.by()));
      sorts.add(new Queries.Sort(by.known(SqlType.TEXT), key));
    }
    Queries.Window window = Queries.Window.of(full, environment);
    RowLocks locks = new RowLocks(scan.table(), condition, full.lock().orElseThrow());
    Rows result = new Rows(projection.columns(), (_, _) -> {}).typed();
    return new Plan(
        environment.parameters(),
        result.columns(),
        frame -> {
          long first = window.first(frame);
          long count = window.count(frame);
          List<List<Datum>> rows = new ArrayList<>();
          List<HeapRow> candidates = count == 0 ? List.of() : sorted(scan, condition, sorts, frame);
          for (HeapRow candidate : candidates) {
            Optional<HeapRow> locked = locks.lock(candidate, frame);
            if (locked.isPresent() && first-- <= 0) {
              rows.add(projection.row(frame.withRow(SystemColumns.of(locked.get()))));
            }
            if (rows.size() >= count) {
              break;
            }
          }
          // the locks carry the number of this command
          frame.session().transaction().nextCommand();
          return new Outcome(result.columns(), rows, "SELECT " + rows.size());
        });
  }

  private static List<HeapRow> sorted(
      TableScan scan, Optional<Expr> condition, List<Queries.Sort> sorts, Frame frame) {
    List<HeapRow> rows = Changes.matching(scan, condition, frame);
    if (!sorts.isEmpty()) {
      record Keyed(HeapRow row, List<Datum> keys) {}
      List<Keyed> keyed = new ArrayList<>();
      rows.forEach(
          row ->
              keyed.add(new Keyed(row, Queries.keys(sorts, frame.withRow(SystemColumns.of(row))))));
      keyed.sort((a, b) -> Queries.compare(sorts, a.keys, b.keys));
      return keyed.stream().map(Keyed::row).toList();
    }
    return rows;
  }
}
