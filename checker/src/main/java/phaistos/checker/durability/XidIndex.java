package phaistos.checker.durability;

import java.util.Arrays;
import java.util.List;

/**
 * Finds the claims with an xid by its lower 32 bits, as the WAL has only these. Several claims may
 * have one xid, since PostgreSQL may reuse an xid after a crash.
 */
final class XidIndex {
  private static final int NONE = -1;

  private final int[] keys;
  private final int[] heads;
  private final int[] next;

  /**
   * A filter with a bit for each xid, by its lower bits. Most xids belong to no claim. Xids arrive
   * in ascending order, so that a look-up seldom leaves the processor's first-level cache.
   */
  private final long[] filter;

  XidIndex(List<Claim> claims) {
    int capacity = Integer.highestOneBit(Math.max(8, claims.size()) * 2 - 1) * 2;
    keys = new int[capacity];
    heads = new int[capacity];
    next = new int[claims.size()];
    filter = new long[capacity / 8];
    Arrays.fill(heads, NONE);
    for (int i = claims.size() - 1; i >= 0; i--) {
      if (claims.get(i).xid() != 0) {
        int xid = (int) claims.get(i).xid();
        int at = place(xid);
        keys[at] = xid;
        next[i] = heads[at];
        heads[at] = i;
        filter[xid >>> 6 & filter.length - 1] |= 1L << xid;
      }
    }
  }

  /** The first claim of this xid, or -1. */
  int first(int xid) {
    boolean mayBe = (filter[xid >>> 6 & filter.length - 1] >>> xid & 1) != 0;
    return mayBe ? heads[place(xid)] : NONE;
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
