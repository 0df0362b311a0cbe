package phaistos.workloads.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Completion;
import phaistos.workloads.JdbcOptions;
import phaistos.workloads.Primary;
import phaistos.workloads.SqlOutcome.Stage;
import phaistos.workloads.Transactor;
import phaistos.workloads.WorkloadOptions;

/**
 * The transactions of one process, on the primary and on other nodes. A transaction on the primary
 * is committed by {@link Transactor}; a read of another node changes nothing, so that after any
 * error it is a fail. Not thread-safe.
 */
public final class Access implements AutoCloseable {
  private final String workload;
  private final Process.Client process;
  private final Cluster cluster;
  private final WorkloadOptions options;
  private final Transactor transactor;
  private final TreeMap<NodeId, Connection> others = new TreeMap<>();
  private long calls;

  Access(String workload, Process.Client process, Cluster cluster, WorkloadOptions options) {
    this(workload, process, cluster, options, options.jdbc());
  }

  private Access(
      String workload,
      Process.Client process,
      Cluster cluster,
      WorkloadOptions options,
      JdbcOptions jdbc) {
    this.workload = workload;
    this.process = process;
    this.cluster = cluster;
    this.options = options;
    this.transactor = new Transactor(cluster, jdbc);
  }

  /** The statements of a transaction. */
  public interface Body {
    /**
     * Runs them; autocommit is off.
     *
     * @return the call with its result
     * @throws Transactor.RolledBack to roll the transaction back: its call is a fail
     */
    UntypedCall run(Sql sql) throws SQLException;
  }

  public Cluster cluster() {
    return cluster;
  }

  public WorkloadOptions options() {
    return options;
  }

  /** The transactor, for transactions that do not write the journal as others do. */
  public Transactor transactor() {
    return transactor;
  }

  /** A marker that no other transaction of the run has: {@code "bank-3-17"}. */
  public Edn nextMarker() {
    calls++;
    return Edn.of(workload + "-" + process.id() + "-" + calls);
  }

  /** Runs a transaction on the primary that also writes its marker into the journal. */
  public Completion<UntypedCall> write(UntypedCall call, Body body) {
    Edn marker = nextMarker();
    return transactor.transaction(
        call,
        Details.builder().marker(marker),
        (connection, details) -> {
          Sql sql = new Sql(connection);
          Journal.write(sql, marker, details);
          return body.run(sql);
        });
  }

  /**
   * A transaction that only reads, on the nodes that the options say. On the primary it writes its
   * marker: PostgreSQL answers a transaction that wrote nothing at once, although what it saw may
   * be on no standby yet (after a crash of a primary whose commits were waiting).
   */
  public Completion<UntypedCall> read(UntypedCall call, Body body) {
    return switch (options.readFrom()) {
      case PRIMARY -> write(call, body);
      case STANDBY -> readOn(nextNode(false), true, call, body);
      case ANY -> readOn(nextNode(true), false, call, body);
    };
  }

  /** A transaction on the primary that writes nothing at all. */
  public Completion<UntypedCall> bareRead(UntypedCall call, Body body) {
    return transactor.read(call, (connection, _) -> body.run(new Sql(connection)));
  }

  private NodeId nextNode(boolean withPrimary) {
    List<NodeId> nodes = new ArrayList<>(cluster.nodes());
    if (!withPrimary) {
      nodes.remove(cluster.primary());
    }
    calls++;
    return nodes.get((int) Math.floorMod(process.id() + calls, (long) nodes.size()));
  }

  /**
   * A transaction that only reads, on a node.
   *
   * @param standby whether a primary's answer is a fail
   */
  public Completion<UntypedCall> readOn(NodeId node, boolean standby, UntypedCall call, Body body) {
    Details.Builder details = Details.builder().node(node.name());
    Stage stage = Stage.CONNECT;
    try {
      Connection connection = other(node);
      stage = Stage.READ;
      if (standby && !Primary.isInRecovery(connection)) {
        throw new SQLException("not a standby", "25006");
      }
      UntypedCall done = body.run(new Sql(connection));
      connection.rollback();
      return new Completion.Ok<>(done, details.build());
    } catch (SQLException e) {
      abandon(node);
      return Transactor.failed(call, details, stage, e);
    }
  }

  private Connection other(NodeId node) throws SQLException {
    Connection known = others.get(node);
    if (known == null) {
      known = cluster.connect(node, options.jdbc().forStandby().properties());
      known.setAutoCommit(false);
      others.put(node, known);
    }
    return known;
  }

  private void abandon(NodeId node) {
    Connection old = others.remove(node);
    if (old != null) {
      try {
        old.close();
      } catch (SQLException _) {
        // It is of no use any more, whatever the reason.
      }
    }
  }

  Completion<UntypedCall> finalRead(UntypedCall call) {
    return bareRead(call, sql -> new UntypedCall(call.f(), Journal.read(sql)));
  }

  Completion<UntypedCall> standbyRead(UntypedCall call) {
    NodeId node = new NodeId(StandbyRead.node(call));
    return readOn(node, true, call, sql -> StandbyRead.call(node, Journal.read(sql)));
  }

  @Override
  public void close() {
    transactor.close();
    List.copyOf(others.keySet()).forEach(this::abandon);
  }
}
