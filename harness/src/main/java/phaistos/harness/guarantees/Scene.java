package phaistos.harness.guarantees;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Links;
import phaistos.cluster.OneValue;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Operator;
import phaistos.workloads.Primary;

/**
 * One attempt: load, a mishap in the middle of it, and what is left of what clients were told and
 * have read. It runs in the simulator and in real time alike.
 */
final class Scene {
  /** How long a cluster may take to acknowledge the next commit before it counts as stopped. */
  static final long PATIENCE_NANOS = 8_000_000_000L;

  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;
  private static final long POLL = 20 * MILLI;
  private static final long AWAIT = 2 * MILLI;
  private static final long LIMIT = 60 * SECOND;

  /** Commits before anything goes wrong. */
  private static final int WARM = 20;

  private static final long STRESS = 400 * MILLI;
  private static final long SLOW_DISK = 20 * MILLI;

  /** How long clients stay on the wrong side of a partition. */
  private static final long STRANDED = 500 * MILLI;

  private static final long CANCELLING = 600 * MILLI;
  private static final int WITNESSES = 3;
  private static final Properties LIMITS = OneValue.limits(2, 5, "phaistos-guarantees");
  private static final String CANCEL =
      "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";

  private final Cluster cluster;
  private final Combination combination;
  private final Seed seed;
  private final Stress stress;
  private final Ledger ledger = new Ledger();
  private final Clients clients;
  private final NodeId first;
  private final List<NodeId> standbys;
  private NodeId last;
  private long mishapNanos;
  private OptionalLong servedAt = OptionalLong.empty();

  Scene(Cluster cluster, Combination combination, long seed) {
    this.cluster = cluster;
    this.combination = combination;
    this.seed = new Seed(seed).child(combination.toString());
    this.stress = Stress.of(combination, seed, cluster.capabilities());
    this.clients = new Clients(cluster, ledger);
    this.first = cluster.nodes().getFirst();
    this.standbys = cluster.nodes().subList(1, cluster.nodes().size());
    this.last = first;
  }

  Attempt run(String database, String word, long number) {
    try {
      cluster.start();
      prepare();
      clients.start(first);
      await("the clients commit nothing", () -> ledger.acknowledged() >= WARM);
      sleep(seed.child("moment").drawLong(100 * MILLI));
      happen();
      clients.stop();
      return attempt(database, word, number, left());
    } catch (ClusterException | SQLException e) {
      return Attempt.failed(database, word, combination, number, String.valueOf(e.getMessage()));
    }
  }

  private void prepare() throws SQLException {
    try (Connection connection = cluster.connect(first, LIMITS);
        Statement statement = connection.createStatement()) {
      statement.execute(Clients.TABLE);
    }
    for (NodeId node : cluster.nodes()) {
      await(
          node + " does not have the table",
          () -> OneValue.of(cluster, node, "select count(*) from guarantee", LIMITS).isPresent());
    }
  }

  private void happen() {
    strain();
    mishapNanos = now();
    switch (combination.mishap()) {
      case PRIMARY_KILLED -> {
        cluster.kill(first);
        startAgain(List.of(first));
      }
      case PRIMARY_POWER -> {
        cutPower(List.of(first));
        startAgain(List.of(first));
      }
      case STANDBY_KILLED -> {
        cluster.kill(standbys.getFirst());
        without(standbys.getFirst());
      }
      case STANDBY_POWER -> {
        cutPower(List.of(standbys.getFirst()));
        without(standbys.getFirst());
      }
      case ALL_KILLED -> {
        cluster.killAll();
        startAgain(cluster.nodes());
      }
      case ALL_POWER -> {
        cutPower(cluster.nodes());
        startAgain(cluster.nodes());
      }
      case PRIMARY_LOST -> {
        cluster.kill(first);
        replace(mostAdvanced());
      }
      case PARTITION_FAILOVER -> partition();
      case ALL_KILLED_FAILOVER -> {
        cluster.killAll();
        standbys.forEach(cluster::restart);
        replace(mostAdvanced());
      }
      case ALL_POWER_FAILOVER -> {
        cutPower(cluster.nodes());
        standbys.forEach(cluster::restart);
        replace(mostAdvanced());
      }
      case RESTART_THEN_LOST -> restartThenLose();
      case CANCELLED_WAIT -> {
        isolate();
        cancel();
        cluster.kill(first);
        replace(mostAdvanced());
      }
      case RECKLESS_FAILOVER -> {
        cluster.kill(first);
        replaceRecklessly(standbys.getLast());
      }
    }
  }

