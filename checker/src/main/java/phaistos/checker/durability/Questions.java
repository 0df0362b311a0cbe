package phaistos.checker.durability;

import java.util.List;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Xid;

/**
 * What is looked for in a node's WAL. Shared by the threads that read it; nothing in it changes.
 *
 * @param hasUnnumbered a claim has no xid, so that any transaction may be its
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

  /** Whether no claim can be about the transaction with this xid that ended here. */
  boolean isOfNoInterest(int xid) {
    return !hasUnnumbered && xids.first(xid) < 0;
  }

  /**
   * Whether the claim with this marker may be about {@code xid}, which is its transaction's or may
   * be a subtransaction's.
   */
  boolean mayBelong(int slot, int xid) {
    long claimed = claims.get(markers.claimOf(slot)).xid();
    return claimed == 0 || (int) claimed == xid || Xid.precedes((int) claimed, xid);
  }
}
