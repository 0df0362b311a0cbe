package phaistos.cluster.simulated;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.Cluster.Traffic;
import phaistos.cluster.Links;
import phaistos.cluster.Toxics;
import phaistos.simulator.Link;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Toxic;

/**
 * The streams of a simulated cluster. A cut stream holds its bytes until it is healed, as TCP does
 * over a link that drops packets. The simulation has one link for each direction between two hosts:
 * the two streams of that direction (one of each way to dial) share it. So cutting one stops the
 * other as well, and the link is whole again once neither is cut. Not thread-safe: for the tasks of
 * the control party.
 */
final class SimulatedLinks implements Links, Toxics {
  private final SimulatedWorld world;
  private final List<NodeId> nodes;
  private final Map<Link, Set<Stream>> cuts = new LinkedHashMap<>();

  SimulatedLinks(SimulatedWorld world, List<NodeId> nodes) {
    this.world = world;
    this.nodes = List.copyOf(nodes);
  }

  private Link link(Stream stream) {
    String dialer = stream.dialer().map(NodeId::name).orElse(SimulatedWorld.ROOT);
    String target = stream.target().name();
    return stream.toTarget()
        ? world.network().link(dialer, target)
        : world.network().link(target, dialer);
  }

  @Override
  public void cut(Stream stream) {
    Link link = link(stream);
    cuts.computeIfAbsent(link, _ -> new LinkedHashSet<>()).add(stream);
    link.cut();
  }

  @Override
  public void heal(Stream stream) {
    Link link = link(stream);
    Set<Stream> left = cuts.getOrDefault(link, Set.of());
    if (left.remove(stream) && left.isEmpty()) {
      cuts.remove(link);
      link.heal();
    }
  }

  @Override
  public Optional<Toxics> toxics() {
    return Optional.of(this);
  }

  @Override
  public void add(String name, Stream stream, Toxics.Kind kind, Map<String, Long> attributes) {
    Map<String, Long> given = new LinkedHashMap<>(attributes);
    Toxic toxic =
        switch (kind) {
          case LATENCY ->
              new Toxic.Latency(
                  Duration.ofMillis(given.get("latency")),
                  Duration.ofMillis(given.getOrDefault("jitter", 0L)));
          case BANDWIDTH -> new Toxic.Bandwidth(given.get("rate"));
          case SLICER ->
              new Toxic.Slicer(
                  given.get("average_size").intValue(),
                  given.getOrDefault("size_variation", 0L).intValue(),
                  Duration.ofNanos(given.getOrDefault("delay", 0L) * 1000));
          case TIMEOUT -> new Toxic.Timeout(Duration.ofMillis(given.get("timeout")));
          case RESET_PEER -> new Toxic.ResetPeer(Duration.ofMillis(given.get("timeout")));
          case LIMIT_DATA -> new Toxic.LimitData(given.get("bytes"));
          case SLOW_CLOSE -> new Toxic.SlowClose(Duration.ofMillis(given.get("delay")));
        };
    link(stream).addToxic(own(name, stream), toxic);
  }

  @Override
  public void remove(String name, Stream stream) {
    link(stream).removeToxic(own(name, stream));
  }

  /** Two streams share a link. */
  private static String own(String name, Stream stream) {
    return name + " " + stream;
  }

  @Override
  public void healAll() {
    cuts.clear();
    world.network().restore();
  }

  @Override
  public Traffic traffic(Stream stream) {
    Link.Counters counters = link(stream).counters();
    return new Traffic(counters.bytesDelivered(), counters.bytesHeld() + counters.bytesDropped());
  }

  @Override
  public List<Stream> streams() {
    List<Stream> streams = new ArrayList<>();
    for (NodeId target : nodes) {
      List<Optional<NodeId>> dialers = new ArrayList<>(List.of(Optional.empty()));
      nodes.stream().filter(n -> !n.equals(target)).map(Optional::of).forEach(dialers::add);
      for (Optional<NodeId> dialer : dialers) {
        streams.add(new Stream(dialer, target, true));
        streams.add(new Stream(dialer, target, false));
      }
    }
    return streams;
  }
}
