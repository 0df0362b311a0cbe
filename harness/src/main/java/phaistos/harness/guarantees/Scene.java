package phaistos.harness.guarantees;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import phaistos.checker.durability.CommitLevel;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Links;
import phaistos.cluster.OneValue;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Operator;

/**
 * One round: load, a mishap in the middle of it, and what is left of what clients were told and
 * have read. It runs in the simulator and in real time alike.
 */
final class Scene {
  /** How long a cluster may take to acknowledge the next commit before it counts as stopped. */
  static final long PATIENCE_NANOS = 15_000_000_000L;

  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;
  private static final long POLL = 20 * MILLI;
  private static final long AWAIT = 2 * MILLI;
  private static final long LIMIT = 60 * SECOND;

  /** Commits before anything goes wrong. */
  private static final int WARM = 20;

  private static final long STRESS = 400 * MILLI;

  /** Long enough for the power to be cut everywhere before a sync that has begun ends. */
  private static final long SLOW_DISK = 2 * SECOND;

  /** How long clients stay on the wrong side of a partition. */
  private static final long STRANDED = 500 * MILLI;

  private static final long CANCELLING = 600 * MILLI;
  private static final int WRITERS = 4;
  private static final Properties LIMITS = OneValue.limits(2, 5, "phaistos-guarantees");
  private static final List<String> EMPTY_NAMES =
      List.of("alter system set synchronous_standby_names = ''", "select pg_reload_conf()");
  private static final String CANCEL =
      "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";

  private final Cluster cluster;
  private final Round round;
  private final Seed seed;
  private final Stress stress;
  private final List<Clients> clients = new ArrayList<>();
  private final NodeId first;
  private final List<NodeId> standbys;
  private NodeId last;
  private long mishapNanos;
  private long servingSince;
  private long servedUntil;
  private NodeId server;

  /**
   * A round on a cluster whose nodes stand as at its start.
   *
   * @param number of the round on this cluster; names its tables
   */
  Scene(Cluster cluster, Round round, long seed, int number) {
    this.cluster = cluster;
    this.round = round;
    this.seed = new Seed(seed).child(round.toString());
    this.stress = Stress.of(round.mishap(), seed, cluster.capabilities());
    int writers = round.levels().size() == 1 ? WRITERS : WRITERS / 2;
    for (CommitLevel level : round.levels()) {
      String table = "guarantee_%d_%s".formatted(number, level.word());
      clients.add(new Clients(cluster, level, table, writers));
    }
    this.first = cluster.nodes().getFirst();
    this.standbys = cluster.nodes().subList(1, cluster.nodes().size());
    this.last = first;
  }

  /**
   * Plays it.
   *
   * @return for each level what was measured
   */
  List<Attempt> run(Measured.Database database, long number) {
    try {
      prepare();
      clients.forEach(each -> each.start(first));
      await("the clients commit nothing", () -> all(ledger -> ledger.acknowledged() >= WARM));
      sleep(seed.child("moment").drawLong(100 * MILLI));
      happen();
      clients.forEach(Clients::stop);
      List<Attempt> attempts = new ArrayList<>();
      for (Clients each : clients) {
        attempts.add(attempt(database, number, each));
      }
      return attempts;
    } catch (ClusterException | SQLException e) {
      clients.forEach(Clients::stop);
      return round.failed(database, number, String.valueOf(e.getMessage()));
    }
  }

  private void prepare() throws SQLException {
    try (Connection connection = cluster.connect(first, LIMITS);
        Statement statement = connection.createStatement()) {
      for (Clients each : clients) {
        statement.execute(each.definition());
      }
    }
    for (NodeId node : cluster.nodes()) {
      await(
          node + " does not have the table",
          () -> OneValue.execute(cluster, node, clients.getLast().rows(), LIMITS));
    }
  }

  private boolean all(Predicate<Ledger> condition) {
    return clients.stream().map(Clients::ledger).allMatch(condition);
  }

