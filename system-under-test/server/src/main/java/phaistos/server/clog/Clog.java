package phaistos.server.clog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import phaistos.environment.Tasks;
import phaistos.formats.CommitLog;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.settings.Settings;
import phaistos.server.slru.Slru;
import phaistos.server.slru.SlruOptions;
import phaistos.server.slru.SlruStatistics;
import phaistos.server.steps.BitChange;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/**
 * The commit log (clog.c): two bits for each transaction, in an SLRU. Each group of 32 transactions
 * keeps the highest LSN of its asynchronous commits. The page is written only after the WAL is
 * flushed up to its LSNs. Methods have the names of their counterparts in clog.c. Thread-safe.
 */
public final class Clog {
  /** CLOG_XACTS_PER_LSN_GROUP. */
  private static final int XACTS_PER_LSN_GROUP = 32;

  /** The commit log's records in the WAL. */
  public interface Records {
    /** WriteZeroPageXlogRec. */
    void zeroPage(int page);

    /** WriteTruncateXlogRec; the record is durable when this returns. */
    void truncate(int page, Xid oldest, int database);
  }

  private final Slru slru;
  private final Records records;
  private final Tasks tasks;
  private final Steps steps;
  private volatile Xid oldestClogXid = Xid.FIRST_NORMAL;

  public Clog(Slru slru, Records records, Tasks tasks, Steps steps) {
    this.slru = slru;
    this.records = records;
    this.tasks = tasks;
    this.steps = steps;
  }

  /** The SLRU that a commit log needs. */
  public static SlruOptions slruOptions(Settings settings) {
    return new SlruOptions(
        SlruStatistics.XACT,
        CommitLog.DIRECTORY,
        shmemBuffers(settings),
        CommitLog.XIDS_PER_PAGE / XACTS_PER_LSN_GROUP,
        CommitLog.MAX_PAGE,
        true,
        CommitLog::pagePrecedes);
  }

  /** How many pages are kept in memory (CLOGShmemBuffers). */
  static int shmemBuffers(Settings settings) {
    long given = settings.number("phaistos.transaction_buffers");
    return (int)
        (given > 0 ? given : Math.min(128, Math.max(4, settings.number("shared_buffers") / 512)));
  }

  /** Begins with these transaction ids (StartupCLOG). */
  public void startup(Xid next, Xid oldest) {
    slru.latestPage(CommitLog.page(next));
    oldestClogXid = oldest;
  }

  /** Zeroes the rest of the page after the last transaction (TrimCLOG). */
  public void trim(Xid nextXid) {
    Xid next = steps.answer(CommitSteps.COMMIT_LOG_TRIM_FROM, nextXid, () -> nextXid);
    int number = CommitLog.page(next);
    slru.latestPage(number);
    int at = CommitLog.byteInPage(next);
    if (at == 0 && CommitLog.shift(next) == 0) {
      return;
    }
    steps.step(
        CommitSteps.COMMIT_LOG_TRIM,
        next,
        () -> slru.change(number, next, page -> clearFrom(page.bytes(), at, next)));
  }

  private static void clearFrom(byte[] bytes, int at, Xid next) {
    bytes[at] &= (byte) ((1 << CommitLog.shift(next)) - 1);
    Arrays.fill(bytes, at + 1, bytes.length, (byte) 0);
  }

  /** Makes the page that begins with this new id, if one does, and logs that (ExtendCLOG). */
  public void extend(Xid newest) {
    if ((newest.value() & CommitLog.XIDS_PER_PAGE - 1) != 0 && !newest.equals(Xid.FIRST_NORMAL)) {
      return;
    }
    int page = CommitLog.page(newest);
    slru.zeroPage(page);
    steps.step(CommitSteps.SLRU_ZERO_RECORD, newest, () -> records.zeroPage(page));
  }

  /** Makes a page of zeroes, whose record is replayed. */
  public void redoZeroPage(int number) {
    slru.zeroPage(number);
  }

  /**
   * Forgets the transactions before {@code oldest} as far as whole segments hold them
   * (TruncateCLOG). No row may need their status any more: VACUUM has frozen all of them.
   *
   * @param database the one that {@code oldest} is the datfrozenxid of
   */
  public void truncate(Xid oldest, int database) {
    int page = CommitLog.page(oldest);
    if (slru.removable(page).isEmpty()) {
      return;
    }
    advanceOldest(oldest);
    steps.step(
        CommitSteps.COMMIT_LOG_TRUNCATE_RECORD,
        oldest,
        () -> records.truncate(page, oldest, database));
    steps.step(CommitSteps.COMMIT_LOG_TRUNCATE, oldest, () -> slru.truncate(page));
  }

