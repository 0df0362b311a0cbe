package phaistos.nemesis;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Disks;
import phaistos.cluster.Disks.DiskCounters;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults of the nodes' disks. */
public final class DiskFaults {
  private static final String COLOR = "#B59B6A";

  static final FaultKind SYNC_ERROR =
      kind(
          "sync-error",
          "Syncs fail with an input/output error, and what they were to write counts as clean;"
              + " counts when a sync failed.",
          (choice, seed) -> new SyncError(NodeSpec.draw(choice), seed),
          value -> new SyncError(NodeSpec.of(value.get("target")), EdnValues.seed(value)));

  static final FaultKind NO_SPACE =
      kind(
          "no-space",
          "A disk takes only so many bytes more; counts when a write was refused.",
          (choice, seed) ->
              new NoSpace(NodeSpec.draw(choice), choice.child("bytes").drawLong(1 << 20), seed),
          value ->
              new NoSpace(
                  NodeSpec.of(value.get("target")),
                  EdnValues.integer(value, "bytes"),
                  EdnValues.seed(value)));

  static final FaultKind SLOW_DISK =
      kind(
          "slow-disk",
          "Every read, write and sync takes longer; counts by the time that was lost.",
          (choice, seed) ->
              new SlowDisk(NodeSpec.draw(choice), 1 + choice.child("millis").drawLong(50), seed),
          value ->
              new SlowDisk(
                  NodeSpec.of(value.get("target")),
                  EdnValues.positive(value, "millis"),
                  EdnValues.seed(value)));

  /** The fault model does not promise survival where the file has no checksums. */
  static final FaultKind BIT_FLIP =
      kind(
          "bit-flip",
          "One bit of a file reads wrong until it is written over; counts when it was read.",
          (choice, seed) ->
              new BitFlip(
                  NodeSpec.draw(choice),
                  "pg_xact/0000",
                  choice.child("bit").drawLong(8 * 8192),
                  seed),
          value ->
              new BitFlip(
                  NodeSpec.of(value.get("target")),
                  EdnValues.text(value, "path"),
                  EdnValues.integer(value, "bit"),
                  EdnValues.seed(value)));

  static final List<FaultKind> KINDS = List.of(SYNC_ERROR, NO_SPACE, SLOW_DISK, BIT_FLIP);

  private DiskFaults() {}

  private interface Draw {
    Fault draw(Seed choice, long seed);
  }

  private static FaultKind kind(
      String name, String sentence, Draw draw, Function<Edn.Table, Fault> read) {
    return new FaultKind(
        name,
        sentence,
        COLOR,
        Optional.of("stop-" + name),
        Set.of(Capability.DISK),
        new FaultKind.Maker() {
          @Override
          public Fault draw(Seed choice, long seed, Operator.Policy policy) {
            return draw.draw(choice, seed);
          }

          @Override
          public Fault read(Edn.Table value) {
            return read.apply(value);
          }
        });
  }

  /** Every sync fails. */
  public record SyncError(NodeSpec target, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return SYNC_ERROR;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable().put("target", target.toEdn()).put("seed", seed).build();
    }

    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes = target.resolve(site.cluster(), new Seed(seed));
      Disturbed disturbed =
          new Disturbed(site, value(), nodes, "syncs-failed", DiskCounters::syncsFailed);
      site.state().trouble(site.handle(), nodes, ClusterState.Trouble.SYNCS_FAIL);
      return disturbed;
    }
  }

  /**
   * @param bytes room that is left
   */
  public record NoSpace(NodeSpec target, long bytes, long seed) implements Fault {
    public NoSpace {
      if (bytes < 0) {
        throw new IllegalArgumentException(":bytes must not be negative: " + bytes);
      }
    }

    @Override
    public FaultKind kind() {
      return NO_SPACE;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable()
          .put("target", target.toEdn())
          .put("bytes", bytes)
          .put("seed", seed)
          .build();
    }

    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes = target.resolve(site.cluster(), new Seed(seed));
      Disturbed disturbed =
          new Disturbed(site, value(), nodes, "writes-refused", DiskCounters::writesRefused);
      site.state().trouble(site.handle(), nodes, ClusterState.Trouble.room(bytes));
      return disturbed;
    }
  }

  /**
   * @param millis by how much every read, write and sync takes longer
   */
  public record SlowDisk(NodeSpec target, long millis, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return SLOW_DISK;
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
      Disturbed disturbed =
          new Disturbed(site, value(), nodes, "slowed-nanos", DiskCounters::slowedNanos);
      site.state().trouble(site.handle(), nodes, ClusterState.Trouble.slow(millis * 1_000_000));
      return disturbed;
    }
  }

  /**
   * @param path relative to the data directory
   * @param bit from the start of the file
   */
  public record BitFlip(NodeSpec target, String path, long bit, long seed) implements Fault {
    public BitFlip {
      if (bit < 0) {
        throw new IllegalArgumentException(":bit must not be negative: " + bit);
      }
    }

    @Override
    public FaultKind kind() {
      return BIT_FLIP;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable()
          .put("target", target.toEdn())
          .put("path", path)
          .put("bit", bit)
          .put("seed", seed)
          .build();
    }

    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes = target.resolve(site.cluster(), new Seed(seed));
      Disturbed disturbed =
          new Disturbed(site, value(), nodes, "flipped-bits-read", DiskCounters::flippedBitsRead);
      for (NodeId node : nodes) {
        try {
          site.state().flip(site.handle(), new ClusterState.Bit(node, path, bit));
        } catch (IOException e) {
          disturbed.misses.put(node, String.valueOf(e.getMessage()));
        }
      }
      return disturbed;
    }
  }

  /** A disk fault under way, measured by one of the disk's counters. */
  private static final class Disturbed implements Fault.UnderWay {
    private final Fault.Site site;
    private final Edn.Table fault;
    private final List<NodeId> nodes;
    private final String name;
    private final ToLongFunction<DiskCounters> counter;
    private final TreeMap<NodeId, Long> before = new TreeMap<>();
    private final TreeMap<NodeId, Long> measured = new TreeMap<>();
    private final TreeMap<NodeId, String> misses = new TreeMap<>();

    Disturbed(
        Fault.Site site,
        Edn.Table fault,
        List<NodeId> nodes,
        String name,
        ToLongFunction<DiskCounters> counter) {
      this.site = site;
      this.fault = fault;
      this.nodes = nodes;
      this.name = name;
      this.counter = counter;
      nodes.forEach(node -> before.put(node, count(node)));
    }

    private long count(NodeId node) {
      Disks disks = site.cluster().require(site.cluster().disks(), Capability.DISK);
      return counter.applyAsLong(disks.counters(node));
    }

    @Override
    public EdnTable began() {
      EdnTable table = new EdnTable().putAll(fault).put("nodes", nodes);
      if (!misses.isEmpty()) {
        EdnTable each = new EdnTable();
        misses.forEach((node, why) -> each.put(node.name(), why));
        table.put("missed", each.build());
      }
      return table;
    }

    @Override
    public void end() {
      nodes.forEach(node -> measured.put(node, count(node) - before.get(node)));
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      EdnTable each = new EdnTable();
      measured.forEach((node, count) -> each.put(node.name(), count));
      boolean any = measured.values().stream().anyMatch(count -> count > 0);
      return Optional.of(new Fault.Effect(any, new EdnTable().put(name, each.build())));
    }
  }
}
