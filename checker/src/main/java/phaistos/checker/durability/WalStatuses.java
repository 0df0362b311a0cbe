package phaistos.checker.durability;

import java.util.TreeMap;
import phaistos.formats.CommitLog;
import phaistos.formats.Xid;

/**
 * The outcome in the WAL of every transaction that ended in it, two bits each, in the layout of the
 * commit log. Pages are created when needed.
 */
final class WalStatuses {
  private final TreeMap<Integer, byte[]> pages = new TreeMap<>();

  private int lastNumber = -1;
  private byte[] last = {};

  void set(Xid xid, CommitLog.Status status) {
    int number = CommitLog.page(xid);
    if (number != lastNumber) {
      last = pages.computeIfAbsent(number, _ -> new byte[CommitLog.PAGE_BYTES]);
      lastNumber = number;
    }
    CommitLog.set(last, xid, status);
  }

  LogStatus get(Xid xid) {
    byte[] page = pages.get(CommitLog.page(xid));
    return page == null ? LogStatus.NONE : LogStatus.ofBits(CommitLog.get(page, xid).bits());
  }

  /** Page numbers and pages; for reading only. */
  TreeMap<Integer, byte[]> pages() {
    return pages;
  }
}
