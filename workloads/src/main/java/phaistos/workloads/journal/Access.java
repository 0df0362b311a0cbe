package phaistos.workloads.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
  private final TreeMap<NodeId, Numbered> others = new TreeMap<>();
  private long calls;

  /** Connections to other nodes that were opened so far. */
  private long opened;

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

  /** A connection to a node; {@code number}: the process' how many-th. */
  private record Numbered(Connection connection, long number) {}

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

  public Process.Client process() {
    return process;
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

  /** A number by which a process takes things in turn, and processes begin at different ones. */
  public long nextTurn() {
    calls++;
    return process.id() + calls;
  }

  /** Runs a transaction on the primary that also writes its marker into the journal. */
  public Completion<UntypedCall> write(UntypedCall call, Body body) {
    Edn marker = nextMarker();
    return transactor.transaction(
        call,
        Details.builder().marker(marker),
        (connection, details) -> {
          Sql sql = new Sql(connection, details);
          Journal.write(sql, marker, details);
          return body.run(sql);
        });
  }

  /** A transaction on the primary that writes, without a marker: the audit does not judge it. */
  public Completion<UntypedCall> writeUnmarked(UntypedCall call, Body body) {
    return transactor.transaction(
        call, Details.builder(), (connection, details) -> body.run(new Sql(connection, details)));
  }

  /**
   * A transaction that also writes its marker, by another client that waits for each answer so long
   * and no longer: then it closes its connection. The outcome is then unknown.
   */
  public Completion<UntypedCall> writeAndVanish(int answerSeconds, UntypedCall call, Body body) {
    JdbcOptions impatient = options.jdbc().withAnswerSeconds(answerSeconds);
    try (Access other = new Access(workload, process, cluster, options, impatient)) {
      Edn marker = nextMarker();
      return other.transactor.transaction(
          call,
          Details.builder().marker(marker),
          (connection, details) -> {
            Sql sql = new Sql(connection, details);
            Journal.write(sql, marker, details);
            return body.run(sql);
          });
    }
  }

  /** Statements on the primary that cannot run in a transaction block; each is one of its own. */
  public Completion<UntypedCall> administer(UntypedCall call, Body body) {
    Details.Builder details = Details.builder();
    Stage stage = Stage.CONNECT;
    try (Connection connection = Primary.find(cluster, options.jdbc().properties()).connection()) {
      stage = Stage.AUTOCOMMIT;
      return new Completion.Ok<>(body.run(new Sql(connection, details)), details.build());
    } catch (SQLException e) {
      return Transactor.failed(call, details, stage, e);
    }
  }

  /**
   * The same, at a level of {@code synchronous_commit} of its own.
   *
   * @param level as PostgreSQL names it
   */
  public Completion<UntypedCall> writeAt(String level, UntypedCall call, Body body) {
    Edn marker = nextMarker();
    return transactor.transaction(
        call,
        Details.builder().marker(marker),
        (connection, details) -> {
          details.synchronousCommit(level);
          Sql sql = new Sql(connection, details);
          sql.update("set local synchronous_commit = " + level);
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
    return transactor.read(call, (connection, details) -> body.run(new Sql(connection, details)));
  }

  private NodeId nextNode(boolean withPrimary) {
    List<NodeId> nodes = new ArrayList<>(cluster.nodes());
    if (!withPrimary) {
      nodes.remove(cluster.primary());
    }
    return nodes.get((int) Math.floorMod(nextTurn(), (long) nodes.size()));
  }

  /**
   * A transaction that only reads, on a node.
   *
   * @param standby whether a primary's answer is a fail
   */
  public Completion<UntypedCall> readOn(NodeId node, boolean standby, UntypedCall call, Body body) {
    return readOn(node, standby, false, call, body);
  }

  /**
   * One statement that reads, on a node, without a transaction block around it: so the call
   * completes as soon as the answer is there.
   */
  public Completion<UntypedCall> readOnceOn(NodeId node, UntypedCall call, Body body) {
    return readOn(node, false, true, call, body);
  }

  private Completion<UntypedCall> readOn(
      NodeId node, boolean standby, boolean once, UntypedCall call, Body body) {
    Details.Builder details = Details.builder().node(node.name());
    Stage stage = Stage.CONNECT;
    try {
      Numbered other = other(node);
      Connection connection = other.connection();
      stage = Stage.READ;
      connection.setAutoCommit(once);
      boolean isStandby = Primary.isInRecovery(connection);
      if (standby && !isStandby) {
        throw new SQLException("not a standby", "25006");
      }
      details.unknown(role(isStandby, other.number()));
      UntypedCall done = body.run(new Sql(connection, details));
      if (!once) {
        connection.rollback();
      }
      return new Completion.Ok<>(done, details.build());
    } catch (SQLException e) {
      abandon(node);
      return Transactor.failed(call, details, stage, e);
    }
  }

  /** {@code :role}, and {@code :connection}: the process' how many-th to any node. */
  private static Edn.Table role(boolean isStandby, long connection) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("role"), Edn.keyword(isStandby ? "standby" : "primary"));
    table.put(Edn.keyword("connection"), Edn.of(connection));
    return new Edn.Table(table);
  }

  private Numbered other(NodeId node) throws SQLException {
    Numbered known = others.get(node);
    if (known == null) {
      Connection connection = cluster.connect(node, options.jdbc().forStandby().properties());
      connection.setAutoCommit(false);
      opened++;
      known = new Numbered(connection, opened);
      others.put(node, known);
    }
    return known;
  }

  private void abandon(NodeId node) {
    Numbered old = others.remove(node);
    if (old != null) {
      try {
        old.connection().close();
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
