package phaistos.checker.durability;

import java.util.List;

/**
 * A transaction as its client knows it. Unknown values are 0, as in PostgreSQL (xid, timeline and
 * LSN 0 are invalid).
 *
 * @param index of the completion in the history; of the invocation, if it never completed
 * @param invocationIndex of the invocation; -1 if only the completion is known
 * @param timeNanos of the completion, since the start of the run; -1 where unknown
 * @param xid 64 bits, or 32 if the epoch is unknown
 * @param lsn of the commit record: its end, or its start
 * @param node the node that answered; empty if unknown
 * @param markers the unique values in its rows
 */
public record Claim(
    long index,
    long invocationIndex,
    long timeNanos,
    Outcome outcome,
    long xid,
    int timeline,
    long lsn,
    String node,
    List<Marker> markers,
    Promise promise) {
  /** Whether anything but the xid identifies the transaction. */
  boolean isIdentifiable() {
    return !markers.isEmpty() || lsn != 0;
  }
}
