package phaistos.server.xact;

import java.util.Arrays;
import java.util.Optional;
import phaistos.formats.Xid;
import phaistos.server.clog.Subtrans;

/**
 * Which transactions count as finished for a query (XidInMVCCSnapshot). Those before {@code xmin}
 * do, those from {@code xmax} on do not. Between the two, those in {@code running} do not.
 *
 * @param running ids of transactions and subtransactions, sorted as signed numbers
 * @param overflowed of a snapshot that could not list all subtransactions: where to look up the
 *     top-level transaction of one
 */
public record Snapshot(Xid xmin, Xid xmax, int[] running, Optional<Subtrans> overflowed) {
  public boolean isRunning(Xid xid) {
    if (xid.precedes(xmin)) {
      return false;
    }
    if (!xid.precedes(xmax)) {
      return true;
    }
    if (Arrays.binarySearch(running, xid.value()) >= 0) {
      return true;
    }
    if (overflowed.isEmpty()) {
      return false;
    }
    Xid top = overflowed.get().getTopmost(xid, xmin);
    return !top.precedes(xmin) && Arrays.binarySearch(running, top.value()) >= 0;
  }
}