  /** Those who are told after a standby's write, before its sync; all if there are none. */
  private List<Clients> afterWrite() {
    List<Clients> some =
        clients.stream().filter(each -> each.level() == CommitLevel.REMOTE_WRITE).toList();
    return some.isEmpty() || round.standbys() == Standbys.NONE ? clients : some;
  }

  private static int acknowledged(List<Clients> clients) {
    return clients.stream().map(Clients::ledger).mapToInt(Ledger::acknowledged).sum();
  }

  private void happen() {
    strain();
    mishapNanos = now();
    switch (round.mishap()) {
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
      case NAMES_EMPTIED -> {
        isolate();
        sleep(STRESS);
        emptyNames();
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
    awaitReads();
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
      List<Clients> told = afterWrite();
      int before = acknowledged(told);
      await("nothing is acknowledged", () -> acknowledged(told) > before);
    }
  }

  private void cutPower(List<NodeId> nodes) {
    var power = cluster.require(cluster.power(), Capability.POWER_CUT);
    if (stress == Stress.SLOW_DISKS) {
      // A process does not die before its sync has ended; that must not end well any more.
      nodes.forEach(node -> cluster.disks().orElseThrow().failSyncs(node, true));
    }
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
      cluster.disks().ifPresent(disks -> disks.failSyncs(node, false));
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
        () -> all(ledger -> ledger.firstAcknowledged(first, back).isPresent()));
  }

  /** Waits for the next commit of each level on this node. */
  private void serve(NodeId node) {
    servingSince = now();
    while (!all(ledger -> ledger.firstAcknowledged(node, servingSince).isPresent())
        && now() - servingSince < PATIENCE_NANOS) {
      sleep(POLL);
    }
    servedUntil = now();
    server = node;
  }

  private void partition() {
    isolate();
    sleep(STRESS);
    NodeId next = mostAdvanced();
    promote(next);
    clients.forEach(each -> each.aim(next, false));
    sleep(STRANDED);
    cluster.kill(first);
    follow(next);
    serveAt(next);
  }

  /** Cancels waits for a while, until one of each level that waits was cut short. */
  private void cancel() {
    long until = now() + CANCELLING;
    awaitWaiting(
        "no wait is cut short",
        ledger -> {
          OneValue.of(cluster, first, CANCEL, LIMITS);
          return ledger.hasWarned() && now() >= until;
        });
    awaitReads();
  }

  private void emptyNames() {
    for (String sql : EMPTY_NAMES) {
      await(first + " refuses " + sql, () -> OneValue.execute(cluster, first, sql, LIMITS));
    }
    long emptied = now();
    awaitWaiting("no wait is over", ledger -> ledger.firstAcknowledged(first, emptied).isPresent());
    sleep(CANCELLING);
    awaitReads();
  }

  private void awaitWaiting(String problem, Predicate<Ledger> condition) {
    for (Clients each : clients) {
      if (round.combination(each.level()).waits()) {
        await(problem, () -> condition.test(each.ledger()));
      }
    }
  }

  private void awaitReads() {
    long since = now();
    await("nobody reads the primary", () -> all(ledger -> ledger.hasRead(first, since)));
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
    clients.forEach(each -> each.aim(next, true));
    serve(next);
  }

  /** The standby with the most WAL; all of them answer. */
  private NodeId mostAdvanced() {
    Operator operator = new Operator(cluster, Math.max(1, round.standbys().required()), LIMIT);
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

  private Attempt attempt(Measured.Database database, long number, Clients each)
      throws SQLException {
    return new Findings(each.ledger(), each.rowsOf(last, LIMIT), last, mishapNanos)
        .attempt(database, round.combination(each.level()), number, stress, gap(each.ledger()));
  }

  /** From the mishap to the next commit. */
  private OptionalLong gap(Ledger ledger) {
    OptionalLong served = ledger.firstAcknowledged(server, servingSince);
    return served.isPresent() && served.getAsLong() <= servedUntil
        ? OptionalLong.of(served.getAsLong() - mishapNanos)
        : OptionalLong.empty();
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
