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
import phaistos.formats.Xid;
import phaistos.formats.record.ClogBody;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.RecordView;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalReader;
import phaistos.formats.wal.WalRecord;

/**
 * One pass over the valid WAL of a node, record by record: finds the commit records of the claims
 * and the markers in their rows, does redo on a copy of the commit log, and notes what the checks
 * between WAL, commit log and nodes need. Memory: what {@link CommitPlaces} takes, the commit log's
 * touched pages, and the rows of transactions still open. Not thread-safe.
 */
final class NodeScan {
  /** A claim without xid whose markers a commit of any xid has; decided when all WAL is read. */
  private record Candidate(int claim, CommitPlaces.Place at, int markers, long place) {}

  private static final int XLOG = Rmgr.XLOG.id();
  private static final int TRANSACTION = Rmgr.TRANSACTION.id();
  private static final int CLOG = Rmgr.CLOG.id();
  private static final int STANDBY = Rmgr.STANDBY.id();
  private static final int HEAP2 = Rmgr.HEAP2.id();
  private static final int HEAP = Rmgr.HEAP.id();
  private static final LongValues NOTHING_MOVED = new LongValues(-1);

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
  private final CurrentRow row = new CurrentRow();
  private final List<Long> restarts = new ArrayList<>();
  private final Map<Integer, OpenRows> open = new HashMap<>();
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
  private Lsn redo = new Lsn(-1L);
  private long records;

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

  /** Records follow from here on without a gap; redo is done from {@code redoFrom} on. */
  void begin(Lsn from, Lsn redoFrom) {
    coverageStart = from;
    redo = redoFrom;
    firstSureXid = 0;
    open.clear();
  }

  /** The reader's current record; {@code timeline} is the one that its position belongs to. */
  void record(int timeline, WalReader reader) {
    records++;
    Lsn lsn = reader.lsn();
    int crc = WalRecord.storedCrc(reader.rawBuffer(), reader.rawOffset());
    sums.add(timeline, lsn, crc);
    int xid = reader.xid().value();
    if (xid != 0 && (highestXid == 0 || Xid.precedes(highestXid, xid))) {
      highestXid = xid;
    }
    int kind = reader.info() & WalRecord.RMGR_INFO;
    int rmgr = reader.rmgrId();
    if (rmgr == HEAP) {
      if (xid != 0 && RowWrites.mayWriteRow(kind)) {
        rows(xid, reader.view());
      }
    } else if (rmgr == HEAP2) {
      if (xid != 0 && RowWrites.isMultiInsert(kind)) {
        rows(xid, reader.view());
      }
    } else if (rmgr == TRANSACTION) {
      CommitPlaces.Place place =
          new CommitPlaces.Place(timeline, lsn.value(), reader.endLsn().value(), crc);
      transaction(reader.record(), place, lsn.compareTo(redo) >= 0);
    } else if (rmgr == CLOG) {
      if (lsn.compareTo(redo) >= 0) {
        switch ((ClogBody) RecordBody.decode(reader.record())) {
          case ClogBody.ZeroPage zero -> log.zeroPage(zero.page());
          case ClogBody.Truncate truncate -> log.truncateBefore(truncate.page());
        }
      }
    } else if (rmgr == XLOG
        ? kind == 0x00 || kind == 0x10 || kind == 0x90
        : rmgr == STANDBY && kind == 0x10) {
      landmark(lsn, reader.record());
    }
  }

  private void transaction(WalRecord record, CommitPlaces.Place place, boolean replay) {
    switch (RecordBody.decode(record)) {
      case TransactionBody.Commit commit -> committed(record, commit.outcome(), place, replay);
      case TransactionBody.Abort abort -> aborted(record, abort.outcome(), place, replay);
      default -> {}
    }
  }

  /** Checkpoints, ends of recovery, lists of running transactions. */
  private void landmark(Lsn lsn, WalRecord record) {
    switch (RecordBody.decode(record)) {
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

  private void rows(int xid, RecordView record) {
    row.xid = xid;
    row.relation = record.blockCount() == 0 ? 0 : record.block(0).relation();
    RowWrites.read(record, row);
  }

  /** The rows of the current record. */
  private final class CurrentRow implements RowWrites.Rows, RowSearch.Hits {
    private int xid;
    private int relation;

    @Override
    public void row(byte[] bytes, int base, int from, int to, boolean whole) {
      // only texts are moved out of line; without such markers nothing is kept
      LongValues moved = NOTHING_MOVED;
      if (markers.hasTexts()) {
        moved = open.computeIfAbsent(xid, _ -> new OpenRows()).moved(markers.longestText());
      }
      boolean seen = search.search(bytes, base, from, to, moved, this);
      if (markers.hasTexts()) {
        moved.keep(bytes, from, to);
      }
      if (!whole || !seen) {
        unreadable();
      }
    }

    @Override
    public void unreadable() {
      open.computeIfAbsent(xid, _ -> new OpenRows()).setOpaque(relation);
    }

    @Override
    public void found(int slot, int offset) {
      hit(xid, slot, relation, offset);
    }
  }

  /** A marker stands in a row of {@code xid}, which is its claim's or may be a subtransaction. */
  private void hit(int xid, int slot, int relation, int offset) {
    long claimed = claims.get(markers.claimOf(slot)).xid();
    if (claimed != 0 && (int) claimed != xid && !Xid.precedes((int) claimed, xid)) {
      return;
    }
    open.computeIfAbsent(xid, _ -> new OpenRows()).add(slot, MarkerPlaces.place(relation, offset));
  }

  private void committed(
      WalRecord record,
      phaistos.formats.record.Outcome outcome,
      CommitPlaces.Place place,
      boolean replay) {
    Xid top = outcome.twoPhaseXid().isValid() ? outcome.twoPhaseXid() : record.xid();
    OpenRows rows = ended(top, outcome.subxids(), CommitLog.Status.COMMITTED, replay);
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
      rows.opaqueRelations().forEach(relation -> suspects.put(relation, place));
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

  private void aborted(
      WalRecord record,
      phaistos.formats.record.Outcome outcome,
      CommitPlaces.Place place,
      boolean replay) {
    Xid top = outcome.twoPhaseXid().isValid() ? outcome.twoPhaseXid() : record.xid();
    ended(top, outcome.subxids(), CommitLog.Status.ABORTED, replay);
    for (int claim = xids.first(top.value()); claim >= 0; claim = xids.next(claim)) {
      places.put(claim, Presence.ABORTED, place, 0);
    }
  }

  /** Sets the statuses of a transaction and its subtransactions, and gives back their rows. */
  private OpenRows ended(Xid top, List<Xid> subxids, CommitLog.Status status, boolean replay) {
    OpenRows rows = open.remove(top.value());
    if (rows == null) {
      rows = new OpenRows();
    }
    end(top, status, replay);
    for (Xid subxid : subxids) {
      end(subxid, status, replay);
      OpenRows more = open.remove(subxid.value());
      if (more != null) {
        rows.addAll(more);
      }
    }
    return rows;
  }

  private void end(Xid xid, CommitLog.Status status, boolean replay) {
    statuses.set(xid, status);
    if (replay) {
      log.set(xid, status);
    }
  }

  /** No more records come: decides the claims that have no xid. */
  void finish() {
    sums.finish();
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
