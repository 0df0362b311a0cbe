package phaistos.cluster.simulated;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.HostSpec;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Clocks;
import phaistos.cluster.Cluster;
import phaistos.cluster.ClusterException;
import phaistos.cluster.DiskDamage;
import phaistos.cluster.Disks;
import phaistos.cluster.Images;
import phaistos.cluster.Links;
import phaistos.cluster.OneValue;
import phaistos.cluster.OperatorActs;
import phaistos.cluster.Power;
import phaistos.cluster.ReplicationMessages;
import phaistos.cluster.ServerSteps;
import phaistos.cluster.StandbyReplies;
import phaistos.environment.Environment;
import phaistos.environment.NetworkSockets;
import phaistos.formats.DataDirectory;
import phaistos.server.InitOptions;
import phaistos.server.defects.Defects;
import phaistos.server.settings.Settings;
import phaistos.simulator.SimulatedDisk;
import phaistos.simulator.SimulatedMachine;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.UnsyncedWrites;

/**
 * Servers on the machines of a simulated world. The clients, the nemesis and the operator run on
 * the world's root machine. Only tasks of that machine may use it.
 */
public final class SimulatedCluster implements Cluster, Power, Images, OperatorActs, Disks, Clocks {
  static final int PORT = 5432;
  private static final long SECOND = 1_000_000_000L;
  private static final long START_LIMIT = 30 * SECOND;
  private static final long POLL = 25_000_000L;

  /**
   * @param nodes how many; each waits for one of the others
   * @param settings of every node; they override those of the cluster
   * @param watch is told of every server that starts
   * @param ids where transaction ids begin
   * @param segmentLeft bytes of the first WAL segment that are left at the start; drawn from the
   *     world's seed if it is not given
   */
  public record Options(
      int nodes,
      Settings settings,
      Defects defects,
      int walSegmentSize,
      StepWatch watch,
      InitOptions.Ids ids,
      OptionalInt segmentLeft) {
    /** Three nodes, segments of 1 MB, no defect. */
    public static Options defaults() {
      return new Options(
          3,
          Settings.defaults(),
          Defects.none(),
          1 << 20,
          StepWatch.NONE,
          InitOptions.Ids.FIRST,
          OptionalInt.empty());
    }

    public Options withNodes(int count) {
      return new Options(count, settings, defects, walSegmentSize, watch, ids, segmentLeft);
    }

    public Options withSettings(Settings more) {
      return new Options(nodes, more, defects, walSegmentSize, watch, ids, segmentLeft);
    }

    public Options withDefects(Defects planted) {
      return new Options(nodes, settings, planted, walSegmentSize, watch, ids, segmentLeft);
    }

    public Options withWatch(StepWatch sees) {
      return new Options(nodes, settings, defects, walSegmentSize, sees, ids, segmentLeft);
    }

    public Options withIds(InitOptions.Ids begin) {
      return new Options(nodes, settings, defects, walSegmentSize, watch, begin, segmentLeft);
    }

    public Options withSegmentLeft(OptionalInt bytes) {
      return new Options(nodes, settings, defects, walSegmentSize, watch, ids, bytes);
    }
  }

  private final SimulatedWorld world;
  private final Options options;
  private final NetworkSockets sockets;

  private final Map<NodeId, SimulatedNode> nodes = new LinkedHashMap<>();
  private final SimulatedLinks links;
  private final SimulatedSteps steps = new SimulatedSteps();
  private final SimulatedReplies replies;
  private NodeId primary;

  public SimulatedCluster(SimulatedWorld world, Options options) {
    this.world = world;
    this.options = options;
    this.replies = new SimulatedReplies(world::nowNanos, options.walSegmentSize);
    this.sockets = NetworkSockets.over(world.environment().network());
    world.atEnd(sockets::close);
    for (int i = 1; i <= options.nodes; i++) {
      NodeId id = new NodeId("n" + i);
      SimulatedMachine machine = world.machine(id.name());
      nodes.put(
          id,
          new SimulatedNode(id, machine, NodeSettings.of(id, options), options, steps, replies));
    }
    links = new SimulatedLinks(world, nodes());
    primary = nodes().getFirst();
  }

