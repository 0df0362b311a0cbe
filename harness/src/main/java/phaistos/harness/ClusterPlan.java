package phaistos.harness;

import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import phaistos.checker.durability.CommitLevel;
import phaistos.checker.durability.StandbyRule;
import phaistos.formats.FullXid;
import phaistos.histories.Edn;
import phaistos.server.InitOptions;

/**
 * The nodes of a test: a primary with its standbys.
 *
 * @param nodes how many, 2 to 9; the first starts as primary
 * @param standbyNames PostgreSQL's {@code synchronous_standby_names}; empty for "ANY 1" of the
 *     others
 * @param synchronousCommit PostgreSQL's {@code synchronous_commit}; empty for "on"
 * @param defects names from the server's catalogue of planted defects
 * @param set other settings of all nodes, by PostgreSQL's names
 * @param firstXid the first transaction id, of 64 bits; the database's own if it is not given
 * @param segmentLeft bytes of the first WAL segment that are left at the start, of simulated nodes;
 *     drawn from the seed if it is not given
 */
public record ClusterPlan(
    int nodes,
    Optional<String> standbyNames,
    Optional<String> synchronousCommit,
    List<String> defects,
    Map<String, String> set,
    OptionalLong firstXid,
    OptionalInt segmentLeft) {
  /** Settings with an option of their own. */
  private static final Map<String, String> OWN =
      Map.of(
          "synchronous_standby_names", "--standby-names",
          "synchronous_commit", "--synchronous-commit");

  /** Transaction ids begin where the database's own do. */
  public ClusterPlan(
      int nodes,
      Optional<String> standbyNames,
      Optional<String> synchronousCommit,
      List<String> defects,
      Map<String, String> set) {
    this(
        nodes,
        standbyNames,
        synchronousCommit,
        defects,
        set,
        OptionalLong.empty(),
        OptionalInt.empty());
  }

  /** Three nodes; a commit waits for any one standby; no defect. */
  public static final ClusterPlan DEFAULT =
      new ClusterPlan(3, Optional.empty(), Optional.empty(), List.of(), Map.of());

  public ClusterPlan {
    if (nodes < 2 || nodes > 9) {
      throw new IllegalArgumentException("nodes=" + nodes + " (2 to 9)");
    }
    standbyNames.ifPresent(StandbyRule::parse);
    synchronousCommit.ifPresent(CommitLevel::parse);
    defects = List.copyOf(defects);
    set = Map.copyOf(set);
    for (Map.Entry<String, String> own : OWN.entrySet()) {
      if (set.containsKey(own.getKey())) {
        throw new IllegalArgumentException(
            own.getKey() + " is set by an option of its own: " + own.getValue());
      }
    }
    firstXid.ifPresent(xid -> ids(xid));
  }

  public ClusterPlan withNodes(int count) {
    return new ClusterPlan(
        count, standbyNames, synchronousCommit, defects, set, firstXid, segmentLeft);
  }

  public ClusterPlan withStandbyNames(String names) {
    return new ClusterPlan(
        nodes, Optional.of(names), synchronousCommit, defects, set, firstXid, segmentLeft);
  }

  public ClusterPlan withSynchronousCommit(String level) {
    return new ClusterPlan(
        nodes, standbyNames, Optional.of(level), defects, set, firstXid, segmentLeft);
  }

  public ClusterPlan withDefects(List<String> planted) {
    return new ClusterPlan(
        nodes, standbyNames, synchronousCommit, planted, set, firstXid, segmentLeft);
  }

  /**
   * With what is planted in the server of a stored run, whose name the caller need not know.
   *
   * @throws StoredRun.StoredRunException if the folder is none of a run
   */
  public ClusterPlan plantedAsIn(Path run) {
    return StoredRun.open(run).test().get("defect") instanceof Edn.Text(String names)
        ? withDefects(List.of(names.split(",")))
        : this;
  }

  /** The call of {@link #plantedAsIn} as Java source; empty if nothing is planted. */
  public String plantedSource(Path run) {
    return defects.isEmpty()
        ? ""
        : ".plantedAsIn(Path.of(\"%s\"))".formatted(run.toString().replace("\\", "/"));
  }

  /** With other settings, in place of those set before. */
  public ClusterPlan withSet(Map<String, String> settings) {
    return new ClusterPlan(
        nodes, standbyNames, synchronousCommit, defects, settings, firstXid, segmentLeft);
  }

  /**
   * @param xid of 64 bits
   * @throws IllegalArgumentException if it is none that the server gives out
   */
  public ClusterPlan withFirstXid(long xid) {
    return new ClusterPlan(
        nodes, standbyNames, synchronousCommit, defects, set, OptionalLong.of(xid), segmentLeft);
  }

  /** With a first WAL segment that ends so many bytes behind the start. */
  public ClusterPlan withSegmentLeft(int bytes) {
    return new ClusterPlan(
        nodes, standbyNames, synchronousCommit, defects, set, firstXid, OptionalInt.of(bytes));
  }

  /** Where the server's transaction ids begin. */
  InitOptions.Ids ids() {
    return firstXid.isPresent() ? ids(firstXid.getAsLong()) : InitOptions.Ids.FIRST;
  }

  private static InitOptions.Ids ids(long firstXid) {
    FullXid next = new FullXid(firstXid);
    if (!next.xid().isNormal()) {
      throw new IllegalArgumentException(
          "no transaction has the id " + Long.toUnsignedString(firstXid) + ", modulo 2^32 0 to 2");
    }
    return new InitOptions.Ids(next, next.xid());
  }

  /**
   * How many standbys must have a commit before it is acknowledged; a safe failover relies on this.
   * It is at least one even if nothing is promised, so that a failover then asks all standbys.
   */
  public int requiredStandbys() {
    int asked = standbyNames.map(names -> StandbyRule.parse(names).count()).orElse(1);
    return Math.clamp(asked, 1, nodes - 1);
  }

  /** The settings of every node that this plan asks for, by PostgreSQL's names. */
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>(new TreeMap<>(set));
    standbyNames.ifPresent(names -> settings.put("synchronous_standby_names", names));
    synchronousCommit.ifPresent(level -> settings.put("synchronous_commit", level));
    return settings;
  }

  /** "n1", "n2", ... */
  List<String> nodeNames() {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= nodes; i++) {
      names.add("n" + i);
    }
    return names;
  }

  /**
   * How long an asynchronous commit may stay unflushed: three cycles of the WAL writer, and time
   * for slow disks.
   */
  public long asyncWindowNanos() {
    String delay = set.getOrDefault("wal_writer_delay", "200ms");
    long millis = Durations.parse(delay, ChronoUnit.MILLIS).toMillis();
    return (3 * millis + 3_000) * 1_000_000;
  }
}
