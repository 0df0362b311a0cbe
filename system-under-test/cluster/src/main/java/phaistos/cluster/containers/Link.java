package phaistos.cluster.containers;

import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;

/** The link of one Toxiproxy proxy: the route by which a party dials a node. */
record Link(Optional<NodeId> dialer, NodeId target) {
  static Link of(Stream stream) {
    return new Link(stream.dialer(), stream.target());
  }

  Stream stream(boolean toTarget) {
    return new Stream(dialer, target, toTarget);
  }

  /** The proxy's name. */
  String proxyName() {
    return dialer.map(NodeId::name).orElse("clients") + "-" + target;
  }
}
