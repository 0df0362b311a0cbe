package phaistos.cluster.containers;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports.Binding;
import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.toxiproxy.ToxiproxyContainer;
import org.testcontainers.utility.DockerImageName;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Traffic;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Links;

/**
 * The networks of a cluster: each node is alone in its own network, and one Toxiproxy container is
 * in all of them. So a node reaches another only through the proxy of its own link: proxies of node
 * i listen on Toxiproxy's address in node i's network only.
 *
 * <p>A cut is Toxiproxy's toxic {@code timeout} with a timeout of 0 on one of a proxy's two
 * streams: bytes are dropped, connections stay open, and new connections are accepted but stay
 * silent. Healing closes the connections of the cut, because bytes are missing in them.
 * Thread-safe.
 */
final class ProxiedLinks implements Links, AutoCloseable {
  /** Every node's server listens here, inside its network. */
  static final int SERVER_PORT = 5432;

  private static final int CONTROL_PORT = 8474;
  private static final int FIRST_CLIENT_PORT = 8666;
  private static final int FIRST_NODE_PORT = 15_000;
  private static final String TOXIC = "cut-";

  private final List<NodeId> nodes;
  private final Network clientNetwork;
  private final Map<NodeId, Network> networks = new LinkedHashMap<>();

  /**
   * A sleeping container for each node, which keeps the node's address while its process is down. A
   * dialer is then refused at once, as by a machine without the server, and the kernel ends the
   * connections of a killed process.
   */
  private final Map<NodeId, GenericContainer<?>> holders = new LinkedHashMap<>();

  private final ToxiproxyContainer toxiproxy;
  private final Map<Link, Proxy> proxies = new LinkedHashMap<>();
  private final Map<NodeId, String> toxiproxyAddresses = new HashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final ReentrantLock lock = new ReentrantLock();

  /** Bytes missing when the cut began, by the streams that are cut now. */
  private final Map<Cluster.Stream, Long> cuts = new HashMap<>();

  private final Map<Cluster.Stream, Long> stopped = new HashMap<>();

  ProxiedLinks(List<NodeId> nodes, String run, Map<String, String> labels) {
    this.nodes = List.copyOf(nodes);
    this.clientNetwork = network("phaistos-" + run + "-clients", labels, false);
    for (NodeId node : nodes) {
      networks.put(node, network("phaistos-" + run + "-" + node, labels, true));
    }
    for (NodeId node : nodes) {
      holders.put(
          node,
          new GenericContainer<>(DockerImageName.parse(ContainerEngine.NODE_IMAGE))
              .withCommand("sleep", "1000000000")
              .withNetwork(networks.get(node))
              .withLabels(labels)
              .withCreateContainerCmdModifier(
                  command -> command.withName("phaistos-" + run + "-" + node + "-address")));
    }
    Integer[] ports =
        Stream.concat(
                Stream.of(CONTROL_PORT),
                Stream.iterate(FIRST_CLIENT_PORT, port -> port + 1).limit(nodes.size()))
            .toArray(Integer[]::new);
    this.toxiproxy =
        new ToxiproxyContainer(DockerImageName.parse(ContainerEngine.TOXIPROXY_IMAGE))
            .withExposedPorts(ports)
            .withCommand("-host=0.0.0.0", "-proxy-metrics")
            .withNetwork(clientNetwork)
            .withLabels(labels)
            .withCreateContainerCmdModifier(
                command -> {
                  command.withName("phaistos-" + run + "-toxiproxy");
                  publishOnLoopback(command, List.of(ports));
                });
  }

  /**
   * Publishes the ports of a local engine on loopback only; by default Docker uses every address of
   * the machine.
   */
  private static void publishOnLoopback(CreateContainerCmd command, List<Integer> ports) {
    String host = org.testcontainers.DockerClientFactory.instance().dockerHostIpAddress();
    if (!host.equals("127.0.0.1") && !host.equals("localhost")) {
      return;
    }
    Binding anyPort = Binding.bindIp("127.0.0.1");
    command
        .getHostConfig()
        .withPublishAllPorts(false)
        .withPortBindings(
            ports.stream().map(port -> new PortBinding(anyPort, ExposedPort.tcp(port))).toList());
  }

  private static Network network(String name, Map<String, String> labels, boolean internal) {
    return Network.builder()
        .createNetworkCmdModifier(
            command -> command.withName(name).withLabels(labels).withInternal(internal))
        .build();
  }

  /** Starts Toxiproxy and makes the proxies. */
  void start() throws IOException {
    toxiproxy.start();
    for (Map.Entry<NodeId, Network> entry : networks.entrySet()) {
      ContainerEngine.client()
          .connectToNetworkCmd()
          .withNetworkId(entry.getValue().getId())
          .withContainerId(toxiproxy.getContainerId())
          .exec();
    }
    Map<String, ContainerNetwork> joined =
        ContainerEngine.client()
            .inspectContainerCmd(toxiproxy.getContainerId())
            .exec()
            .getNetworkSettings()
            .getNetworks();
    Map<String, String> byId = new HashMap<>();
    joined.values().forEach(network -> byId.put(network.getNetworkID(), network.getIpAddress()));
    networks.forEach((node, network) -> toxiproxyAddresses.put(node, byId.get(network.getId())));

    Map<NodeId, String> addresses = new HashMap<>();
    holders.forEach(
        (node, holder) -> {
          holder.start();
          addresses.put(
              node,
              holder
                  .getContainerInfo()
                  .getNetworkSettings()
                  .getNetworks()
                  .values()
                  .iterator()
                  .next()
                  .getIpAddress());
        });

    ToxiproxyClient control =
        new ToxiproxyClient(toxiproxy.getHost(), toxiproxy.getMappedPort(CONTROL_PORT));
    String outside = byId.get(clientNetwork.getId());
    for (Link link : links()) {
      int index = nodes.indexOf(link.target());
      String listen =
          link.dialer()
              .map(dialer -> toxiproxyAddresses.get(dialer) + ":" + (FIRST_NODE_PORT + index))
              .orElse(outside + ":" + (FIRST_CLIENT_PORT + index));
      String upstream = addresses.get(link.target()) + ":" + SERVER_PORT;
      proxies.put(link, control.createProxy(link.proxyName(), listen, upstream));
    }
  }

