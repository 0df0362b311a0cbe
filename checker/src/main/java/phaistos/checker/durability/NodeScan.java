package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.formats.CommitLog;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Xid;
import phaistos.formats.record.ClogBody;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.XlogBody;

/**
 * The valid WAL of a node, combined from its pieces in order. Finds the commit records of the
 * claims and the markers in their rows, redoes a copy of the commit log, and collects data for the
 * checks between WAL, commit log and nodes. Memory: what {@link CommitPlaces} takes, the commit
 * log's touched pages, and the rows of transactions still open. Not thread-safe.
 */
final class NodeScan {
  /** A restart of the server, and an xid below which it assigned none from then on, or 0. */
  record Restart(long lsn, int firstXid) {}

  private final List<Claim> claims;
  private final LsnMeaning lsnMeaning;
  private final MarkerIndex markers;
  private final XidIndex xids;
  private final RowSearch search;
  private final CommitLogCopy log;
  private final CommitPlaces places;
  private final WalStatuses statuses = new WalStatuses();
  private final BlockSums sums = new BlockSums();
  private final List<Restart> restarts = new ArrayList<>();
  private final Map<Integer, Situation.Start> lineStarts = new HashMap<>();
  private final List<Lsn> checkpoints = new ArrayList<>();
  private final Identification identities;
  private final OpenTransactions open = new OpenTransactions();
  private final Map<Long, Integer> claimsByLsnAlone = new HashMap<>();

  /** From this xid on, no record of a transaction is before the WAL that was read; 0: unknown. */
  private int firstSureXid;

  private int highestXid;

  /** An xid below which none was assigned from here on; 0 if unknown. */
  private int knownNextXid;

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
    this.identities = new Identification(claims, lsnMeaning, markers, xids, places);
    for (int i = 0; i < claims.size(); i++) {
      Claim claim = claims.get(i);
      if (claim.xid() == 0 && claim.lsn() != 0 && lsnMeaning == LsnMeaning.EXACT) {
        claimsByLsnAlone.put(claim.lsn(), i);
      }
    }
  }

  /** For the same claims, on other WAL. */
  NodeScan another(CommitLogCopy otherLog) {
    return new NodeScan(claims, lsnMeaning, markers, xids, search, otherLog);
  }

  /** Where redo begins. */
  Lsn redo() {
    return questions.redo();
  }

  /** Pieces follow without a gap; redo begins at {@code redo}. */
  void begin(Lsn from, Lsn redo, TimelineHistory line) {
    coverageStart = from;
    firstSureXid = 0;
    open.clear();
    boolean hasUnnumbered = claims.stream().anyMatch(claim -> claim.xid() == 0);
    questions = new Questions(claims, markers, xids, search, hasUnnumbered, line, redo);
  }

  /** The questions for each piece. */
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
            case ClogBody.Truncate truncate ->
                log.truncateBefore(truncate.page(), truncate.oldestXid());
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
        knownNextXid = taken.checkpoint().nextXid().xid().value();
        if (taken.checkpoint().timeline() != taken.checkpoint().previousTimeline()) {
          lineStarts.put(taken.checkpoint().timeline(), Situation.Start.ARCHIVE_RECOVERY);
        }
        checkpoints.add(lsn);
        if (taken.shutdown()) {
          restarts.add(new Restart(lsn.value(), knownNextXid));
        }
        if (taken.checkpoint().redo().compareTo(coverageStart) >= 0) {
          sureFrom(taken.checkpoint().nextXid().xid());
        }
      }
      case XlogBody.EndOfRecovery end -> {
        restarts.add(new Restart(lsn.value(), knownNextXid));
        lineStarts.put(end.timeline(), Situation.Start.PROMOTION);
      }
      default -> {}
    }
  }

  private void sureFrom(Xid next) {
    if (firstSureXid == 0) {
      firstSureXid = next.value();
    }
  }

  /** A row whose long values, or chunks of them, may be in an earlier piece. */
  private void longRow(PieceScan.LongRow row) {
    OpenRows rows = open.of(row.xid());
    LongValues moved = rows.moved(markers.longestText());
    byte[] bytes = row.bytes();
    int before = rows.count();
    RowSearch.Hits hits =
        (slot, offset) -> {
          if (questions.mayBelong(slot, row.xid())) {
            rows.add(slot, MarkerPlaces.place(row.relation(), offset));
          }
        };
    boolean seen = search.search(bytes, row.base(), 0, bytes.length, moved, hits);
    if (rows.count() == before) {
      search.searchWidely(bytes, row.base(), 0, bytes.length, hits);
    }
    moved.keep(bytes, 0, bytes.length);
    if (row.isWhole() && seen) {
      rows.setRead(row.relation());
    } else {
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

  /** Sets the statuses of a transaction and its subtransactions, and looks for its claim. */
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
    identities.committed(top, rows, place, mayBeginBefore(top));
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

  /** Whether records of this transaction may lie before the WAL that was read. */
  boolean mayBeginBefore(Xid xid) {
    return firstSureXid == 0 || Xid.precedes(xid.value(), firstSureXid);
  }

  /**
   * Called after the last record of all nodes: decides which commits belong to the claims.
   *
   * @param isOneLine there was no failover: one server's lives follow each other
   */
  void finish(boolean isOneLine) {
    identities.decide(restarts, isOneLine);
    open.clear();
  }

  /** Why a possible commit of this claim is unproven; empty if there is no doubt. */
  String doubt(int claim) {
    return identities.doubt(claim);
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
    return restarts.stream().mapToLong(Restart::lsn).toArray();
  }

  /** How timelines began, of those that begin in the WAL that was read. */
  Map<Integer, Situation.Start> lineStarts() {
    return Map.copyOf(lineStarts);
  }

  /** Where checkpoint records are. */
  List<Lsn> checkpoints() {
    return checkpoints;
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
