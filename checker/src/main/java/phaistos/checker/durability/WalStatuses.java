package phaistos.checker.durability;

import java.util.TreeMap;
import phaistos.formats.CommitLog;
import phaistos.formats.Xid;

/**
 * What the WAL itself says of every transaction that ended in it, as two bits each, in the commit
 * log's own layout. Pages come into being when they are needed.
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
