package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Schedule.Begin;
import phaistos.nemesis.Schedule.End;
import phaistos.nemesis.Schedule.Entry;

/**
 * Draws schedules in which the seed decides which kinds of faults there are, how often, how long,
 * whether they overlap, and whether they begin at a time or at a step of the server (swarm testing,
 * Groce et al., ISSTA 2012: leaving kinds out finds more than having all of them every time).
 */
public final class Swarm {
  private static final long MILLI = 1_000_000L;

  /** How often a kind comes, relative to the others, if a run has it. */
  private static final Map<String, Integer> WEIGHTS =
      Map.ofEntries(
          Map.entry("partition", 5),
          Map.entry("client-cut", 2),
          Map.entry("kill", 4),
          Map.entry("pause", 2),
          Map.entry("crash", 5),
          Map.entry("slow-disk", 2),
          Map.entry("clock-skew", 1),
          Map.entry("checkpoint", 6),
          Map.entry("cancel-backend", 2),
          Map.entry("terminate-backend", 2),
          Map.entry("reload", 1),
          Map.entry("terminate-walsender", 3),
          Map.entry("message", 3),
          Map.entry("switch-wal", 1),
          Map.entry("failover", 4),
          Map.entry("switchover", 2),
          Map.entry("cold-restart", 1),
          Map.entry("sync-lie", 3),
          Map.entry("zeroed-page", 2),
          Map.entry("truncated-file", 2),
          Map.entry("read-error", 1),
          Map.entry("misdirected-write", 2),
          Map.entry("latency", 1),
          Map.entry("bandwidth", 1),
          Map.entry("slicer", 1),
          Map.entry("timeout", 1),
          Map.entry("reset-peer", 1),
          Map.entry("limit-data", 1),
          Map.entry("slow-close", 1),
          Map.entry("clock-jump", 1),
          Map.entry("clock-strobe", 1),
          Map.entry("slow-link", 4),
          Map.entry("slot", 2),
          Map.entry("archive-failure", 1),
          Map.entry("archive-only", 2),
          Map.entry("rebuild", 1),
          Map.entry("stop-process", 2),
          Map.entry("slow-process", 1),
          Map.entry("kill-process", 2),
          Map.entry("shutdown", 2),
          Map.entry("start-stopped", 2));

  /** How many times longer than others a fault lasts that shows in what happens meanwhile. */
  private static final Map<String, Integer> LONGER = Map.of("slow-link", 6);

  /** Kinds that most runs have: what a disk holds is seen by checkpoints and power cuts only. */
  private static final List<String> MOSTLY = List.of("checkpoint", "crash");

  /** Kinds that stop a node, one of which every run has. */
  private static final List<String> STOPS = List.of("crash", "kill", "failover");

  /** Steps that a server passes many times a second under load. */
  private static final List<String> OFTEN =
      List.of(
          "commit-record",
          "commit-flush",
          "commit-log-set",
          "sync-rep-wait",
          "proc-array-end",
          "client-answer",
          "wal-write",
          "wal-sync",
          "wal-sender-send",
          "wal-sender-reply",
          "sync-rep-release",
          "standby-write",
          "standby-sync",
          "standby-reply",
          "redo-transaction",
          "redo-heap");

  /** Steps that a server passes a few times in a run; a file's name is not durable at some. */
  private static final List<String> SELDOM =
      List.of(
          "wal-segment-leave-sync",
          "wal-segment-rename",
          "wal-directory-sync",
          "wal-directory-sync",
          "wal-directory-sync",
          "relation-directory-sync",
          "slru-write",
          "slru-sync",
          "buffer-write",
          "relation-sync",
          "checkpoint-redo-point",
          "checkpoint-commit-log",
          "checkpoint-buffers",
          "checkpoint-record",
          "control-file-write",
          "control-file-sync",
          "minimum-recovery-point",
          "timeline-select",
          "timeline-segment-copy",
          "timeline-history-write",
          "timeline-history-rename",
          "end-of-recovery-record");

  /** Steps at which a file is made or gets its name, which a kill or a power cut may undo. */
  private static final List<String> NAMES =
      List.of(
          "wal-segment-rename",
          "wal-directory-sync",
          "wal-directory-sync",
          "wal-directory-sync",
          "relation-create",
          "relation-directory-sync",
          "slru-directory-sync",
          "timeline-history-rename");

  /** Kinds of which three of four that begin at a step hit the node that is at it. */
  private static final List<String> AT_STEPS = List.of("crash", "kill");

  /** The kinds that a swarm may have; the others break what the fault model promises. */
  public static final List<String> KINDS =
      Faults.names().stream().filter(WEIGHTS::containsKey).toList();

