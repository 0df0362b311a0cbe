package phaistos.server.session;

import java.io.IOException;
import java.util.List;
import phaistos.server.executor.Outcome;
import phaistos.server.executor.PlanSource;
import phaistos.server.sql.Command;
import phaistos.server.sql.Statement;
import phaistos.server.types.Datum;
import phaistos.server.xact.Transaction;

/**
 * Runs one statement of a session: transaction commands itself, all others through the executor.
 */
final class StatementRunner {
  private StatementRunner() {}

  /**
   * Runs it.
   *
   * @param commit answers the client's COMMIT, before this method returns
   */
  static Outcome run(
      Session session, PlanSource source, List<Datum> parameters, TransactionBlock.TagAnswer commit)
      throws IOException {
    Statement statement = source.statement();
    session.proc().checkInterrupts();
    TransactionBlock block = session.block();
    block.check(statement);
    return switch (statement) {
      case Statement.Begin begin -> {
        block.begin(begin.modes());
        yield Outcome.tag(begin.tag());
      }
      case Statement.Commit _ -> {
        block.commit(commit);
        yield Outcome.tag("COMMIT");
      }
      case Statement.Rollback _ -> Outcome.tag(block.rollback());
      case Statement.Savepoint savepoint -> {
        block.savepoint(savepoint.name());
        yield Outcome.tag("SAVEPOINT");
      }
      case Statement.Release release -> {
        block.release(release.name());
        yield Outcome.tag("RELEASE");
      }
      case Statement.RollbackTo back -> {
        block.rollbackTo(back.name());
        yield Outcome.tag("ROLLBACK");
      }
      case Statement.SetTransaction set when !set.session() -> {
        block.warnOutside(statement);
        block.change(set.modes());
        yield Outcome.tag("SET");
      }
      case Statement.SetTransaction(Statement.Modes modes, boolean _) -> {
        block.characteristics(modes);
        yield Outcome.tag("SET");
      }
      case Statement.Empty _,
          Statement.Set _,
          Statement.Reset _,
          Statement.Show _,
          Statement.AlterSystem _,
          Statement.Checkpoint _,
          Statement.Discard _,
          Statement.Deallocate _,
          Statement.Vacuum _,
          Statement.Sql _ -> {
        block.requireNone(statement);
        block.warnOutside(statement);
        if (statement instanceof Statement.Sql(Command.LockTable _, int _)) {
          block.requireBlock("LOCK TABLE");
        }
        Transaction own = block.ensure();
        if (statement instanceof Statement.Sql(Command command, int _)
            && !(command instanceof Command.LockTable)) {
          own.beginQuery();
        }
        try {
          yield session.parts().executor().execute(source, parameters, session.context());
        } finally {
          own.endStatement();
        }
      }
    };
  }
}
