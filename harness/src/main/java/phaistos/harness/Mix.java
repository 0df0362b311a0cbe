package phaistos.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
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
 * workloads, the nodes, what is promised, the settings and the faults. It also draws a focus: what
 * must come together to be seen is drawn together.
 */
public final class Mix {
  /** What a run looks at most. */
  private enum Focus {
    /** Anything with anything. */
    EVERYTHING,
    /** Commits that their clients are told of before they are flushed, and the WAL's own disk. */
    ASYNCHRONOUS,
    /** Checkpoints, pages, the commit log, and recovery from what a power cut leaves of them. */
    STORAGE,
    /** Who must have a commit before it is acknowledged. */
    REPLICATION,
    /** What readers on the primary and on the standbys see, and when. */
    VISIBILITY
  }

  /** How often a workload is drawn, relative to the others: more can be seen by some. */
  private static final Map<String, Integer> WEIGHTS =
      Map.ofEntries(
          Map.entry(Commits.NAME, 4),
          Map.entry("levels", 5),
          Map.entry("register", 3),
          Map.entry("savepoints", 5),
          Map.entry("aborts", 5),
          Map.entry("bank", 2),
          Map.entry("counter", 2),
          Map.entry("cancel", 3),
          Map.entry("standby-reads", 2),
          Map.entry("list-append", 2),
          Map.entry("ddl", 2));

  private static final List<String> ANY_ROWS =
      List.of(Commits.NAME, "bank", "savepoints", "savepoints", "aborts", "counter", "list-append");

  /** On a page of the commit log; a segment has 32 of them. */
  private static final long XIDS_PER_PAGE = 32_768;

  private Mix() {}

  /** The test of a seed. */
  public static TestPlan plan(long seed) {
    List<Workloads.Entry> workloads = workloads(seed);
    String name = String.join(",", workloads.stream().map(Workloads.Entry::name).toList());
    return TestPlan.of(name, Workloads.factory(workloads))
        .cluster(cluster(seed))
        .faults(faults(seed))
        .load(load(seed, workloads))
        .seed(seed);
  }

  private static Focus focus(long seed) {
    return one(own(seed).child("focus"), Focus.values());
  }

  /** Few at once: each more has less of the rate, so that fewer of its clients meet. */
  public static List<Workloads.Entry> workloads(long seed) {
    Seed draw = own(seed).child("workloads");
    return switch (focus(seed)) {
      case EVERYTHING -> any(draw);
      case ASYNCHRONOUS ->
          level(seed).isPresent() ? some(draw, 2, ANY_ROWS) : some(draw, 1, List.of("levels"));
      case STORAGE ->
          some(draw, 3, List.of(Commits.NAME, "bank", "savepoints", "aborts", "counter", "ddl"));
      case REPLICATION ->
          some(
              draw,
              2,
              List.of(Commits.NAME, "cancel", "cancel", "cancel", "levels", "register", "reload"));
      case VISIBILITY ->
          some(
              draw,
              1,
              List.of(
                  "standby-reads",
                  "standby-reads",
                  "standby-reads",
                  "standby-reads",
                  "standby-reads",
                  "standby-reads",
                  "bank",
                  "register",
                  "rw-register",
                  "list-append",
                  "bank",
                  "counter",
                  "long-fork",
                  "write-skew",
                  "monotonic",
                  "causal-reverse",
                  "dirty-read",
                  "set",
                  "unique-ids",
                  "queue",
                  "g2"));
    };
  }

  /** One to three of all. */
  private static List<Workloads.Entry> any(Seed draw) {
    List<Workloads.Entry> drawn = new ArrayList<>();
    List<Workloads.Entry> others = new ArrayList<>(Workloads.all());
    for (int more = 1 + draw.child("count").drawInt(3); more > 0; more--) {
      drawn.add(others.remove(weighted(draw.child(more), others)));
    }
    return List.copyOf(drawn);
  }

