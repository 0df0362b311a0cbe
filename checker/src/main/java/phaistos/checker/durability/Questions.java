package phaistos.checker.durability;

import java.util.List;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Xid;

/**
 * What to look for in a node's WAL. Immutable and shared by the threads that read it.
 *
 * @param hasUnnumbered some claim has no xid, so that any transaction may be its own
 * @param redo where redo begins
 */
record Questions(
    List<Claim> claims,
    MarkerIndex markers,
    XidIndex xids,
    RowSearch search,
    boolean hasUnnumbered,
    TimelineHistory line,
    Lsn redo) {

  /** Whether the transaction with this xid, which ended here, cannot belong to any claim. */
  boolean isOfNoInterest(int xid) {
    return !hasUnnumbered && xids.first(xid) < 0;
  }

  /**
   * Whether the claim with this marker may belong to {@code xid}, the xid of its transaction or
   * possibly of a subtransaction.
   */
  boolean mayBelong(int slot, int xid) {
    long claimed = claims.get(markers.claimOf(slot)).xid();
    return claimed == 0 || (int) claimed == xid || Xid.precedes((int) claimed, xid);
  }
}
