package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Cluster.RestartReport;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.Links;
import phaistos.cluster.Power;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Fault.Crash;
import phaistos.nemesis.Fault.Failover;
import phaistos.nemesis.Fault.Heal;
import phaistos.nemesis.Fault.Kill;
import phaistos.nemesis.Fault.Loss;
import phaistos.nemesis.Fault.Partition;
import phaistos.nemesis.Fault.Pause;
import phaistos.nemesis.Fault.Recover;
import phaistos.nemesis.Fault.Restart;
import phaistos.nemesis.Fault.Resume;
import phaistos.nemesis.NemesisPackage.PlotMark;

/**
 * Every fault that a {@link Cluster} can suffer. A fault's effect is measured when it ends, and
 * stands under {@code :effects} of that event: bytes that a cut stopped, unsynced bytes that a
 * crash lost together with the redo that ran after it, redo after a kill, a new primary after a
 * failover. {@link Evidence} counts these. Called from one task at a time.
 */
public final class ClusterNemesis implements Nemesis {
  private static final long POLL_NANOS = 200_000_000L;

  private final Cluster cluster;
  private final Operator operator;
  private final long recoverNanos;

  /** Bytes that each cut stream had stopped before. */
  private final TreeMap<String, Cut> cuts = new TreeMap<>();

  private final List<Down> down = new ArrayList<>();
  private final TreeSet<NodeId> paused = new TreeSet<>();

  private record Cut(Stream stream, long stoppedBefore) {}

  /** A kill or crash whose nodes have not been started yet. */
  private record Down(String fault, List<NodeId> nodes, long unsyncedBytesLost) {}

  /**
   * @param recoverNanos how long standbys may take to catch up in the end
   */
  public ClusterNemesis(Cluster cluster, Operator operator, long recoverNanos) {
    this.cluster = cluster;
    this.operator = operator;
    this.recoverNanos = recoverNanos;
  }

  /** With a schedule, and with a recovery in the end. */
  public NemesisPackage scheduled(Schedule schedule) {
    return new NemesisPackage(
        this,
        deaf(schedule.generator()),
        deaf(Generators.call(new Recover())),
        List.of(
            new PlotMark("partition", Set.of("partition"), Set.of("heal", "recover"), "#A0A0A0"),
            new PlotMark("kill", Set.of("kill"), Set.of("restart", "recover"), "#E9A4A0"),
            new PlotMark("crash", Set.of("crash"), Set.of("restart", "recover"), "#E97A70"),
            new PlotMark("pause", Set.of("pause"), Set.of("resume", "recover"), "#A0B1E9"),
            new PlotMark("failover", Set.of("failover"), Set.of(), "#C5A0E9")));
  }

  /** What became of a fault is no fault: a schedule does not hear of it. */
  private static Generator<UntypedCall> deaf(Generator<Fault> faults) {
    return Generators.ignoreUpdates(Generators.encoded(Fault.CODEC, faults));
  }

  @Override
  public Set<String> functions() {
    return Set.of(
        "partition", "heal", "kill", "crash", "restart", "pause", "resume", "failover", "recover");
  }

  @Override
  public void setup() {
    cluster.links().ifPresent(Links::healAll);
  }

  @Override
  public UntypedCall invoke(UntypedCall call) {
    Edn value =
        switch (Fault.CODEC.decode(call)) {
          case Partition fault -> partition(fault);
          case Heal _ -> ended(heal());
          case Kill fault -> kill(fault);
          case Crash fault -> crash(fault);
          case Restart _ -> ended(restart());
          case Pause fault -> pause(fault);
          case Resume _ -> ended(resume());
          case Failover fault -> failover(fault);
          case Recover _ -> recover();
        };
    return new UntypedCall(call.f(), value);
  }

  @Override
  public void teardown() {
    cluster.links().ifPresent(Links::healAll);
    resume();
  }

  private Links links() {
    return cluster.require(cluster.links(), Capability.CUT);
  }

  private Power power() {
    return cluster.require(cluster.power(), Capability.POWER_CUT);
  }

