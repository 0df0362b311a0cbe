package phaistos.nemesis;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;
import phaistos.cluster.Clocks;
import phaistos.cluster.Cluster;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Disks;
import phaistos.cluster.Links;
import phaistos.cluster.OperatorActs;
import phaistos.cluster.Power;
import phaistos.cluster.ReplicationMessages;
import phaistos.cluster.ServerProcesses;
import phaistos.environment.Environment;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;

/**
 * Three nodes without any database: each has a position, a state, a disk, a clock, and an answer to
 * the operator's questions. Every act is noted; one that makes no sense in the present state
 * throws. Not thread-safe.
 */
final class InventedCluster
    implements Cluster, Links, Power, OperatorActs, Disks, Clocks, ServerProcesses {
  static final NodeId N1 = new NodeId("n1");
  static final NodeId N2 = new NodeId("n2");
  static final NodeId N3 = new NodeId("n3");

  /** Nodes of a cold restart start in tasks of their own. */
  final List<String> acts = new CopyOnWriteArrayList<>();

  final TreeMap<NodeId, Long> position = new TreeMap<>();
  final Map<NodeId, NodeState> state = new ConcurrentSkipListMap<>();
  final TreeSet<NodeId> mute = new TreeSet<>();
  final TreeSet<NodeId> cannotPromote = new TreeSet<>();
  final TreeSet<NodeId> cannotFollow = new TreeSet<>();

  /** Standbys that get WAL beyond the fork after they were asked, and stay there. */
  final TreeSet<NodeId> goBeyondFork = new TreeSet<>();

  private final TreeSet<NodeId> following = new TreeSet<>();
  final TreeMap<NodeId, String> timelines = new TreeMap<>();
  final TreeSet<NodeId> cannotRejoin = new TreeSet<>();
  final TreeSet<String> cut = new TreeSet<>();
  final TreeSet<NodeId> failingSyncs = new TreeSet<>();
  final TreeMap<NodeId, Long> room = new TreeMap<>();
  final TreeMap<NodeId, Long> slowNanos = new TreeMap<>();
  final TreeMap<NodeId, Duration> offset = new TreeMap<>();
  final TreeSet<String> flippedBits = new TreeSet<>();
  final TreeMap<NodeId, List<String>> logs = new TreeMap<>();
  final TreeSet<Long> stoppedProcesses = new TreeSet<>();
  final TreeSet<Long> killedProcesses = new TreeSet<>();
  boolean replicates;
  int heldMessages;
  long diskCounter;
  private final TreeMap<String, Long> stopped = new TreeMap<>();
  long stoppedByEachCut = 100;
  long lostByEachCrash = 8192;
  private final Environment control;
  private NodeId primary = N1;

  /** One that lives in real time, in a folder. */
  static InventedCluster in(Path folder) {
    return new InventedCluster(
        SystemEnvironment.of("test", new SystemDisk(folder), 1, (_, _) -> {}));
  }

  InventedCluster(Environment control) {
    this.control = control;
    for (NodeId node : nodes()) {
      position.put(node, 1_000L);
      state.put(node, NodeState.UP);
    }
  }

  @Override
  public List<NodeId> nodes() {
    return List.of(N1, N2, N3);
  }

  @Override
  public Capabilities capabilities() {
    Map<Capability, String> missing = new EnumMap<>(Capability.class);
    missing.put(Capability.DISK_DAMAGE, "it has no files");
    missing.put(Capability.STEPS, "it has no code");
    missing.put(Capability.SLOW_LINK, "its links are slow already");
    missing.put(Capability.TOXIC, "its links carry nothing");
    missing.put(Capability.ADMINISTRATION, "it has no administrator");
    if (!replicates) {
      missing.put(Capability.REPLICATION_MESSAGES, "it does not replicate");
    }
    return Capabilities.allBut(missing);
  }

  /** A node is restarted in vain while messages are held. */
  @Override
  public Optional<ReplicationMessages> replicationMessages() {
    return Optional.of(
        (_, _, _) -> {
          heldMessages++;
          AtomicBoolean isOver = new AtomicBoolean();
          return new ReplicationMessages.Disturbance() {
            @Override
            public long treated() {
              return 1;
            }

            @Override
            public void end() {
              heldMessages -= isOver.getAndSet(true) ? 0 : 1;
            }
          };
        });
  }

  @Override
  public Optional<Links> links() {
    return Optional.of(this);
  }

  @Override
  public Optional<Power> power() {
    return Optional.of(this);
  }

  @Override
  public Optional<Disks> disks() {
    return Optional.of(this);
  }

  @Override
  public Optional<Clocks> clocks() {
    return Optional.of(this);
  }

  @Override
  public Optional<ServerProcesses> serverProcesses() {
    return Optional.of(this);
  }

  /** Each role has one process, whose id says node and role; there until it is killed. */
  @Override
  public List<Long> find(NodeId node, Role role) {
    long pid = 1_000L * (1 + nodes().indexOf(node)) + role.ordinal();
    return state.get(node) == NodeState.UP && !killedProcesses.contains(pid)
        ? List.of(pid)
        : List.of();
  }

  @Override
  public boolean act(NodeId node, long pid, Act act) {
    if (!isThere(node, pid)) {
      stoppedProcesses.remove(pid);
      return false;
    }
    switch (act) {
      case STOP -> stoppedProcesses.add(pid);
      case CONTINUE -> stoppedProcesses.remove(pid);
      case KILL -> killedProcesses.add(pid);
    }
    return true;
  }

  @Override
  public boolean isThere(NodeId node, long pid) {
    return state.get(node) != NodeState.DOWN && !killedProcesses.contains(pid);
  }

  @Override
  public void shutDown(NodeId node, Shutdown mode) {
    acts.add("shut down " + node);
    state.put(node, NodeState.DOWN);
  }

  @Override
  public StartReport restartStopping(NodeId node, Role role, long stoppedNanos) {
    return new StartReport(restart(node), OptionalLong.of(find(node, role).getFirst()));
  }

  @Override
  public Optional<OperatorActs> operatorActs() {
    return Optional.of(this);
  }

  @Override
  public Environment control() {
    return control;
  }

  @Override
  public void start() {}

  @Override
  public NodeId primary() {
    return primary;
  }

  @Override
  public NodeState state(NodeId node) {
    return state.get(node);
  }

  @Override
  public Connection connect(NodeId node, Properties options) throws SQLException {
    if (state.get(node) != NodeState.UP || mute.contains(node)) {
      throw new SQLException("refused", "08001");
    }
    return proxy(
        Connection.class, (name, _) -> name.equals("createStatement") ? statement(node) : null);
  }

  private Statement statement(NodeId node) {
    return proxy(
        Statement.class,
        (name, sql) -> name.equals("executeQuery") ? rows(answer(node, sql)) : null);
  }

  private String answer(NodeId node, String sql) throws SQLException {
    return switch (sql) {
      case Positions.FAR -> {
        String at = Positions.lsnText(position.get(node));
        yield node.equals(primary) ? null : at + " " + at;
      }
      case "select pg_promote(true, 60)" -> {
        acts.add("promote " + node + " aside");
        yield "t";
      }
      case "select txid_current()" -> {
        position.merge(node, 1L, Long::sum);
        following.forEach(each -> position.put(each, position.get(node)));
        yield "740";
      }
      case "select pg_walfile_name(pg_current_wal_lsn())" ->
          timelines.getOrDefault(node, "00000002") + "0000000000000001";
      case "select pg_last_wal_replay_lsn()", "select pg_current_wal_lsn()" ->
          Positions.lsnText(position.get(node));
      case "select clock_timestamp()" ->
          control
                  .clock()
                  .wallClock()
                  .plus(offset.getOrDefault(node, Duration.ZERO))
                  .toString()
                  .replace('T', ' ')
                  .replace("Z", "")
              + "+00";
      default -> {
        if (sql.contains("pg_stat_replication")) {
          yield "1";
        }
        if (sql.contains("pg_stat_wal_receiver")) {
          throw new SQLException("not supported", "0A000");
        }
        throw new IllegalStateException("no answer to " + sql);
      }
    };
  }

  private static ResultSet rows(String answer) {
    boolean[] isRead = new boolean[1];
    return proxy(
        ResultSet.class,
        (name, _) ->
            switch (name) {
              case "next" -> {
                boolean first = !isRead[0];
                isRead[0] = true;
                yield first;
              }
              case "getString" -> answer;
              default -> null;
            });
  }

  @FunctionalInterface
  private interface Answer {
    Object of(String method, String firstArgument) throws SQLException;
  }

  private static <T> T proxy(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) ->
                answer.of(
                    method.getName(),
                    arguments != null && arguments[0] instanceof String text ? text : "")));
  }

  @Override
  public void kill(NodeId node) {
    acts.add("kill " + node);
    state.put(node, NodeState.DOWN);
  }

  @Override
  public CrashReport crash(NodeId node, CrashMode mode, long seed) {
    acts.add("crash " + node);
    state.put(node, NodeState.DOWN);
    return new CrashReport(lostByEachCrash);
  }

  @Override
  public void killAll() {
    nodes().forEach(this::kill);
  }

  @Override
  public RestartReport restart(NodeId node) {
    if (state.get(node) != NodeState.DOWN) {
      throw new ClusterException(node + " is up");
    }
    acts.add("restart " + node);
    state.put(node, NodeState.UP);
    if (heldMessages > 0) {
      throw new ClusterException(node + " does not stream");
    }
    return new RestartReport(true);
  }

  @Override
  public void pause(NodeId node) {
    require(state.get(node) == NodeState.UP, "pause " + node);
    acts.add("pause " + node);
    state.put(node, NodeState.PAUSED);
  }

  @Override
  public void resume(NodeId node) {
    require(state.get(node) == NodeState.PAUSED, "resume " + node);
    acts.add("resume " + node);
    state.put(node, NodeState.UP);
  }

  @Override
  public void promote(NodeId node) {
    if (cannotPromote.contains(node)) {
      throw new ClusterException("no room");
    }
    acts.add("promote " + node);
    primary = node;
    following.clear();
  }

  @Override
  public void follow(NodeId standby, NodeId primary) {
    if (cannotFollow.contains(standby)) {
      throw new ClusterException("forked off before");
    }
    acts.add("follow " + standby + " " + primary);
    state.put(standby, NodeState.UP);
    if (goBeyondFork.contains(standby)) {
      position.put(standby, position.get(primary) + 100);
    } else {
      following.add(standby);
      position.put(standby, position.get(primary));
    }
  }

  @Override
  public void rejoin(NodeId node, NodeId primary) {
    if (cannotRejoin.contains(node)) {
      throw new ClusterException("no room");
    }
    acts.add("rejoin " + node + " " + primary);
    state.put(node, NodeState.UP);
    position.put(node, position.get(primary));
  }

  private static void require(boolean makesSense, String act) {
    if (!makesSense) {
      throw new IllegalStateException("makes no sense now: " + act);
    }
  }

  @Override
  public void cut(Stream stream) {
    require(!cut.contains(stream.toString()), "cut " + stream);
    cut.add(stream.toString());
    stopped.merge(stream.toString(), stoppedByEachCut, Long::sum);
  }

  @Override
  public void heal(Stream stream) {
    require(cut.remove(stream.toString()), "heal " + stream);
  }

  @Override
  public void healAll() {
    cut.clear();
  }

  /** Every stream has stopped so many bytes more. */
  void countStopped(long bytes) {
    streams().forEach(stream -> stopped.merge(stream.toString(), bytes, Long::sum));
  }

  @Override
  public Traffic traffic(Stream stream) {
    return new Traffic(5_000, stopped.getOrDefault(stream.toString(), 0L));
  }

  @Override
  public List<Stream> streams() {
    List<Stream> streams = new ArrayList<>();
    for (NodeId target : nodes()) {
      for (boolean toTarget : new boolean[] {true, false}) {
        streams.add(new Stream(Optional.empty(), target, toTarget));
        for (NodeId dialer : nodes()) {
          if (!dialer.equals(target)) {
            streams.add(new Stream(Optional.of(dialer), target, toTarget));
          }
        }
      }
    }
    return streams;
  }

  @Override
  public void failSyncs(NodeId node, boolean fail) {
    require(fail ? failingSyncs.add(node) : failingSyncs.remove(node), "fail syncs: " + fail);
  }

  @Override
  public void limitSpace(NodeId node, long bytes) {
    if (bytes < 0) {
      room.remove(node);
    } else {
      room.put(node, bytes);
    }
  }

  @Override
  public void slowDown(NodeId node, long nanos) {
    slowNanos.put(node, nanos);
    slowNanos.values().removeIf(each -> each == 0);
  }

  @Override
  public void flipBit(NodeId node, String path, long bit) {
    require(flippedBits.add(node + " " + path + " " + bit), "flip " + bit);
  }

  @Override
  public void restoreBit(NodeId node, String path, long bit) {
    require(flippedBits.remove(node + " " + path + " " + bit), "restore " + bit);
  }

  /** Everything happens once more whenever somebody asks. */
  @Override
  public DiskCounters counters(NodeId node) {
    diskCounter++;
    return new DiskCounters(diskCounter, diskCounter, diskCounter, diskCounter);
  }

  @Override
  public void setOffset(NodeId node, Duration ahead) {
    offset.put(node, ahead);
    offset.values().removeIf(Duration::isZero);
  }

  @Override
  public List<String> log(NodeId node) {
    return logs.getOrDefault(node, List.of());
  }

  @Override
  public void close() {}
}
