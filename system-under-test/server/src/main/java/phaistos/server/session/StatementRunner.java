package phaistos.server.session;

import java.util.List;
import phaistos.server.catalog.Datum;
import phaistos.server.executor.Outcome;
import phaistos.server.sql.Statement;

/** Runs one statement in a session: transaction commands here, all else by the executor. */
final class StatementRunner {
  private StatementRunner() {}

  /** What it gave. */
  record Answer(Outcome outcome) {}

  static Answer run(
      Session session, Statement statement, List<Integer> types, List<Datum> parameters) {
    session.proc().checkInterrupts();
    TransactionBlock block = session.block();
    block.check(statement);
    Outcome outcome =
        switch (statement) {
          case Statement.Begin begin -> {
            block.begin(begin.modes());
            yield Outcome.tag(begin.tag());
          }
          case Statement.Commit _ -> Outcome.tag(block.commit());
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
              Statement.NoEffect _,
              Statement.Vacuum _,
              Statement.Sql _ -> {
            block.ensure();
            yield session.instance().executor().execute(statement, types, parameters, session);
          }
        };
    return new Answer(outcome);
  }
}
