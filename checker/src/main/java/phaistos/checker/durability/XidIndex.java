package phaistos.checker.durability;

import java.util.Arrays;
import java.util.List;

/**
 * Finds the claims that name an xid, by its lower 32 bits: the WAL has no more. Several claims may
 * name one xid, since a crash lets PostgreSQL hand an xid out again.
 */
final class XidIndex {
  private static final int NONE = -1;

  private final int[] keys;
  private final int[] heads;
  private final int[] next;

  XidIndex(List<Claim> claims) {
    int capacity = Integer.highestOneBit(Math.max(8, claims.size()) * 2 - 1) * 2;
    keys = new int[capacity];
    heads = new int[capacity];
    next = new int[claims.size()];
    Arrays.fill(heads, NONE);
    for (int i = claims.size() - 1; i >= 0; i--) {
      if (claims.get(i).xid() != 0) {
        int xid = (int) claims.get(i).xid();
        int at = place(xid);
        keys[at] = xid;
        next[i] = heads[at];
        heads[at] = i;
      }
    }
  }

  /** The first claim of this xid, or -1. */
  int first(int xid) {
    return heads[place(xid)];
  }

  /** The next claim of the same xid, or -1. */
  int next(int claim) {
    return next[claim];
  }

  private int place(int xid) {
    int at = xid * 0x9E37_79B1 >>> 7 & keys.length - 1;
    while (heads[at] != NONE && keys[at] != xid) {
      at = at + 1 & keys.length - 1;
    }
    return at;
  }
}
