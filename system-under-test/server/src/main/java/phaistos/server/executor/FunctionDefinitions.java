package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.SqlFunction;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Command;
import phaistos.server.types.SqlType;

/** CREATE FUNCTION and DROP FUNCTION. */
final class FunctionDefinitions {
  private FunctionDefinitions() {}

  static Outcome create(Command.CreateFunction create, SessionContext session) {
    Changes.requireWritable(session, "CREATE FUNCTION");
    List<SqlFunction.Argument> arguments = new ArrayList<>();
    for (Command.Argument argument : create.arguments()) {
      arguments.add(new SqlFunction.Argument(argument.name(), Types.of(argument.type())));
    }
    SqlType returns = Types.of(create.returns());
    Catalog catalog = session.tables().catalog();
    SqlFunction function =
        new SqlFunction(
            catalog.newOid(),
            create.name().name(),
            arguments,
            returns,
            create.strict(),
            create.body());
    Optional<SqlFunction> old =
        Optional.ofNullable(catalog.functions(session.transaction()).get(function.signature()));
    if (old.isPresent() && !create.replace()) {
      throw PgError.error(
          "42723",
          "function \"%s\" already exists with same argument types".formatted(function.name()));
    }
    if (old.isPresent() && old.get().returns() != returns) {
      throw PgError.withHint(
          "42P13",
          "cannot change return type of existing function",
          "Use DROP FUNCTION %s first.".formatted(function.signature()));
    }
    FunctionCalls.check(function, session);
    catalog.create(function, old, session.transaction());
    return Outcome.tag("CREATE FUNCTION");
  }

  static Outcome drop(Command.Drop drop, SessionContext session) {
    Changes.requireWritable(session, "DROP FUNCTION");
    Catalog catalog = session.tables().catalog();
    for (Command.Name name : drop.names()) {
      List<SqlType> types = drop.arguments().stream().map(Types::of).toList();
      List<SqlFunction> named =
          catalog.functions(session.transaction()).values().stream()
              .filter(function -> function.name().equals(name.name()))
              .filter(function -> types.isEmpty() || function.types().equals(types))
              .toList();
      String shown =
          types.isEmpty() ? name.name() + "()" : SqlFunction.signature(name.name(), types);
      if (named.isEmpty() && drop.ifExists()) {
        session.notice("00000", "function %s does not exist, skipping".formatted(shown));
      } else if (named.isEmpty()) {
        throw PgError.error("42883", "function %s does not exist".formatted(shown));
      } else if (named.size() > 1) {
        throw PgError.error("42725", "function name \"%s\" is not unique".formatted(name.name()));
      } else {
        catalog.drop(named.getFirst(), session.transaction());
      }
    }
    return Outcome.tag("DROP FUNCTION");
  }
}
