package phaistos.nemesis;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.OneValue;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults of the nodes' wall clocks. */
public final class ClockFaults {
  static final FaultKind CLOCK_SKEW =
      new FaultKind(
          "clock-skew",
          "A node's wall clock is wrong; counts when the node itself tells a time that is off.",
          "#7FB59B",
          Optional.of("stop-clock-skew"),
          Set.of(Capability.CLOCK),
          new FaultKind.Maker() {
            @Override
            public Fault draw(Seed choice, long seed, Operator.Policy policy) {
              long millis = 1 + choice.child("millis").drawLong(60_000);
              boolean ahead = choice.child("ahead").drawInt(2) == 0;
              return new ClockSkew(NodeSpec.draw(choice), ahead ? millis : -millis, seed);
            }

            @Override
            public Fault read(Edn.Table value) {
              return new ClockSkew(
                  NodeSpec.of(value.get("target")),
                  EdnValues.integer(value, "millis"),
                  EdnValues.seed(value));
            }
          });

  static final List<FaultKind> KINDS = List.of(CLOCK_SKEW);

  /** "2026-01-01 00:00:07.12+00", as PostgreSQL writes a timestamptz. */
  private static final DateTimeFormatter TIMESTAMPTZ =
      new DateTimeFormatterBuilder()
          .appendPattern("yyyy-MM-dd HH:mm:ss")
          .optionalStart()
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .optionalEnd()
          .appendOffset("+HH:mm", "+00")
          .toFormatter(java.util.Locale.ROOT);

  private ClockFaults() {}

  /**
   * @param millis how far ahead; negative if behind
   */
  public record ClockSkew(NodeSpec target, long millis, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return CLOCK_SKEW;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable()
          .put("target", target.toEdn())
          .put("millis", millis)
          .put("seed", seed)
          .build();
    }

    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes = target.resolve(site.cluster(), new Seed(seed));
      Skewed skewed = new Skewed(site, this, nodes);
      site.state()
          .trouble(site.handle(), nodes, ClusterState.Trouble.clock(Duration.ofMillis(millis)));
      skewed.ask(skewed.after);
      return skewed;
    }
  }

  private static final class Skewed implements Fault.UnderWay {
    private final Fault.Site site;
    private final ClockSkew fault;
    private final List<NodeId> nodes;
    private final TreeMap<NodeId, Long> before = new TreeMap<>();
    private final TreeMap<NodeId, Long> after = new TreeMap<>();

    Skewed(Fault.Site site, ClockSkew fault, List<NodeId> nodes) {
      this.site = site;
      this.fault = fault;
      this.nodes = nodes;
      ask(before);
    }

    /** Asks each node's clock for its difference from the control party's, in milliseconds. */
    private void ask(TreeMap<NodeId, Long> offsets) {
      for (NodeId node : nodes) {
        OneValue.of(
                site.cluster(),
                node,
                "select clock_timestamp()",
                OneValue.limits(1, 2, "phaistos-nemesis"))
            .flatMap(ClockFaults::instant)
            .ifPresent(
                time ->
                    offsets.put(
                        node,
                        Duration.between(site.cluster().control().clock().wallClock(), time)
                            .toMillis()));
      }
    }

    @Override
    public EdnTable began() {
      return new EdnTable().putAll(fault.value()).put("nodes", nodes);
    }

    @Override
    public void end() {
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      EdnTable moved = new EdnTable();
      boolean any = false;
      for (NodeId node : nodes) {
        if (before.containsKey(node) && after.containsKey(node)) {
          long millis = after.get(node) - before.get(node);
          moved.put(node.name(), millis);
          any |= Math.abs(millis) >= Math.abs(fault.millis) / 2 && millis != 0;
        }
      }
      return Optional.of(new Fault.Effect(any, new EdnTable().put("moved-millis", moved.build())));
    }
  }

  static Optional<Instant> instant(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text, TIMESTAMPTZ).toInstant());
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }
}
