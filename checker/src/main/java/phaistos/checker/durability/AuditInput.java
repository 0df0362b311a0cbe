package phaistos.checker.durability;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What an audit judges a history against.
 *
 * @param nodes the images, each node once
 * @param promoted the node whose line counts since a failover; where empty, the node on the highest
 *     timeline, if it is higher than the transaction's own
 * @param finalRead what was visible in the end; where empty, rows are judged by the WAL alone
 * @param until the images show this moment: only completions before this index are owed, and
 *     transactions invoked after it are none of theirs; where empty, all of the history counts
 * @param crashTimesNanos when the primary's memory was lost, in the history's time; for {@code off}
 * @param asyncWindowNanos how long before a crash an asynchronous commit may be lost: three times
 *     {@code wal_writer_delay}
 * @param defaults what a transaction was promised where the history does not say
 */
public record AuditInput(
    List<NodeImage> nodes,
    Optional<String> promoted,
    Optional<FinalRead> finalRead,
    OptionalLong until,
    List<Long> crashTimesNanos,
    long asyncWindowNanos,
    Defaults defaults) {
  /** Three cycles of PostgreSQL's default of 200 ms. */
  public static final long DEFAULT_ASYNC_WINDOW_NANOS = 600_000_000L;

  /** What holds where the history does not say. */
  public record Defaults(CommitLevel level, Optional<StandbyRule> standbys, LsnMeaning lsnMeaning) {
    /** PostgreSQL's default level; of the standbys, if there are any, at least one. */
    public static final Defaults POSTGRESQL =
        new Defaults(CommitLevel.ON, Optional.empty(), LsnMeaning.EXACT);
  }

  /** What the history's LSNs are. */
  public enum LsnMeaning {
    /** The end, or the start, of the transaction's commit record: it identifies the transaction. */
    EXACT,
    /** Some position after the commit record, such as pg_current_wal_lsn() asked for later. */
    UPPER_BOUND
  }

  public AuditInput {
    nodes = List.copyOf(nodes);
    crashTimesNanos = crashTimesNanos.stream().sorted().toList();
    Set<String> names = new HashSet<>();
    for (NodeImage node : nodes) {
      if (!names.add(node.name())) {
        throw new IllegalArgumentException("two images of one node: " + node.name());
      }
    }
    if (promoted.isPresent() && !names.contains(promoted.get())) {
      throw new IllegalArgumentException("no image of the promoted node: " + promoted.get());
    }
  }

  /** An audit of these nodes with PostgreSQL's defaults. */
  public static AuditInput of(List<NodeImage> nodes) {
    return new AuditInput(
        nodes,
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty(),
        List.of(),
        DEFAULT_ASYNC_WINDOW_NANOS,
        Defaults.POSTGRESQL);
  }

  public AuditInput withPromoted(String node) {
    return new AuditInput(
        nodes,
        Optional.of(node),
        finalRead,
        until,
        crashTimesNanos,
        asyncWindowNanos,
        defaults);
  }

  public AuditInput withFinalRead(FinalRead read) {
    return new AuditInput(
        nodes, promoted, Optional.of(read), until, crashTimesNanos, asyncWindowNanos, defaults);
  }

  public AuditInput withUntil(long index) {
    return new AuditInput(
        nodes,
        promoted,
        finalRead,
        OptionalLong.of(index),
        crashTimesNanos,
        asyncWindowNanos,
        defaults);
  }

  public AuditInput withCrashes(List<Long> timesNanos, long windowNanos) {
    return new AuditInput(nodes, promoted, finalRead, until, timesNanos, windowNanos, defaults);
  }

  public AuditInput withDefaults(Defaults other) {
    return new AuditInput(
        nodes, promoted, finalRead, until, crashTimesNanos, asyncWindowNanos, other);
  }

  boolean hasStandbys() {
    return nodes.stream().anyMatch(node -> node.role() == NodeImage.Role.STANDBY);
  }
}
