package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.formats.Xid;

/**
 * Decides which commit on a node belongs to which claim. A distinctive marker in its rows or the
 * LSN of its record proves it at once. The rest is decided after all WAL is read:
 *
 * <ul>
 *   <li>a small number counts only in the column of the other markers;
 *   <li>the order of the history and the server's lives identify some ({@link Lives});
 *   <li>a commit of the claim's xid belongs to another transaction only if all its rows can be
 *       read, in a table with markers of that shape or where all markers are plain, and none has
 *       the marker.
 * </ul>
 *
 * <p>A marker that cannot be read proves nothing: such a commit stays unproven. Not thread-safe.
 */
final class Identification {
  /** A commit of a claim's xid that is not known to be the claim's. */
  private record Pending(
      int claim, CommitPlaces.Place at, OpenRows rows, boolean isOlder, boolean isAtOtherLsn) {}

  private final List<Claim> claims;
  private final LsnMeaning lsnMeaning;
  private final MarkerIndex markers;
  private final XidIndex xids;
  private final CommitPlaces places;
  private final MarkerPlaces columns = new MarkerPlaces();
  private final MarkerOnly unnumbered;
  private final List<Pending> pending = new ArrayList<>();
  private final Map<Integer, String> doubts = new HashMap<>();

  private final ReadableMarkers readable = new ReadableMarkers();

  private boolean isLsnExact;

  /**
   * With a single commit there is no other marker to compare with, so integers are searched in
   * every type.
   */
  private boolean isAlone;

  Identification(
      List<Claim> claims,
      LsnMeaning lsnMeaning,
      MarkerIndex markers,
      XidIndex xids,
      CommitPlaces places) {
    this.claims = claims;
    this.lsnMeaning = lsnMeaning;
    this.markers = markers;
    this.xids = xids;
    this.places = places;
    this.unnumbered = new MarkerOnly(claims, markers, places, columns, readable);
  }

  /**
   * A transaction committed.
   *
   * @param rows the rows seen of it and its subtransactions
   * @param isOlder it may have begun before the WAL that is there
   */
  void committed(Xid top, OpenRows rows, CommitPlaces.Place place, boolean isOlder) {
    boolean isClaimed = false;
    for (int claim = xids.first(top.value()); claim >= 0; claim = xids.next(claim)) {
      isClaimed = true;
      claimed(claim, rows, place, isOlder);
    }
    for (int i = 0; i < rows.count(); i++) {
      int claim = markers.claimOf(rows.slot(i));
      long xid = claims.get(claim).xid();
      if ((int) xid == top.value() && xid != 0) {
        columns.confirm(rows.place(i));
      } else if (xid == 0) {
        unnumbered.found(claim, rows.slot(i), place, rows.place(i));
      }
    }
    if (!isClaimed) {
      unnumbered.passed(place, rows);
    }
  }

  private void claimed(int claim, OpenRows rows, CommitPlaces.Place place, boolean isOlder) {
    Claim claimed = claims.get(claim);
    boolean isExact = claimed.lsn() != 0 && lsnMeaning == LsnMeaning.EXACT;
    boolean isSameTimeline = claimed.timeline() == 0 || claimed.timeline() == place.timeline();
    boolean isAtLsn =
        isExact && isSameTimeline && (claimed.lsn() == place.lsn() || claimed.lsn() == place.end());
    isLsnExact |= isAtLsn;
    boolean hasDistinctive = false;
    for (int i = 0; i < rows.count() && !hasDistinctive; i++) {
      int slot = rows.slot(i);
      hasDistinctive = isOf(claim, slot) && markers.isDistinctive(slot);
    }
    if (hasDistinctive || isAtLsn) {
      prove(claim, rows, place);
    } else if (!isSameTimeline
        && (claimed.outcome() == Outcome.ROLLED_BACK
            || !isOlder && !claimed.markers().isEmpty() && rows.isCommitOnly())) {
      // A session ends with the promotion or restart that gives its node another timeline. The one
      // that a client saw may be out of date; but what has a marker wrote a row, too.
      places.put(claim, Presence.OTHER, place, 0);
    } else {
      pending.add(new Pending(claim, place, rows, isOlder, isExact));
    }
  }

  private boolean isOf(int claim, int slot) {
    return slot >= markers.firstSlot(claim) && slot < markers.firstSlot(claim + 1);
  }

  private void prove(int claim, OpenRows rows, CommitPlaces.Place place) {
    int found = rows.distinct(markers.firstSlot(claim), markers.firstSlot(claim + 1));
    places.put(claim, Presence.RECORD, place, found);
    for (int i = 0; i < rows.count(); i++) {
      if (isOf(claim, rows.slot(i))) {
        readable.add(rows.place(i), markers.shape(rows.slot(i)));
      }
    }
  }

  /** Called after the last commit: decides the open cases. */
  void decide(List<NodeScan.Restart> restarts, boolean isOneLine) {
    List<Pending> open = new ArrayList<>();
    for (Pending each : pending) {
      if (stands(each)) {
        prove(each.claim, each.rows, each.at);
      } else {
        open.add(each);
      }
    }
    unnumbered.decide(doubts);
    isAlone = open.size() == 1 && readable.isEmpty();
    List<Pending> undecided = isOneLine ? byLives(open, restarts) : open;
    for (Pending each : undecided) {
      decide(each);
    }
    pending.clear();
  }

