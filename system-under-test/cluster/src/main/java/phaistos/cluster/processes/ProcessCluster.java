package phaistos.cluster.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.IntStream;
import phaistos.cluster.Administration;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Disks;
import phaistos.cluster.Images;
import phaistos.cluster.Links;
import phaistos.cluster.OperatorActs;
import phaistos.cluster.Power;
import phaistos.cluster.ServerProcesses;
import phaistos.cluster.SlowLinks;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.machine.ServerUser;
import phaistos.cluster.machine.Signal;
import phaistos.cluster.postgres.Durability;
import phaistos.cluster.postgres.FirstSegment;
import phaistos.cluster.postgres.PostgresPrograms;
import phaistos.cluster.proxies.Link;
import phaistos.cluster.proxies.ToxiproxyLinks;
import phaistos.cluster.proxies.ToxiproxyServer;
import phaistos.environment.Environment;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;

/**
 * Real PostgreSQL as processes of this machine, on loopback, under an ordinary user: no Docker
 * needed. Between the nodes, and between clients and nodes, is a real Toxiproxy server with a proxy
 * for each link; a node knows the others by its proxies only.
 *
 * <p>Everything that it creates is removed by {@link #close}, on SIGINT and on SIGTERM. After a
 * SIGKILL the next cluster removes it. Thread-safe: one call at a time for each node.
 */
public final class ProcessCluster implements Cluster, Power, Images, OperatorActs {
  private final ClusterOptions options;
  private final DataVolumes volumes;
  private final ProcessRun run;
  private final ServerUser user;
  private final Environment control;
  private final PostgresNodes postgres;
  private final AtomicReference<NodeId> primary = new AtomicReference<>();
  private final AtomicInteger images = new AtomicInteger();
  private final Map<NodeId, Held> nodes = new LinkedHashMap<>();
  private final Map<Link, String> proxies = new HashMap<>();
  private final Waiting waiting;
  private ToxiproxyLinks links;

  /** A node; the lock is held during every act on it. */
  private record Held(ProcessNode node, ReentrantLock lock) {}

  /** Why no such cluster can be made here, with the remedy, in one line; empty if one can. */
  public static Optional<String> missing() {
    return ServerUser.missing().or(ToxiproxyServer::missing);
  }

  /** What a cluster with nodes on such volumes can do. */
  public static Capabilities capabilities(DataVolumes volumes) {
    Map<Capability, String> missing = new EnumMap<>(Capability.class);
    missing.put(Capability.CLOCK, "its nodes share the clock of this machine");
    missing.put(Capability.DISK_DAMAGE, "it can fail, fill and slow a disk, not damage one");
    missing.put(Capability.STEPS, "PostgreSQL's steps are not watched");
    missing.put(
        Capability.REPLICATION_MESSAGES, "Toxiproxy passes bytes on and does not read them");
    volumes.whyNoPowerCut().ifPresent(why -> missing.put(Capability.POWER_CUT, why));
    if (volumes.disks().isEmpty()) {
      missing.put(Capability.DISK, "its nodes write to the disk of this machine");
    }
    return Capabilities.allBut(missing);
  }

  /**
   * Removes the leftovers of runs whose process is gone, and opens the nodes' volumes.
   *
   * @throws ClusterException if something is {@link #missing}
   */
  public ProcessCluster(ClusterOptions options, PostgresPrograms programs, DataVolumes volumes) {
    missing()
        .ifPresent(
            missing -> {
              throw new ClusterException(missing);
            });
    this.options = options;
    this.volumes = volumes;
    user = ServerUser.find();
    ProcessRun.removeDead();
    run = new ProcessRun();
    control =
        SystemEnvironment.of(
            "control",
            new SystemDisk(run.folder().resolve("control")),
            options.seed(),
            options.onTaskFailure());
    postgres = new PostgresNodes(programs, user, options, this, run.folder().resolve("archive"));
    waiting = new Waiting(this, postgres, options.patience(), run::isClosed);
    List<NodeId> ids =
        IntStream.rangeClosed(1, options.nodes()).mapToObj(i -> new NodeId("n" + i)).toList();
    primary.set(ids.getFirst());
    for (NodeId id : ids) {
      ProcessNode node =
          new ProcessNode(
              id,
              volumes.open(id, run.folder().resolve(id.name()), user.id()),
              user,
              run.folder().resolve(id + ".log"));
      nodes.put(id, new Held(node, new ReentrantLock()));
      String address = run.address(Integer.parseInt(id.name().substring(1)));
      postgres.listen(id, address, ProcessRun.freePort(address));
    }
  }

