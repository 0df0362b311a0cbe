package phaistos.cluster;

/**
 * An ability of a cluster that a fault, a trigger or an audit may need. Not every cluster has all
 * of them.
 */
public enum Capability {
  /** SIGKILL to a node's process, and starting it again. */
  KILL("kill a node"),
  /** SIGSTOP and SIGCONT. */
  PAUSE("pause a node"),
  /** Stopping the bytes of one directed stream of one link: {@link Links}. */
  CUT("cut a stream between nodes"),
  /** Making one directed stream of one link slow: {@link SlowLinks}. */
  SLOW_LINK("limit the bandwidth of a stream"),
  /** Toxiproxy's toxics on one directed stream of one link: {@link Toxics}. */
  TOXIC("add a toxic to a stream"),
  /** Taking the power away, with the unsynced writes: {@link Power#crash}. */
  POWER_CUT("lose unsynced writes"),
  /** Images of a stopped node's files: {@link Images#image}. */
  IMAGES("give images of a node's files"),
  /** Failing syncs, a full disk, a slow disk, flipped bits: {@link Disks}. */
  DISK("disturb a node's disk"),
  /** Damaging a node's files, and syncs that lie: {@link DiskDamage}. */
  DISK_DAMAGE("damage a node's files"),
  /** Setting a node's wall clock wrong: {@link Clocks}. */
  CLOCK("set a node's clock"),
  /** Promotion, following and joining again by the operator: {@link OperatorActs}. */
  OPERATOR("promote and rejoin nodes"),
  /** Lines of the nodes' logs while they run. */
  LOG("read a node's log"),
  /** Signals to a single process of a node's server: {@link ServerProcesses}. */
  SERVER_PROCESSES("act on a single process of a node's server"),
  /**
   * A node's settings while it runs, and its rebuilding from an archive: {@link Administration}.
   */
  ADMINISTRATION("change a node's settings and rebuild it from an archive"),
  /** Acting at a step of the server's code: {@link ServerSteps}. */
  STEPS("watch the steps of a node's server"),
  /** Acting at a message on the replication stream: {@link ReplicationMessages}. */
  REPLICATION_MESSAGES("watch the messages of the replication stream");

  private final String act;

  Capability(String act) {
    this.act = act;
  }

  /** The act, in words that fit after "cannot": "pause a node". */
  public String act() {
    return act;
  }
}
