package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.OneValue;
import phaistos.cluster.ServerProcesses;
import phaistos.cluster.ServerProcesses.Role;
import phaistos.cluster.ServerProcesses.Shutdown;
import phaistos.cluster.ServerProcesses.StartReport;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** What an administrator does to a server: stopping it, starting it, WAL switches. */
public final class ServerFaults {
  private static final long STOP_NANOS_MAX = 5_000_000_000L;
  private static final long POLL_NANOS = 20_000_000L;
  private static final Properties LIMITS = OneValue.limits(1, 2, "phaistos-nemesis");

  static final FaultKind SHUTDOWN =
      new FaultKind(
          "shutdown",
          "SIGTERM, SIGINT or SIGQUIT: a server is asked to end, smart, fast or immediate; counts"
              + " when it ended by itself.",
          "#A0C9C5",
          Optional.of("start-up"),
          Set.of(Capability.SERVER_PROCESSES),
          FaultKind.moded(Shutdown.values(), ShutDown::new));

  static final FaultKind START_STOPPED =
      new FaultKind(
          "start-stopped",
          "SIGKILL, and a start in which one process, by its role, is stopped as soon as it is"
              + " there, and goes on later; counts when it was found.",
          "#A0B9C9",
          Optional.empty(),
          Set.of(Capability.KILL, Capability.SERVER_PROCESSES),
          new FaultKind.Maker() {
            @Override
            public Fault draw(Seed choice, long seed, Operator.Policy policy) {
              Role[] roles = {
                Role.CHECKPOINTER, Role.STARTUP, Role.WALWRITER, Role.BACKGROUND_WRITER
              };
              Role role = roles[choice.child("role").drawInt(roles.length)];
              long millis = 100 + choice.child("millis").drawLong(900);
              return new StartStopped(NodeSpec.draw(choice), role, millis, seed);
            }

            @Override
            public Fault read(Edn.Table value) {
              return new StartStopped(
                  NodeSpec.of(value.get("target")),
                  EdnValues.word(value, "role", Role.values()),
                  EdnValues.positive(value, "millis"),
                  EdnValues.seed(value));
            }
          });

  static final FaultKind SWITCH_WAL =
      new FaultKind(
          "switch-wal",
          "pg_switch_wal on the primary: the rest of its WAL segment stays empty; counts when it"
              + " answers.",
          "#A0A5C9",
          Optional.empty(),
          Set.of(),
          FaultKind.seeded(SwitchWal::new));

  static final List<FaultKind> KINDS = List.of(SHUTDOWN, START_STOPPED, SWITCH_WAL);

  private ServerFaults() {}

  /** Stops servers in an orderly way, and holds them down. */
  public record ShutDown(NodeSpec target, Shutdown mode, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return SHUTDOWN;
    }

    @Override
    public Edn.Table value() {
      return FaultKind.modedValue(target, mode, seed);
    }

    /** A server that does not end in time, since a client is connected, is killed. */
    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes = target.resolve(site.cluster(), new Seed(seed));
      List<NodeId> up =
          nodes.stream().filter(node -> site.cluster().state(node) == NodeState.UP).toList();
      ServerProcesses processes = ServerProcessFaults.of(site.cluster());
      up.forEach(node -> processes.shutDown(node, mode));
      List<NodeId> left = new ArrayList<>(up);
      long deadline = site.cluster().control().clock().monotonicNanos() + STOP_NANOS_MAX;
      while (!left.isEmpty() && site.cluster().control().clock().monotonicNanos() < deadline) {
        left.removeIf(node -> site.cluster().state(node) == NodeState.DOWN);
        site.cluster().control().tasks().sleep(POLL_NANOS);
      }
      List<NodeId> ended = new ArrayList<>(up);
      ended.removeAll(left);
      site.state().kill(site.handle(), nodes);
      return new DownAgain(site, this, nodes, ended);
    }
  }

  private record DownAgain(Fault.Site site, ShutDown fault, List<NodeId> nodes, List<NodeId> ended)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      return new EdnTable()
          .put("target", fault.target.toEdn())
          .put("mode", EdnValues.word(fault.mode))
          .put("nodes", nodes)
          .put("ended", ended);
    }

    @Override
    public void end() {
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      return Optional.of(new Fault.Effect(!ended.isEmpty(), new EdnTable().put("nodes", ended)));
    }
  }

  /** Kills servers, and starts them with one process stopped for a while. */
  public record StartStopped(NodeSpec target, Role role, long millis, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return START_STOPPED;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable()
          .put("target", target.toEdn())
          .put("role", EdnValues.word(role))
          .put("millis", millis)
          .put("seed", seed)
          .build();
    }

    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes =
          target.resolve(site.cluster(), new Seed(seed)).stream()
              .filter(node -> site.cluster().state(node) == NodeState.UP)
              .toList();
      List<NodeId> stopped = new ArrayList<>();
      nodes.forEach(site.cluster()::kill);
      for (NodeId node : nodes) {
        StartReport report =
            ServerProcessFaults.of(site.cluster()).restartStopping(node, role, millis * 1_000_000L);
        site.state().started(node, report.restart());
        if (report.stopped().isPresent()) {
          stopped.add(node);
        }
      }
      return new Done(
          new EdnTable()
              .put("target", target.toEdn())
              .put("role", EdnValues.word(role))
              .put("nodes", nodes),
          stopped);
    }
  }

  /** Ends the present segment of the primary's WAL. */
  public record SwitchWal(long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return SWITCH_WAL;
    }

    @Override
    public Edn.Table value() {
      return FaultKind.seededValue(seed);
    }

    @Override
    public UnderWay begin(Site site) {
      NodeId primary = site.cluster().primary();
      Optional<String> end =
          OneValue.ofRunning(site.cluster(), primary, "select pg_switch_wal()", LIMITS);
      return new Done(
          new EdnTable().put("node", primary.name()).put("end", end),
          end.isPresent() ? List.of(primary) : List.of());
    }
  }

  /**
   * A momentary fault.
   *
   * @param hit the nodes on which it had an effect
   */
  private record Done(EdnTable began, List<NodeId> hit) implements Fault.UnderWay {
    @Override
    public void end() {}

    @Override
    public Optional<Fault.Effect> effect() {
      return Optional.of(new Fault.Effect(!hit.isEmpty(), new EdnTable().put("nodes", hit)));
    }
  }
}
