package phaistos.harness.guarantees;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import phaistos.cluster.Cluster.NodeId;

/** What the clients of an attempt were told, and what they read. Thread-safe. */
final class Ledger {
  /** How a commit ended for its client. */
  enum Outcome {
    ACKNOWLEDGED,
    /** Acknowledged with the warning that its wait was cut short. */
    WARNED,
    UNKNOWN
  }

  /**
   * @param id the row's key, its marker
   * @param lsn the insert position just before its commit record
   * @param atNanos when its client was answered
   */
  record Commit(long id, long xid, String lsn, NodeId node, long atNanos, Outcome outcome) {}

  /** The first read that saw a row. */
  record Sight(long id, NodeId node, long atNanos) {}

  /** Where a row was sent, and when. */
  private record Sent(NodeId node, long atNanos) {}

  private final AtomicLong ids = new AtomicLong(1_000_000_000L);
  private final Map<Long, Commit> commits = new ConcurrentSkipListMap<>();
  private final Map<Long, Sent> sent = new ConcurrentSkipListMap<>();
  private final Map<Long, Sight> sights = new ConcurrentSkipListMap<>();
  private final Map<NodeId, Long> lastReads = new ConcurrentSkipListMap<>();

  /** The key of a row that is about to be sent to a node. */
  long nextId(NodeId node, long nowNanos) {
    long id = ids.incrementAndGet();
    sent.put(id, new Sent(node, nowNanos));
    return id;
  }

  void ended(Commit commit) {
    commits.put(commit.id, commit);
  }

  /** A read of a node that began at {@code beganNanos} and has seen these rows. */
  void read(NodeId node, long beganNanos, long endedNanos, List<Long> rows) {
    rows.forEach(id -> sights.putIfAbsent(id, new Sight(id, node, endedNanos)));
    lastReads.put(node, beganNanos);
  }

  boolean hasRead(NodeId node, long sinceNanos) {
    return lastReads.getOrDefault(node, Long.MIN_VALUE) >= sinceNanos;
  }

  int acknowledged() {
    return (int) commits.values().stream().filter(c -> c.outcome != Outcome.UNKNOWN).count();
  }

  /** Whether a client was told that its wait was cut short. */
  boolean hasWarned() {
    return commits.values().stream().anyMatch(c -> c.outcome == Outcome.WARNED);
  }

  /** When a node first acknowledged a commit after this moment. */
  OptionalLong firstAcknowledged(NodeId node, long sinceNanos) {
    return commits.values().stream()
        .filter(c -> c.outcome != Outcome.UNKNOWN && c.node.equals(node) && c.atNanos > sinceNanos)
        .mapToLong(Commit::atNanos)
        .min();
  }

  /** Acknowledged commits that are not among the rows that are left. */
  List<Commit> lost(Set<Long> left) {
    return commits.values().stream()
        .filter(c -> c.outcome != Outcome.UNKNOWN && !left.contains(c.id))
        .toList();
  }

  /**
   * Rows that were read and are not among those that are left.
   *
   * @param last the node that is primary in the end; what it was sent after {@code sinceNanos} may
   *     still wait for a standby: it is hidden there and seen on others
   */
  List<Sight> unseen(Set<Long> left, NodeId last, long sinceNanos) {
    return sights.values().stream()
        .filter(sight -> !left.contains(sight.id))
        .filter(
            sight -> {
              Sent from = sent.get(sight.id);
              return from.atNanos < sinceNanos || !from.node.equals(last);
            })
        .toList();
  }

  /** Whether the client of a row was told of its commit. */
  boolean isAcknowledged(long id) {
    Commit commit = commits.get(id);
    return commit != null && commit.outcome != Outcome.UNKNOWN;
  }
}
