package phaistos.server.executor;

import java.util.Optional;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Command;

/** Finds tables and views by their names. */
final class TableNames {
  private TableNames() {}

  /** A view, or a catalog that is made up when it is read. */
  static Optional<Rows> view(Optional<String> schema, String name, SessionContext session) {
    if (schema.isPresent() && schema.get().equals("public")) {
      return Optional.empty();
    }
    return Views.named(name)
        .map(
            view ->
                new Rows(
                    view.columns(),
                    (frame, visitor) -> {
                      for (var row : view.rows().of(frame.session())) {
                        if (!visitor.test(row)) {
                          return;
                        }
                      }
                    }));
  }

  /**
   * @throws PgError 42P01 if there is none
   */
  static Table table(Optional<String> schema, String name, SessionContext session) {
    String in = schema.orElse("public");
    if (in.equals("pg_catalog") || in.equals("information_schema")) {
      throw PgError.unsupported("catalog \"%s.%s\"".formatted(in, name));
    }
    if (schema.isPresent() && (in.equals("public") || in.equals("pg_temp"))) {
      return session
          .tables()
          .catalog()
          .find(name, in.equals("pg_temp"), session.transaction())
          .orElseThrow(
              () ->
                  PgError.error("42P01", "relation \"%s.%s\" does not exist".formatted(in, name)));
    }
    if (!in.equals("public")) {
      throw PgError.error("42P01", "relation \"%s.%s\" does not exist".formatted(in, name));
    }
    return session.tables().catalog().named(name, session.transaction());
  }

  static Table table(Command.Name name, SessionContext session) {
    return table(name.schema(), name.name(), session);
  }
}