  /** Whether a small number of the claim is in a column of such markers. */
  private boolean stands(Pending each) {
    for (int i = 0; i < each.rows.count(); i++) {
      boolean isUsual = columns.isUsual(each.rows.place(i));
      if (isOf(each.claim, each.rows.slot(i)) && isUsual) {
        return true;
      }
    }
    return false;
  }

  private List<Pending> byLives(List<Pending> open, List<NodeScan.Restart> restarts) {
    if (open.isEmpty()) {
      return open;
    }
    List<NodeScan.Restart> known = restarts.stream().filter(r -> r.firstXid() != 0).toList();
    Lives lives =
        new Lives(
            claims,
            known.stream().mapToLong(NodeScan.Restart::lsn).toArray(),
            known.stream().mapToInt(NodeScan.Restart::firstXid).toArray(),
            claim -> places.presence(claim) == Presence.RECORD ? places.lsn(claim) : 0);
    List<Pending> undecided = new ArrayList<>();
    for (Pending each : open) {
      // rows that can be read and lack the marker speak against the order of the history
      boolean isContradicted = !each.isOlder && isReadWithoutMarker(each);
      if (lives.isOf(each.claim, each.at.lsn()) && !isContradicted) {
        prove(each.claim, each.rows, each.at);
      } else if (lives.isOfAnother(each.claim, each.at.lsn())) {
        places.put(each.claim, Presence.OTHER, each.at, 0);
      } else {
        undecided.add(each);
      }
    }
    return undecided;
  }

  private void decide(Pending each) {
    boolean isOthers =
        each.isAtOtherLsn && isLsnExact
            || !each.isOlder && isReadWithoutMarker(each)
            || isProvenOfAnother(each);
    if (isOthers) {
      places.put(each.claim, Presence.OTHER, each.at, 0);
    } else if (each.isOlder && !claims.get(each.claim).markers().isEmpty()) {
      // with rows before the available WAL, it is judged like older commits
      places.put(
          each.claim, each.rows.isOpaque() ? Presence.UNPROVEN : Presence.LOG_ONLY, each.at, 0);
      doubts.put(each.claim, doubt(each));
    } else {
      places.put(each.claim, Presence.UNPROVEN, each.at, 0);
      doubts.put(each.claim, doubt(each));
    }
  }

  /** Whether that commit record is known to be the one of another claim with the same xid. */
  private boolean isProvenOfAnother(Pending each) {
    int xid = (int) claims.get(each.claim).xid();
    for (int other = xids.first(xid); other >= 0; other = xids.next(other)) {
      if (other != each.claim
          && places.presence(other) == Presence.RECORD
          && places.lsn(other) == each.at.lsn()) {
        return true;
      }
    }
    return false;
  }

  /** All its rows can be read, in tables where such markers can be read, and none has them. */
  private boolean isReadWithoutMarker(Pending each) {
    String unseen = each.rows.unseen();
    int first = markers.firstSlot(each.claim);
    int last = markers.firstSlot(each.claim + 1);
    if (first == last) {
      return false;
    }
    if (markers.arePlain() && unseen.isEmpty() && isAnyDistinctive(first, last)) {
      return true;
    }
    for (int relation : each.rows.readRelations()) {
      for (int slot = first; slot < last; slot++) {
        boolean isAtOffset = readable.showsAtOffset(relation, markers.shape(slot));
        boolean isReadable = readable.shows(relation, markers, slot);
        boolean isNumber =
            markers.shape(slot) == MarkerForms.Shape.SMALL_NUMBER
                || markers.shape(slot) == MarkerForms.Shape.NUMBER;
        boolean isSeen =
            unseen.isEmpty()
                || each.rows.isFar(relation) && isAtOffset && each.rows.isAllReadButFar();
        if (markers.isComplete(slot)
            && isSeen
            && (isAtOffset || isReadable || isAlone && isNumber)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isAnyDistinctive(int first, int last) {
    for (int slot = first; slot < last; slot++) {
      if (markers.isDistinctive(slot) && markers.isComplete(slot)) {
        return true;
      }
    }
    return false;
  }

  private String doubt(Pending each) {
    Claim claim = claims.get(each.claim);
    if (each.isAtOtherLsn) {
      return "it is at another LSN than the history says, and no LSN of the history is a commit"
          + " record's end (say --lsn UPPER_BOUND if they are positions read later)";
    }
    if (claim.markers().isEmpty()) {
      return "neither LSN nor marker proves it";
    }
    int seen = 0;
    for (int i = 0; i < each.rows.count(); i++) {
      seen += isOf(each.claim, each.rows.slot(i)) ? 1 : 0;
    }
    if (seen > 0) {
      return "its marker, a small number, was seen in %d places, none of them the column in which"
              .formatted(seen)
          + " markers stand";
    }
    String unseen = each.rows.unseen();
    return unseen.isEmpty()
        ? "its marker was not seen in what that commit wrote, and nothing shows that it could be"
        : "its marker cannot be seen: that commit left " + unseen;
  }

  /** Why a possible commit of this claim is unproven. */
  String doubt(int claim) {
    return doubts.getOrDefault(claim, "");
  }
}
