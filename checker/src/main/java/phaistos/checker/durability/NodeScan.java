package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.formats.CommitLog;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Xid;
import phaistos.formats.record.ClogBody;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.XlogBody;

/**
 * The valid WAL of a node, put together from its pieces in their order: finds the commit records of
 * the claims and the markers in their rows, does redo on a copy of the commit log, and notes what
 * the checks between WAL, commit log and nodes need. Memory: what {@link CommitPlaces} takes, the
 * commit log's touched pages, and the rows of transactions still open. Not thread-safe.
 */
final class NodeScan {
  /** A claim without xid whose markers a commit of any xid has; decided when all WAL is read. */
  private record Candidate(int claim, CommitPlaces.Place at, int markers, long place) {}

  private final List<Claim> claims;
  private final LsnMeaning lsnMeaning;
  private final MarkerIndex markers;
  private final XidIndex xids;
  private final RowSearch search;
  private final CommitLogCopy log;
  private final CommitPlaces places;
  private final WalStatuses statuses = new WalStatuses();
  private final BlockSums sums = new BlockSums();
  private final MarkerPlaces columns = new MarkerPlaces();
  private final List<Long> restarts = new ArrayList<>();
  private final OpenTransactions open = new OpenTransactions();
  private final Map<Long, Integer> claimsByLsnAlone = new HashMap<>();
  private final List<Candidate> candidates = new ArrayList<>();

  /** By relation, the last commit of nobody's xid whose rows cannot be read in full. */
  private final Map<Integer, CommitPlaces.Place> suspects = new HashMap<>();

  /**
   * From this xid on, nothing of a transaction can lie before the WAL that was read; 0: unknown.
   */
  private int firstSureXid;

  private int highestXid;
  private Lsn coverageStart = Lsn.INVALID;
  private long records;
  private Questions questions;

  NodeScan(
      List<Claim> claims,
      LsnMeaning lsnMeaning,
      MarkerIndex markers,
      XidIndex xids,
      RowSearch search,
      CommitLogCopy log) {
    this.claims = claims;
    this.lsnMeaning = lsnMeaning;
    this.markers = markers;
    this.xids = xids;
    this.search = search;
    this.log = log;
    this.places = new CommitPlaces(claims.size());
    for (int i = 0; i < claims.size(); i++) {
      Claim claim = claims.get(i);
      if (claim.xid() == 0 && claim.lsn() != 0 && lsnMeaning == LsnMeaning.EXACT) {
        claimsByLsnAlone.put(claim.lsn(), i);
      }
    }
  }

  /** Pieces follow from here on without a gap; redo is done from {@code redo} on. */
  void begin(Lsn from, Lsn redo, TimelineHistory line) {
    coverageStart = from;
    firstSureXid = 0;
    open.clear();
    boolean hasUnnumbered = claims.stream().anyMatch(claim -> claim.xid() == 0);
    questions = new Questions(claims, markers, xids, search, hasUnnumbered, line, redo);
  }

  /** What is asked of each piece. */
  Questions questions() {
    return questions;
  }

  /** The next piece of the WAL. */
  void take(PieceScan piece) {
    records += piece.records();
    sums.addAll(piece.sums());
    int highest = piece.highestXid();
    if (highest != 0 && (highestXid == 0 || Xid.precedes(highestXid, highest))) {
      highestXid = highest;
    }
    for (PieceScan.Event event : piece.events()) {
      switch (event) {
        case PieceScan.Quiet quiet -> quiet(quiet);
        case PieceScan.Ended ended -> ended(ended);
        case PieceScan.LongRow row -> longRow(row);
        case PieceScan.Landmark landmark -> landmark(landmark.lsn(), landmark.body());
        case PieceScan.Replayed replayed -> {
          switch (replayed.body()) {
            case ClogBody.ZeroPage zero -> log.zeroPage(zero.page());
            case ClogBody.Truncate truncate -> log.truncateBefore(truncate.page());
          }
        }
      }
    }
    open.addAll(piece.open());
  }

