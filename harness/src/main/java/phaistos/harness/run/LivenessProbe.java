package phaistos.harness.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Properties;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;

/**
 * The act {@code liveness}, after the recovery: every fault is over and every node is there, so
 * that the primary must accept a write and its standbys must confirm it within a bound. Standbys
 * that do not catch up are seen by the recovery before. It also tells of backends that were not
 * released while the load ran.
 */
public final class LivenessProbe {
  public static final String LIVENESS = "liveness";

  private static final long SECOND = 1_000_000_000L;

  /** How long a healed cluster may take to acknowledge a commit. */
  private static final long LIMIT_NANOS = 60 * SECOND;

  private final Cluster cluster;
  private final WaiterWatch waiters;

  LivenessProbe(Cluster cluster, WaiterWatch waiters) {
    this.cluster = cluster;
    this.waiters = waiters;
  }

  /** Writes until a commit is acknowledged. */
  UntypedCall invoke(UntypedCall call) {
    long start = cluster.control().clock().monotonicNanos();
    String last = "";
    LinkedHashMap<Edn, Edn> value = new LinkedHashMap<>();
    boolean isAccepted = false;
    while (!isAccepted && cluster.control().clock().monotonicNanos() - start < LIMIT_NANOS) {
      try {
        write();
        isAccepted = true;
      } catch (SQLException e) {
        last = String.valueOf(e.getMessage());
        cluster.control().tasks().sleep(SECOND / 2);
      }
    }
    long nanos = cluster.control().clock().monotonicNanos() - start;
    value.put(Edn.keyword("writes"), isAccepted ? Edn.TRUE : Edn.FALSE);
    value.put(Edn.keyword("nanos"), Edn.of(nanos));
    List<Edn> notReleased = waiters.violations().stream().<Edn>map(Edn::of).toList();
    value.put(Edn.keyword("not-released"), new Edn.Vector(notReleased));
    if (!isAccepted) {
      value.put(Edn.keyword("last"), Edn.of(last));
    }
    return new UntypedCall(call.f(), new Edn.Table(value));
  }

  private void write() throws SQLException {
    Properties limits = new Properties();
    limits.setProperty("connectTimeout", "5");
    limits.setProperty("socketTimeout", "10");
    try (Connection connection = cluster.connect(cluster.primary(), limits);
        Statement statement = connection.createStatement()) {
      statement.execute("create table if not exists phaistos_liveness (id bigint)");
      statement.execute("insert into phaistos_liveness values (1)");
    }
  }
}