  /** At most so many of these; a name that stands twice is drawn twice as often. */
  static List<Workloads.Entry> some(Seed draw, int most, List<String> names) {
    Set<Workloads.Entry> drawn = new LinkedHashSet<>();
    for (int n = 1 + draw.child("count").drawInt(most); n > 0; n--) {
      String name = names.get(draw.child(n).drawInt(names.size()));
      drawn.add(Workloads.named(name).orElseThrow());
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
    boolean isAny = focus(seed) == Focus.EVERYTHING;
    int seconds = isAny ? one(draw.child("limit"), 10, 15, 25) : one(draw.child("limit"), 8, 12);
    int rate = isAny ? one(draw.child("rate"), 50, 100, 200) : one(draw.child("rate"), 75, 150);
    boolean isOfReaders = focus(seed) == Focus.VISIBILITY;
    boolean isSnapshot = draw.child("isolation").drawInt(isOfReaders ? 2 : 4) == 0;
    boolean readsAnywhere =
        workloads.stream().allMatch(Workloads.Entry::readsAnywhere)
            && draw.child("read-from").drawInt(isOfReaders ? 2 : 3) == 0;
    return new LoadPlan(Duration.ofSeconds(seconds), 10, rate)
        .withBurst(one(draw.child("burst"), 1, 4, 10))
        .withIsolation(isSnapshot ? Isolation.REPEATABLE_READ : Isolation.READ_COMMITTED)
        .withReadFrom(readsAnywhere ? ReadFrom.ANY : ReadFrom.PRIMARY);
  }

  private static FaultPlan faults(long seed) {
    Capabilities here = Deployment.simulated().capabilities();
    List<String> kinds =
        switch (focus(seed)) {
          case EVERYTHING -> Swarm.KINDS;
          case ASYNCHRONOUS ->
              one(
                  own(seed).child("faults"),
                  List.of("checkpoint", "slow-disk", "switch-wal", "partition"),
                  List.of("checkpoint", "slow-disk"),
                  List.of("checkpoint", "slow-disk", "crash", "kill"));
          case STORAGE ->
              isWithDamage(seed)
                  ? List.of(
                      "checkpoint",
                      "crash",
                      "kill",
                      "sync-lie",
                      "zeroed-page",
                      "truncated-file",
                      "read-error",
                      "misdirected-write")
                  : List.of("checkpoint", "slow-disk", "crash", "kill", "failover");
          case REPLICATION ->
              List.of(
                  "partition",
                  "client-cut",
                  "pause",
                  "crash",
                  "kill",
                  "failover",
                  "message",
                  "cancel-backend",
                  "terminate-backend",
                  "terminate-walsender",
                  "slow-disk",
                  "reload",
                  "latency",
                  "bandwidth",
                  "reset-peer");
          case VISIBILITY ->
              List.of("slow-disk", "message", "pause", "partition", "failover", "kill");
        };
    return new FaultPlan.Swarm(possible(kinds, here));
  }

  /** Faults of every kind that a cluster can have and the fault model promises to survive. */
  public static FaultPlan faults(Capabilities capabilities) {
    return new FaultPlan.Swarm(possible(Swarm.KINDS, capabilities));
  }

  static List<String> possible(List<String> kinds, Capabilities capabilities) {
    return kinds.stream()
        .filter(kind -> Faults.objection(Faults.kind(kind), capabilities).isEmpty())
        .toList();
  }

  /** Mostly three nodes, and mostly a commit that waits for one flush. */
  public static ClusterPlan cluster(long seed) {
    Seed draw = own(seed).child("cluster");
    int nodes = one(draw.child("nodes"), 3, 3, 3, 3, 4, 5);
    ClusterPlan plan =
        new ClusterPlan(
            nodes,
            isWithDamage(seed)
                ? Optional.of("ANY 2 (%s)".formatted(String.join(", ", names(nodes))))
                : standbyNames(focus(seed), draw.child("names"), nodes),
            level(seed),
            List.of(),
            settings(focus(seed), draw.child("settings")));
    return withIds(plan, focus(seed), draw.child("xid"));
  }

  /**
   * Some runs begin shortly before a page or a segment of the commit log, or before the wrap, and
   * mostly come over it.
   */
  private static ClusterPlan withIds(ClusterPlan plan, Focus focus, Seed draw) {
    boolean isOfFiles = focus == Focus.STORAGE || focus == Focus.ASYNCHRONOUS;
    if (draw.drawInt(isOfFiles ? 2 : 4) != 0) {
      return plan;
    }
    Seed which = draw.child("which");
    long end = one(which, XIDS_PER_PAGE, XIDS_PER_PAGE, 32 * XIDS_PER_PAGE, 1L << 32);
    return plan.withFirstXid(end - 1 - draw.child("before").drawLong(600));
  }

  /** Damage of files goes with commits that two standbys must have ({@code FaultAtlas}). */
  private static boolean isWithDamage(long seed) {
    return focus(seed) == Focus.STORAGE && own(seed).child("damage").drawInt(4) == 0;
  }

  private static List<String> names(int nodes) {
    return IntStream.rangeClosed(1, nodes).mapToObj(i -> "n" + i).toList();
  }

  private static Optional<String> standbyNames(Focus focus, Seed draw, int nodes) {
    List<String> names = names(nodes);
    String all = String.join(", ", names);
    String allButLast = String.join(", ", names.subList(0, nodes - 1));
    List<String> given =
        List.of(
            "FIRST 1 (" + all + ")",
            "ANY 2 (" + all + ")",
            "FIRST 2 (" + all + ")",
            "ANY 1 (" + allButLast + ")",
            "ANY 1 (" + allButLast + ")");
    int at = draw.drawInt(focus == Focus.REPLICATION ? 6 : focus == Focus.EVERYTHING ? 10 : 20);
    return at < given.size() ? Optional.of(given.get(at)) : Optional.empty();
  }

  private static Optional<String> level(long seed) {
    Seed draw = own(seed).child("cluster").child("level");
    String level =
        switch (focus(seed)) {
          case ASYNCHRONOUS -> one(draw, "off", "off", "off", "local", "on");
          case VISIBILITY ->
              one(draw, "remote_apply", "remote_apply", "remote_apply", "on", "remote_write");
          case EVERYTHING, STORAGE, REPLICATION ->
              one(
                  draw,
                  "remote_apply",
                  "remote_apply",
                  "remote_write",
                  "on",
                  "on",
                  "on",
                  "on",
                  "on");
        };
    return level.equals("on") ? Optional.empty() : Optional.of(level);
  }

  private static Map<String, String> settings(Focus focus, Seed draw) {
    Map<String, String> settings = new LinkedHashMap<>();
    choose(draw, settings, "max_wal_size", "2MB", "4MB", "64MB");
    choose(draw, settings, "checkpoint_completion_target", "0", "0.5", "0.9");
    choose(draw, settings, "wal_writer_delay", "10ms", "200ms", "2s");
    choose(draw, settings, "wal_receiver_status_interval", "1s", "10s");
    boolean isOfFiles = focus == Focus.STORAGE || focus == Focus.ASYNCHRONOUS;
    if (focus == Focus.VISIBILITY) {
      choose(draw, settings, "recovery_min_apply_delay", "0", "0", "30ms");
    }
    choose(draw, settings, "shared_buffers", "128kB", isOfFiles ? "128kB" : "16MB", "16MB");
    return settings;
  }

  private static void choose(
      Seed draw, Map<String, String> settings, String name, String... values) {
    settings.put(name, one(draw.child(name), values));
  }

  @SafeVarargs
  private static <T> T one(Seed draw, T... values) {
    return values[draw.drawInt(values.length)];
  }

  private static Seed own(long seed) {
    return new Seed(seed).child("mix");
  }
}
