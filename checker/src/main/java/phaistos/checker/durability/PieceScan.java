package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.formats.CommitLog;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.record.ClogBody;
import phaistos.formats.record.LogicalMessageBody;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.wal.RecordView;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalReader;
import phaistos.formats.wal.WalRecord;
import phaistos.formats.wal.WalScan;

/**
 * The content of one piece of a node's WAL, found without the WAL before it, so that pieces can be
 * read in parallel. It has the ends of transactions with the markers in their rows and, in order,
 * everything else that {@link NodeScan} combines. Not thread-safe.
 */
final class PieceScan implements WalScan.Piece {
  private static final int XLOG = Rmgr.XLOG.id();
  private static final int TRANSACTION = Rmgr.TRANSACTION.id();
  private static final int CLOG = Rmgr.CLOG.id();
  private static final int STANDBY = Rmgr.STANDBY.id();
  private static final int HEAP2 = Rmgr.HEAP2.id();
  private static final int HEAP = Rmgr.HEAP.id();
  private static final int LOGICAL_MESSAGE = Rmgr.LOGICAL_MESSAGE.id();

  /** The place of messages. */
  private static final int NO_RELATION = 0;

  private static final int STORAGE = Rmgr.STORAGE.id();
  private static final int CREATE_STORAGE = 0x10;
  private static final int HAS_INFO = 0x80;
  private static final LongValues NOTHING_MOVED = new LongValues(-1);

  private final Questions questions;
  private final boolean looksAtRows;
  private final List<Event> events = new ArrayList<>();
  private final OpenTransactions open = new OpenTransactions();
  private final BlockSums sums = new BlockSums();
  private final CurrentRow row = new CurrentRow();
  private Optional<String> broken = Optional.empty();
  private Quiet quiet = new Quiet(false);
  private int timeline;
  private long timelineEnd;
  private int highestXid;
  private long records;

  /** What happened, in the WAL's order. */
  sealed interface Event {}

  /** A transaction ended; {@code rows} has the rows of it and its subtransactions in this piece. */
  record Ended(
      Xid top,
      List<Xid> subxids,
      CommitLog.Status status,
      CommitPlaces.Place place,
      boolean isReplayed,
      OpenRows rows)
      implements Event {}

  /** Consecutive commits of transactions without subtransactions that belong to no claim. */
  static final class Quiet implements Event {
    private final boolean isReplayed;
    private int[] xids = new int[16];
    private int count;

    private Quiet(boolean isReplayed) {
      this.isReplayed = isReplayed;
    }

    private void add(int xid) {
      if (count == xids.length) {
        xids = Arrays.copyOf(xids, count * 2);
      }
      xids[count++] = xid;
    }

    boolean isReplayed() {
      return isReplayed;
    }

    int count() {
      return count;
    }

    Xid xid(int i) {
      return new Xid(xids[i]);
    }
  }

  /** A change of the commit log's pages, at or after the redo point. */
  record Replayed(ClogBody body) implements Event {}

  /** A checkpoint, an end of recovery, a list of running transactions. */
  record Landmark(Lsn lsn, RecordBody body) implements Event {}

  /** A copy of a row with values out of line, or of a row that is a chunk of one. */
  record LongRow(int xid, int relation, byte[] bytes, int base, boolean isWhole) implements Event {}

  PieceScan(Questions questions) {
    this.questions = questions;
    this.looksAtRows = questions.markers().hasNumbers() || questions.markers().hasTexts();
  }

  @Override
  public boolean record(WalReader reader) {
    try {
      take(reader);
      return true;
    } catch (FormatException e) {
      // the CRC is valid, the content is not: recovery would stop here too
      broken = Optional.of(e.getMessage());
      return false;
    }
  }

  private void take(WalReader reader) {
    long lsn = reader.lsn().value();
    int crc = WalRecord.storedCrc(reader.rawBuffer(), reader.rawOffset());
    int xid = reader.xid().value();
    int kind = reader.info() & WalRecord.RMGR_INFO;
    int rmgr = reader.rmgrId();
    if (rmgr == HEAP || rmgr == HEAP2) {
      if (looksAtRows && xid != 0) {
        heap(rmgr, kind, xid, reader.view());
      }
    } else if (rmgr == LOGICAL_MESSAGE) {
      if (looksAtRows && xid != 0) {
        message(xid, (LogicalMessageBody) reader.body());
      }
    } else if (rmgr == STORAGE) {
      if (looksAtRows && xid != 0 && kind == CREATE_STORAGE) {
        open.of(xid).did(OpenRows.Act.STORED);
      }
    } else if (rmgr == TRANSACTION) {
      transaction(reader, xid, crc);
    } else if (rmgr == CLOG) {
      if (isReplayed(lsn)) {
        add(new Replayed((ClogBody) reader.body()));
      }
    } else if (rmgr == XLOG
        ? kind == 0x00 || kind == 0x10 || kind == 0x90
        : rmgr == STANDBY && kind == 0x10) {
      add(new Landmark(reader.lsn(), reader.body()));
    }
    records++;
    sums.add(timeline(lsn), lsn, crc);
    if (xid != 0 && (highestXid == 0 || Xid.precedes(highestXid, xid))) {
      highestXid = xid;
    }
  }