  private Edn partition(Partition fault) {
    NodeId primary = cluster.primary();
    List<Stream> links =
        links().streams().stream()
            .filter(s -> s.target().equals(primary) && s.dialer().isPresent())
            .toList();
    List<NodeId> dialers =
        links.stream().map(s -> s.dialer().orElseThrow()).distinct().sorted().toList();
    if (dialers.isEmpty()) {
      return new EdnTable().put("streams", List.of()).put("effective", false).build();
    }
    Seed seed = new Seed(fault.seed());
    NodeId dialer = dialers.get(seed.drawInt(dialers.size()));
    boolean toTarget = seed.next().drawInt(2) == 0;
    List<Stream> chosen =
        links.stream()
            .filter(
                s ->
                    switch (fault.shape()) {
                      case ISOLATE_PRIMARY -> true;
                      case ONE_LINK -> s.dialer().orElseThrow().equals(dialer);
                      case ONE_WAY ->
                          s.dialer().orElseThrow().equals(dialer) && s.toTarget() == toTarget;
                    })
            .toList();
    List<Edn> names = new ArrayList<>();
    for (Stream stream : chosen) {
      cuts.putIfAbsent(stream.toString(), new Cut(stream, links().traffic(stream).stopped()));
      links().cut(stream);
      names.add(Edn.of(stream.toString()));
    }
    return new EdnTable()
        .put("shape", Edn.keyword(fault.shape().word()))
        .put("streams", new Edn.Vector(names))
        .build();
  }

  /** Heals first: what a cut has stopped is certain only once its connections have gone on. */
  private List<Edn> heal() {
    cluster.links().ifPresent(Links::healAll);
    List<Edn> effects = new ArrayList<>();
    long stopped = 0;
    List<Edn> each = new ArrayList<>();
    for (Cut cut : cuts.values()) {
      long bytes = links().traffic(cut.stream).stopped() - cut.stoppedBefore;
      stopped += bytes;
      each.add(new EdnTable().put("stream", cut.stream.toString()).put("bytes", bytes).build());
    }
    if (!cuts.isEmpty()) {
      effects.add(effect("partition", stopped > 0).put("stopped", new Edn.Vector(each)).build());
    }
    cuts.clear();
    return effects;
  }

  private Edn kill(Kill fault) {
    List<NodeId> nodes = fault.target().resolve(cluster, new Seed(fault.seed()));
    List<NodeId> killed = notDown(nodes);
    killed.forEach(cluster::kill);
    went("kill", killed, 0);
    return new EdnTable()
        .put("target", Edn.keyword(fault.target().word()))
        .put("nodes", killed)
        .build();
  }

  private Edn crash(Crash fault) {
    Seed seed = new Seed(fault.seed());
    List<NodeId> nodes = fault.target().resolve(cluster, seed);
    List<NodeId> crashed = notDown(nodes);
    long lost = 0;
    EdnTable each = new EdnTable();
    for (NodeId node : crashed) {
      long own = seed.child(node.name()).draw();
      long bytes = power().crash(node, fault.mode(), own).unsyncedBytesLost();
      each.put(node.name(), bytes);
      lost += bytes;
    }
    went("crash", crashed, lost);
    return new EdnTable()
        .put("target", Edn.keyword(fault.target().word()))
        .put("nodes", crashed)
        .put("mode", Fault.enumWord(fault.mode()))
        .put("unsynced-bytes-lost", each.build())
        .build();
  }

  private void went(String fault, List<NodeId> nodes, long lost) {
    paused.removeAll(nodes);
    if (!nodes.isEmpty()) {
      down.add(new Down(fault, nodes, lost));
    }
  }

  private List<NodeId> notDown(List<NodeId> nodes) {
    return nodes.stream().filter(n -> cluster.state(n) != NodeState.DOWN).toList();
  }

  /** The primary first: without it no standby has anybody to stream from. */
  private List<Edn> restart() {
    List<NodeId> order = new ArrayList<>(List.of(cluster.primary()));
    cluster.nodes().stream().filter(n -> !order.contains(n)).forEach(order::add);
    List<NodeId> recovered = new ArrayList<>();
    for (NodeId node : order) {
      if (cluster.state(node) == NodeState.DOWN) {
        RestartReport report = cluster.restart(node);
        if (report.recovered()) {
          recovered.add(node);
        }
      }
    }
    List<Edn> effects = new ArrayList<>();
    for (Down each : down) {
      List<NodeId> both = each.nodes.stream().filter(recovered::contains).toList();
      boolean lostSomething = !each.fault.equals("crash") || each.unsyncedBytesLost > 0;
      effects.add(
          effect(each.fault, !both.isEmpty() && lostSomething)
              .put("nodes", each.nodes)
              .put("recovered", both)
              .put("unsynced-bytes-lost", each.unsyncedBytesLost)
              .build());
    }
    down.clear();
    return effects;
  }