  /** Replays the record of a truncation. */
  public void redoTruncate(int page, Xid oldest) {
    advanceOldest(oldest);
    steps.step(CommitSteps.COMMIT_LOG_TRUNCATE, oldest, () -> slru.truncate(page));
  }

  private void advanceOldest(Xid oldest) {
    if (oldestClogXid.precedes(oldest)) {
      oldestClogXid = oldest;
    }
  }

  /** The first transaction whose status may be asked for (oldestClogXid). */
  public Xid oldestXid() {
    return oldestClogXid;
  }

  /** TransactionIdGetStatus. */
  public Status transactionIdGetStatus(Xid xid) {
    tasks.yieldPoint();
    return steps.answer(
        CommitSteps.COMMIT_LOG_LOOKUP,
        xid,
        () -> slru.read(CommitLog.page(xid), xid, page -> CommitLog.get(page.bytes(), xid)));
  }

  /** The highest asynchronous commit's LSN of the group of {@code xid}. */
  public Lsn groupLsn(Xid xid) {
    return slru.read(CommitLog.page(xid), xid, page -> page.groupLsn(lsnGroup(xid)));
  }

  /**
   * Sets the status of a transaction and its subtransactions atomically for readers: children on
   * other pages are sub-committed first (TransactionIdSetTreeStatus).
   *
   * @param asyncLsn the commit record's end if it may not be flushed yet, otherwise invalid
   */
  public void transactionIdSetTreeStatus(Xid xid, List<Xid> subxids, Status status, Lsn asyncLsn) {
    tasks.yieldPoint();
    steps.step(CommitSteps.COMMIT_LOG_SET, xid, () -> setTree(xid, subxids, status, asyncLsn));
  }

  private void setTree(Xid xid, List<Xid> subxids, Status status, Lsn asyncLsn) {
    int home = CommitLog.page(xid);
    List<Xid> here = new ArrayList<>();
    List<Xid> elsewhere = new ArrayList<>();
    for (Xid sub : subxids) {
      (CommitLog.page(sub) == home ? here : elsewhere).add(sub);
    }
    if (status == Status.COMMITTED && !elsewhere.isEmpty()) {
      steps.step(
          CommitSteps.COMMIT_LOG_SUB_COMMIT,
          xid,
          () -> setStatusByPages(elsewhere, Status.SUB_COMMITTED, asyncLsn));
    }
    here.add(xid);
    transactionIdSetPageStatus(here, status, asyncLsn, home);
    setStatusByPages(elsewhere, status, asyncLsn);
  }

  /** One change for each page (set_status_by_pages); the ids of a page follow each other. */
  private void setStatusByPages(List<Xid> xids, Status status, Lsn asyncLsn) {
    int from = 0;
    while (from < xids.size()) {
      int page = CommitLog.page(xids.get(from));
      int to = from + 1;
      while (to < xids.size() && CommitLog.page(xids.get(to)) == page) {
        to++;
      }
      transactionIdSetPageStatus(xids.subList(from, to), status, asyncLsn, page);
      from = to;
    }
  }

  /** All in one change of the page: a subtransaction never shows before its parent. */
  private void transactionIdSetPageStatus(List<Xid> xids, Status status, Lsn asyncLsn, int number) {
    slru.change(
        number,
        xids.getLast(),
        page -> xids.forEach(xid -> transactionIdSetStatusBit(page, xid, status, asyncLsn)));
  }

  private void transactionIdSetStatusBit(Slru.Page page, Xid xid, Status status, Lsn asyncLsn) {
    steps.step(
        CommitSteps.COMMIT_LOG_BITS,
        new BitChange(page.bytes(), xid, status),
        () -> CommitLog.set(page.bytes(), xid, status));
    if (asyncLsn.isValid()) {
      steps.step(CommitSteps.GROUP_LSN, xid, () -> page.noteLsn(lsnGroup(xid), asyncLsn));
    }
  }

  private static int lsnGroup(Xid xid) {
    return (xid.value() & CommitLog.XIDS_PER_PAGE - 1) / XACTS_PER_LSN_GROUP;
  }

  /** Writes and syncs every dirty page (CheckPointCLOG). */
  public void checkPoint() {
    slru.flush();
  }
}