  /** Checkpoints, ends of recovery, lists of running transactions. */
  private void landmark(Lsn lsn, RecordBody body) {
    switch (body) {
      case StandbyBody.RunningXacts running -> sureFrom(running.nextXid());
      case XlogBody.CheckpointTaken taken -> {
        if (taken.shutdown()) {
          restarts.add(lsn.value());
        }
        if (taken.checkpoint().redo().compareTo(coverageStart) >= 0) {
          sureFrom(taken.checkpoint().nextXid().xid());
        }
      }
      case XlogBody.EndOfRecovery _ -> restarts.add(lsn.value());
      default -> {}
    }
  }

  private void sureFrom(Xid next) {
    if (firstSureXid == 0) {
      firstSureXid = next.value();
    }
  }

  /** A row whose long values, or a piece of one of them, may stand in an earlier piece. */
  private void longRow(PieceScan.LongRow row) {
    OpenRows rows = open.of(row.xid());
    LongValues moved = rows.moved(markers.longestText());
    byte[] bytes = row.bytes();
    boolean seen =
        search.search(
            bytes,
            row.base(),
            0,
            bytes.length,
            moved,
            (slot, offset) -> {
              if (questions.mayBelong(slot, row.xid())) {
                rows.add(slot, MarkerPlaces.place(row.relation(), offset));
              }
            });
    moved.keep(bytes, 0, bytes.length);
    if (!row.isWhole() || !seen) {
      rows.setOpaque(row.relation());
    }
  }

  private void quiet(PieceScan.Quiet quiet) {
    for (int i = 0; i < quiet.count(); i++) {
      Xid xid = quiet.xid(i);
      open.remove(xid.value());
      end(xid, CommitLog.Status.COMMITTED, quiet.isReplayed());
    }
  }

  /** Sets the statuses of a transaction and its subtransactions, and looks whose it is. */
  private void ended(PieceScan.Ended ended) {
    end(ended.top(), ended.status(), ended.isReplayed());
    ended.subxids().forEach(subxid -> end(subxid, ended.status(), ended.isReplayed()));
    OpenRows rows = open.removeAll(ended.top(), ended.subxids());
    rows.addAll(ended.rows());
    if (ended.status() == CommitLog.Status.COMMITTED) {
      committed(ended.top(), rows, ended.place());
      return;
    }
    int top = ended.top().value();
    for (int claim = xids.first(top); claim >= 0; claim = xids.next(claim)) {
      places.put(claim, Presence.ABORTED, ended.place(), 0);
    }
  }

  private void end(Xid xid, CommitLog.Status status, boolean replay) {
    statuses.set(xid, status);
    if (replay) {
      log.set(xid, status);
    }
  }

  private void committed(Xid top, OpenRows rows, CommitPlaces.Place place) {
    for (int claim = xids.first(top.value()); claim >= 0; claim = xids.next(claim)) {
      int found = rows.distinct(markers.firstSlot(claim), markers.firstSlot(claim + 1));
      places.put(claim, identify(claims.get(claim), top, rows, found, place), place, found);
    }
    for (int i = 0; i < rows.count(); i++) {
      int claim = markers.claimOf(rows.slot(i));
      long claimed = claims.get(claim).xid();
      if ((int) claimed == top.value() && claimed != 0) {
        columns.confirm(rows.place(i));
      } else if (claimed == 0) {
        int found = rows.distinct(markers.firstSlot(claim), markers.firstSlot(claim + 1));
        candidates.add(new Candidate(claim, place, found, rows.place(i)));
      }
    }
    if (rows.count() == 0 && xids.first(top.value()) < 0) {
      for (int relation : rows.opaqueRelations()) {
        suspects.put(relation, place);
      }
    }
    if (!claimsByLsnAlone.isEmpty()) {
      byLsnAlone(place.lsn(), place);
      byLsnAlone(place.end(), place);
    }
  }

