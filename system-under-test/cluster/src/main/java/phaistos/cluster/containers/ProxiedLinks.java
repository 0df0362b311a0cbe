package phaistos.cluster.containers;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports.Binding;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.toxiproxy.ToxiproxyContainer;
import org.testcontainers.utility.DockerImageName;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.proxies.Link;
import phaistos.cluster.proxies.ToxiproxyLinks;

/**
 * The networks of a cluster: each node is alone in its own network, and one Toxiproxy container is
 * in all of them. So a node reaches another only through the proxy of its own link: proxies of node
 * i listen on Toxiproxy's address in node i's network only.
 */
final class ProxiedLinks implements AutoCloseable {
  /** Every node's server listens here, inside its network. */
  static final int SERVER_PORT = 5432;

  private static final int CONTROL_PORT = 8474;
  private static final int FIRST_CLIENT_PORT = 8666;
  private static final int FIRST_NODE_PORT = 15_000;

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
  private final Map<NodeId, String> toxiproxyAddresses = new HashMap<>();
  private ToxiproxyLinks proxies;

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

    proxies = new ToxiproxyLinks(nodes, toxiproxy.getHost(), toxiproxy.getMappedPort(CONTROL_PORT));
    String outside = byId.get(clientNetwork.getId());
    for (Link link : Link.all(nodes)) {
      int index = nodes.indexOf(link.target());
      String listen =
          link.dialer()
              .map(dialer -> toxiproxyAddresses.get(dialer) + ":" + (FIRST_NODE_PORT + index))
              .orElse(outside + ":" + (FIRST_CLIENT_PORT + index));
      String upstream = addresses.get(link.target()) + ":" + SERVER_PORT;
      proxies.create(link, listen, upstream);
    }
  }

  /** The links, once they have started. */
  ToxiproxyLinks links() {
    return proxies;
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

  /** The nodes' containers must be removed first. */
  @Override
  public void close() {
    toxiproxy.stop();
    holders.values().forEach(GenericContainer::stop);
    networks.values().forEach(Network::close);
    clientNetwork.close();
    if (proxies != null) {
      proxies.close();
    }
  }
}
