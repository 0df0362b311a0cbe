package phaistos.workloads;

import phaistos.histories.Event;
import phaistos.histories.Process;

/** How a workload talks to the database. Thread-safe; its sessions are not. */
public interface Client<C> {
  /** Brings the database to the state from which a run starts; called once, before it. */
  void setup() throws Exception;

  /**
   * A session for a process. Does not change the database's content. If it throws, the call for
   * which it was opened is a fail: nothing was sent.
   *
   * @param thread the client thread, from 0; the process is new after every info
   */
  Session<C> open(int thread, Process.Client process) throws Exception;

  /** Called once, after the run. Leaves the database running, and the data where they are. */
  default void teardown() throws Exception {}

  /** One process's session with the database. */
  interface Session<C> {
    /** Makes a call and says how it ended. An exception counts as an info. */
    Completion<C> invoke(Event.Invoke<C> invocation) throws Exception;

    /** Closes the session. Does not change the database's content. */
    void close() throws Exception;
  }
}
