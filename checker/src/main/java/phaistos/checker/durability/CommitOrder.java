package phaistos.checker.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.CheckContext;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;

/**
 * Where in a database's WAL the transactions of a history committed. Who writes a row holds its
 * lock until its commit record is in the WAL; so the commit records of the transactions that wrote
 * a row stand in the order of its versions.
 *
 * <p>A transaction is told by marker or LSN as in the audit, else by its xid. That is enough within
 * one life of the server: only a crash lets it hand an xid out twice. Of several directories the
 * one on the highest timeline with the longest WAL counts; the others help where they are on its
 * line.
 */
public final class CommitOrder {
  /** What the WAL says of a transaction. */
  public sealed interface Fate {}

  /**
   * It committed.
   *
   * @param lsn of its commit record
   */
  public record Committed(Lsn lsn) implements Fate {}

  /** It did not: its abort record is there. */
  public record RolledBack() implements Fate {}

  /** The files do not tell, or have nothing of it. */
  public record Untold(String why) implements Fate {}

  private final List<Claim> claims;
  private final List<NodeEvidence> nodes;
  private final Map<Long, Integer> byIndex = new HashMap<>();
  private final Map<Long, Integer> claimsOfXid = new HashMap<>();

  /** The LSN of the server's first new start after the first commit of the history; -1: none. */
  private final long restart;

  private CommitOrder(List<Claim> claims, List<NodeEvidence> nodes) {
    this.claims = claims;
    this.nodes = nodes;
    for (int i = 0; i < claims.size(); i++) {
      byIndex.put(claims.get(i).index(), i);
      if (claims.get(i).xid() != 0 && claims.get(i).outcome() != Outcome.ROLLED_BACK) {
        claimsOfXid.merge(claims.get(i).xid() & 0xFFFF_FFFFL, 1, Integer::sum);
      }
    }
    long first = -1;
    for (NodeEvidence node : nodes) {
      for (int i = 0; i < claims.size(); i++) {
        Copy copy = node.copy(i, claims.get(i));
        if (isThere(i, copy) && Long.compareUnsigned(copy.lsn().value(), first) < 0) {
          first = copy.lsn().value();
        }
      }
    }
    long next = -1;
    for (NodeEvidence node : nodes) {
      for (long start : node.files().orElseThrow().scan().restarts()) {
        boolean isLater = Long.compareUnsigned(start, first) > 0;
        next = isLater && Long.compareUnsigned(start, next) < 0 ? start : next;
      }
    }
    restart = next;
  }

  /**
   * Reads the WAL of these directories once.
   *
   * @throws FormatException if a directory cannot be read, or is another database's than the first
   */
  public static CommitOrder read(AuditInput input, Claims claims, CheckContext context) {
    MarkerIndex markers = new MarkerIndex(claims.list());
    XidIndex xids = new XidIndex(claims.list());
    List<NodeEvidence> nodes = new ArrayList<>();
    for (NodeImage image : input.nodes()) {
      CommitLogCopy log = new CommitLogCopy(image.files());
      RowSearch search = new RowSearch(markers, input.markerColumn());
      NodeScan scan = new NodeScan(claims.list(), input.lsnMeaning(), markers, xids, search, log);
      try {
        nodes.add(NodeExamination.examine(image, scan, log, input, context));
      } catch (IOException e) {
        throw new UncheckedIOException(image.files().describe() + ": " + e.getMessage(), e);
      }
      if (systemId(nodes.getLast()) != systemId(nodes.getFirst())) {
        throw new FormatException(
            "%s is of another database system than %s"
                .formatted(image.files().describe(), nodes.getFirst().image().files().describe()));
      }
    }
    boolean isOneLine =
        nodes.stream().allMatch(n -> n.files().orElseThrow().line().ancestors().isEmpty());
    nodes.forEach(node -> node.files().orElseThrow().finish(isOneLine));
    nodes.sort(
        Comparator.comparing(
                (NodeEvidence node) -> node.report().timeline(), Integer::compareUnsigned)
            .thenComparing(node -> node.report().walEnd())
            .reversed());
    return new CommitOrder(claims.list(), nodes);
  }

