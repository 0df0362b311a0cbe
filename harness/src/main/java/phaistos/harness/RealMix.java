package phaistos.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Swarm;
import phaistos.workloads.Isolation;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.Workloads;
import phaistos.workloads.commits.Commits;

/**
 * The mix for a real database: the seed draws workloads, nodes, what is promised, the settings and
 * the faults, among those that the cluster can have. As in {@link Mix} it also draws a focus, since
 * what must come together to be seen is drawn together. Runs are short: what is not drawn in one is
 * drawn in the next.
 */
public final class RealMix {
  /** What a run looks at most. */
  private enum Focus {
    /** Anything with anything. */
    EVERYTHING,
    /** What a power cut, a crash and a recovery leave of a node's files. */
    STORAGE,
    /** One promotion after another, and standbys that are late. */
    TIMELINES,
    /** What transactions see, on the primary and on the standbys. */
    ISOLATION,
    /** Single processes of the server, its slots and its archive. */
    SERVER
  }

  private RealMix() {}

  /** The test of a seed. */
  public static TestPlan plan(long seed, Deployment deployment) {
    Seed draw = new Seed(seed).child("real-mix");
    Focus focus =
        one(
            draw.child("focus"),
            Focus.EVERYTHING,
            Focus.STORAGE,
            Focus.TIMELINES,
            Focus.TIMELINES,
            Focus.ISOLATION,
            Focus.SERVER);
    List<Workloads.Entry> workloads = workloads(focus, draw.child("workloads"));
    String name = String.join(",", workloads.stream().map(Workloads.Entry::name).toList());
    return TestPlan.of(name, Workloads.factory(workloads))
        .on(deployment)
        .cluster(cluster(focus, deployment.capabilities(), draw.child("cluster")))
        .faults(new FaultPlan.Swarm(Mix.possible(faults(focus), deployment.capabilities())))
        .load(load(workloads, deployment.database().equals("phaistos"), draw.child("load")))
        .seed(seed);
  }

  private static List<Workloads.Entry> workloads(Focus focus, Seed draw) {
    return switch (focus) {
      case EVERYTHING ->
          Mix.some(draw, 2, Workloads.all().stream().map(Workloads.Entry::name).toList());
      case STORAGE ->
          Mix.some(
              draw, 2, List.of(Commits.NAME, "bank", "savepoints", "counter", "ddl", "levels"));
      case TIMELINES ->
          Mix.some(draw, 1, List.of(Commits.NAME, Commits.NAME, "levels", "list-append"));
      case ISOLATION ->
          Mix.some(
              draw,
              1,
              List.of(
                  "list-append",
                  "list-append",
                  "rw-register",
                  "bank",
                  "long-fork",
                  "g2",
                  "write-skew",
                  "standby-reads",
                  "causal-reverse",
                  "monotonic"));
      case SERVER -> Mix.some(draw, 2, List.of(Commits.NAME, "cancel", "register", "bank", "set"));
    };
  }

  private static List<String> faults(Focus focus) {
    return switch (focus) {
      // two primaries on one timeline would archive different segments under one name
      case EVERYTHING ->
          Swarm.KINDS.stream().filter(kind -> !kind.equals("two-primaries")).toList();
      case STORAGE ->
          List.of(
              "checkpoint",
              "crash",
              "kill",
              "failover",
              "slow-disk",
              "cold-restart",
              "kill-process",
              "shutdown",
              "switch-wal");
      case TIMELINES ->
          List.of("failover", "switchover", "slow-link", "kill", "crash", "partition");
      case ISOLATION ->
          List.of(
              "partition",
              "slow-link",
              "pause",
              "kill",
              "failover",
              "stop-process",
              "slow-process",
              "terminate-backend");
      case SERVER ->
          List.of(
              "stop-process",
              "slow-process",
              "kill-process",
              "shutdown",
              "start-stopped",
              "slot",
              "archive-failure",
              "archive-only",
              "rebuild",
              "reload",
              "switch-wal",
              "cancel-backend",
              "terminate-backend",
              "terminate-walsender",
              "failover");
    };
  }

  /** Mostly three nodes, and mostly a commit that waits for one flush. */
  private static ClusterPlan cluster(Focus focus, Capabilities here, Seed draw) {
    int nodes = focus == Focus.TIMELINES ? 3 : one(draw.child("nodes"), 3, 3, 3, 4);
    String level = one(draw.child("level"), "on", "on", "on", "on", "remote_apply", "remote_write");
    return new ClusterPlan(
        nodes,
        standbyNames(focus, draw.child("names"), nodes),
        level.equals("on") ? Optional.empty() : Optional.of(level),
        List.of(),
        settings(here.has(Capability.ADMINISTRATION), draw.child("settings")));
  }

  /** Where a commit waits for every standby, each of them must survive the loss of all others. */
  private static Optional<String> standbyNames(Focus focus, Seed draw, int nodes) {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= nodes; i++) {
      names.add("n" + i);
    }
    String all = String.join(", ", names);
    List<String> given =
        List.of(
            "ANY " + (nodes - 1) + " (" + all + ")",
            "FIRST " + (nodes - 1) + " (" + all + ")",
            "FIRST 1 (" + all + ")");
    if (focus == Focus.TIMELINES) {
      return Optional.of(given.get(draw.drawInt(4) % given.size()));
    }
    int at = draw.drawInt(8);
    return at < given.size() ? Optional.of(given.get(at)) : Optional.empty();
  }

  private static Map<String, String> settings(boolean hasArchive, Seed draw) {
    Map<String, String> settings = new LinkedHashMap<>();
    choose(draw, settings, "max_wal_size", "64MB", "64MB", "1GB");
    choose(draw, settings, "shared_buffers", "128kB", "16MB", "16MB");
    choose(draw, settings, "wal_writer_delay", "10ms", "200ms", "2s");
    choose(draw, settings, "wal_compression", "off", "on");
    choose(draw, settings, "hot_standby_feedback", "off", "on");
    choose(draw, settings, "wal_receiver_status_interval", "1s", "10s");
    if (hasArchive && draw.child("restore").drawInt(4) == 0) {
      settings.put("restore_command", "archive");
    }
    return settings;
  }

  private static void choose(
      Seed draw, Map<String, String> settings, String name, String... values) {
    settings.put(name, one(draw.child(name), values));
  }

  private static LoadPlan load(List<Workloads.Entry> workloads, boolean isOurs, Seed draw) {
    boolean isFree = workloads.stream().allMatch(Workloads.Entry::readsAnywhere);
    ReadFrom from =
        isFree ? one(draw.child("from"), ReadFrom.PRIMARY, ReadFrom.ANY) : ReadFrom.PRIMARY;
    // a hot standby refuses SERIALIZABLE, and so does our server
    Isolation isolation =
        isFree && from == ReadFrom.PRIMARY && !isOurs
            ? one(draw.child("isolation"), Isolation.values())
            : one(draw.child("isolation"), Isolation.READ_COMMITTED, Isolation.REPEATABLE_READ);
    return new LoadPlan(
            Duration.ofSeconds(one(draw.child("limit"), 15, 20, 30)),
            10,
            one(draw.child("rate"), 60, 100, 200))
        .withBurst(one(draw.child("burst"), 1, 1, 4))
        .withIsolation(isolation)
        .withReadFrom(from);
  }

  @SafeVarargs
  private static <T> T one(Seed draw, T... values) {
    return values[draw.drawInt(values.length)];
  }
}
