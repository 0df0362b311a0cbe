package phaistos.workloads;

import java.sql.SQLException;
import java.util.List;
import phaistos.cluster.Cluster;
import phaistos.histories.Event;
import phaistos.histories.Process;

/**
 * A client whose calls are transactions on the primary, over JDBC.
 *
 * @param statements what brings the database to the state from which a run starts
 * @param calls makes a call in a session's transactions
 */
public record JdbcClient<C>(
    Cluster cluster, JdbcOptions options, List<String> statements, Calls<C> calls)
    implements Client<C> {
  public JdbcClient {
    statements = List.copyOf(statements);
  }

  /** How the client makes its calls. Thread-safe. */
  public interface Calls<C> {
    Completion<C> invoke(Transactor transactor, C call) throws SQLException;
  }

  @Override
  public void setup() throws SQLException {
    Primary.execute(cluster, options, statements);
  }

  @Override
  public Session<C> open(int thread, Process.Client process) {
    Transactor transactor = new Transactor(cluster, options);
    return new Session<>() {
      @Override
      public Completion<C> invoke(Event.Invoke<C> invocation) throws SQLException {
        return calls.invoke(transactor, invocation.call());
      }

      @Override
      public void close() {
        transactor.close();
      }
    };
  }
}