  private final List<String> kinds = new ArrayList<>();
  private final boolean overlap;
  private final long gapNanos;
  private final long durationNanos;
  private final int stepsPer8;

  private Swarm(Seed seed, List<String> allowed) {
    for (String kind : allowed) {
      if (seed.child(kind).drawInt(4) < (MOSTLY.contains(kind) ? 3 : 2)) {
        kinds.add(kind);
      }
    }
    List<String> stops = STOPS.stream().filter(allowed::contains).toList();
    if (!stops.isEmpty() && kinds.stream().noneMatch(STOPS::contains)) {
      kinds.add(stops.get(seed.child("stop").drawInt(stops.size())));
    }
    overlap = seed.child("overlap").drawInt(2) == 0;
    gapNanos = 300 * MILLI << seed.child("gap").drawInt(4);
    durationNanos = 500 * MILLI << seed.child("duration").drawInt(4);
    stepsPer8 = seed.child("steps").drawInt(3) * 3;
  }

  /**
   * Draws a schedule.
   *
   * @param allowed the kinds to draw from
   * @param required how many standbys a commit waits for; where it is one, no disk may be spoiled
   *     ({@link FaultAtlas})
   * @param hasSteps whether the cluster can act at steps
   * @param limitNanos nothing is planned at or after this moment
   */
  public static Schedule draw(
      Seed seed, List<String> allowed, int required, boolean hasSteps, long limitNanos) {
    List<String> spoiling = DamageFaults.KINDS.stream().map(FaultKind::name).toList();
    List<String> possible =
        allowed.stream().filter(kind -> required > 1 || !spoiling.contains(kind)).toList();
    Swarm swarm = new Swarm(seed.child("strength"), possible);
    List<Entry> entries = new ArrayList<>();
    long at = 1000 * MILLI;
    for (int n = 0; !swarm.kinds.isEmpty() && at < limitNanos; n++) {
      Seed own = seed.child(n);
      FaultKind kind = Faults.kind(swarm.kind(own.child("kind")));
      long duration = 100 * MILLI + own.child("duration").drawLong(swarm.durationNanos);
      duration *= LONGER.getOrDefault(kind.name(), 1);
      boolean atStep = hasSteps && own.child("trigger").drawInt(8) < swarm.stepsPer8;
      boolean isOfHeld =
          atStep && AT_STEPS.contains(kind.name()) && own.child("held").drawInt(4) > 0;
      Trigger trigger = atStep ? step(own.child("step"), isOfHeld) : new Trigger.At(at);
      Handle handle = new Handle("f" + (n + 1));
      Fault drawn = kind.draw(own, Operator.Policy.SAFE);
      Fault fault = isOfHeld ? ofHeld(drawn) : drawn;
      if (kind.end().isPresent() && !atStep && at + duration >= limitNanos) {
        break;
      }
      entries.add(new Entry(trigger, new Begin(handle, fault)));
      Optional<String> end = kind.end();
      if (end.isPresent()) {
        entries.add(
            new Entry(new Trigger.After(handle, duration), new End(handle, end.orElseThrow())));
      }
      at += swarm.gapNanos / 2 + own.child("gap").drawLong(swarm.gapNanos);
      at += swarm.overlap ? 0 : duration;
    }
    return new Schedule(entries);
  }

  private String kind(Seed seed) {
    TreeMap<Integer, String> upTo = new TreeMap<>();
    int sum = 0;
    for (String kind : kinds) {
      sum += WEIGHTS.getOrDefault(kind, 1);
      upTo.put(sum, kind);
    }
    return upTo.higherEntry(seed.drawInt(sum)).getValue();
  }

  private static Fault ofHeld(Fault fault) {
    EdnTable value = new EdnTable().putAll(fault.value()).put("target", NodeSpec.HELD.toEdn());
    return fault.kind().read(value.build());
  }

  /** Counts are drawn so that each order of magnitude is as likely as the next. */
  private static Trigger step(Seed seed, boolean isOfHeld) {
    Seed count = seed.child("count");
    if (isOfHeld && seed.child("name").drawInt(3) > 0) {
      String label = NAMES.get(seed.child("label").drawInt(NAMES.size()));
      return new Trigger.Step(
          label, Optional.empty(), 1 + count.next().drawLong(1 << count.drawInt(3)));
    }
    if (seed.child("often").drawInt(2) == 0) {
      String label = OFTEN.get(seed.child("label").drawInt(OFTEN.size()));
      int magnitude = 1 << 4 + count.drawInt(8);
      return new Trigger.Step(label, Optional.empty(), 1 + count.next().drawLong(magnitude));
    }
    String label = SELDOM.get(seed.child("label").drawInt(SELDOM.size()));
    return new Trigger.Step(label, Optional.empty(), 1 + count.drawLong(5));
  }
}