  private Edn pause(Pause fault) {
    List<NodeId> nodes =
        fault.target().resolve(cluster, new Seed(fault.seed())).stream()
            .filter(n -> cluster.state(n) == NodeState.UP)
            .toList();
    nodes.forEach(cluster::pause);
    paused.addAll(nodes);
    return new EdnTable()
        .put("target", Edn.keyword(fault.target().word()))
        .put("nodes", nodes)
        .build();
  }

  private List<Edn> resume() {
    List<NodeId> nodes = paused.stream().filter(n -> cluster.state(n) == NodeState.PAUSED).toList();
    nodes.forEach(cluster::resume);
    boolean any = !paused.isEmpty();
    paused.clear();
    return any ? List.of(effect("pause", !nodes.isEmpty()).put("nodes", nodes).build()) : List.of();
  }

  private Edn failover(Failover fault) {
    NodeId primary = cluster.primary();
    Seed seed = new Seed(fault.seed());
    boolean wasUp = cluster.state(primary) != NodeState.DOWN;
    long lost = 0;
    if (wasUp) {
      switch (fault.loss()) {
        case KILL -> cluster.kill(primary);
        case CRASH ->
            lost =
                power()
                    .crash(primary, Cluster.CrashMode.SOME_LOST, seed.child("crash").draw())
                    .unsyncedBytesLost();
      }
    }
    Operator.Report report = operator.failover(fault.policy(), seed.child("operator"));
    Edn effect =
        effect("failover", report.next().isPresent())
            .put("from", report.former().name())
            .put("to", report.next().map(NodeId::name))
            .build();
    return new EdnTable()
        .put("loss", Fault.enumWord(fault.loss()))
        .put("primary-was-up", wasUp)
        .put("unsynced-bytes-lost", fault.loss() == Loss.CRASH ? lost : 0)
        .put("operator", report.toEdn())
        .put("effects", Edn.vector(effect))
        .build();
  }

  /** Everything back, then waits until every standby has replayed what the primary has written. */
  private Edn recover() {
    List<Edn> effects = new ArrayList<>(heal());
    effects.addAll(resume());
    effects.addAll(restart());
    List<NodeId> gathered = operator.gather();
    long deadline = cluster.control().clock().monotonicNanos() + recoverNanos;
    OptionalLong goal = OptionalLong.empty();
    List<NodeId> behind = new ArrayList<>();
    while (true) {
      if (goal.isEmpty()) {
        goal = operator.currentPosition(cluster.primary());
      }
      behind.clear();
      for (NodeId node : cluster.nodes()) {
        if (!node.equals(cluster.primary()) && !hasReplayed(node, goal)) {
          behind.add(node);
        }
      }
      if (behind.isEmpty() || cluster.control().clock().monotonicNanos() >= deadline) {
        break;
      }
      cluster.control().tasks().sleep(POLL_NANOS);
    }
    return new EdnTable()
        .put("primary", cluster.primary().name())
        .put("rejoined", gathered)
        .put("caught-up", behind.isEmpty())
        .put("behind", behind)
        .put("effects", new Edn.Vector(effects))
        .build();
  }

  private boolean hasReplayed(NodeId node, OptionalLong goal) {
    OptionalLong replayed = operator.replayed(node);
    return goal.isPresent()
        && replayed.isPresent()
        && Long.compareUnsigned(replayed.getAsLong(), goal.getAsLong()) >= 0;
  }

  private static EdnTable effect(String fault, boolean effective) {
    return new EdnTable().put("fault", Edn.keyword(fault)).put("effective", effective);
  }

  private static Edn ended(List<Edn> effects) {
    return new EdnTable().put("effects", new Edn.Vector(effects)).build();
  }
}
