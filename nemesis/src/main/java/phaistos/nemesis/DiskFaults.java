package phaistos.nemesis;

import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Disks;
import phaistos.cluster.Disks.DiskCounters;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults of the nodes' disks, all but damage to files: {@link DamageFaults}. */
public final class DiskFaults {
  static final String COLOR = "#B59B6A";

  static final FaultKind SYNC_ERROR =
      NodeFault.lasting(
          "sync-error",
          "Syncs fail with an input/output error, and what they were to write counts as clean;"
              + " counts when a sync failed.",
          COLOR,
          Capability.DISK,
          _ -> Edn.Table.EMPTY,
          _ -> Edn.Table.EMPTY,
          DiskFaults::failSyncs);

  static final FaultKind NO_SPACE =
      NodeFault.lasting(
          "no-space",
          "A disk takes only so many bytes more; counts when a write was refused.",
          COLOR,
          Capability.DISK,
          draw -> number("bytes", draw.child("bytes").drawLong(1 << 20)),
          value -> number("bytes", atLeastZero(value, "bytes")),
          DiskFaults::fill);

  static final FaultKind SLOW_DISK =
      NodeFault.lasting(
          "slow-disk",
          "Every read, write and sync takes longer; counts by the time that was lost.",
          COLOR,
          Capability.DISK,
          draw -> number("millis", 1 + draw.child("millis").drawLong(50)),
          value -> number("millis", EdnValues.positive(value, "millis")),
          DiskFaults::slow);

  /** The fault model does not promise survival where the file has no checksums. */
  static final FaultKind BIT_FLIP =
      NodeFault.lasting(
          "bit-flip",
          "One bit of a file reads wrong until it is written over; counts when it was read.",
          COLOR,
          Capability.DISK,
          draw -> bit("pg_xact/0000", draw.child("bit").drawLong(8 * 8192)),
          value -> bit(EdnValues.text(value, "path"), atLeastZero(value, "bit")),
          DiskFaults::flip);

  static final List<FaultKind> KINDS = List.of(SYNC_ERROR, NO_SPACE, SLOW_DISK, BIT_FLIP);

  private DiskFaults() {}

  /** Makes the disks of the targets slower. */
  public static Fault slowDisk(NodeSpec target, long millis, long seed) {
    return NodeFault.of(SLOW_DISK, target, new EdnTable().put("millis", millis), seed);
  }

  private static Edn.Table number(String name, long value) {
    return new EdnTable().put(name, value).build();
  }

  private static Edn.Table bit(String path, long bit) {
    return new EdnTable().put("path", path).put("bit", bit).build();
  }

  private static long atLeastZero(Edn.Table value, String name) {
    long number = EdnValues.integer(value, name);
    if (number < 0) {
      throw new IllegalArgumentException(":" + name + " must not be negative: " + number);
    }
    return number;
  }

  private static NodeFault.Going failSyncs(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Counted counted = new Counted(site.cluster(), nodes, DiskCounters::syncsFailed);
    EdnTable hit = lastCopy(site, nodes);
    site.state().trouble(site.handle(), nodes, Trouble.SYNCS_FAIL);
    return counted.going(hit, "syncs-failed");
  }

  private static NodeFault.Going fill(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Counted counted = new Counted(site.cluster(), nodes, DiskCounters::writesRefused);
    long bytes = EdnValues.integer(parameters, "bytes");
    site.state().trouble(site.handle(), nodes, Trouble.room(bytes));
    return counted.going(new EdnTable(), "writes-refused");
  }

  private static NodeFault.Going slow(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Counted counted = new Counted(site.cluster(), nodes, DiskCounters::slowedNanos);
    long nanos = EdnValues.positive(parameters, "millis") * 1_000_000;
    site.state().trouble(site.handle(), nodes, Trouble.slow(nanos));
    return counted.going(new EdnTable(), "slowed-nanos");
  }

  private static NodeFault.Going flip(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Counted counted = new Counted(site.cluster(), nodes, DiskCounters::flippedBitsRead);
    EdnTable misses = new EdnTable();
    EdnTable hit = lastCopy(site, nodes);
    for (NodeId node : nodes) {
      try {
        String path = EdnValues.text(parameters, "path");
        long bit = EdnValues.integer(parameters, "bit");
        site.state().flip(site.handle(), new ClusterState.Bit(node, path, bit));
      } catch (IOException e) {
        misses.put(node.name(), String.valueOf(e.getMessage()));
      }
    }
    Edn.Table missed = misses.build();
    return counted.going(
        missed.entries().isEmpty() ? hit : hit.put("missed", missed), "flipped-bits-read");
  }

  /** Says whether the fault may take the last good copy of a commit. */
  static EdnTable lastCopy(Fault.Site site, List<NodeId> nodes) {
    EdnTable table = new EdnTable();
    return site.operator().atlas().isLastCopy(nodes) ? table.put("last-copy", true) : table;
  }

  /** Measures a fault by one of the disks' counters. */
  private static final class Counted {
    private final Cluster cluster;
    private final ToLongFunction<DiskCounters> counter;
    private final TreeMap<NodeId, Long> before = new TreeMap<>();
    private final TreeMap<NodeId, Long> measured = new TreeMap<>();

    Counted(Cluster cluster, List<NodeId> nodes, ToLongFunction<DiskCounters> counter) {
      this.cluster = cluster;
      this.counter = counter;
      nodes.forEach(node -> before.put(node, count(node)));
    }

    private long count(NodeId node) {
      Disks disks = cluster.require(cluster.disks(), Capability.DISK);
      return counter.applyAsLong(disks.counters(node));
    }

    NodeFault.Going going(EdnTable hit, String name) {
      return NodeFault.Going.measured(
          hit,
          () -> before.forEach((node, count) -> measured.put(node, count(node) - count)),
          () -> {
            EdnTable each = new EdnTable();
            measured.forEach((node, count) -> each.put(node.name(), count));
            boolean any = measured.values().stream().anyMatch(count -> count > 0);
            return new Fault.Effect(any, new EdnTable().put(name, each.build()));
          });
    }
  }
}
