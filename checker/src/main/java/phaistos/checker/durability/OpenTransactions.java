package phaistos.checker.durability;

import java.util.Arrays;
import java.util.List;
import phaistos.formats.Xid;

/**
 * The findings so far in the rows of open transactions, in an open-addressing table by xid, since
 * most heap records look here. Not thread-safe.
 */
final class OpenTransactions {
  private OpenRows[] table = new OpenRows[64];
  private int count;

  /** The rows of this transaction, none yet if it is new. */
  OpenRows of(int xid) {
    int at = place(xid);
    OpenRows known = table[at];
    if (known != null) {
      return known;
    }
    OpenRows rows = new OpenRows(xid);
    table[at] = rows;
    if (++count > table.length / 2) {
      grow();
    }
    return rows;
  }

  private void grow() {
    OpenRows[] old = table;
    table = new OpenRows[old.length * 2];
    for (OpenRows rows : old) {
      if (rows != null) {
        table[place(rows.xid())] = rows;
      }
    }
  }

  /** Where the xid is, or the free place where it belongs. */
  private int place(int xid) {
    int at = home(xid);
    while (table[at] != null && table[at].xid() != xid) {
      at = at + 1 & table.length - 1;
    }
    return at;
  }

  private int home(int xid) {
    return xid * 0x9E37_79B1 >>> 7 & table.length - 1;
  }

  /** Removes a transaction and returns its rows, or null if there are none. */
  private OpenRows take(int xid) {
    int gap = place(xid);
    OpenRows taken = table[gap];
    if (taken == null) {
      return null;
    }
    count--;
    table[gap] = null;
    // later entries move up to where a look-up finds them
    for (int at = gap + 1 & table.length - 1; table[at] != null; at = at + 1 & table.length - 1) {
      int distance = at - home(table[at].xid()) & table.length - 1;
      if (distance >= (at - gap & table.length - 1)) {
        table[gap] = table[at];
        table[at] = null;
        gap = at;
      }
    }
    return taken;
  }

  void remove(int xid) {
    if (count > 0) {
      take(xid);
    }
  }

  /** Removes a transaction and its subtransactions and returns the rows of all. */
  OpenRows removeAll(Xid top, List<Xid> subxids) {
    OpenRows all = take(top.value());
    if (all == null) {
      all = new OpenRows(top.value());
    }
    for (Xid subxid : subxids) {
      OpenRows more = take(subxid.value());
      if (more != null) {
        all.addAll(more);
      }
    }
    return all;
  }

  /** Adds later findings. */
  void addAll(OpenTransactions later) {
    for (OpenRows more : later.table) {
      if (more != null) {
        of(more.xid()).addAll(more);
      }
    }
  }

  void clear() {
    Arrays.fill(table, null);
    count = 0;
  }
}
