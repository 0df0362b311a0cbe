package phaistos.server.xact;

import java.util.Arrays;
import phaistos.formats.Xid;

/**
 * Which transactions count as finished for a query. Those before {@code xmin} do, those from {@code
 * xmax} on do not. Between the two, those in {@code running} do not.
 *
 * @param running ids of transactions and subtransactions, sorted as signed numbers
 */
public record Snapshot(Xid xmin, Xid xmax, int[] running) {
  public boolean isRunning(Xid xid) {
    if (xid.precedes(xmin)) {
      return false;
    }
    if (!xid.precedes(xmax)) {
      return true;
    }
    return Arrays.binarySearch(running, xid.value()) >= 0;
  }
}
