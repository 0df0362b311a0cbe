package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.formats.redo.TimelineHole;

/**
 * Decides which nodes owe a transaction, and whether their files have it (PostgreSQL's
 * documentation, synchronous_commit; syncrep.c). The rules:
 *
 * <ul>
 *   <li>after a failover, a commit that waited for standbys must be on the promoted timeline; one
 *       that did not wait (off, local, a cancelled wait) may be lost;
 *   <li>without a failover, every commit except an asynchronous one must be on the node that
 *       answered. A commit that waited for n standbys must also be on at least n of the listed
 *       ones. FIRST and ANY owe the same: which standbys FIRST chose depends on who was connected;
 *   <li>remote_write: standbys owe the commit only until they lose their page cache;
 *   <li>off: the commit may be lost with the primary's memory; {@link AsyncWindow} gives the limit.
 * </ul>
 *
 * Pure.
 */
final class Judge {
  /** A judgement before the checks of the asynchronous window and the final read. */
  record Ruling(Judgement judgement, String reason) {}

  private final AuditInput input;
  private final List<NodeReport> nodes;

  /** The timeline that counts. */
  private final int lineTimeline;

  Judge(AuditInput input, List<NodeReport> nodes) {
    this.input = input;
    this.nodes = nodes;
    this.lineTimeline =
        nodes.stream()
            .filter(NodeReport::isReadable)
            .filter(node -> input.promoted().map(node.name()::equals).orElse(true))
            .mapToInt(NodeReport::timeline)
            .max()
            .orElse(0);
  }

  Ruling judge(Claim claim, List<Copy> seen) {
    List<Copy> copies = OtherNodes.explained(seen, nodes);
    return switch (claim.outcome()) {
      case ACKNOWLEDGED -> acknowledged(claim, copies);
      case ROLLED_BACK -> rolledBack(copies);
      case INDETERMINATE -> indeterminate(copies);
    };
  }

  private Ruling rolledBack(List<Copy> copies) {
    boolean unknown = false;
    for (Copy copy : copies) {
      if (copy.presence() == Presence.RECORD) {
        return new Ruling(
            Judgement.ROLLED_BACK_YET_COMMITTED,
            "the client was told that it was rolled back, but " + place(copy));
      }
      // a commit known only from the commit log may be another transaction's with the same xid
      unknown |= copy.presence() == Presence.UNPROVEN || copy.presence() == Presence.LOG_ONLY;
    }
    return unknown
        ? new Ruling(Judgement.UNDECIDED, whyUnknown(copies))
        : new Ruling(Judgement.ROLLED_BACK, "committed nowhere");
  }

  /** Whether only the asynchronous window excuses the loss of this one. */
  boolean isOwedByWindow(Claim claim) {
    return !claim.promise().flushedLocally() && !isOnEarlierLine(claim.timeline());
  }

  /** Whether it must be there although another node has taken over since. */
  boolean isOwedAfterFailover(Claim claim) {
    boolean isOnlyWritten =
        claim.promise().level() == CommitLevel.REMOTE_WRITE
            && nodes.stream()
                .anyMatch(n -> n.timeline() == lineTimeline && n.kind().losesUnsynced());
    boolean survives = claim.promise().standbysOwed() > 0 && !isOnlyWritten;
    return survives || !isOnEarlierLine(claim.timeline());
  }

  /** Whether this node answered the claim's client. */
  boolean isAnsweredBy(Claim claim, NodeReport node) {
    return claim.node().isEmpty()
        ? node.role() == NodeImage.Role.PRIMARY
        : node.name().equals(claim.node());
  }

  private Ruling indeterminate(List<Copy> copies) {
    List<String> holders = new ArrayList<>();
    boolean unknown = false;
    for (Copy copy : copies) {
      if (copy.presence() == Presence.RECORD || copy.holds()) {
        holders.add(copy.node());
      }
      unknown |= copy.mayHold();
    }
    if (!holders.isEmpty()) {
      return new Ruling(Judgement.RECOVERED, "committed on " + String.join(", ", holders));
    }
    return unknown
        ? new Ruling(Judgement.UNDECIDED, whyUnknown(copies))
        : new Ruling(Judgement.DID_NOT_HAPPEN, "committed nowhere");
  }

