package phaistos.harness.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import phaistos.checker.durability.StandbyRule;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.OneValue;
import phaistos.cluster.ServerSteps;
import phaistos.harness.ClusterPlan;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.DiskFaults;
import phaistos.nemesis.Fault;
import phaistos.nemesis.Handle;
import phaistos.nemesis.NetworkFaults.Partition;
import phaistos.nemesis.NetworkFaults.Shape;
import phaistos.nemesis.NodeSpec;
import phaistos.nemesis.Operator.Policy;
import phaistos.nemesis.OperatorFaults;
import phaistos.nemesis.OperatorFaults.Failover;
import phaistos.nemesis.Schedule;
import phaistos.nemesis.Schedule.Entry;
import phaistos.nemesis.SlowLinkFaults;

/**
 * How the load ends: what is cut off shortly before the crash of all nodes, and the step of the
 * server at which they crash. Both are drawn from the seed.
 */
final class Ending {
  /** With this begin the handles of what lasts until the crash. */
  static final String LAST = "last";

  /** WAL that arrives slowly at a standby from shortly before the loss of the primary on. */
  static final Handle SLOW = new Handle(LAST + "-slow");

  /** The loss of the primary shortly before the crash. */
  static final Handle TAKE_OVER = new Handle(LAST + "-failover");

  private static final String LAST_DISK = "last-disk";

  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  /** Between two acts of a commit that must not be torn apart. */
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

  /** Between two acts of a checkpoint that must not be torn apart. */
  private static final List<String> CHECKPOINT_STEPS =
      List.of(
          "checkpoint-buffers",
          "buffer-wal-flush",
          "buffer-write",
          "relation-sync",
          "checkpoint-commit-log",
          "slru-write",
          "slru-sync",
          "checkpoint-record",
          "minimum-recovery-point",
          "control-file-write",
          "control-file-sync");

  private static final Properties LIMITS = OneValue.limits(1, 5, "phaistos-nemesis");

  private Ending() {}

  /**
   * The schedule with what is cut off at the end. Half of the runs with partitions end with the
   * primary isolated, so that no standby can have what it acknowledges then.
   */
  static Schedule usual(Schedule.Plan plan, Collection<String> kinds, Seed seed, long crashAt) {
    Seed last = seed.child("last");
    if (!kinds.contains("partition") || last.drawInt(2) == 0) {
      return Schedule.draw(seed, kinds, plan);
    }
    long cutAt = crashAt - Math.min(crashAt / 4, SECOND / 2 + last.next().drawLong(SECOND));
    Schedule.Plan shorter = Schedule.Plan.usual(cutAt);
    return withCut(Schedule.draw(seed, kinds, shorter), cutAt, Shape.ISOLATE_PRIMARY, last);
  }

  /**
   * What a swarm adds shortly before the crash. Of the network: nothing, the primary isolated, some
   * standbys cut off, or the primary mute, so that its standbys reply and get no WAL. Cut off is
   * one standby, or every one that {@code synchronous_standby_names} lists if it does not list all.
   * Of the disks: nothing in half of the runs, else every write and sync of all nodes or of the
   * primary takes longer, which keeps apart what is written and what is synced.
   *
   * @param capabilities of the cluster; what it cannot have is not added
   */
  static Schedule cut(
      Schedule schedule, ClusterPlan nodes, Capabilities capabilities, Seed seed, long crashAt) {
    long cutAt = crashAt - Math.min(crashAt / 4, SECOND / 5 + seed.next().drawLong(3 * SECOND / 2));
    Schedule cut =
        switch (capabilities.has(Capability.CUT) ? seed.drawInt(5) : 0) {
          case 0 -> schedule;
          case 1 -> withCut(schedule, cutAt, Shape.ISOLATE_PRIMARY, seed);
          case 2, 3 -> withStandbysCut(schedule, nodes, cutAt, seed);
          default -> withCut(schedule, cutAt, Shape.MUTE_PRIMARY, seed);
        };
    Seed disk = seed.child("disk");
    if (disk.drawInt(2) == 0 || !capabilities.has(Capability.DISK)) {
      return cut;
    }
    NodeSpec slow = disk.child("target").drawInt(2) == 0 ? NodeSpec.ALL : NodeSpec.PRIMARIES;
    long millis = 10 + disk.child("millis").drawLong(70);
    return plus(
        cut, Schedule.begin(cutAt, LAST_DISK, DiskFaults.slowDisk(slow, millis, disk.draw())));
  }