  @Override
  public List<NodeId> nodes() {
    return List.copyOf(nodes.keySet());
  }

  @Override
  public Capabilities capabilities() {
    return ownCapabilities();
  }

  /** What a simulated cluster can do. */
  public static Capabilities ownCapabilities() {
    return SimulatedCapabilities.all();
  }

  @Override
  public Optional<Links> links() {
    return Optional.of(links);
  }

  @Override
  public Optional<Images> images() {
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
  public Optional<DiskDamage> diskDamage() {
    return Optional.of(new SimulatedDiskDamage(this::disk));
  }

  @Override
  public Optional<Clocks> clocks() {
    return Optional.of(this);
  }

  @Override
  public Optional<ServerSteps> steps() {
    return Optional.of(steps);
  }

  @Override
  public Optional<ReplicationMessages> replicationMessages() {
    return Optional.of(steps);
  }

  @Override
  public Optional<StandbyReplies> standbyReplies() {
    return Optional.of(replies);
  }

  @Override
  public Optional<OperatorActs> operatorActs() {
    return Optional.of(this);
  }

  @Override
  public Environment control() {
    return world.environment();
  }

  private SimulatedNode node(NodeId id) {
    SimulatedNode node = nodes.get(id);
    if (node == null) {
      throw new IllegalArgumentException("no such node: " + id);
    }
    return node;
  }

  @Override
  public void start() {
    for (SimulatedNode node : nodes.values()) {
      node.initialize(FirstFiles.of(options, world.seed()));
      node.upstream(node.id().equals(primary) ? Optional.empty() : Optional.of(primary));
      node.start();
    }
    nodes.values().forEach(this::awaitReady);
    for (NodeId id : nodes.keySet()) {
      if (!id.equals(primary)) {
        awaitStreaming(id, primary);
      }
    }
  }

  private void awaitReady(SimulatedNode node) {
    if (!await(
        () -> {
          node.requireSound();
          return node.isReady();
        })) {
      throw new ClusterException(
          "node %s does not accept connections after %d s; its log ends with: %s"
              .formatted(
                  node.id(),
                  START_LIMIT / SECOND,
                  node.log().isEmpty() ? "nothing" : node.log().getLast()));
    }
  }

  private boolean await(BooleanSupplier condition) {
    long deadline = control().clock().monotonicNanos() + START_LIMIT;
    while (!condition.getAsBoolean()) {
      if (control().clock().monotonicNanos() >= deadline) {
        return false;
      }
      control().tasks().sleep(POLL);
    }
    return true;
  }

  private void awaitStreaming(NodeId standby, NodeId from) {
    if (!await(() -> OneValue.streams(this, from, standby))) {
      throw new ClusterException("standby " + standby + " does not stream from " + from);
    }
  }

  @Override
  public NodeId primary() {
    return primary;
  }

  @Override
  public NodeState state(NodeId id) {
    return node(id).state();
  }

  /**
   * As the driver does it, without its way there: it would parse a URL and look for a password's
   * file each time.
   */
  @Override
  public Connection connect(NodeId id, Properties given) throws SQLException {
    Properties properties = sockets.properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("PGDBNAME", "postgres");
    // settings come with the first message, not with one of their own
    properties.setProperty("assumeMinServerVersion", "12");
    // The driver closes named statements after the garbage collector has found them unreachable, at
    // a time that depends on the JVM. So no statement is named.
    properties.setProperty("prepareThreshold", "0");
    given.stringPropertyNames().forEach(n -> properties.setProperty(n, given.getProperty(n)));
    HostSpec host = new HostSpec(sockets.literal(node(id).id().name()), PORT);
    return new PgConnection(new HostSpec[] {host}, properties, "jdbc:postgresql:");
  }

  @Override
  public void kill(NodeId id) {
    node(id).kill();
  }

  @Override
  public CrashReport crash(NodeId id, CrashMode mode, long seed) {
    UnsyncedWrites writes =
        switch (mode) {
          case ALL_LOST -> UnsyncedWrites.LOSE_ALL;
          case SOME_LOST -> UnsyncedWrites.LOSE_SOME;
          case TORN -> UnsyncedWrites.TEAR;
        };
    SimulatedNode node = node(id);
    long lost = node.machine().crash(writes, seed).bytes();
    node.kill();
    return new CrashReport(lost);
  }

  @Override
  public boolean stop(NodeId id) {
    SimulatedNode node = node(id);
    boolean ended = node.state() == NodeState.UP && await(node.shutDown());
    node.kill();
    return ended;
  }

  /** The standbys first: none of them may catch up while the others are being killed. */
  @Override
  public void killAll() {
    nodes.values().stream().filter(n -> !n.id().equals(primary)).forEach(SimulatedNode::kill);
    node(primary).kill();
  }

  @Override
  public RestartReport restart(NodeId id) {
    SimulatedNode node = node(id);
    if (node.state() != NodeState.DOWN) {
      throw new ClusterException("node " + id + " is not down");
    }
    int logged = node.log().size();
    node.start();
    awaitReady(node);
    boolean recovered =
        node.log().subList(logged, node.log().size()).stream()
            .anyMatch(line -> line.contains("redo starts at"));
    return new RestartReport(recovered);
  }

  @Override
  public void pause(NodeId id) {
    node(id).pause();
  }

  @Override
  public void resume(NodeId id) {
    node(id).resume();
  }

  @Override
  public void promote(NodeId id) {
    Optional<String> answer =
        OneValue.of(
            this, id, "select pg_promote(true, 60)", OneValue.limits(2, 70, "phaistos-control"));
    if (answer.filter(text -> text.startsWith("t")).isEmpty()) {
      throw new ClusterException("node " + id + " was not promoted");
    }
    node(id).upstream(Optional.empty());
    primary = id;
  }

  @Override
  public void follow(NodeId standby, NodeId newPrimary) {
    SimulatedNode node = node(standby);
    if (node.state() != NodeState.DOWN) {
      node.kill();
    }
    node.upstream(Optional.of(newPrimary));
    node.start();
    awaitReady(node);
  }

  @Override
  public void rejoin(NodeId id, NodeId newPrimary) {
    SimulatedNode node = node(id);
    if (node.state() != NodeState.DOWN) {
      node.kill();
    }
    node.initialize(FirstFiles.of(options, world.seed()));
    node.upstream(Optional.of(newPrimary));
    node.start();
    awaitReady(node);
    awaitStreaming(id, newPrimary);
  }

  @Override
  public DataDirectory image(NodeId id, ImageKind kind) {
    SimulatedNode node = node(id);
    if (node.state() != NodeState.DOWN) {
      throw new ClusterException("node " + id + " is not down");
    }
    return new ImageDirectory(
        switch (kind) {
          case AS_IS -> node.machine().disk().image();
          case SYNCED_ONLY -> node.machine().disk().flushedImage();
        });
  }

  private SimulatedDisk disk(NodeId id) {
    return node(id).machine().disk();
  }

  @Override
  public void failSyncs(NodeId id, boolean fail) {
    disk(id).failSyncs("", fail ? Integer.MAX_VALUE : 0);
  }

  @Override
  public void limitSpace(NodeId id, long bytes) {
    disk(id).limitSpace(bytes);
  }

  @Override
  public void slowDown(NodeId id, long nanos) {
    disk(id).slowDown(nanos);
  }

  @Override
  public void flipBit(NodeId id, String path, long bit) throws IOException {
    disk(id).flipBit(path, bit);
  }

  @Override
  public void restoreBit(NodeId id, String path, long bit) {
    disk(id).restoreBit(path, bit);
  }

  @Override
  public DiskCounters counters(NodeId id) {
    SimulatedDisk.Counters counters = disk(id).counters();
    return new DiskCounters(
        counters.syncsFailed(),
        counters.writesRefused(),
        counters.slowedNanos(),
        counters.flippedBitsRead());
  }

  @Override
  public void setOffset(NodeId id, Duration offset) {
    node(id).machine().setWallClockOffset(offset);
  }

  @Override
  public List<String> log(NodeId id) {
    return List.copyOf(node(id).log());
  }

  @Override
  public void close() {
    nodes.values().forEach(SimulatedNode::kill);
    sockets.close();
  }
}
