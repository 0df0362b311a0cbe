package phaistos.harness.isolation;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.OneValue;
import phaistos.harness.ClusterPlan;
import phaistos.harness.Deployment;
import phaistos.harness.FaultPlan;
import phaistos.harness.Keep;
import phaistos.harness.LoadPlan;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.histories.Edn;
import phaistos.workloads.Isolation;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.WorkloadFactory;
import phaistos.workloads.Workloads;

/**
 * Workloads under faults at each level of isolation, with reads on the primary and on the standbys.
 * All workloads of one level and place run at once, on one cluster.
 *
 * @param faults of every run
 * @param load of every run, but for isolation and place
 */
public record IsolationMatrix(
    Deployment deployment, FaultPlan faults, LoadPlan load, long seed, Path store) {
  static final List<String> WORKLOADS =
      List.of("list-append", "rw-register", "bank", "long-fork", "g2");

  /**
   * One cell.
   *
   * @param expected what must hold, or what the database must refuse
   * @param verdict valid, invalid or unknown; refused where nothing can run
   * @param reason of a verdict that is not valid
   */
  public record Cell(
      String workload,
      Isolation isolation,
      ReadFrom from,
      String expected,
      String verdict,
      String reason) {
    public boolean isAsExpected() {
      return verdict.equals("valid") || verdict.equals("refused");
    }
  }

  /**
   * A run, with the cells that it fills.
   *
   * @param folder of the run, with the images of its nodes; empty if nothing ran
   */
  public record Row(List<Cell> cells, String faults, Optional<Path> folder) {}

  /** Runs everything of one level and place. */
  public Row run(Isolation isolation, ReadFrom from) {
    if (isolation == Isolation.SERIALIZABLE && from == ReadFrom.STANDBY) {
      return refused(isolation, from);
    }
    List<Workloads.Entry> entries =
        WORKLOADS.stream()
            .map(name -> Workloads.named(name).orElseThrow())
            .filter(entry -> from == ReadFrom.PRIMARY || entry.readsAnywhere())
            .toList();
    Map<String, String> claims = new LinkedHashMap<>();
    WorkloadFactory all = Workloads.combined(entries);
    WorkloadFactory noting =
        (cluster, options) -> {
          for (Workloads.Entry entry : entries) {
            claims.put(entry.name(), entry.factory().create(cluster, options).claim());
          }
          return all.create(cluster, options);
        };
    TestResult result =
        TestPlan.of("isolation", noting)
            .on(deployment)
            .faults(faults)
            .load(load.withIsolation(isolation).withReadFrom(from))
            .seed(seed)
            .output(new TestPlan.Output(store, Optional.empty(), Keep.IMAGES))
            .run();
    Edn.Table parts = StoredRun.open(result.folder()).results();
    List<Cell> cells = new ArrayList<>();
    for (String name : WORKLOADS) {
      if (claims.containsKey(name)) {
        cells.add(judged(name, isolation, from, claims.get(name), parts));
      }
    }
    return new Row(cells, result.measures().faults().toString(), Optional.of(result.folder()));
  }

  /** The verdict of a workload: of its own checkers, and of what all workloads share. */
  private static Cell judged(
      String name, Isolation isolation, ReadFrom from, String claim, Edn.Table parts) {
    String verdict = "valid";
    String reason = "";
    for (Map.Entry<Edn, Edn> part : parts.entries().entrySet()) {
      if (!(part.getKey() instanceof Edn.Keyword(String key))
          || !(part.getValue() instanceof Edn.Table value)
          || value.get("valid?").equals(Edn.NIL)) {
        continue;
      }
      boolean isOthers =
          WORKLOADS.stream().anyMatch(other -> !other.equals(name) && key.startsWith(other + ":"));
      boolean isValid = value.get("valid?").equals(Edn.TRUE);
      if (isOthers || isValid || verdict.equals("invalid")) {
        continue;
      }
      verdict = value.get("valid?").equals(Edn.FALSE) ? "invalid" : "unknown";
      reason = key + ": " + (value.get("reason") instanceof Edn.Text(String text) ? text : "");
    }
    return new Cell(name, isolation, from, claim, verdict, reason);
  }

  /** A hot standby must refuse to serialize, and says so. */
  private Row refused(Isolation isolation, ReadFrom from) {
    String answer =
        deployment.experiment(ClusterPlan.DEFAULT.withNodes(2), seed, IsolationMatrix::ask);
    boolean isRefused = answer.startsWith("0A000");
    return new Row(
        List.of(
            new Cell(
                "all",
                isolation,
                from,
                "refused: a hot standby has no SERIALIZABLE",
                isRefused ? "refused" : "invalid",
                answer)),
        "",
        Optional.empty());
  }

  private static String ask(Cluster cluster) {
    cluster.start();
    NodeId standby =
        cluster.nodes().stream()
            .filter(node -> !node.equals(cluster.primary()))
            .findFirst()
            .orElseThrow();
    Properties limits = OneValue.limits(5, 30, "phaistos-isolation");
    try (Connection connection = cluster.connect(standby, limits);
        Statement statement = connection.createStatement()) {
      statement.execute("begin isolation level serializable");
      statement.execute("select 1");
      return "it was not refused";
    } catch (SQLException e) {
      return e.getSQLState() + " " + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
  }
}
