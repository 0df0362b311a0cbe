package phaistos.nemesis;

/** Faults of nodes, for tests. */
final class SomeFaults {
  private SomeFaults() {}

  static Fault plain(FaultKind kind, NodeSpec target, long seed) {
    return NodeFault.of(kind, target, new EdnTable(), seed);
  }

  static Fault with(FaultKind kind, NodeSpec target, String name, long value, long seed) {
    return NodeFault.of(kind, target, new EdnTable().put(name, value), seed);
  }
}
