package phaistos.cluster;

import java.util.List;
import java.util.OptionalLong;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.RestartReport;

/** The single processes of the nodes' servers, by what they do. */
public interface ServerProcesses {
  /** PostgreSQL's kinds of child processes. */
  enum Role {
    STARTUP,
    CHECKPOINTER,
    BACKGROUND_WRITER,
    WALWRITER,
    WALSENDER,
    WALRECEIVER,
    BACKEND
  }

  /** SIGSTOP, SIGCONT, SIGKILL. */
  enum Act {
    STOP,
    CONTINUE,
    KILL
  }

  /** The ways to ask a server to end: SIGTERM, SIGINT, SIGQUIT. */
  enum Shutdown {
    /** Waits for its clients. */
    SMART,
    /** Ends their transactions. */
    FAST,
    /** Ends without a checkpoint: the next start runs redo. */
    IMMEDIATE
  }

  /** The process ids of that role, the oldest first; empty if there is none. */
  List<Long> find(NodeId node, Role role);

  /** Sends a signal; false if the node's server has no such process any more. */
  boolean act(NodeId node, long pid, Act act);

  /** Whether a node's server has this process. */
  boolean isThere(NodeId node, long pid);

  /** Asks a server to end, and returns at once. */
  void shutDown(NodeId node, Shutdown mode);

  /**
   * Starts a node that is down; its first process of a role is stopped as soon as it is there, and
   * goes on later. Returns as {@link Nodes#restart} does.
   */
  StartReport restartStopping(NodeId node, Role role, long stoppedNanos);

  /**
   * @param stopped the process that was stopped; empty if none of the role appeared
   */
  record StartReport(RestartReport restart, OptionalLong stopped) {}
}