  private Ruling acknowledged(Claim claim, List<Copy> copies) {
    Ruling ruling = withoutUnchosen(claim, copies);
    boolean isGone =
        ruling.judgement() == Judgement.LOST || ruling.judgement() == Judgement.LOST_AS_ALLOWED;
    for (int i = 0; i < copies.size() && isGone; i++) {
      Optional<TimelineHole> hole = nodes.get(i).situation().hole();
      if (copies.get(i).presence() == Presence.NOT_CHOSEN && hole.isPresent()) {
        boolean isTakenOver =
            nodes.stream()
                .anyMatch(n -> n.timeline() == lineTimeline && n.situation().isPromoted());
        String onDisk =
            "on %s it is on disk, in %s, not chosen by recovery"
                .formatted(copies.get(i).node(), hole.get().other());
        return isTakenOver
            ? new Ruling(ruling.judgement(), ruling.reason() + "; " + onDisk)
            : new Ruling(Judgement.NOT_CHOSEN_BY_RECOVERY, onDisk + ": " + hole.get().advice());
      }
    }
    return ruling;
  }

  private Ruling withoutUnchosen(Claim claim, List<Copy> copies) {
    if (isBeforeFailover(claim, copies)) {
      Optional<Ruling> restored = afterRestore(claim, copies);
      return restored.isPresent() ? restored.get() : afterFailover(claim, copies);
    }
    Optional<Copy> primary = answering(claim, copies);
    if (primary.isPresent() && claim.promise().flushedLocally() && !primary.get().mayHold()) {
      return new Ruling(
          Judgement.LOST,
          "the primary, which answered after its own flush, does not have it: "
              + why(primary.get(), copies));
    }
    Ruling standbys = onStandbys(claim, copies, primary);
    if (standbys.judgement() != Judgement.CONFIRMED) {
      return standbys;
    }
    if (primary.isPresent() && !primary.get().holds()) {
      return primary.get().mayHold()
          ? new Ruling(Judgement.NOT_JUDGED, whyUnknown(List.of(primary.get())))
          : new Ruling(
              Judgement.LOST_AS_ALLOWED,
              "asynchronous: answered before the flush, lost with the primary's memory; "
                  + why(primary.get(), copies));
    }
    if (copies.stream().noneMatch(Copy::holds)) {
      return nowhere(claim, copies);
    }
    return confirmed(copies);
  }

  private static Ruling confirmed(List<Copy> copies) {
    boolean byRecord = copies.stream().anyMatch(c -> c.holds() && c.presence() == Presence.RECORD);
    return byRecord
        ? new Ruling(Judgement.CONFIRMED, "everywhere where it was promised to be")
        : new Ruling(
            Judgement.CONFIRMED_BY_COMMIT_LOG,
            "its WAL is no longer there; the commit log says committed");
  }

  /** No image of the node that answered, no standby owes it, and no other node has it. */
  private Ruling nowhere(Claim claim, List<Copy> copies) {
    return new Ruling(
        Judgement.NOT_JUDGED,
        copies.stream().anyMatch(Copy::mayHold)
            ? whyUnknown(copies)
            : "level "
                + claim.promise()
                + " is owed by the primary alone, and there is no image of it");
  }

  /** Confirmed if the standbys owe nothing more. */
  private Ruling onStandbys(Claim claim, List<Copy> copies, Optional<Copy> primary) {
    int owed = claim.promise().standbysOwed();
    StandbyRule rule = claim.promise().standbys();
    int holders = 0;
    int unknown = 0;
    int listed = rule.countListed(input.withoutImage());
    int excused = rule.countListed(input.spoiled());
    List<Copy> lacking = new ArrayList<>();
    for (int i = 0; i < copies.size(); i++) {
      Copy copy = copies.get(i);
      boolean isPrimary = primary.isPresent() && primary.get() == copy;
      if (isPrimary || !rule.lists(copy.node())) {
        continue;
      }
      listed++;
      boolean mayHaveLost =
          claim.promise().level() == CommitLevel.REMOTE_WRITE
              && nodes.get(i).kind().losesUnsynced();
      if (copy.holds()) {
        holders++;
      } else if (copy.mayHold()) {
        unknown++;
      } else if (mayHaveLost) {
        excused++;
      } else {
        lacking.add(copy);
      }
    }
    if (!rule.isOpen()) {
      boolean primaryIsListed = primary.isPresent() && rule.lists(primary.get().node());
      unknown += Math.max(0, rule.names().size() - listed - (primaryIsListed ? 1 : 0));
    }
    if (holders + excused >= owed) {
      return new Ruling(Judgement.CONFIRMED, "");
    }
    String have = holders + " of the " + owed + " standbys that " + rule + " asks for";
    if (holders + excused + unknown >= owed) {
      String reason = have + " are seen to have it; " + unknown + " of those listed cannot be seen";
      return new Ruling(Judgement.NOT_JUDGED, reason);
    }
    String because = lacking.isEmpty() ? "" : ": " + why(lacking.getFirst(), copies);
    return new Ruling(
        Judgement.LOST,
        holders == 0
            ? "no standby has it, " + owed + " must (" + rule + ")" + because
            : "only " + have + " have it" + because);
  }

