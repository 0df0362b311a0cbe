package phaistos.workloads.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import phaistos.cluster.Cluster;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Client;
import phaistos.workloads.Completion;
import phaistos.workloads.Primary;
import phaistos.workloads.WorkloadOptions;

/**
 * A client whose calls are transactions that write the journal. It reads the journal at the end.
 *
 * @param workload the beginning of its markers
 * @param statements what brings the workload's own tables to the state from which a run starts
 */
public record JournaledClient(
    String workload, Cluster cluster, WorkloadOptions options, List<String> statements, Calls calls)
    implements Client<UntypedCall> {
  public JournaledClient {
    statements = List.copyOf(statements);
  }

  /** How the client makes its calls. Thread-safe. */
  public interface Calls {
    Completion<UntypedCall> invoke(Access access, UntypedCall call) throws SQLException;
  }

  @Override
  public void setup() throws SQLException {
    List<String> all = new ArrayList<>(Journal.SETUP);
    all.addAll(statements);
    Primary.execute(cluster, options.jdbc(), all);
  }

  @Override
  public Session<UntypedCall> open(int thread, Process.Client process) {
    Access access = new Access(workload, process, cluster, options);
    return new Session<>() {
      @Override
      public Completion<UntypedCall> invoke(Event.Invoke<UntypedCall> invocation)
          throws SQLException {
        UntypedCall call = invocation.call();
        return switch (call.name()) {
          case Journal.FINAL_READ -> access.finalRead(call);
          case Journal.STANDBY_READ -> access.standbyRead(call);
          default -> calls.invoke(access, call);
        };
      }

      @Override
      public void close() {
        access.close();
      }
    };
  }
}
