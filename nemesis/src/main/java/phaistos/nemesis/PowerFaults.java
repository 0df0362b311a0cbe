package phaistos.nemesis;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

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

  static final List<FaultKind> KINDS = List.of(CRASH);

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
}
