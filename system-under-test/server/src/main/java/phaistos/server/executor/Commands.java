package phaistos.server.executor;

import java.util.List;
import java.util.function.Supplier;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Command;

/** Compiles SQL that reads or changes rows or tables. */
final class Commands {
  private Commands() {}

  static Plan plan(Command command, Parameters parameters, SessionContext session) {
    return switch (command) {
      case Command.Select(var query) -> Queries.plan(query, parameters, session);
      case Command.Insert insert -> Inserts.insert(insert, parameters, session);
      case Command.Update update -> Changes.update(update, parameters, session);
      case Command.Delete delete -> Changes.delete(delete, parameters, session);
      case Command.CreateTable create ->
          definition(parameters, () -> Definitions.create(create, session));
      case Command.CreateIndex create ->
          definition(parameters, () -> Constraints.createIndex(create, session));
      case Command.CreateFunction create ->
          definition(parameters, () -> FunctionDefinitions.create(create, session));
      case Command.AlterTable alter ->
          definition(parameters, () -> Definitions.alter(alter, session));
      case Command.Drop drop -> definition(parameters, () -> Definitions.drop(drop, session));
      case Command.Truncate truncate ->
          definition(parameters, () -> Definitions.truncate(truncate, session));
      case Command.LockTable lock -> definition(parameters, () -> Definitions.lock(lock, session));
      case Command.Copy _ ->
          throw PgError.unsupported("COPY in the extended query protocol or in a function");
    };
  }

  private static Plan definition(Parameters parameters, Supplier<Outcome> run) {
    return new Plan(parameters, List.of(), _ -> run.get());
  }
}
