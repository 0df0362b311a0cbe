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
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.OneValue;
import phaistos.environment.Task;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults of the nodes' wall clocks (Jepsen's skew, bump and strobe). */
public final class ClockFaults {
  private static final String COLOR = "#7FB59B";
  private static final long MILLI = 1_000_000L;
  private static final long DAY_MILLIS = 86_400_000L;

  static final FaultKind CLOCK_SKEW =
      NodeFault.lasting(
          "clock-skew",
          "A node's wall clock is wrong by up to a minute; counts when the node itself tells a time"
              + " that is off.",
          COLOR,
          Capability.CLOCK,
          draw -> millis(signed(draw, 1 + draw.child("millis").drawLong(60_000))),
          value -> millis(EdnValues.integer(value, "millis")),
          ClockFaults::move);

  static final FaultKind CLOCK_JUMP =
      NodeFault.lasting(
          "clock-jump",
          "A node's wall clock jumps by hours or months, and back at the end; counts when the node"
              + " itself tells a time that is off.",
          COLOR,
          Capability.CLOCK,
          draw ->
              millis(
                  signed(
                      draw,
                      3_600_000 + draw.child("millis").drawLong(DAY_MILLIS << draw.drawInt(9)))),
          value -> millis(EdnValues.integer(value, "millis")),
          ClockFaults::move);

  static final FaultKind CLOCK_STROBE =
      NodeFault.lasting(
          "clock-strobe",
          "A node's wall clock jumps to and fro all the time; counts by the jumps.",
          COLOR,
          Capability.CLOCK,
          draw ->
              strobe(
                  signed(draw, 1 + draw.child("millis").drawLong(60_000)),
                  1 + draw.child("period").drawLong(200)),
          value ->
              strobe(
                  EdnValues.integer(value, "millis"), EdnValues.positive(value, "period-millis")),
          ClockFaults::strobe);

  static final List<FaultKind> KINDS = List.of(CLOCK_SKEW, CLOCK_JUMP, CLOCK_STROBE);

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

  private static long signed(Seed draw, long millis) {
    return draw.child("ahead").drawInt(2) == 0 ? millis : -millis;
  }

  /** How far ahead; negative if behind. */
  private static Edn.Table millis(long millis) {
    return new EdnTable().put("millis", millis).build();
  }

  private static Edn.Table strobe(long millis, long periodMillis) {
    return new EdnTable().put("millis", millis).put("period-millis", periodMillis).build();
  }

  private static NodeFault.Going move(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    long millis = EdnValues.integer(parameters, "millis");
    TreeMap<NodeId, Long> before = offsets(site.cluster(), nodes);
    site.state().trouble(site.handle(), nodes, Trouble.clock(Duration.ofMillis(millis)));
    TreeMap<NodeId, Long> after = offsets(site.cluster(), nodes);
    EdnTable moved = new EdnTable();
    boolean any = false;
    for (NodeId node : nodes) {
      if (before.containsKey(node) && after.containsKey(node)) {
        long by = after.get(node) - before.get(node);
        moved.put(node.name(), by);
        any |= Math.abs(by) >= Math.abs(millis) / 2 && by != 0;
      }
    }
    return NodeFault.Going.known(
        new EdnTable(), new Fault.Effect(any, new EdnTable().put("moved-millis", moved.build())));
  }

  /** Each node's difference from the control party's clock in milliseconds, as it tells it. */
  private static TreeMap<NodeId, Long> offsets(Cluster cluster, List<NodeId> nodes) {
    TreeMap<NodeId, Long> offsets = new TreeMap<>();
    for (NodeId node : nodes) {
      OneValue.ofRunning(
              cluster, node, "select clock_timestamp()", OneValue.limits(1, 2, "phaistos-nemesis"))
          .flatMap(ClockFaults::instant)
          .ifPresent(
              time ->
                  offsets.put(
                      node,
                      Duration.between(cluster.control().clock().wallClock(), time).toMillis()));
    }
    return offsets;
  }

  /** A task of its own moves the clocks, so that other faults may begin and end meanwhile. */
  private static NodeFault.Going strobe(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Duration there = Duration.ofMillis(EdnValues.integer(parameters, "millis"));
    long period = EdnValues.positive(parameters, "period-millis") * MILLI;
    ClusterState.Strobe strobe = site.state().strobe(nodes);
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicLong jumps = new AtomicLong();
    Task task =
        site.cluster()
            .control()
            .tasks()
            .spawn(
                "clock strobe",
                () -> {
                  while (!isOver.get()) {
                    strobe.move(jumps.getAndIncrement() % 2 == 0 ? there : Duration.ZERO);
                    site.cluster().control().tasks().sleep(period);
                  }
                });
    return NodeFault.Going.measured(
        new EdnTable(),
        () -> {
          isOver.set(true);
          task.join();
          strobe.move(Duration.ZERO);
        },
        () -> new Fault.Effect(jumps.get() > 1, new EdnTable().put("jumps", jumps.get())));
  }

  static Optional<Instant> instant(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text, TIMESTAMPTZ).toInstant());
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }
}