  /** Whether a later timeline than the transaction's own counts now. */
  private boolean isBeforeFailover(Claim claim, List<Copy> copies) {
    int timeline = claim.timeline();
    for (Copy copy : copies) {
      if (timeline == 0 && copy.presence() == Presence.RECORD) {
        timeline = copy.timeline();
      }
    }
    return isOnEarlierLine(timeline);
  }

  private boolean isOnEarlierLine(int timeline) {
    return Integer.compareUnsigned(lineTimeline, Math.max(timeline, 1)) > 0;
  }

  /**
   * A server restored from an archive still owes the commits that it alone promised. Empty if
   * another server took over, if the commit is there, or if the standbys owe it.
   */
  private Optional<Ruling> afterRestore(Claim claim, List<Copy> copies) {
    for (int i = 0; i < copies.size(); i++) {
      NodeReport node = nodes.get(i);
      boolean isItsServer =
          node.isReadable() && node.timeline() == lineTimeline && isAnsweredBy(claim, node);
      boolean isOwed = claim.promise().flushedLocally() && !copies.get(i).mayHold();
      if (!isItsServer || !isOwed || copies.get(i).presence() == Presence.NOT_CHOSEN) {
        continue;
      }
      if (!TimelineHole.backward(node.situation().line()).isEmpty()) {
        return Optional.of(
            new Ruling(
                Judgement.LOST,
                "a timeline of %s was left before it began: %s"
                    .formatted(node.name(), why(copies.get(i), copies))));
      }
      Situation.Way way =
          input.promoted().isPresent()
              ? Situation.Way.FAILOVER
              : input.isRestored()
                  ? Situation.Way.RESTORED
                  : node.situation().since(claim.timeline());
      String reason = node.situation().reasonToLeave(claim.timeline());
      return switch (way) {
        case FAILOVER -> Optional.empty();
        case RESTORED ->
            Optional.of(
                new Ruling(
                    Judgement.LOST,
                    "%s answered after its own flush, and was restored from an archive without it"
                            .formatted(node.name())
                        + " (timeline %d ended: %s): "
                            .formatted(Math.max(1, claim.timeline()), reason)
                        + why(copies.get(i), copies)));
        case UNKNOWN ->
            claim.promise().standbysOwed() > 0
                ? Optional.empty()
                : Optional.of(
                    new Ruling(
                        Judgement.NOT_JUDGED,
                        "not on timeline %d of %s, and the files do not tell whether it was restored"
                                .formatted(lineTimeline, node.name())
                            + " or another server took over: say --restored or --promoted"));
      };
    }
    return Optional.empty();
  }

  private Ruling afterFailover(Claim claim, List<Copy> copies) {
    boolean unknown = false;
    boolean excused = false;
    List<Copy> lacking = new ArrayList<>();
    for (int i = 0; i < copies.size(); i++) {
      NodeReport node = nodes.get(i);
      if (!node.isReadable()) {
        unknown |= input.promoted().map(node.name()::equals).orElse(false);
        continue;
      }
      if (node.timeline() != lineTimeline) {
        continue;
      }
      if (copies.get(i).holds()) {
        return confirmed(List.of(copies.get(i)));
      }
      unknown |= copies.get(i).mayHold();
      excused |= node.kind().losesUnsynced();
      lacking.add(copies.get(i));
    }
    if (unknown) {
      return new Ruling(Judgement.NOT_JUDGED, whyUnknown(copies));
    }
    String line = "not on the promoted line, timeline " + lineTimeline;
    if (claim.promise().standbysOwed() == 0) {
      return new Ruling(
          Judgement.LOST_AS_ALLOWED,
          line + "; level " + claim.promise() + " does not survive a failover");
    }
    if (claim.promise().level() == CommitLevel.REMOTE_WRITE && excused) {
      return new Ruling(
          Judgement.LOST_AS_ALLOWED,
          line + "; remote_write does not survive the loss of the standby's page cache");
    }
    return new Ruling(
        Judgement.LOST, line + (lacking.isEmpty() ? "" : ": " + why(lacking.getFirst(), copies)));
  }