  /**
   * What a swarm in real time adds in seven of eight runs that may have both: WAL arrives slowly at
   * a standby, and the primary is lost, shortly before all nodes crash.
   */
  static Schedule takenOver(Schedule schedule, List<String> kinds, Seed seed, long crashAt) {
    if (!kinds.containsAll(List.of("slow-link", "failover")) || seed.drawInt(8) == 0) {
      return schedule;
    }
    Seed own = seed.child("takeover");
    long slowAt = crashAt - Math.min(crashAt / 2, 5 * SECOND);
    long kilobytes = 50L << own.child("kilobytes").drawInt(4);
    Fault slow =
        SlowLinkFaults.slowLink(
            NodeSpec.PRIMARIES, kilobytes, own.child("slow").drawLong(1L << 48));
    Schedule slowed = plus(schedule, Schedule.begin(slowAt, SLOW.name(), slow));
    Failover failover =
        new Failover(OperatorFaults.Loss.KILL, Policy.SAFE, own.child("failover").draw() >>> 16);
    return plus(slowed, Schedule.begin(slowAt + SECOND, TAKE_OVER.name(), failover));
  }

  /**
   * How long after such a take-over all nodes crash: from less than a slow standby needs for the
   * first piece of the new timeline to more than it needs for all of it, each order of magnitude as
   * likely as the next.
   */
  static long afterTakeOver(Seed seed) {
    return (SECOND / 4 << seed.drawInt(6)) + seed.next().drawLong(SECOND / 4);
  }

  private static Schedule withCut(Schedule schedule, long at, Shape shape, Seed seed) {
    return plus(schedule, Schedule.begin(at, LAST, new Partition(shape, seed.drawLong(1L << 48))));
  }

  private static Schedule withStandbysCut(
      Schedule schedule, ClusterPlan nodes, long at, Seed seed) {
    Optional<StandbyRule> rule = nodes.standbyNames().map(StandbyRule::parse);
    if (rule.isEmpty() || rule.get().names().size() == nodes.nodes()) {
      return withCut(schedule, at, Shape.ONE_LINK, seed);
    }
    Schedule cut = schedule;
    for (String name : rule.get().names()) {
      Partition partition =
          new Partition(Shape.ONE_LINK, Optional.of(new NodeId(name)), seed.drawLong(1L << 48));
      cut = plus(cut, Schedule.begin(at, LAST + "-" + name, partition));
    }
    return cut;
  }

  private static Schedule plus(Schedule schedule, Entry entry) {
    List<Entry> entries = new ArrayList<>(schedule.entries());
    entries.add(entry);
    return new Schedule(entries);
  }

  /**
   * Waits for the step at which the nodes are to crash, for at most half a second; the server is
   * held at it. One in six runs crashes at no particular step, one in three at one of the
   * checkpoints that all nodes make at that time; two in three if commits are told of before they
   * are flushed, since a checkpoint must not be ahead of them.
   */
  static void awaitStep(Cluster cluster, boolean isAsynchronous, Seed seed) {
    Optional<ServerSteps> steps = cluster.steps();
    int kind = seed.drawInt(6);
    if (steps.isEmpty() || kind == 0) {
      return;
    }
    boolean isCheckpoint = kind < (isAsynchronous ? 5 : 3);
    List<String> labels = isCheckpoint ? CHECKPOINT_STEPS : STEPS;
    String label = labels.get(seed.child("label").drawInt(labels.size()));
    // the first ones are those of the primary more often than not
    long count =
        isCheckpoint
            ? 1 + seed.child("count").drawInt(1 + seed.child("most").drawInt(6))
            : 1 + seed.child("count").drawInt(20);
    ServerSteps.Watch watch = steps.get().watch(label, Optional.empty(), count, SECOND);
    if (isCheckpoint) {
      for (NodeId node : cluster.nodes()) {
        cluster
            .control()
            .tasks()
            .spawn("last checkpoint", () -> OneValue.execute(cluster, node, "checkpoint", LIMITS));
      }
    }
    long deadline = cluster.control().clock().monotonicNanos() + SECOND / 2;
    while (!watch.isReached() && cluster.control().clock().monotonicNanos() < deadline) {
      cluster.control().tasks().sleep(MILLI);
    }
    // the others go on for a moment while this one is held
    cluster.control().tasks().sleep(seed.child("moment").drawLong(10 * MILLI));
  }
}
