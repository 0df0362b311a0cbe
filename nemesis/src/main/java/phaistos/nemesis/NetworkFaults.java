package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.Links;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults of the links between nodes. They do not touch the links of clients. */
public final class NetworkFaults {
  static final FaultKind PARTITION =
      new FaultKind(
          "partition",
          "Bytes stop on streams between standbys and the primary; counts when bytes were sent into"
              + " the cut and stopped.",
          "#A0A0A0",
          Optional.of("heal"),
          Set.of(Capability.CUT),
          new FaultKind.Maker() {
            @Override
            public Fault draw(Seed choice, long seed, Operator.Policy policy) {
              Shape shape = Shape.values()[choice.drawInt(Shape.MUTE_PRIMARY.ordinal())];
              return new Partition(shape, Optional.empty(), seed);
            }

            @Override
            public Fault read(Edn.Table value) {
              return new Partition(
                  EdnValues.word(value, "shape", Shape.values()),
                  EdnValues.optionalText(value, "node").map(NodeId::new),
                  EdnValues.seed(value));
            }
          });

  static final FaultKind CLIENT_CUT =
      NodeFault.kind(
          "client-cut",
          "Bytes stop on a stream between the clients and a node; counts when bytes were sent into"
              + " the cut and stopped.",
          "#B8B8A0",
          Optional.of("heal-clients"),
          Set.of(Capability.CUT),
          choice ->
              new EdnTable().put("way", EdnValues.word(Way.values()[choice.drawInt(3)])).build(),
          value ->
              new EdnTable()
                  .put("way", EdnValues.word(EdnValues.word(value, "way", Way.values())))
                  .build(),
          NetworkFaults::cutClients);

  static final List<FaultKind> KINDS = List.of(PARTITION, CLIENT_CUT, SlowLinkFaults.SLOW_LINK);

  private NetworkFaults() {}

  /** Which streams between clients and a node are cut. */
  enum Way {
    REQUESTS,
    ANSWERS,
    BOTH
  }

  private static NodeFault.Going cutClients(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Links links = site.cluster().require(site.cluster().links(), Capability.CUT);
    Way way = EdnValues.word(parameters, "way", Way.values());
    List<Cut> cuts = new ArrayList<>();
    for (Stream stream : links.streams()) {
      boolean isCut = way == Way.BOTH || stream.toTarget() == (way == Way.REQUESTS);
      if (stream.dialer().isEmpty() && nodes.contains(stream.target()) && isCut) {
        cuts.add(new Cut(stream, links.traffic(stream).stopped()));
      }
    }
    site.state().cut(site.handle(), cuts.stream().map(Cut::stream).toList());
    List<Edn> streams = cuts.stream().map(cut -> Edn.of(cut.stream.toString())).toList();
    return NodeFault.Going.measured(
        new EdnTable().put("streams", new Edn.Vector(streams)),
        () -> {},
        () -> {
          long stopped = 0;
          for (Cut cut : cuts) {
            stopped += links.traffic(cut.stream).stopped() - cut.stoppedBefore;
          }
          return new Fault.Effect(stopped > 0, new EdnTable().put("stopped-bytes", stopped));
        });
  }

  /** What a partition cuts. */
  public enum Shape {
    /** One directed stream of one link between a standby and the primary. */
    ONE_WAY,
    /** Both streams of one such link. */
    ONE_LINK,
    /** Every stream between the primary and the other nodes. */
    ISOLATE_PRIMARY,
    /**
     * Every stream between two halves of the nodes, drawn; the larger half may have the primary.
     */
    HALVES,
    /** As halves, but one node, drawn, is connected with both. */
    BRIDGE,
    /**
     * Every node is connected with its two neighbours in a ring, drawn; of three nodes with all.
     */
    RING,
    /**
     * Every stream from the primary to other nodes, and none to it: WAL stops, and the standbys'
     * replies arrive. It is not drawn with the others; some runs end with it.
     */
    MUTE_PRIMARY
  }

  /**
   * A partition around the node that is primary when it begins.
   *
   * @param node whose link to the primary is cut; drawn by the seed if not given
   */
  public record Partition(Shape shape, Optional<NodeId> node, long seed) implements Fault {
    public Partition(Shape shape, long seed) {
      this(shape, Optional.empty(), seed);
    }

    @Override
    public FaultKind kind() {
      return PARTITION;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable()
          .put("shape", EdnValues.word(shape))
          .put("node", node.map(NodeId::name))
          .put("seed", seed)
          .build();
    }

    @Override
    public UnderWay begin(Site site) {
      Links links = site.cluster().require(site.cluster().links(), Capability.CUT);
      List<Cut> cuts = new ArrayList<>();
      for (Stream stream : streams(site.cluster(), links)) {
        cuts.add(new Cut(stream, links.traffic(stream).stopped()));
      }
      site.state().cut(site.handle(), cuts.stream().map(Cut::stream).toList());
      return new Parted(site, this, links, cuts);
    }

