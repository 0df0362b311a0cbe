package phaistos.server.session;

import java.io.IOException;
import java.util.List;
import phaistos.environment.Network;
import phaistos.server.errors.PgError;
import phaistos.server.executor.Outcome;
import phaistos.server.executor.PlanSource;
import phaistos.server.replication.ReplicationCommand;
import phaistos.server.sql.Command;
import phaistos.server.sql.Statement;
import phaistos.server.wire.MessageReader;
import phaistos.server.xact.Transaction;

/** The simple query protocol: a text of statements, or one replication command. */
final class SimpleQueries {
  private final Session session;
  private final Network.Connection connection;
  private final MessageReader in;

  SimpleQueries(Session session, Network.Connection connection, MessageReader in) {
    this.session = session;
    this.connection = connection;
    this.in = in;
  }

  /** Runs the statements; answers whether the session goes on. */
  boolean run(String text) throws IOException {
    List<Statement> statements = session.parts().parser().parse(text);
    session.block().several(statements.size() > 1);
    try {
      return run(statements);
    } finally {
      session.block().several(false);
    }
  }

  private boolean run(List<Statement> statements) throws IOException {
    for (int i = 0; i < statements.size(); i++) {
      if (statements.get(i) instanceof Statement.Empty) {
        session.out().begin('I').end();
        continue;
      }
      session.restartTimers();
      if (statements.size() > 1) {
        // several statements of one message are one transaction
        session.block().requireNone(statements.get(i), true);
      }
      run(statements.get(i), i == statements.size() - 1);
      if (session.endsSilently()) {
        session.out().flush();
        return false;
      }
    }
    return session.endOfMessage();
  }

  private void run(Statement statement, boolean last) throws IOException {
    Outcome outcome =
        statement instanceof Statement.Sql(Command.Copy copy, int _)
            ? copy(statement, copy)
            : StatementRunner.run(
                session, new PlanSource(statement, List.of()), List.of(), session::commandComplete);
    ResultWriter.rows(session.out(), outcome, List.of());
    if (statement instanceof Statement.Commit) {
      return;
    }
    TransactionBlock block = session.block();
    if (last && block.state() == TransactionBlock.State.IMPLICIT) {
      block.finish(() -> session.commandComplete(outcome.tag()));
    } else {
      session.commandComplete(outcome.tag());
    }
  }

  private Outcome copy(Statement statement, Command.Copy copy) throws IOException {
    session.proc().checkInterrupts();
    session.block().check(statement);
    Transaction own = session.block().ensure();
    own.beginQuery();
    try {
      return new CopyQueries(session, in).run(copy);
    } finally {
      own.endStatement();
    }
  }

  boolean replicationCommand(String text) throws IOException {
    if (!ReplicationCommand.isOne(text)) {
      throw PgError.error(
          "0A000", "cannot execute SQL commands in WAL sender for physical replication");
    }
    session.log().replicationCommand(text, session.settings());
    boolean more =
        new ReplicationCommands(session, connection, in).run(ReplicationCommand.parse(text));
    return more && session.ready();
  }
}