  /** The timeline that this position belongs to. */
  private int timeline(long lsn) {
    if (timelineEnd == 0 || Long.compareUnsigned(lsn, timelineEnd) >= 0) {
      timeline = questions.line().timelineAt(new Lsn(lsn));
      timelineEnd =
          questions.line().ancestors().stream()
              .map(entry -> entry.end().value())
              .filter(end -> Long.compareUnsigned(end, lsn) > 0)
              .min(Long::compareUnsigned)
              .orElse(-1L);
    }
    return timeline;
  }

  private boolean isReplayed(long lsn) {
    return Long.compareUnsigned(lsn, questions.redo().value()) >= 0;
  }

  private void add(Event event) {
    if (quiet.count > 0) {
      events.add(quiet);
      quiet = new Quiet(quiet.isReplayed);
    }
    events.add(event);
  }

  private void transaction(WalReader reader, int xid, int crc) {
    boolean replayed = isReplayed(reader.lsn().value());
    int info = reader.info();
    boolean isPlainCommit = (info & (0x70 | HAS_INFO)) == 0;
    if (isPlainCommit && questions.isOfNoInterest(xid)) {
      if (quiet.isReplayed != replayed) {
        if (quiet.count > 0) {
          events.add(quiet);
        }
        quiet = new Quiet(replayed);
      }
      open.remove(xid);
      quiet.add(xid);
      return;
    }
    switch (reader.body()) {
      case TransactionBody.Commit commit ->
          ended(reader, commit.outcome(), CommitLog.Status.COMMITTED, crc);
      case TransactionBody.Abort abort ->
          ended(reader, abort.outcome(), CommitLog.Status.ABORTED, crc);
      default -> {}
    }
  }

  private void ended(
      WalReader reader, phaistos.formats.record.Outcome outcome, CommitLog.Status status, int crc) {
    long lsn = reader.lsn().value();
    Xid top = outcome.twoPhaseXid().isValid() ? outcome.twoPhaseXid() : reader.xid();
    OpenRows rows = open.removeAll(top, outcome.subxids());
    CommitPlaces.Place place =
        new CommitPlaces.Place(timeline(lsn), lsn, reader.endLsn().value(), crc);
    add(new Ended(top, outcome.subxids(), status, place, isReplayed(lsn), rows));
  }

  /** A marker may also be in a logical message of the transaction. */
  private void message(int xid, LogicalMessageBody message) {
    if (!message.transactional()) {
      return;
    }
    row.xid = xid;
    row.relation = NO_RELATION;
    byte[] bytes = message.message();
    questions.search().content(bytes, row);
    open.of(xid).did(OpenRows.Act.LOGGED);
    open.of(xid).setRead(NO_RELATION);
  }

  /** Rows that a record writes, or what else it does to a table. */
  private void heap(int rmgr, int kind, int xid, RecordView record) {
    int relation = record.blockCount() == 0 ? 0 : record.block(0).relation();
    if (RowWrites.isOfCatalog(relation)) {
      OpenRows rows = open.of(xid);
      rows.did(OpenRows.Act.LOGGED);
      if (RowWrites.isCreation(rmgr, kind, relation)) {
        rows.did(OpenRows.Act.CREATED);
      }
    } else if (rmgr == HEAP ? RowWrites.mayWriteRow(kind) : RowWrites.isMultiInsert(kind)) {
      row.xid = xid;
      row.relation = relation;
      RowWrites.read(record, row);
    } else if (RowWrites.isTouch(rmgr, kind)) {
      open.of(xid).did(OpenRows.Act.TOUCHED);
    }
  }

  /** The rows of the current record. */
  private final class CurrentRow implements RowWrites.Rows, RowSearch.Hits {
    private int xid;
    private int relation;
    private int hits;

    @Override
    public void row(byte[] bytes, int base, int from, int to, boolean whole) {
      MarkerIndex markers = questions.markers();
      RowSearch search = questions.search();
      boolean isLong =
          markers.hasTexts()
              && (LongValues.isPiece(bytes, from, to, markers.longestText())
                  || search.hasPointer(bytes, base, from, to));
      if (isLong) {
        byte[] copy = Arrays.copyOfRange(bytes, from, to);
        add(new LongRow(xid, relation, copy, base - from, whole));
        return;
      }
      hits = 0;
      boolean seen = search.search(bytes, base, from, to, NOTHING_MOVED, this);
      if (hits == 0) {
        search.searchWidely(bytes, base, from, to, this);
      }
      if (hits == 0 && LongValues.hasPointer(bytes, from, to)) {
        open.of(xid).setFar(relation);
      }
      if (seen && whole) {
        open.of(xid).setRead(relation);
      } else {
        unreadable();
      }
    }

    @Override
    public void unreadable() {
      open.of(xid).setOpaque(relation);
    }

    @Override
    public void found(int slot, int offset) {
      if (questions.mayBelong(slot, xid)) {
        hits++;
        open.of(xid).add(slot, MarkerPlaces.place(relation, offset));
      }
    }
  }

  /** Why the piece ends at a record whose parts do not fit together, if so. */
  Optional<String> broken() {
    return broken;
  }

  /** Call it once, after the last record. */
  List<Event> events() {
    if (quiet.count > 0) {
      events.add(quiet);
    }
    return events;
  }

  /** The findings of transactions that did not end in the piece. */
  OpenTransactions open() {
    return open;
  }

  BlockSums sums() {
    return sums;
  }

  int highestXid() {
    return highestXid;
  }

  long records() {
    return records;
  }
}