    private List<NodeId> shuffled(List<NodeId> nodes) {
      List<NodeId> left = new ArrayList<>(nodes);
      List<NodeId> order = new ArrayList<>();
      Seed draw = new Seed(seed);
      while (!left.isEmpty()) {
        order.add(left.remove(draw.drawInt(left.size())));
        draw = draw.next();
      }
      return order;
    }

    private List<Stream> streams(Cluster cluster, Links links) {
      node.ifPresent(named -> NodeSpec.requireKnown(List.of(named), cluster.nodes()));
      if (shape == Shape.HALVES || shape == Shape.BRIDGE || shape == Shape.RING) {
        return apart(shape, links.streams(), shuffled(cluster.nodes()));
      }
      NodeId primary = cluster.primary();
      List<Stream> around =
          links.streams().stream()
              .filter(s -> s.target().equals(primary) && s.dialer().isPresent())
              .toList();
      List<NodeId> dialers =
          around.stream().map(s -> s.dialer().orElseThrow()).distinct().sorted().toList();
      if (dialers.isEmpty()) {
        return List.of();
      }
      Seed draw = new Seed(seed);
      NodeId drawn = dialers.get(draw.drawInt(dialers.size()));
      NodeId dialer = node.orElse(drawn);
      boolean toTarget = draw.next().drawInt(2) == 0;
      return around.stream()
          .filter(
              s ->
                  switch (shape) {
                    case ISOLATE_PRIMARY, HALVES, BRIDGE, RING -> true;
                    case MUTE_PRIMARY -> !s.toTarget();
                    case ONE_LINK -> s.dialer().orElseThrow().equals(dialer);
                    case ONE_WAY ->
                        s.dialer().orElseThrow().equals(dialer) && s.toTarget() == toTarget;
                  })
          .toList();
    }
  }

  /** The streams between nodes that the shape keeps apart. */
  private static List<Stream> apart(Shape shape, List<Stream> all, List<NodeId> order) {
    return all.stream()
        .filter(s -> s.dialer().isPresent())
        .filter(
            s -> {
              int a = order.indexOf(s.dialer().orElseThrow());
              int b = order.indexOf(s.target());
              int n = order.size();
              return switch (shape) {
                case HALVES -> a < n / 2 != b < n / 2;
                case BRIDGE -> a > 0 && b > 0 && a <= n / 2 != b <= n / 2;
                case RING -> Math.floorMod(a - b, n) != 1 && Math.floorMod(b - a, n) != 1;
                case ONE_WAY, ONE_LINK, ISOLATE_PRIMARY, MUTE_PRIMARY ->
                    throw new IllegalArgumentException("not by halves: " + shape);
              };
            })
        .toList();
  }

  private record Cut(Stream stream, long stoppedBefore) {}

  private static final class Parted implements Fault.UnderWay {
    private final Fault.Site site;
    private final Partition fault;
    private final Links links;
    private final List<Cut> cuts;
    private OptionalLong stopped = OptionalLong.empty();
    private Edn.Vector each = new Edn.Vector(List.of());

    Parted(Fault.Site site, Partition fault, Links links, List<Cut> cuts) {
      this.site = site;
      this.fault = fault;
      this.links = links;
      this.cuts = List.copyOf(cuts);
    }

    @Override
    public EdnTable began() {
      return new EdnTable()
          .put("shape", EdnValues.word(fault.shape))
          .put(
              "streams",
              new Edn.Vector(cuts.stream().map(cut -> Edn.of(cut.stream.toString())).toList()));
    }

    /** The bytes that a cut stopped are known only after its connections have gone on. */
    @Override
    public void end() {
      site.state().release(site.handle());
      measure();
    }

    private void measure() {
      long total = 0;
      List<Edn> tables = new ArrayList<>();
      for (Cut cut : cuts) {
        long bytes = links.traffic(cut.stream).stopped() - cut.stoppedBefore;
        total += bytes;
        tables.add(new EdnTable().put("stream", cut.stream.toString()).put("bytes", bytes).build());
      }
      stopped = OptionalLong.of(total);
      each = new Edn.Vector(tables);
    }

    /**
     * While another fault still cuts a stream, the bytes that this one stopped may not be counted
     * yet.
     */
    @Override
    public Optional<Fault.Effect> effect() {
      if (stopped.orElse(0) == 0) {
        if (cuts.stream().anyMatch(cut -> site.state().isCut(cut.stream))) {
          return Optional.empty();
        }
        measure();
      }
      return Optional.of(
          new Fault.Effect(stopped.getAsLong() > 0, new EdnTable().put("stopped", each)));
    }
  }
}
