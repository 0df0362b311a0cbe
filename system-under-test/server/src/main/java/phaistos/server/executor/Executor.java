package phaistos.server.executor;

import java.util.List;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Statement;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * Runs statements. The session runs transaction commands itself; all others come here. Thread-safe.
 */
public final class Executor {
  /** The parameters and result columns of a statement. */
  public Description describe(PlanSource source, SessionContext session) {
    if (source.statement() instanceof Statement.Show(String name)) {
      return new Description(List.of(), showColumns(name));
    }
    if (!(source.statement() instanceof Statement.Sql)) {
      return new Description(List.of(), List.of());
    }
    try {
      return source.describe(session);
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
  }

  /**
   * Runs a statement.
   *
   * @param parameters as the types of {@link #describe} say
   */
  public Outcome execute(PlanSource source, List<Datum> parameters, SessionContext session) {
    return switch (source.statement()) {
      case Statement.Sql _ -> run(source, parameters, session);
      case Statement.Show(String name) -> show(name, session);
      case Statement.Set set -> {
        session.set(set.name(), set.value(), set.local());
        yield Outcome.tag("SET");
      }
      case Statement.Reset(String name) -> reset(name, session);
      case Statement.Checkpoint _ -> {
        session.administration().checkpoint();
        yield Outcome.tag("CHECKPOINT");
      }
      case Statement.AlterSystem(String name, java.util.Optional<String> value) -> {
        session.administration().alterSystem(name, value);
        yield Outcome.tag("ALTER SYSTEM");
      }
      case Statement.Discard(String what) -> discard(what, session);
      case Statement.Deallocate(java.util.Optional<String> name) -> {
        session.deallocate(name);
        yield Outcome.tag(name.isEmpty() ? "DEALLOCATE ALL" : "DEALLOCATE");
      }
      case Statement.Vacuum vacuum -> Vacuums.run(vacuum, session);
      case Statement.Empty _,
          Statement.Begin _,
          Statement.Commit _,
          Statement.Rollback _,
          Statement.Savepoint _,
          Statement.Release _,
          Statement.RollbackTo _,
          Statement.SetTransaction _ ->
          throw new IllegalArgumentException("the session's own: " + source.statement());
    };
  }

  /** There are no plans and no values of sequences that a session keeps. */
  private static Outcome discard(String what, SessionContext session) {
    boolean all = what.equals("all");
    if (all) {
      reset("all", session);
      session.deallocate(java.util.Optional.empty());
    }
    if ((all || what.equals("temp")) && session.tables().catalog().hasTemporaries()) {
      Temporaries.dropOwn(session);
    }
    return Outcome.tag("DISCARD " + what.toUpperCase(java.util.Locale.ROOT));
  }

  private static Outcome reset(String name, SessionContext session) {
    if (name.equals("all")) {
      for (phaistos.server.settings.Parameter parameter :
          phaistos.server.settings.Parameters.all()) {
        // those of the transaction stay (GUC_NO_RESET_ALL)
        if (parameter.context().isOfSession() && !parameter.name().startsWith("transaction_")) {
          session.set(parameter.name(), java.util.Optional.empty(), false);
        }
      }
    } else {
      session.set(name, java.util.Optional.empty(), false);
    }
    return Outcome.tag("RESET");
  }

  private static List<Outcome.Column> showColumns(String name) {
    return List.of(
        new Outcome.Column(
            phaistos.server.settings.Parameters.exists(name)
                ? phaistos.server.settings.Parameters.named(name).name()
                : name,
            SqlType.TEXT));
  }

  private static Outcome show(String name, SessionContext session) {
    Datum value = Datum.of(Functions.shown(session, name));
    return new Outcome(showColumns(name), List.of(List.of(value)), "SHOW");
  }

  private static Outcome run(PlanSource source, List<Datum> parameters, SessionContext session) {
    try {
      return source.plan(session).run().of(new Frame(List.of(), List.copyOf(parameters), session));
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
  }

  private static PgError tooDeep() {
    return PgError.error("54001", "stack depth limit exceeded");
  }
}
