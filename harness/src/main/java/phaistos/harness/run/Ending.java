package phaistos.harness.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.Cluster;
import phaistos.cluster.ServerSteps;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.NetworkFaults.Partition;
import phaistos.nemesis.NetworkFaults.Shape;
import phaistos.nemesis.Schedule;
import phaistos.nemesis.Schedule.Entry;

/**
 * How the load ends: what is cut off shortly before the crash of all nodes, and the step of the
 * server at which they crash. Both are drawn from the seed.
 */
final class Ending {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  /** Between two acts that must not be torn apart. */
  private static final List<String> STEPS =
      List.of(
          "wal-write",
          "wal-sync",
          "commit-flush",
          "commit-log-set",
          "proc-array-end",
          "client-answer",
          "sync-rep-release",
          "wal-sender-send",
          "wal-sender-reply",
          "standby-write",
          "standby-sync",
          "standby-reply",
          "redo-transaction");

  private Ending() {}

  /**
   * The schedule with what is cut off at the end. Half of the runs with partitions end with the
   * primary isolated, so that no standby can have what it acknowledges then.
   */
  static Schedule usual(Schedule.Plan plan, java.util.Set<String> kinds, Seed seed, long crashAt) {
    Seed last = seed.child("last");
    if (!kinds.contains("partition") || last.drawInt(2) == 0) {
      return Schedule.draw(seed, kinds, plan);
    }
    long cutAt = crashAt - Math.min(crashAt / 4, SECOND / 2 + last.next().drawLong(SECOND));
    Schedule.Plan shorter = Schedule.Plan.usual(cutAt);
    return withCut(Schedule.draw(seed, kinds, shorter), cutAt, Shape.ISOLATE_PRIMARY, last);
  }

  /** One in three ends with the primary isolated, one in three with one standby cut off. */
  static Schedule cut(Schedule schedule, Seed seed, long crashAt) {
    long cutAt = crashAt - Math.min(crashAt / 4, SECOND / 5 + seed.next().drawLong(SECOND));
    return switch (seed.drawInt(3)) {
      case 0 -> schedule;
      case 1 -> withCut(schedule, cutAt, Shape.ISOLATE_PRIMARY, seed);
      default -> withCut(schedule, cutAt, Shape.ONE_LINK, seed);
    };
  }

  private static Schedule withCut(Schedule schedule, long at, Shape shape, Seed seed) {
    List<Entry> entries = new ArrayList<>(schedule.entries());
    entries.add(Schedule.begin(at, "last", new Partition(shape, seed.drawLong(1L << 48))));
    return new Schedule(entries);
  }

  /**
   * Waits for the step at which the nodes are to crash, for at most half a second; the server is
   * held at it. Half of the runs crash at no particular step.
   */
  static void awaitStep(Cluster cluster, Seed seed) {
    Optional<ServerSteps> steps = cluster.steps();
    if (steps.isEmpty() || seed.drawInt(2) == 0) {
      return;
    }
    String label = STEPS.get(seed.child("label").drawInt(STEPS.size()));
    long count = 1 + seed.child("count").drawInt(20);
    ServerSteps.Watch watch = steps.get().watch(label, Optional.empty(), count, SECOND);
    long deadline = cluster.control().clock().monotonicNanos() + SECOND / 2;
    while (!watch.isReached() && cluster.control().clock().monotonicNanos() < deadline) {
      cluster.control().tasks().sleep(MILLI / 5);
    }
    // the others go on for a moment while this one is held
    cluster.control().tasks().sleep(seed.child("moment").drawLong(10 * MILLI));
  }
}