  private static long systemId(NodeEvidence node) {
    return node.files().orElseThrow().control().systemId();
  }

  private NodeEvidence main() {
    return nodes.getFirst();
  }

  /**
   * What became of the transaction that completed, or was invoked and never completed, at this
   * index; empty if the history gives neither its xid nor anything else that would tell.
   */
  public Optional<Fate> fate(long index) {
    Integer claim = byIndex.get(index);
    return claim == null ? Optional.empty() : Optional.of(fate(claim.intValue()));
  }

  private Fate fate(int claim) {
    Copy copy = main().copy(claim, claims.get(claim));
    if (isThere(claim, copy)) {
      return committed(claim, copy);
    }
    for (NodeEvidence other : nodes.subList(1, nodes.size())) {
      Copy elsewhere = other.copy(claim, claims.get(claim));
      if (isThere(claim, elsewhere)) {
        TimelineHistory line = main().files().orElseThrow().line();
        return line.timelineAt(elsewhere.lsn()) == elsewhere.timeline()
            ? committed(claim, elsewhere)
            : new Untold(
                "its commit record at %s of timeline %d is not on the line of timeline %d"
                    .formatted(elsewhere.lsn(), elsewhere.timeline(), line.timeline()));
      }
    }
    String torn = main().report().situation().whyTorn();
    return switch (copy.presence()) {
      case ABORTED -> {
        String doubt = copy.lsn().isValid() ? doubt(claim, copy) : "it has no record in the WAL";
        yield doubt.isEmpty() ? new RolledBack() : new Untold(doubt);
      }
      case OTHER, ABSENT -> new Untold("its commit is not in the WAL" + suffix(torn));
      case UNREADABLE, WAL_MISSING, TORN, NOT_CHOSEN, LOG_ONLY, UNPROVEN, RECORD ->
          new Untold(copy.presence().words() + suffix(torn));
    };
  }

  private static String suffix(String torn) {
    return torn.isEmpty() ? "" : " (" + torn + ")";
  }

  /** Whether a commit that may be the claim's is there. */
  private boolean isThere(int claim, Copy copy) {
    Claim claimed = claims.get(claim);
    // The server's lives say nothing of what was not acknowledged: it may have run in any of them.
    boolean isUntimed = claimed.outcome() != Outcome.ACKNOWLEDGED && !claimed.isIdentifiable();
    return copy.lsn().isValid()
        && switch (copy.presence()) {
          case RECORD, UNPROVEN -> true;
          case OTHER -> isUntimed;
          case ABSENT, UNREADABLE, WAL_MISSING, TORN, ABORTED, NOT_CHOSEN, LOG_ONLY -> false;
        };
  }

  private Fate committed(int claim, Copy copy) {
    if (copy.presence() == Presence.RECORD) {
      return new Committed(copy.lsn());
    }
    String doubt = doubt(claim, copy);
    if (!doubt.isEmpty()) {
      return new Untold(doubt);
    }
    return claims.get(claim).isIdentifiable()
        ? new Untold("a commit that may be it: " + copy.doubt())
        : new Committed(copy.lsn());
  }

  /** Why a record with the claim's xid may be another transaction's; empty if it may not. */
  private String doubt(int claim, Copy copy) {
    long xid = claims.get(claim).xid();
    if (claimsOfXid.getOrDefault(xid & 0xFFFF_FFFFL, 0) > 1) {
      return "another transaction of the history has its xid %d too".formatted(xid);
    }
    return Long.compareUnsigned(copy.lsn().value(), restart) < 0
        ? ""
        : "the server began anew at %s, after which it may have handed out xid %d once more"
                .formatted(new Lsn(restart), xid)
            + "; a :marker in its rows or the :lsn of its commit would tell";
  }

  /** Which WAL was read, for people. */
  public String describe() {
    NodeReport report = main().report();
    return "WAL of %s: timeline %s, %s to %s"
        .formatted(report.directory(), report.history(), report.walStart(), report.walEnd());
  }
}
