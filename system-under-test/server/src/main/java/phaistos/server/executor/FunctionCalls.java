package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.catalog.SqlFunction;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Command;
import phaistos.server.sql.SqlParser;
import phaistos.server.sql.Statement;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * Calls of functions in SQL language (functions.c): their statements run one after the other in the
 * caller's transaction; the first row of the last one is the result.
 */
final class FunctionCalls {
  private static final int DEPTH_MAX = 100;

  private FunctionCalls() {}

  /** The function that takes these arguments, if a user made one. */
  static Optional<Expr> compile(String name, List<Expr> arguments, Compiler compiler) {
    SessionContext session = compiler.environment().session();
    List<SqlFunction> fitting =
        session.tables().catalog().functions(session.transaction()).values().stream()
            .filter(function -> function.name().equals(name) && fits(function, arguments))
            .toList();
    if (fitting.isEmpty()) {
      return Optional.empty();
    }
    List<SqlFunction> exact =
        fitting.stream()
            .filter(f -> f.types().equals(arguments.stream().map(Expr::type).toList()))
            .toList();
    if (fitting.size() > 1 && exact.isEmpty()) {
      throw PgError.withHint(
          "42725",
          "function %s is not unique"
              .formatted(SqlFunction.signature(name, arguments.stream().map(Expr::type).toList())),
          "Could not choose a best candidate function. You might need to add explicit type casts.");
    }
    SqlFunction function = exact.isEmpty() ? fitting.getFirst() : exact.getFirst();
    List<Command> body = body(function);
    List<Expr> typed = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      typed.add(arguments.get(i).as(function.types().get(i)));
    }
    return Optional.of(
        new Expr(
            function.returns(),
            frame -> {
              List<Datum> values = typed.stream().map(argument -> argument.of(frame)).toList();
              boolean skipped = function.strict() && values.stream().anyMatch(Datum::isNull);
              return skipped ? Datum.NULL : call(function, body, values, session);
            }));
  }

  private static boolean fits(SqlFunction function, List<Expr> arguments) {
    if (function.arguments().size() != arguments.size()) {
      return false;
    }
    for (int i = 0; i < arguments.size(); i++) {
      if (!Casts.isImplicit(arguments.get(i).type(), function.types().get(i))) {
        return false;
      }
    }
    return true;
  }

  private static Datum call(
      SqlFunction function, List<Command> body, List<Datum> values, SessionContext session) {
    if (session.enterFunction() > DEPTH_MAX) {
      session.leaveFunction();
      throw PgError.error("54001", "stack depth limit exceeded");
    }
    try {
      Datum result = Datum.NULL;
      for (int i = 0; i < body.size(); i++) {
        Plan plan = plan(body.get(i), function, session);
        Outcome outcome = plan.run().of(new Frame(List.of(), values, session));
        boolean last = i == body.size() - 1;
        if (last && !outcome.rows().isEmpty() && function.returns() != SqlType.VOID) {
          SqlType from = plan.columns().getFirst().type();
          result = Casts.cast(outcome.rows().getFirst().getFirst(), from, function.returns());
        }
      }
      return function.returns() == SqlType.VOID ? Datum.of("") : result;
    } finally {
      session.leaveFunction();
    }
  }

  private static List<Command> body(SqlFunction function) {
    List<Command> commands = new ArrayList<>();
    for (Statement statement : parsed(function.body())) {
      switch (statement) {
        case Statement.Sql sql -> commands.add(sql.command());
        case Statement.Empty _ -> {
          // a function may do nothing
        }
        default ->
            throw PgError.unsupported(
                statement.getClass().getSimpleName().toUpperCase() + " in a function");
      }
    }
    return commands;
  }

  /** The arguments are $1 and so on, and have their names where no column has them. */
  private static Plan plan(Command command, SqlFunction function, SessionContext session) {
    Parameters parameters = Parameters.of(function);
    return Commands.plan(command, parameters, session);
  }

  /**
   * Whether the body can run and gives what the function returns.
   *
   * @throws PgError 42P13 if not
   */
  static void check(SqlFunction function, SessionContext session) {
    List<Command> body = body(function);
    List<Outcome.Column> columns = List.of();
    for (Command command : body) {
      boolean query =
          command instanceof Command.Select
              || command instanceof Command.Insert
              || command instanceof Command.Update
              || command instanceof Command.Delete;
      columns = query ? plan(command, function, session).columns() : List.of();
    }
    if (function.returns() == SqlType.VOID) {
      return;
    }
    boolean fits =
        columns.size() == 1 && Casts.isAssignable(columns.getFirst().type(), function.returns());
    if (!fits) {
      throw PgError.error(
          "42P13",
          "return type mismatch in function declared to return " + function.returns().label(),
          columns.isEmpty()
              ? "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING."
              : columns.size() > 1
                  ? "Final statement must return exactly one column."
                  : "Actual return type is %s.".formatted(columns.getFirst().type().label()));
    }
  }

  private static List<Statement> parsed(String body) {
    try {
      return new SqlParser().parse(body);
    } catch (PgError e) {
      // a place in the body is none in the query
      throw e.at(0);
    }
  }
}
