package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.OperatorFaults.Loss;

/** Faults of the nodes' power. */
public final class PowerFaults {
  static final FaultKind CRASH =
      new FaultKind(
          "crash",
          "Power cut: SIGKILL, and unsynced writes are lost as the mode says; counts when unsynced"
              + " bytes were lost and redo ran.",
          "#E97A70",
          Optional.of("power-on"),
          Set.of(Capability.POWER_CUT),
          FaultKind.moded(CrashMode.values(), Crash::new));

  static final FaultKind COLD_RESTART =
      new FaultKind(
          "cold-restart",
          "All nodes go down at once, by SIGKILL or power cut, and come back one after the other"
              + " in a drawn order; counts when redo ran on one of them.",
          "#C95A60",
          Optional.empty(),
          Set.of(Capability.KILL),
          new FaultKind.Maker() {
            @Override
            public Fault draw(Seed choice, long seed, Operator.Policy policy) {
              Loss loss = Loss.values()[choice.child("loss").drawInt(2)];
              return new ColdRestart(loss, 1 + choice.child("millis").drawLong(3000), seed);
            }

            @Override
            public Fault read(Edn.Table value) {
              return new ColdRestart(
                  EdnValues.word(value, "loss", Loss.values()),
                  EdnValues.positive(value, "millis"),
                  EdnValues.seed(value));
            }
          });

  static final List<FaultKind> KINDS = List.of(CRASH, COLD_RESTART);

  private PowerFaults() {}

  /**
   * A power cut.
   *
   * @param seed also decides which writes are lost
   */
  public record Crash(NodeSpec target, CrashMode mode, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return CRASH;
    }

    @Override
    public Edn.Table value() {
      return FaultKind.modedValue(target, mode, seed);
    }

    @Override
    public UnderWay begin(Site site) {
      Seed own = new Seed(seed);
      List<NodeId> nodes = target.resolve(site.cluster(), own);
      ProcessFaults.Deaths deaths = new ProcessFaults.Deaths(site.state(), nodes);
      return new Crashed(
          site, this, nodes, site.state().crash(site.handle(), nodes, mode, own), deaths);
    }
  }

  private record Crashed(
      Fault.Site site,
      Crash fault,
      List<NodeId> nodes,
      TreeMap<NodeId, Long> lost,
      ProcessFaults.Deaths deaths)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      EdnTable each = new EdnTable();
      lost.forEach((node, bytes) -> each.put(node.name(), bytes));
      return new EdnTable()
          .put("target", fault.target.toEdn())
          .put("nodes", nodes)
          .put("mode", EdnValues.word(fault.mode))
          .put("unsynced-bytes-lost", each.build());
    }

    @Override
    public void end() {
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      long total = lost.values().stream().mapToLong(Long::longValue).sum();
      return deaths
          .recovered()
          .map(
              recovered ->
                  new Fault.Effect(
                      !recovered.isEmpty() && total > 0,
                      new EdnTable()
                          .put("nodes", nodes)
                          .put("recovered", recovered)
                          .put("unsynced-bytes-lost", total)));
    }
  }

  /**
   * All nodes go down at once. A node that starts before its primary waits for it, so each starts
   * in a task of its own.
   *
   * @param millis at most between two starts
   * @param seed for the order and the times, and for what is lost
   */
  public record ColdRestart(Loss loss, long millis, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return COLD_RESTART;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable()
          .put("loss", EdnValues.word(loss))
          .put("millis", millis)
          .put("seed", seed)
          .build();
    }

    @Override
    public UnderWay begin(Site site) {
      Cluster cluster = site.cluster();
      Seed own = new Seed(seed);
      cluster.killAll();
      long lost = 0;
      if (loss == Loss.CRASH && cluster.power().isPresent()) {
        for (long bytes :
            site.state()
                .crash(site.handle(), cluster.nodes(), CrashMode.SOME_LOST, own.child("lost"))
                .values()) {
          lost += bytes;
        }
      }
      List<NodeId> order = new ArrayList<>();
      List<NodeId> left =
          new ArrayList<>(cluster.nodes().stream().filter(site.operator()::isCurrent).toList());
      for (Seed draw = own.child("order"); !left.isEmpty(); draw = draw.next()) {
        order.add(left.remove(draw.drawInt(left.size())));
      }
      site.state().unhold(site.handle());
      List<NodeId> recovered =
          site.state().restartStaggered(order, millis * 1_000_000, own.child("times"));
      return new Restarted(site, this, order, recovered, lost);
    }
  }

  private record Restarted(
      Fault.Site site, ColdRestart fault, List<NodeId> order, List<NodeId> recovered, long lost)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      return new EdnTable().putAll(fault.value()).put("order", order);
    }

    @Override
    public void end() {}

    @Override
    public Optional<Fault.Effect> effect() {
      return Optional.of(
          new Fault.Effect(
              !recovered.isEmpty(),
              new EdnTable()
                  .put("order", order)
                  .put("recovered", recovered)
                  .put("unsynced-bytes-lost", lost)));
    }
  }
}