  @Override
  public Capabilities capabilities() {
    return capabilities(volumes);
  }

  @Override
  public Optional<Links> links() {
    return Optional.of(links);
  }

  @Override
  public Optional<Power> power() {
    return volumes.whyNoPowerCut().isEmpty() ? Optional.of(this) : Optional.empty();
  }

  @Override
  public Optional<Images> images() {
    return Optional.of(this);
  }

  @Override
  public Optional<Disks> disks() {
    return volumes.disks();
  }

  @Override
  public Optional<ServerProcesses> serverProcesses() {
    return Optional.of(
        new NodeServers(id -> held(id).node(), postgres.major(), waiting, control.tasks()));
  }

  @Override
  public Optional<SlowLinks> slowLinks() {
    return Optional.of(links);
  }

  @Override
  public Optional<Administration> administration() {
    return Optional.of(new NodeAdministration(id -> held(id).node(), postgres, waiting, initial()));
  }

  @Override
  public Optional<OperatorActs> operatorActs() {
    return Optional.of(this);
  }

  @Override
  public List<NodeId> nodes() {
    return List.copyOf(nodes.keySet());
  }

  @Override
  public Environment control() {
    return control;
  }

  @Override
  public void start() {
    startProxies();
    ProcessNode first = held(primary()).node();
    postgres.makeArchive();
    postgres.initialize(first);
    postgres.cloneStopped(first.data(), initial());
    for (Held held : nodes.values()) {
      if (held.node() != first) {
        postgres.cloneStopped(first.data(), held.node().data());
        postgres.configure(held.node(), Optional.of(primary()));
      }
    }
    postgres.configure(first, Optional.empty());
    nodes.values().forEach(held -> waiting.start(held.node()));
    for (Held held : nodes.values()) {
      if (held.node() != first) {
        waiting.awaitStreaming(held.node(), primary(), 0);
      }
    }
    Durability.assertOn(this, options.settings());
    FirstSegment.begin(this);
    nodes.values().forEach(held -> held.node().volume().syncAll());
  }

  private void startProxies() {
    String address = run.address(15);
    int port = ProcessRun.freePort(address);
    ToxiproxyServer.start(run.folder(), user, address, port);
    links = new ToxiproxyLinks(nodes(), address, port);
    try {
      for (Link link : Link.all(nodes())) {
        proxies.put(link, links.create(link, address + ":0", postgres.address(link.target())));
      }
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not take its proxies", e);
    }
  }

  /** Where a node finds another: {@code host:port}. */
  String addressOf(Optional<NodeId> dialer, NodeId target) {
    return proxies.get(new Link(dialer, target));
  }

  /** What all nodes began with. */
  private Path initial() {
    return run.folder().resolve("initial");
  }

  /** The data directory of a node; its files are only to be changed while the node is down. */
  public Path dataDirectory(NodeId id) {
    return held(id).node().data();
  }

  @Override
  public NodeId primary() {
    return primary.get();
  }

  @Override
  public NodeState state(NodeId id) {
    return held(id).node().state();
  }

  @Override
  public Connection connect(NodeId id, Properties properties) throws SQLException {
    Properties all = new Properties();
    all.put("user", PostgresNodes.USER);
    all.put("sslmode", "disable");
    all.put("gssEncMode", "disable");
    all.putAll(properties);
    String address = addressOf(Optional.empty(), held(id).node().id());
    return DriverManager.getConnection("jdbc:postgresql://" + address + "/postgres", all);
  }

  @Override
  public void kill(NodeId id) {
    locked(
        id,
        node -> {
          node.kill();
          return null;
        });
  }

