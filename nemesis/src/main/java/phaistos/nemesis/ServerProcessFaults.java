package phaistos.nemesis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.ServerProcesses;
import phaistos.cluster.ServerProcesses.Act;
import phaistos.cluster.ServerProcesses.Role;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/**
 * Faults of a single process of a node's server. The process is chosen by its role when the fault
 * begins; a node that has none of the role is skipped.
 */
public final class ServerProcessFaults {
  /** A slowed process runs a fifth of the time. */
  private static final long RUNS_NANOS = 20_000_000L;

  private static final long STANDS_NANOS = 80_000_000L;
  private static final long DEATH_NANOS_MAX = 5_000_000_000L;
  private static final long POLL_NANOS = 20_000_000L;

  static final FaultKind STOP =
      kind(
          Deed.STOP,
          "stop-process",
          "continue-process",
          "SIGSTOP to one process of a node's server by its role: checkpointer, walwriter,"
              + " walsender, walreceiver, startup, background-writer, backend; counts when it stood"
              + " still.",
          "#B7C9A0");

  static final FaultKind SLOW =
      kind(
          Deed.SLOW,
          "slow-process",
          "unslow-process",
          "One process of a node's server, by its role, runs a fifth of the time only; counts when"
              + " it was stopped more than once.",
          "#C9C3A0");

  static final FaultKind KILL =
      kind(
          Deed.KILL,
          "kill-process",
          "recover-process",
          "SIGKILL to one process of a node's server by its role, upon which the server ends all"
              + " others and recovers, or ends itself; counts when the process is gone.",
          "#E9B5A0");

  static final List<FaultKind> KINDS = List.of(STOP, SLOW, KILL);

  private ServerProcessFaults() {}

  /** What is done to the process. */
  public enum Deed {
    STOP,
    SLOW,
    KILL;

    FaultKind kind() {
      return switch (this) {
        case STOP -> ServerProcessFaults.STOP;
        case SLOW -> ServerProcessFaults.SLOW;
        case KILL -> ServerProcessFaults.KILL;
      };
    }
  }

  private static FaultKind kind(Deed deed, String name, String end, String sentence, String color) {
    return new FaultKind(
        name,
        sentence,
        color,
        Optional.of(end),
        Set.of(Capability.SERVER_PROCESSES),
        new FaultKind.Maker() {
          @Override
          public Fault draw(Seed choice, long seed, Operator.Policy policy) {
            Role[] roles = Role.values();
            Role role = roles[choice.child("role").drawInt(roles.length)];
            return new OnProcess(deed, NodeSpec.draw(choice), role, seed);
          }

          @Override
          public Fault read(Edn.Table value) {
            return new OnProcess(
                deed,
                NodeSpec.of(value.get("target")),
                EdnValues.word(value, "role", Role.values()),
                EdnValues.seed(value));
          }
        });
  }

  static ServerProcesses of(Cluster cluster) {
    return cluster.require(cluster.serverProcesses(), Capability.SERVER_PROCESSES);
  }

  /** One process of each target. */
  public record OnProcess(Deed deed, NodeSpec target, Role role, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return deed.kind();
    }

    @Override
    public Edn.Table value() {
      return new EdnTable()
          .put("target", target.toEdn())
          .put("role", EdnValues.word(role))
          .put("seed", seed)
          .build();
    }

    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes = target.resolve(site.cluster(), new Seed(seed));
      ServerProcesses processes = of(site.cluster());
      Map<NodeId, Long> hit = new LinkedHashMap<>();
      for (NodeId node : nodes) {
        if (site.cluster().state(node) == NodeState.UP) {
          List<Long> pids = processes.find(node, role);
          if (!pids.isEmpty()) {
            int which = new Seed(seed).child(node.name()).drawInt(pids.size());
            hit.put(node, pids.get(which));
          }
        }
      }
      return switch (deed) {
        case STOP -> new Stopped(site, this, hit, actOn(processes, hit, Act.STOP));
        case SLOW -> Slowed.begin(site, this, hit);
        case KILL -> new Killed(site, this, hit, actOn(processes, hit, Act.KILL));
      };
    }
  }

  private static List<NodeId> actOn(ServerProcesses processes, Map<NodeId, Long> pids, Act act) {
    List<NodeId> done = new ArrayList<>();
    pids.forEach(
        (node, pid) -> {
          if (processes.act(node, pid, act)) {
            done.add(node);
          }
        });
    return done;
  }

  private static EdnTable began(OnProcess fault, Map<NodeId, Long> pids) {
    EdnTable each = new EdnTable();
    pids.forEach((node, pid) -> each.put(node.name(), pid));
    return new EdnTable()
        .put("target", fault.target.toEdn())
        .put("role", EdnValues.word(fault.role))
        .put("nodes", List.copyOf(pids.keySet()))
        .put("pids", each.build());
  }

  private record Stopped(
      Fault.Site site, OnProcess fault, Map<NodeId, Long> pids, List<NodeId> stopped)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      return ServerProcessFaults.began(fault, pids);
    }

    @Override
    public void end() {
      actOn(of(site.cluster()), pids, Act.CONTINUE);
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      return Optional.of(
          new Fault.Effect(!stopped.isEmpty(), new EdnTable().put("nodes", stopped)));
    }
  }

  private record Killed(
      Fault.Site site, OnProcess fault, Map<NodeId, Long> pids, List<NodeId> killed)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      return ServerProcessFaults.began(fault, pids);
    }

    /** A server that ended itself is started again. */
    @Override
    public void end() {
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      List<NodeId> gone =
          killed.stream()
              .filter(node -> !of(site.cluster()).isThere(node, pids.get(node)))
              .toList();
      return Optional.of(new Fault.Effect(!gone.isEmpty(), new EdnTable().put("nodes", gone)));
    }
  }

  /** A task stops the processes and lets them go on, in turns. */
  private record Slowed(
      Fault.Site site,
      OnProcess fault,
      Map<NodeId, Long> pids,
      AtomicBoolean over,
      AtomicBoolean ended,
      AtomicInteger stops)
      implements Fault.UnderWay {
    static Slowed begin(Fault.Site site, OnProcess fault, Map<NodeId, Long> pids) {
      Slowed slowed =
          new Slowed(
              site,
              fault,
              pids,
              new AtomicBoolean(),
              new AtomicBoolean(pids.isEmpty()),
              new AtomicInteger());
      if (!pids.isEmpty()) {
        site.cluster().control().tasks().spawn("slow-process", slowed::turns);
      }
      return slowed;
    }

    private void turns() {
      ServerProcesses processes = of(site.cluster());
      try {
        while (!over.get()) {
          if (!actOn(processes, pids, Act.STOP).isEmpty()) {
            stops.incrementAndGet();
          }
          site.cluster().control().tasks().sleep(STANDS_NANOS);
          actOn(processes, pids, Act.CONTINUE);
          site.cluster().control().tasks().sleep(RUNS_NANOS);
        }
      } finally {
        actOn(processes, pids, Act.CONTINUE);
        ended.set(true);
      }
    }

    @Override
    public EdnTable began() {
      return ServerProcessFaults.began(fault, pids);
    }

    @Override
    public void end() {
      over.set(true);
      long deadline = site.cluster().control().clock().monotonicNanos() + DEATH_NANOS_MAX;
      while (!ended.get() && site.cluster().control().clock().monotonicNanos() < deadline) {
        site.cluster().control().tasks().sleep(POLL_NANOS);
      }
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      return Optional.of(
          new Fault.Effect(
              stops.get() > 1,
              new EdnTable().put("nodes", List.copyOf(pids.keySet())).put("stops", stops.get())));
    }
  }
}