  /** The copy of the node that answered: from the history, else the primary. */
  private Optional<Copy> answering(Claim claim, List<Copy> copies) {
    for (int i = 0; i < copies.size(); i++) {
      if (isAnsweredBy(claim, nodes.get(i))) {
        return Optional.of(copies.get(i));
      }
    }
    return Optional.empty();
  }

  private static String place(Copy copy) {
    return "%s has its commit record at %s (%s, offset %d)"
        .formatted(copy.node(), copy.lsn(), copy.segment(), copy.offset());
  }

  /** Why a node does not have it. */
  private String why(Copy copy, List<Copy> copies) {
    NodeReport node = node(copy);
    return switch (copy.presence()) {
      case ABSENT -> whyAbsent(node, copies);
      case UNREADABLE -> copy.node() + " cannot be read";
      case WAL_MISSING ->
          "the WAL of %s from its redo point %s on is not there"
              .formatted(copy.node(), node.redo());
      case ABORTED -> "%s has it rolled back".formatted(copy.node());
      case OTHER ->
          "on %s the xid belongs to another transaction, committed at %s"
              .formatted(copy.node(), copy.lsn());
      case TORN -> torn(node);
      case NOT_CHOSEN ->
          "on %s it is at %s in %s, which recovery does not choose"
              .formatted(copy.node(), copy.lsn(), copy.segment());
      case LOG_ONLY, RECORD ->
          "%s, but its commit log (pg_xact) says %s after redo"
              .formatted(place(copy), copy.after().word());
      case UNPROVEN -> unproven(copy);
    };
  }

  private NodeReport node(Copy copy) {
    return nodes.stream().filter(n -> n.name().equals(copy.node())).findFirst().orElseThrow();
  }

  private static String unproven(Copy copy) {
    return "%s has a commit at %s that may be it, but %s"
        .formatted(
            copy.node(),
            copy.lsn(),
            copy.doubt().isEmpty() ? "neither LSN nor marker proves it" : copy.doubt());
  }

  /** The place of the record is known if another node of the same timeline has it. */
  private String whyAbsent(NodeReport node, List<Copy> copies) {
    for (Copy copy : copies) {
      if (copy.presence() == Presence.RECORD && copy.lsn().compareTo(node.walEnd()) >= 0) {
        return "the valid WAL of %s ends at %s (%s), %s"
            .formatted(
                node.name(),
                node.walEnd(),
                node.endReason(),
                copy.lsn().equals(node.walEnd())
                    ? "where its commit record should be"
                    : "before its commit record at " + copy.lsn());
      }
    }
    return "%s has no commit record of it in its WAL from %s to %s (%s)"
        .formatted(node.name(), node.walStart(), node.walEnd(), node.endReason());
  }

  private static String torn(NodeReport node) {
    return "%s is a copy of a running server, and not of one moment: %s"
        .formatted(node.name(), node.situation().whyTorn());
  }

  private String whyUnknown(List<Copy> copies) {
    for (Copy copy : copies) {
      if (copy.presence() == Presence.UNPROVEN) {
        return unproven(copy);
      }
    }
    for (Copy copy : copies) {
      if (copy.after() == LogStatus.UNREAD) {
        return "the part of pg_xact on %s that would tell is missing, too short or unreadable"
            .formatted(copy.node());
      }
      if (copy.presence() == Presence.TORN) {
        return torn(node(copy));
      }
      if (copy.presence() == Presence.UNREADABLE) {
        return copy.node() + " cannot be read: " + node(copy).unreadable();
      }
      if (copy.presence() == Presence.WAL_MISSING) {
        return "the WAL of " + copy.node() + " that would tell is not there";
      }
    }
    return "the files do not tell";
  }
}
