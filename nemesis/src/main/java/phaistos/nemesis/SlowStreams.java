package phaistos.nemesis;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;

/**
 * The streams that faults hold slow, a part of {@link ClusterState}: each has the smallest
 * bandwidth that any fault sets. Not thread-safe; only the nemesis' task calls it.
 */
final class SlowStreams {
  private final ObjLongConsumer<Stream> limit;

  /** By the text of their stream, because streams have no order. */
  private final TreeMap<String, Held> held = new TreeMap<>();

  private record Held(Stream stream, TreeMap<Handle, Long> kilobytes) {}

  /**
   * @param limit sets the kilobytes a second of a stream; 0 for no limit
   */
  SlowStreams(ObjLongConsumer<Stream> limit) {
    this.limit = limit;
  }

  static SlowStreams of(Cluster cluster) {
    return new SlowStreams(
        (stream, kilobytes) ->
            cluster
                .require(cluster.slowLinks(), Capability.SLOW_LINK)
                .limitBandwidth(stream, kilobytes));
  }

  void hold(Handle handle, List<Stream> streams, long kilobytesPerSecond) {
    for (Stream stream : streams) {
      Held own = held.computeIfAbsent(stream.toString(), _ -> new Held(stream, new TreeMap<>()));
      own.kilobytes.put(handle, kilobytesPerSecond);
      apply(own);
    }
  }

  void release(Predicate<Handle> whose) {
    for (Held each : List.copyOf(held.values())) {
      if (each.kilobytes.keySet().removeIf(whose)) {
        apply(each);
      }
    }
    held.values().removeIf(each -> each.kilobytes.isEmpty());
  }

  boolean isEmpty() {
    return held.isEmpty();
  }

  /** Whether what a node gets is slow: a copy of a primary's files would take minutes. */
  boolean isTo(NodeId node) {
    return held.values().stream().anyMatch(h -> h.stream.dialer().equals(Optional.of(node)));
  }

  private void apply(Held each) {
    limit.accept(
        each.stream, each.kilobytes.values().stream().mapToLong(Long::longValue).min().orElse(0));
  }
}
