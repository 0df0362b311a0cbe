package phaistos.harness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.cluster.Capabilities;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Faults;
import phaistos.nemesis.Swarm;
import phaistos.workloads.Workloads;
import phaistos.workloads.commits.Commits;

/**
 * The default mix: what a simulated run does if it is told nothing but a seed. The seed draws the
 * workloads, the nodes, what is promised, the settings and the faults.
 */
public final class Mix {
  private static final List<String> OFTEN = List.of("levels", "register", "savepoints");

  private Mix() {}

  /** The test of a seed. */
  public static TestPlan plan(long seed) {
    List<Workloads.Entry> workloads = workloads(seed);
    String name = String.join(",", workloads.stream().map(Workloads.Entry::name).toList());
    return TestPlan.of(name, Workloads.factory(workloads))
        .cluster(cluster(seed))
        .faults(faults(Deployment.simulated().capabilities()))
        .seed(seed);
  }

  /**
   * Commits, and beside it some others at once. Levels, registers and savepoints come often, since
   * much can be seen by them alone.
   */
  public static List<Workloads.Entry> workloads(long seed) {
    Seed draw = own(seed).child("workloads");
    List<Workloads.Entry> drawn = new ArrayList<>();
    List<Workloads.Entry> others = new ArrayList<>();
    for (Workloads.Entry entry : Workloads.all()) {
      boolean isOften = OFTEN.contains(entry.name()) && draw.child(entry.name()).drawInt(2) == 0;
      (entry.name().equals(Commits.NAME) || isOften ? drawn : others).add(entry);
    }
    for (int more = 2; more > 0; more--) {
      drawn.add(others.remove(draw.child(more).drawInt(others.size())));
    }
    return List.copyOf(drawn);
  }

  /** Faults of every kind that a cluster can have and the fault model promises to survive. */
  public static FaultPlan faults(Capabilities capabilities) {
    return new FaultPlan.Swarm(
        Swarm.KINDS.stream()
            .filter(kind -> Faults.objection(Faults.kind(kind), capabilities).isEmpty())
            .toList());
  }

  /** Mostly three nodes and a commit that waits for one flush. */
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
      case 3 -> Optional.of("ANY 1 (" + allButLast + ")");
      default -> Optional.empty();
    };
  }

  private static Optional<String> level(Seed draw) {
    return switch (draw.drawInt(10)) {
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
