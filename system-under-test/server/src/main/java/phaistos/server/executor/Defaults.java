package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import phaistos.server.catalog.Table;
import phaistos.server.sql.SqlParser;
import phaistos.server.types.Datum;

/** The values that columns take if a statement gives none. */
final class Defaults {
  private Defaults() {}

  static List<Expr> of(Table table, SessionContext session) {
    List<Expr> defaults = new ArrayList<>();
    Compiler compiler = Compiler.constants(new Parameters(0, List.of()), session);
    for (int i = 0; i < table.columns().size(); i++) {
      Table.Column column = table.columns().get(i);
      int place = i;
      if (column.serial()) {
        defaults.add(
            new Expr(
                column.type(),
                frame -> {
                  SessionContext at = frame.session();
                  return Datum.of(at.tables().sequences().next(table, place, at.transaction()));
                }));
      } else if (column.defaultSql().isPresent()) {
        defaults.add(
            Casts.assign(
                compiler.compile(SqlParser.expression(column.defaultSql().get())), column));
      } else {
        defaults.add(Expr.constant(column.type(), Datum.NULL));
      }
    }
    return defaults;
  }
}
