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
 * that the primary must accept a write and its standbys must confirm it within a bound. They must
 * go on doing so: forty writes at {@code remote_apply}, with checkpoints in between, since what
 * answers once may stop later. Standbys that do not catch up are seen by the recovery before. It
 * also tells of backends that were not released while the load ran.
 */
public final class LivenessProbe {
  public static final String LIVENESS = "liveness";

  private static final long SECOND = 1_000_000_000L;

  /** How long a healed cluster may take to acknowledge a commit. */
  private static final long LIMIT_NANOS = 60 * SECOND;

  private static final int WRITES = 40;

  /** A checkpoint after so many writes; each notes the running transactions for the standbys. */
  private static final int WRITES_PER_CHECKPOINT = 5;

  private final Cluster cluster;
  private final WaiterWatch waiters;

  LivenessProbe(Cluster cluster, WaiterWatch waiters) {
    this.cluster = cluster;
    this.waiters = waiters;
  }

  /** Writes until every commit is acknowledged; each has a bound of its own. */
  UntypedCall invoke(UntypedCall call) {
    long start = cluster.control().clock().monotonicNanos();
    long since = start;
    int written = 0;
    String last = "";
    while (written < WRITES && cluster.control().clock().monotonicNanos() - since < LIMIT_NANOS) {
      try (Connection connection = cluster.connect(cluster.primary(), limits());
          Statement statement = connection.createStatement()) {
        statement.execute("set synchronous_commit = remote_apply");
        statement.execute("create table if not exists phaistos_liveness (id bigint)");
        while (written < WRITES) {
          statement.execute("insert into phaistos_liveness values (" + written + ")");
          written++;
          since = cluster.control().clock().monotonicNanos();
          if (written % WRITES_PER_CHECKPOINT == 0) {
            statement.execute("checkpoint");
          }
        }
      } catch (SQLException e) {
        last = String.valueOf(e.getMessage());
        cluster.control().tasks().sleep(SECOND / 2);
      }
    }
    LinkedHashMap<Edn, Edn> value = new LinkedHashMap<>();
    boolean isAccepted = written == WRITES;
    value.put(Edn.keyword("writes"), isAccepted ? Edn.TRUE : Edn.FALSE);
    value.put(Edn.keyword("acknowledged"), Edn.of(written));
    value.put(Edn.keyword("nanos"), Edn.of(cluster.control().clock().monotonicNanos() - start));
    List<Edn> notReleased = waiters.violations().stream().<Edn>map(Edn::of).toList();
    value.put(Edn.keyword("not-released"), new Edn.Vector(notReleased));
    if (!isAccepted) {
      value.put(Edn.keyword("last"), Edn.of(last));
    }
    return new UntypedCall(call.f(), new Edn.Table(value));
  }

  private static Properties limits() {
    Properties limits = new Properties();
    limits.setProperty("connectTimeout", "5");
    limits.setProperty("socketTimeout", "10");
    return limits;
  }
}
