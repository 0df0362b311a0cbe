package phaistos.checker.durability;

import phaistos.formats.Lsn;

/**
 * What one node's files show of one transaction. Positions are those of its commit record, or of
 * the other transaction's; 0 and empty if there is none.
 *
 * @param lsn start of the record
 * @param end its end, aligned: what must be flushed
 * @param segment path of the segment file that holds its first byte, below the data directory
 * @param offset of its first byte in that file
 * @param crc its CRC-32C, so that the bytes can be checked again
 * @param rows how many of the transaction's markers were found in its rows
 * @param before what the commit log's files say
 * @param after what the commit log says after redo
 * @param doubt why a possible commit of this transaction is unproven; empty if there is no doubt
 */
public record Copy(
    String node,
    Presence presence,
    int timeline,
    Lsn lsn,
    Lsn end,
    String segment,
    long offset,
    int crc,
    int rows,
    LogStatus before,
    LogStatus after,
    String doubt) {
  /** A copy whose identity is certain. */
  Copy(
      String node,
      Presence presence,
      int timeline,
      Lsn lsn,
      Lsn end,
      String segment,
      long offset,
      int crc,
      int rows,
      LogStatus before,
      LogStatus after) {
    this(node, presence, timeline, lsn, end, segment, offset, crc, rows, before, after, "");
  }

  static Copy unreadable(String node) {
    return new Copy(
        node,
        Presence.UNREADABLE,
        0,
        Lsn.INVALID,
        Lsn.INVALID,
        "",
        0,
        0,
        0,
        LogStatus.NO_PAGE,
        LogStatus.NO_PAGE);
  }

  /** The same on another node. */
  Copy as(String other) {
    return new Copy(
        other, presence, timeline, lsn, end, segment, offset, crc, rows, before, after, doubt);
  }

  /** The same, now that the record is known to be another transaction's. */
  Copy ofAnother() {
    return new Copy(
        node, Presence.OTHER, timeline, lsn, end, segment, offset, crc, rows, before, after);
  }

  /** Whether this node has the commit and would show it after recovery. */
  boolean holds() {
    return switch (presence) {
      case RECORD -> after == LogStatus.COMMITTED || after == LogStatus.FROZEN;
      case LOG_ONLY -> after == LogStatus.COMMITTED;
      case UNREADABLE, WAL_MISSING, TORN, UNPROVEN, ABSENT, ABORTED, OTHER, NOT_CHOSEN -> false;
    };
  }

  /** Whether this node may have the commit, as far as its files show. */
  boolean mayHold() {
    return switch (presence) {
      case UNREADABLE, WAL_MISSING, TORN, UNPROVEN -> true;
      case LOG_ONLY, RECORD -> holds() || after == LogStatus.UNREAD;
      case ABSENT -> after == LogStatus.UNREAD;
      case ABORTED, OTHER, NOT_CHOSEN -> false;
    };
  }
}