  private void byLsnAlone(long lsn, CommitPlaces.Place place) {
    Integer claim = claimsByLsnAlone.get(lsn);
    if (claim != null && claims.get(claim).markers().isEmpty() && sameTimeline(claim, place)) {
      places.put(claim, Presence.RECORD, place, 0);
    }
  }

  private boolean sameTimeline(int claim, CommitPlaces.Place place) {
    int timeline = claims.get(claim).timeline();
    return timeline == 0 || timeline == place.timeline();
  }

  /** Whether the transaction that committed here is the one that the client speaks of. */
  private Presence identify(
      Claim claim, Xid top, OpenRows rows, int found, CommitPlaces.Place place) {
    if (found > 0) {
      return Presence.RECORD;
    }
    boolean exact = claim.lsn() != 0 && lsnMeaning == LsnMeaning.EXACT;
    boolean sameLsn =
        exact
            && (claim.lsn() == place.lsn() || claim.lsn() == place.end())
            && (claim.timeline() == 0 || claim.timeline() == place.timeline());
    if (!claim.markers().isEmpty()) {
      if (sameLsn && (rows.isOpaque() || mayBeginBefore(top))) {
        return Presence.RECORD;
      }
      // with rows before the WAL that is there, it is judged as commits older than that are
      return rows.isOpaque()
          ? Presence.UNPROVEN
          : mayBeginBefore(top) ? Presence.LOG_ONLY : Presence.OTHER;
    }
    if (exact) {
      return sameLsn ? Presence.RECORD : Presence.OTHER;
    }
    return Presence.UNPROVEN;
  }

  /** Whether records of this transaction may lie before the WAL that was read. */
  boolean mayBeginBefore(Xid xid) {
    return firstSureXid == 0 || Xid.precedes(xid.value(), firstSureXid);
  }

  /** No more records come: decides the claims that have no xid. */
  void finish() {
    Set<Integer> ambiguous = new HashSet<>();
    Map<Integer, Candidate> chosen = new HashMap<>();
    for (Candidate candidate : candidates) {
      if (!columns.isUsual(candidate.place)) {
        continue;
      }
      Candidate other = chosen.putIfAbsent(candidate.claim, candidate);
      if (other != null && other.at.lsn() != candidate.at.lsn()) {
        ambiguous.add(candidate.claim);
      }
    }
    for (Candidate candidate : chosen.values()) {
      Presence presence = ambiguous.contains(candidate.claim) ? Presence.UNPROVEN : Presence.RECORD;
      places.put(candidate.claim, presence, candidate.at, candidate.markers);
    }
    suspect(chosen.values());
    candidates.clear();
    open.clear();
  }

  /**
   * A claim without xid that was found nowhere may still be one whose rows could not be read, if
   * those are in a table in which markers stand (or if none was found at all).
   */
  private void suspect(Collection<Candidate> found) {
    Set<Integer> tables = columns.relations();
    found.forEach(candidate -> tables.add(MarkerPlaces.relation(candidate.place)));
    suspects.keySet().removeIf(relation -> !tables.isEmpty() && !tables.contains(relation));
    if (suspects.isEmpty()) {
      return;
    }
    CommitPlaces.Place place = suspects.values().iterator().next();
    for (int i = 0; i < claims.size(); i++) {
      Claim claim = claims.get(i);
      if (claim.xid() == 0 && !claim.markers().isEmpty()) {
        places.put(i, Presence.UNPROVEN, place, 0);
      }
    }
  }

  CommitPlaces places() {
    return places;
  }

  WalStatuses statuses() {
    return statuses;
  }

  BlockSums sums() {
    return sums;
  }

  long[] restarts() {
    return restarts.stream().mapToLong(Long::longValue).toArray();
  }

  int firstSureXid() {
    return firstSureXid;
  }

  int highestXid() {
    return highestXid;
  }

  long records() {
    return records;
  }
}
