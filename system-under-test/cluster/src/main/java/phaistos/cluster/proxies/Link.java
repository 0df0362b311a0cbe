package phaistos.cluster.proxies;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;

/** The link of one Toxiproxy proxy: the route by which a party dials a node. */
public record Link(Optional<NodeId> dialer, NodeId target) {
  public static Link of(Stream stream) {
    return new Link(stream.dialer(), stream.target());
  }

  public Stream stream(boolean toTarget) {
    return new Stream(dialer, target, toTarget);
  }

  /** The proxy's name. */
  public String proxyName() {
    return dialer.map(NodeId::name).orElse("clients") + "-" + target;
  }

  /** Every ordered pair of nodes, and the clients to every node. */
  public static List<Link> all(List<NodeId> nodes) {
    List<Link> links = new ArrayList<>();
    for (NodeId target : nodes) {
      links.add(new Link(Optional.empty(), target));
      nodes.stream()
          .filter(dialer -> !dialer.equals(target))
          .forEach(dialer -> links.add(new Link(Optional.of(dialer), target)));
    }
    return links;
  }
}