  /** Every ordered pair of nodes, and the clients to every node. */
  List<Link> links() {
    List<Link> links = new ArrayList<>();
    for (NodeId target : nodes) {
      links.add(new Link(Optional.empty(), target));
      nodes.stream()
          .filter(dialer -> !dialer.equals(target))
          .forEach(dialer -> links.add(new Link(Optional.of(dialer), target)));
    }
    return links;
  }

  @Override
  public List<Cluster.Stream> streams() {
    return links().stream()
        .flatMap(link -> Stream.of(link.stream(true), link.stream(false)))
        .toList();
  }

  /** The network that the node's process is to share, once the links have started. */
  String networkModeOf(NodeId node) {
    return "container:" + holders.get(node).getContainerId();
  }

  /** Where a node finds another: host and port in its own network. */
  InetSocketAddress addressOf(NodeId dialer, NodeId target) {
    return InetSocketAddress.createUnresolved(
        toxiproxyAddresses.get(dialer), FIRST_NODE_PORT + nodes.indexOf(target));
  }

  /** Where a process of this machine finds a node. */
  InetSocketAddress addressOf(NodeId target) {
    return InetSocketAddress.createUnresolved(
        toxiproxy.getHost(), toxiproxy.getMappedPort(FIRST_CLIENT_PORT + nodes.indexOf(target)));
  }

  @Override
  public void cut(Cluster.Stream stream) {
    lock.lock();
    try {
      if (cuts.containsKey(stream)) {
        return;
      }
      long missing = countersOf(stream).missing();
      ToxicDirection direction = direction(stream);
      proxyOf(stream).toxics().timeout(TOXIC + direction.name().toLowerCase(), direction, 0);
      cuts.put(stream, missing);
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not cut " + stream, e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void heal(Cluster.Stream stream) {
    lock.lock();
    try {
      Long missing = cuts.remove(stream);
      if (missing == null) {
        return;
      }
      proxyOf(stream).toxics().get(TOXIC + direction(stream).name().toLowerCase()).remove();
      long now = settled(stream).missing();
      stopped.merge(stream, Math.max(0, now - missing), Long::sum);
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not heal " + stream, e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void healAll() {
    lock.lock();
    try {
      List.copyOf(cuts.keySet()).forEach(this::heal);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Bytes of the connections that have ended. The bytes that a cut stopped are known once it is
   * healed. All other sent bytes count as delivered, because Toxiproxy does not tell how many bytes
   * of a broken connection arrived.
   */
  @Override
  public Traffic traffic(Cluster.Stream stream) {
    lock.lock();
    try {
      ProxyMetrics.Counters counters = countersOf(stream);
      Long missing = cuts.get(stream);
      long inCut = missing == null ? 0 : Math.max(0, counters.missing() - missing);
      long lost = stopped.getOrDefault(stream, 0L) + inCut;
      return new Traffic(Math.max(0, counters.received() - lost), lost);
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not tell its counters", e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the counters after a heal: healing ends connections, and their bytes are counted a
   * little later.
   */
  private ProxyMetrics.Counters settled(Cluster.Stream stream) throws IOException {
    ProxyMetrics.Counters last = countersOf(stream);
    int same = 0;
    for (int i = 0; i < 50 && same < 5; i++) {
      pause(Duration.ofMillis(20));
      ProxyMetrics.Counters now = countersOf(stream);
      same = now.equals(last) ? same + 1 : 0;
      last = now;
    }
    return last;
  }

  private ProxyMetrics.Counters countersOf(Cluster.Stream stream) throws IOException {
    URI page =
        URI.create(
            "http://%s:%d/metrics"
                .formatted(toxiproxy.getHost(), toxiproxy.getMappedPort(CONTROL_PORT)));
    try {
      String text =
          http.send(
                  HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(10)).build(),
                  BodyHandlers.ofString())
              .body();
      return ProxyMetrics.parse(text).of(Link.of(stream).proxyName(), stream.toTarget());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted while reading Toxiproxy's counters", e);
    }
  }

  private Proxy proxyOf(Cluster.Stream stream) {
    Proxy proxy = proxies.get(Link.of(stream));
    if (proxy == null) {
      throw new ClusterException("no such link: " + stream);
    }
    return proxy;
  }

  private static ToxicDirection direction(Cluster.Stream stream) {
    return stream.toTarget() ? ToxicDirection.UPSTREAM : ToxicDirection.DOWNSTREAM;
  }

  static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted", e);
    }
  }

  /** The nodes' containers must be removed first. */
  @Override
  public void close() {
    toxiproxy.stop();
    holders.values().forEach(GenericContainer::stop);
    networks.values().forEach(Network::close);
    clientNetwork.close();
    http.close();
  }
}