  private void startAgain(List<NodeId> nodes) {
    nodes.forEach(cluster::restart);
    serve(first);
  }

  private void restartThenLose() {
    isolate();
    sleep(STRESS);
    cluster.kill(first);
    cluster.restart(first);
    long restarted = now();
    await("nobody reads the primary", () -> ledger.hasRead(first, restarted));
    cluster.kill(first);
    replace(mostAdvanced());
  }

  /** Promotes a standby, whatever the others have; they are made anew from it. */
  private void replaceRecklessly(NodeId next) {
    promote(next);
    for (NodeId node : standbys) {
      if (!node.equals(next)) {
        cluster.operatorActs().orElseThrow().rejoin(node, next);
      }
    }
    serveAt(next);
  }

  private void strain() {
    switch (stress) {
      case NOTHING -> {}
      case ONE_LINK_CUT -> cut(List.of(standbys.getLast()));
      case ALL_LINKS_CUT -> cut(standbys);
      case SLOW_DISKS ->
          standbys.forEach(node -> cluster.disks().orElseThrow().slowDown(node, SLOW_DISK));
    }
    if (stress != Stress.NOTHING) {
      sleep(STRESS);
    }
    if (stress == Stress.SLOW_DISKS) {
      // what was just acknowledged, a standby may not have synced yet
      int before = ledger.acknowledged();
      await("nothing is acknowledged", () -> ledger.acknowledged() > before);
    }
  }

  private void cutPower(List<NodeId> nodes) {
    var power = cluster.require(cluster.power(), Capability.POWER_CUT);
    if (nodes.size() > 1) {
      cluster.killAll();
    }
    CrashMode[] modes = CrashMode.values();
    CrashMode mode =
        stress == Stress.SLOW_DISKS
            ? CrashMode.ALL_LOST
            : modes[seed.child("mode").drawInt(modes.length)];
    for (NodeId node : nodes) {
      power.crash(node, mode, seed.child(node.name()).draw());
      cluster.disks().ifPresent(disks -> disks.slowDown(node, 0));
    }
  }

  /** A standby is down: do commits go on, and if not, do they once it is back? */
  private void without(NodeId standby) {
    // commits that were under way may still be answered
    sleep(STRESS);
    serve(first);
    cluster.restart(standby);
    long back = now();
    await(
        "no commit after the standby is back",
        () -> ledger.firstAcknowledged(first, back).isPresent());
  }

  /** Waits for the next commit on this node. */
  private OptionalLong served(NodeId node) {
    long since = now();
    while (ledger.firstAcknowledged(node, since).isEmpty() && now() - since < PATIENCE_NANOS) {
      sleep(POLL);
    }
    return ledger.firstAcknowledged(node, since);
  }

  private void serve(NodeId node) {
    servedAt = served(node);
  }

  private void partition() {
    isolate();
    sleep(STRESS);
    NodeId next = mostAdvanced();
    promote(next);
    clients.aim(next, false);
    sleep(STRANDED);
    cluster.kill(first);
    follow(next);
    serveAt(next);
  }

  private void cancel() {
    long until = now() + CANCELLING;
    while (now() < until) {
      OneValue.of(cluster, first, CANCEL, LIMITS);
      sleep(POLL);
    }
    long cancelled = now();
    await("nobody reads the primary", () -> ledger.hasRead(first, cancelled));
  }

  /** Makes a standby primary in place of one that is gone; the cuts around that one stay. */
  private void replace(NodeId next) {
    promote(next);
    follow(next);
    serveAt(next);
  }

  private void promote(NodeId next) {
    cluster.require(cluster.operatorActs(), Capability.OPERATOR).promote(next);
    last = next;
  }

  private void follow(NodeId next) {
    for (NodeId node : standbys) {
      if (!node.equals(next)) {
        cluster.operatorActs().orElseThrow().follow(node, next);
      }
    }
  }

  private void serveAt(NodeId next) {
    clients.aim(next, true);
    serve(next);
  }

