package phaistos.nemesis;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.Links;
import phaistos.cluster.Toxics;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/**
 * Toxiproxy's toxics by name, on the links between nodes: a kind of fault for each. Attributes have
 * Toxiproxy's names. A toxic that is to end connections counts when a walsender ended meanwhile;
 * one that changes how data passes, when the primary wrote WAL meanwhile.
 */
final class ToxicFaults {
  /** Which of a link's two streams: to the one who was dialed, back, or both. */
  private enum Way {
    UPSTREAM,
    DOWNSTREAM,
    BOTH
  }

  private static final FaultKind LATENCY =
      kind(
          Toxics.Kind.LATENCY,
          "Data between nodes is delayed by :latency and up to :jitter ms",
          seed ->
              attributes(
                  "latency", 10 + seed.drawInt(200), "jitter", 1 + seed.next().drawInt(100)));

  private static final FaultKind BANDWIDTH =
      kind(
          Toxics.Kind.BANDWIDTH,
          "Each connection between nodes has :rate kilobytes a second",
          seed -> attributes("rate", 10L << seed.drawInt(6)));

  private static final FaultKind SLICER =
      kind(
          Toxics.Kind.SLICER,
          "Data between nodes comes in pieces of :average_size bytes, :delay us apart",
          seed ->
              attributes(
                  "average_size", 4L << seed.drawInt(8), "delay", 1 + seed.next().drawInt(500)));

  private static final FaultKind TIMEOUT =
      kind(
          Toxics.Kind.TIMEOUT,
          "Data between nodes is dropped, and connections end after :timeout ms",
          seed -> attributes("timeout", 1 + seed.drawInt(2000)));

  private static final FaultKind RESET_PEER =
      kind(
          Toxics.Kind.RESET_PEER,
          "Connections between nodes are reset after :timeout ms",
          seed -> attributes("timeout", 1 + seed.drawInt(1000)));

  private static final FaultKind LIMIT_DATA =
      kind(
          Toxics.Kind.LIMIT_DATA,
          "Connections between nodes end after :bytes",
          seed -> attributes("bytes", 256L << seed.drawInt(10)));

  private static final FaultKind SLOW_CLOSE =
      kind(
          Toxics.Kind.SLOW_CLOSE,
          "Ends of connections between nodes arrive :delay ms late",
          seed -> attributes("delay", 1 + seed.drawInt(3000)));

  static final List<FaultKind> KINDS =
      List.of(LATENCY, BANDWIDTH, SLICER, TIMEOUT, RESET_PEER, LIMIT_DATA, SLOW_CLOSE);

  private ToxicFaults() {}

  private static EdnTable attributes(String name, long value) {
    return new EdnTable().put(name, value);
  }

  private static EdnTable attributes(String name, long value, String other, long second) {
    return attributes(name, value).put(other, second);
  }

  private static boolean endsConnections(Toxics.Kind kind) {
    return switch (kind) {
      case TIMEOUT, RESET_PEER, LIMIT_DATA, SLOW_CLOSE -> true;
      case LATENCY, BANDWIDTH, SLICER -> false;
    };
  }

  private static List<String> names(Toxics.Kind kind) {
    return switch (kind) {
      case LATENCY -> List.of("latency", "jitter");
      case BANDWIDTH -> List.of("rate");
      case SLICER -> List.of("average_size", "size_variation", "delay");
      case TIMEOUT, RESET_PEER -> List.of("timeout");
      case LIMIT_DATA -> List.of("bytes");
      case SLOW_CLOSE -> List.of("delay");
    };
  }

  private static FaultKind kind(
      Toxics.Kind kind, String sentence, Function<Seed, EdnTable> attributes) {
    String what = endsConnections(kind) ? "a walsender ended" : "the primary wrote WAL";
    String name = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return NodeFault.kind(
        name,
        sentence + "; counts when " + what + " meanwhile.",
        "#B0B8C0",
        Optional.of("stop-" + name),
        Set.of(Capability.CUT, Capability.TOXIC),
        seed ->
            attributes
                .apply(seed.child("attributes"))
                .put("stream", EdnValues.word(Way.values()[seed.child("stream").drawInt(3)]))
                .build(),
        value -> read(kind, value),
        (site, nodes, parameters, _) -> begin(kind, site, nodes, parameters));
  }

  /** The first attribute must be there; the others are 0 if they are not. */
  private static Edn.Table read(Toxics.Kind kind, Edn.Table value) {
    EdnTable read = new EdnTable();
    List<String> names = names(kind);
    for (String name : names) {
      boolean isGiven = !(value.get(name) instanceof Edn.Nil);
      if (isGiven || name.equals(names.getFirst())) {
        read.put(name, EdnValues.positive(value, name));
      }
    }
    Edn way = value.get("stream");
    return read.put(
            "stream",
            way instanceof Edn.Nil
                ? EdnValues.word(Way.BOTH)
                : EdnValues.word(EdnValues.word(value, "stream", Way.values())))
        .build();
  }

  private static NodeFault.Going begin(
      Toxics.Kind kind, Fault.Site site, List<NodeId> nodes, Edn.Table parameters) {
    Links links = site.cluster().require(site.cluster().links(), Capability.CUT);
    Toxics toxics = site.cluster().require(links.toxics(), Capability.TOXIC);
    Way way = EdnValues.word(parameters, "stream", Way.values());
    Map<String, Long> attributes = new LinkedHashMap<>();
    for (String name : names(kind)) {
      EdnValues.optionalInteger(parameters, name).ifPresent(n -> attributes.put(name, n));
    }
    List<Stream> streams =
        links.streams().stream()
            .filter(each -> each.dialer().isPresent())
            .filter(each -> nodes.contains(each.target()) || nodes.contains(each.dialer().get()))
            .filter(each -> way == Way.BOTH || each.toTarget() == (way == Way.UPSTREAM))
            .toList();
    TreeMap<NodeId, String> before = ReplicationFaults.walsenders(site, site.cluster().nodes());
    OptionalLong written = site.operator().positions().current(site.cluster().primary());
    streams.forEach(each -> toxics.add(site.handle().name(), each, kind, attributes));
    boolean[] isOver = new boolean[1];
    return NodeFault.Going.measured(
        new EdnTable().put("streams", streams.size()),
        () -> {
          if (!isOver[0]) {
            isOver[0] = true;
            streams.forEach(each -> toxics.remove(site.handle().name(), each));
          }
        },
        () -> effect(kind, site, before, written));
  }

  private static Fault.Effect effect(
      Toxics.Kind kind, Fault.Site site, TreeMap<NodeId, String> before, OptionalLong written) {
    List<NodeId> ended = ReplicationFaults.gone(site, before);
    OptionalLong now = site.operator().positions().current(site.cluster().primary());
    boolean wrote =
        written.isPresent()
            && now.isPresent()
            && Long.compareUnsigned(now.getAsLong(), written.getAsLong()) > 0;
    return new Fault.Effect(
        endsConnections(kind) ? !ended.isEmpty() : wrote,
        new EdnTable().put("ended", ended).put("wrote", wrote));
  }
}
