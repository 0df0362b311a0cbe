package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Command;
import phaistos.server.sql.Statement;

/**
 * A statement of one session, with its plan for as long as that holds (CachedPlanSource,
 * plancache.c). Before a plan is used again it takes the locks that it took when it was made, and
 * is made anew if what it reads has changed. Used by the session's task only.
 */
public final class PlanSource {
  private final Statement statement;
  private final List<Integer> parameterOids;

  /** What was made last; null if that is not kept. */
  private Made kept;

  /**
   * A plan.
   *
   * @param generation the catalog's when the plan was made
   * @param needs what the plan rests on, in the order in which planning found it
   */
  private record Made(
      Plan plan, Description description, long generation, List<BooleanSupplier> needs) {}

  /**
   * @param parameterOids the types that the client gave; 0 for one that it left open
   */
  public PlanSource(Statement statement, List<Integer> parameterOids) {
    this.statement = statement;
    this.parameterOids = List.copyOf(parameterOids);
  }

  public Statement statement() {
    return statement;
  }

  /** Whether this is the source of such a statement too. */
  public boolean is(Statement other, List<Integer> oids) {
    return statement == other && parameterOids.equals(oids);
  }

  /** Whether a plan holds; takes its locks. */
  private static boolean holds(Made made, SessionContext session) {
    if (!isCurrent(made, session) || session.transaction().hasChangedCatalog()) {
      return false;
    }
    for (BooleanSupplier need : made.needs) {
      if (!need.getAsBoolean()) {
        return false;
      }
    }
    // a lock that was waited for may have been that of a change
    return isCurrent(made, session);
  }

  private static boolean isCurrent(Made made, SessionContext session) {
    return made.generation == session.tables().catalog().generation();
  }

  /**
   * The plan of a {@link Statement.Sql}.
   *
   * @throws PgError as planning does, also of a plan that was made before
   */
  Plan plan(SessionContext session) {
    return made(session).plan;
  }

  /** The parameters and result columns of a {@link Statement.Sql}; throws as planning does. */
  Description describe(SessionContext session) {
    return made(session).description;
  }

  private Made made(SessionContext session) {
    if (kept != null && holds(kept, session)) {
      return kept;
    }
    kept = null;
    Made made = make(session);
    if (isKept(((Statement.Sql) statement).command())
        && !session.transaction().hasChangedCatalog()) {
      kept = made;
    }
    return made;
  }

  private Made make(SessionContext session) {
    Statement.Sql sql = (Statement.Sql) statement;
    List<BooleanSupplier> needs = new ArrayList<>();
    long generation = session.tables().catalog().generation();
    List<BooleanSupplier> outer = session.planning(needs);
    try {
      Parameters parameters = new Parameters(sql.parameterCount(), parameterOids);
      Plan plan = Commands.plan(sql.command(), parameters, session);
      Description description = new Description(plan.parameters().types(), plan.columns());
      return new Made(plan, description, generation, needs);
    } finally {
      session.planning(outer);
    }
  }

  private static boolean isKept(Command command) {
    return switch (command) {
      case Command.Select _, Command.Insert _, Command.Update _, Command.Delete _ -> true;
      case Command.CreateTable _,
          Command.CreateIndex _,
          Command.CreateFunction _,
          Command.AlterTable _,
          Command.Drop _,
          Command.Truncate _,
          Command.LockTable _,
          Command.Copy _ ->
          false;
    };
  }
}