  @Override
  public CrashReport crash(NodeId id, CrashMode mode, long seed) {
    return locked(
        id,
        node -> {
          node.kill();
          return node.volume().crash(mode, seed);
        });
  }

  /**
   * Stops all nodes before it kills them, the primary last: whatever that acknowledges in between,
   * a standby had already flushed.
   */
  @Override
  public void killAll() {
    List<Held> running =
        nodes.values().stream()
            .filter(held -> held.node().state() != NodeState.DOWN)
            .sorted(Comparator.comparing(held -> held.node().id().equals(primary())))
            .toList();
    running.forEach(held -> held.lock().lock());
    try {
      running.forEach(held -> held.node().pause());
      running.forEach(held -> held.node().signalKill());
      running.forEach(held -> held.node().awaitDeath());
    } finally {
      running.forEach(held -> held.lock().unlock());
    }
  }

  @Override
  public RestartReport restart(NodeId id) {
    return locked(
        id,
        node -> {
          if (node.state() != NodeState.DOWN) {
            throw new ClusterException(id + " is to be restarted but is not down");
          }
          return new RestartReport(waiting.start(node));
        });
  }

  @Override
  public void pause(NodeId id) {
    locked(
        id,
        node -> {
          node.pause();
          return null;
        });
  }

  @Override
  public void resume(NodeId id) {
    locked(
        id,
        node -> {
          node.resume();
          return null;
        });
  }

  @Override
  public void promote(NodeId id) {
    locked(
        id,
        node -> {
          waiting.promote(id);
          primary.set(id);
          return null;
        });
  }

  @Override
  public void follow(NodeId id, NodeId newPrimary) {
    locked(
        id,
        node -> {
          postgres.configure(node, Optional.of(newPrimary));
          int before = node.log().size();
          if (node.state() == NodeState.DOWN) {
            waiting.start(node);
          } else {
            Signal.HUP.send(node.pid());
          }
          waiting.awaitFollowing(node, newPrimary, before);
          return null;
        });
  }

  @Override
  public void rejoin(NodeId id, NodeId newPrimary) {
    locked(
        id,
        node -> {
          node.kill();
          if (!postgres.rewind(node, held(newPrimary).node()) || !joins(node, newPrimary)) {
            node.kill();
            postgres.copy(node, held(newPrimary).node());
            join(node, newPrimary);
          }
          return null;
        });
  }

  /** Whether a node that was rewound becomes a standby: its files may still lack something. */
  private boolean joins(ProcessNode node, NodeId primary) {
    try {
      join(node, primary);
      return true;
    } catch (ClusterException e) {
      PostgresNodes.note(node, "a copy is needed: " + e.getMessage());
      return false;
    }
  }

  private void join(ProcessNode node, NodeId primary) {
    int before = node.log().size();
    postgres.configure(node, Optional.of(primary));
    waiting.start(node);
    waiting.awaitStreaming(node, primary, before);
  }

  @Override
  public DataDirectory image(NodeId id, ImageKind kind) {
    return locked(
        id,
        node -> {
          if (node.state() != NodeState.DOWN) {
            throw new ClusterException(id + " is not down: its files change");
          }
          var copy = run.folder().resolve("image-" + images.incrementAndGet() + "-" + id);
          node.volume().copyTo(kind, copy);
          return new FolderDataDirectory(copy.resolve("data"));
        });
  }

  @Override
  public List<String> log(NodeId id) {
    return held(id).node().log();
  }

  private Held held(NodeId id) {
    Held held = nodes.get(id);
    if (held == null) {
      throw new ClusterException("no such node: " + id);
    }
    return held;
  }

  private <T> T locked(NodeId id, Function<ProcessNode, T> act) {
    Held held = held(id);
    held.lock().lock();
    try {
      return act.apply(held.node());
    } catch (UncheckedIOException e) {
      throw new ClusterException(e.getMessage() + ": " + e.getCause().getMessage(), e);
    } finally {
      held.lock().unlock();
    }
  }

  @Override
  public void close() {
    if (links != null) {
      links.close();
    }
    nodes.values().forEach(held -> held.node().kill());
    nodes.values().forEach(held -> held.node().volume().close());
    run.close();
  }
}
