package phaistos.server.clog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import phaistos.environment.Tasks;
import phaistos.formats.CommitLog;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.slru.Slru;
import phaistos.server.slru.SlruCounters;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/**
 * The commit log (clog.c): two bits for each transaction, in an SLRU. Each group of 32 transactions
 * keeps the highest LSN of its asynchronous commits. The page is written only after the WAL is
 * flushed up to its LSNs. Thread-safe.
 */
public final class Clog {
  private static final int BUFFERS = 32;
  private static final int XIDS_PER_LSN = 32;

  /** The SLRU that a commit log needs. */
  public static final Slru.Options SLRU =
      new Slru.Options(CommitLog.DIRECTORY, BUFFERS, CommitLog.XIDS_PER_PAGE / XIDS_PER_LSN);

  private final Slru slru;
  private final Tasks tasks;
  private final Steps steps;

  public Clog(Slru slru, Tasks tasks, Steps steps) {
    this.slru = slru;
    this.tasks = tasks;
    this.steps = steps;
  }

  public SlruCounters counters() {
    return slru.counters();
  }

  /** Begins with this next transaction id (StartupCLOG). */
  public void start(Xid next) {
    slru.latestPage(CommitLog.page(next));
  }

  /** Zeroes the rest of the page after the last transaction (TrimCLOG). */
  public void trim(Xid next) {
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

  /** Whether this is the first transaction of a page, so that the page must be created. */
  public static boolean beginsPage(Xid xid) {
    return (xid.value() & CommitLog.XIDS_PER_PAGE - 1) == 0 || xid.equals(Xid.FIRST_NORMAL);
  }

  /** Makes a page of zeroes. */
  public void zeroPage(int number) {
    slru.zeroPage(number);
  }

  public Status status(Xid xid) {
    tasks.yieldPoint();
    return slru.read(CommitLog.page(xid), xid, page -> CommitLog.get(page.bytes(), xid));
  }

  /** The highest asynchronous commit's LSN of the group of {@code xid}. */
  public Lsn groupLsn(Xid xid) {
    return slru.read(CommitLog.page(xid), xid, page -> page.groupLsn(group(xid)));
  }

  /**
   * Sets the status of a transaction and its subtransactions atomically for readers: children on
   * other pages are sub-committed first.
   *
   * @param asyncLsn the commit record's end if it may not be flushed yet, otherwise invalid
   */
  public void setTree(Xid xid, List<Xid> subxids, Status status, Lsn asyncLsn) {
    tasks.yieldPoint();
    steps.step(CommitSteps.COMMIT_LOG_SET, xid, () -> set(xid, subxids, status, asyncLsn));
  }

  private void set(Xid xid, List<Xid> subxids, Status status, Lsn asyncLsn) {
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
          () -> setAll(elsewhere, Status.SUB_COMMITTED, asyncLsn));
    }
    slru.change(
        home,
        xid,
        page -> {
          here.forEach(sub -> set(page, sub, status, asyncLsn));
          set(page, xid, status, asyncLsn);
        });
    setAll(elsewhere, status, asyncLsn);
  }

  private void setAll(List<Xid> xids, Status status, Lsn asyncLsn) {
    for (Xid xid : xids) {
      slru.change(CommitLog.page(xid), xid, page -> set(page, xid, status, asyncLsn));
    }
  }

  private void set(Slru.Page page, Xid xid, Status status, Lsn asyncLsn) {
    CommitLog.set(page.bytes(), xid, status);
    if (asyncLsn.isValid()) {
      steps.step(CommitSteps.GROUP_LSN, xid, () -> page.noteLsn(group(xid), asyncLsn));
    }
  }

  private static int group(Xid xid) {
    return (xid.value() & CommitLog.XIDS_PER_PAGE - 1) / XIDS_PER_LSN;
  }

  /** Writes and fsyncs every dirty page (a checkpoint). */
  public void flush() {
    slru.flush();
  }
}
