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
  private Plan plan;

  /** Of the plan; null before somebody asks. */
  private Description description;

  /** The catalog's when the plan was made. */
  private long generation;

  /** What the plan rests on, in the order in which planning found it. */
  private List<BooleanSupplier> needs = List.of();

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

  /** The plan; null if the session's transaction or somebody else has changed what it read. */
  private Plan known(SessionContext session) {
    if (plan == null || !isCurrent(session) || session.transaction().hasChangedCatalog()) {
      return null;
    }
    for (BooleanSupplier need : needs) {
      if (!need.getAsBoolean()) {
        return null;
      }
    }
    // a lock that was waited for may have been that of a change
    return isCurrent(session) ? plan : null;
  }

  private boolean isCurrent(SessionContext session) {
    return generation == session.tables().catalog().generation();
  }

  /**
   * The plan of a {@link Statement.Sql}.
   *
   * @throws PgError as planning does, also of a plan that was made before
   */
  Plan plan(SessionContext session) {
    Plan known = known(session);
    if (known != null) {
      return known;
    }
    plan = null;
    description = null;
    Statement.Sql sql = (Statement.Sql) statement;
    List<BooleanSupplier> noted = new ArrayList<>();
    long before = session.tables().catalog().generation();
    List<BooleanSupplier> outer = session.planning(noted);
    Plan made;
    try {
      made =
          Commands.plan(
              sql.command(), new Parameters(sql.parameterCount(), parameterOids), session);
    } finally {
      session.planning(outer);
    }
    if (isKept(sql.command()) && !session.transaction().hasChangedCatalog()) {
      plan = made;
      generation = before;
      needs = noted;
    }
    return made;
  }

  /** The same as of the plan before, if that one still holds. */
  Description describe(SessionContext session) {
    Plan now = plan(session);
    if (now != plan) {
      return now.description();
    }
    if (description == null) {
      description = now.description();
    }
    return description;
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
