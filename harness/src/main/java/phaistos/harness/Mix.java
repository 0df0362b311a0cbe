package phaistos.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.cluster.Capabilities;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Faults;
import phaistos.nemesis.Swarm;
import phaistos.workloads.Isolation;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.Workloads;
import phaistos.workloads.commits.Commits;

/**
 * The default mix: what a simulated run does if it is told nothing but a seed. The seed draws the
 * workloads, the nodes, what is promised, the settings and the faults.
 */
public final class Mix {
  /** How often a workload is drawn, relative to the others: more can be seen by some. */
  private static final Map<String, Integer> WEIGHTS =
      Map.of(
          Commits.NAME,
          4,
          "levels",
          5,
          "register",
          3,
          "savepoints",
          3,
          "bank",
          2,
          "counter",
          2,
          "cancel",
          2,
          "standby-reads",
          2,
          "list-append",
          2,
          "ddl",
          2);

  private Mix() {}

  /** The test of a seed. */
  public static TestPlan plan(long seed) {
    List<Workloads.Entry> workloads = workloads(seed);
    String name = String.join(",", workloads.stream().map(Workloads.Entry::name).toList());
    return TestPlan.of(name, Workloads.factory(workloads))
        .cluster(cluster(seed))
        .faults(faults(Deployment.simulated().capabilities()))
        .load(load(seed, workloads))
        .seed(seed);
  }

  /** One to three at once: each more has less of the rate, so that fewer of its clients meet. */
  public static List<Workloads.Entry> workloads(long seed) {
    Seed draw = own(seed).child("workloads");
    List<Workloads.Entry> drawn = new ArrayList<>();
    List<Workloads.Entry> others = new ArrayList<>(Workloads.all());
    for (int more = 1 + draw.child("count").drawInt(3); more > 0; more--) {
      drawn.add(others.remove(weighted(draw.child(more), others)));
    }
    return List.copyOf(drawn);
  }

  private static int weighted(Seed draw, List<Workloads.Entry> entries) {
    int sum = entries.stream().mapToInt(Mix::weight).sum();
    int at = draw.drawInt(sum);
    for (int i = 0; ; i++) {
      at -= weight(entries.get(i));
      if (at < 0) {
        return i;
      }
    }
  }

  private static int weight(Workloads.Entry entry) {
    return WEIGHTS.getOrDefault(entry.name(), 1);
  }

  /** Short runs: what is not drawn in one is drawn in the next. */
  private static LoadPlan load(long seed, List<Workloads.Entry> workloads) {
    Seed draw = own(seed).child("load");
    Duration limit = Duration.ofSeconds(List.of(10, 15, 25).get(draw.child("limit").drawInt(3)));
    int rate = List.of(100, 200, 400).get(draw.child("rate").drawInt(3));
    int burst = List.of(1, 4, 10).get(draw.child("burst").drawInt(3));
    boolean isSnapshot = draw.child("isolation").drawInt(4) == 0;
    boolean readsAnywhere =
        workloads.stream().allMatch(Workloads.Entry::readsAnywhere)
            && draw.child("read-from").drawInt(3) == 0;
    return new LoadPlan(limit, 10, rate)
        .withBurst(burst)
        .withIsolation(isSnapshot ? Isolation.REPEATABLE_READ : Isolation.READ_COMMITTED)
        .withReadFrom(readsAnywhere ? ReadFrom.ANY : ReadFrom.PRIMARY);
  }

  /** Faults of every kind that a cluster can have and the fault model promises to survive. */
  public static FaultPlan faults(Capabilities capabilities) {
    return new FaultPlan.Swarm(
        Swarm.KINDS.stream()
            .filter(kind -> Faults.objection(Faults.kind(kind), capabilities).isEmpty())
            .toList());
  }

  /** Mostly three nodes, and in half of the runs a commit that waits for one flush. */
  public static ClusterPlan cluster(long seed) {
    Seed draw = own(seed).child("cluster");
    int nodes = List.of(3, 3, 3, 3, 4, 5).get(draw.child("nodes").drawInt(6));
    return new ClusterPlan(
        nodes,
        standbyNames(draw.child("names"), nodes),
        level(draw.child("level")),
        List.of(),
        settings(draw.child("settings")));
  }

  private static Optional<String> standbyNames(Seed draw, int nodes) {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= nodes; i++) {
      names.add("n" + i);
    }
    String all = String.join(", ", names);
    String allButLast = String.join(", ", names.subList(0, nodes - 1));
    return switch (draw.drawInt(10)) {
      case 0 -> Optional.of("FIRST 1 (" + all + ")");
      case 1 -> Optional.of("ANY 2 (" + all + ")");
      case 2 -> Optional.of("FIRST 2 (" + all + ")");
      case 3, 4 -> Optional.of("ANY 1 (" + allButLast + ")");
      default -> Optional.empty();
    };
  }

  private static Optional<String> level(Seed draw) {
    return switch (draw.drawInt(8)) {
      case 0 -> Optional.of("remote_apply");
      case 1 -> Optional.of("remote_write");
      default -> Optional.empty();
    };
  }

  private static Map<String, String> settings(Seed draw) {
    Map<String, String> settings = new LinkedHashMap<>();
    choose(draw, settings, "max_wal_size", "2MB", "4MB", "64MB");
    choose(draw, settings, "checkpoint_completion_target", "0", "0.5", "0.9");
    choose(draw, settings, "wal_writer_delay", "10ms", "200ms", "2s");
    choose(draw, settings, "wal_receiver_status_interval", "1s", "10s");
    choose(draw, settings, "shared_buffers", "128kB", "16MB", "16MB");
    return settings;
  }

  private static void choose(
      Seed draw, Map<String, String> settings, String name, String... values) {
    settings.put(name, values[draw.child(name).drawInt(values.length)]);
  }

  private static Seed own(long seed) {
    return new Seed(seed).child("mix");
  }
}