  /** The standby with the most WAL; all of them answer. */
  private NodeId mostAdvanced() {
    Operator operator =
        new Operator(cluster, Math.max(1, combination.standbys().required()), LIMIT);
    TreeMap<NodeId, Long> before = new TreeMap<>();
    int same = 0;
    long deadline = now() + LIMIT;
    while (same < 3) {
      TreeMap<NodeId, Long> heard = new TreeMap<>();
      for (NodeId node : standbys) {
        operator.position(node).ifPresent(lsn -> heard.put(node, lsn));
      }
      same = heard.size() == standbys.size() && heard.equals(before) ? same + 1 : 0;
      before = heard;
      if (now() > deadline) {
        throw new ClusterException("the standbys' positions do not settle: " + heard);
      }
      sleep(100 * MILLI);
    }
    NodeId best = standbys.getFirst();
    for (NodeId node : standbys) {
      best = Long.compareUnsigned(before.get(node), before.get(best)) > 0 ? node : best;
    }
    return best;
  }

  private Links links() {
    return cluster.require(cluster.links(), Capability.CUT);
  }

  /** The primary and the other nodes hear nothing of each other. */
  private void isolate() {
    cut(standbys);
  }

  private void cut(List<NodeId> nodes) {
    for (var stream : links().streams()) {
      boolean isBetween =
          stream.dialer().isPresent()
              && (stream.target().equals(first) && nodes.contains(stream.dialer().get())
                  || stream.dialer().get().equals(first) && nodes.contains(stream.target()));
      if (isBetween) {
        links().cut(stream);
      }
    }
  }

  /** The rows of the node that is primary in the end. */
  private Set<Long> left() throws SQLException {
    long deadline = now() + LIMIT;
    while (true) {
      try (Connection connection = cluster.connect(last, LIMITS)) {
        return new HashSet<>(Primary.queryLongs(connection, Clients.ROWS));
      } catch (SQLException e) {
        if (now() > deadline) {
          throw e;
        }
        sleep(POLL);
      }
    }
  }

  private Attempt attempt(String database, String word, long number, Set<Long> left) {
    List<Ledger.Commit> lost = ledger.lost(left);
    int warned = (int) lost.stream().filter(c -> c.outcome() == Ledger.Outcome.WARNED).count();
    List<Ledger.Sight> unseen = ledger.unseen(left, last, mishapNanos);
    List<Attempt.Witness> witnesses = new ArrayList<>();
    lost.stream().limit(WITNESSES).forEach(commit -> witnesses.add(witness(commit)));
    unseen.stream().limit(WITNESSES).forEach(sight -> witnesses.add(witness(sight)));
    return new Attempt(
        database,
        word,
        combination,
        number,
        stress.text(),
        ledger.acknowledged(),
        lost.size() - warned,
        warned,
        unseen.size(),
        servedAt.isEmpty() ? servedAt : OptionalLong.of(millis(servedAt.getAsLong())),
        witnesses,
        Optional.empty());
  }

  private Attempt.Witness witness(Ledger.Commit commit) {
    boolean isWarned = commit.outcome() == Ledger.Outcome.WARNED;
    return new Attempt.Witness(
        isWarned ? "a commit acknowledged with a warning" : "an acknowledged commit",
        commit.id(),
        Long.toString(commit.xid()),
        commit.lsn(),
        commit.node().name(),
        millis(commit.atNanos()));
  }

  private Attempt.Witness witness(Ledger.Sight sight) {
    String whose =
        ledger.isAcknowledged(sight.id())
            ? "a read of an acknowledged commit"
            : "a read of a commit of which nobody was told";
    return new Attempt.Witness(
        whose, sight.id(), "", "", sight.node().name(), millis(sight.atNanos()));
  }

  private long millis(long nanos) {
    return Math.floorDiv(nanos - mishapNanos, MILLI);
  }

  private void await(String problem, BooleanSupplier condition) {
    long deadline = now() + LIMIT;
    while (!condition.getAsBoolean()) {
      if (now() > deadline) {
        throw new ClusterException(problem);
      }
      sleep(AWAIT);
    }
  }

  private long now() {
    return cluster.control().clock().monotonicNanos();
  }

  private void sleep(long nanos) {
    cluster.control().tasks().sleep(nanos);
  }
}
