package phaistos.checker.durability;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToLongFunction;
import phaistos.formats.Xid;

/**
 * In which life of its server a client's transaction ran; a life lasts from one start to the next.
 * An xid is assigned twice only if a crash lost the first commit. So within one life xid and commit
 * record identify each other. The facts:
 *
 * <ul>
 *   <li>a life does not assign xids below its first one;
 *   <li>a transaction that completed before another was invoked ran in the same or an earlier life,
 *       and in an earlier one if its xid is not lower;
 *   <li>some transactions are known by marker or LSN.
 * </ul>
 *
 * <p>This holds only without a failover. A contradictory history gives no conclusion. Life 0 means
 * any life before the available WAL, 1 the life in which that WAL begins.
 */
final class Lives {
  private static final long MAX_WORK = 400_000_000L;

  private final List<Claim> claims;
  private final long[] starts;
  private final int[] firstXids;
  private final Integer[] byInvocation;
  private final Integer[] byCompletion;
  private final int[] low;
  private final int[] high;
  private final boolean isConclusive;

  /**
   * @param starts LSNs at which the server restarted, ascending
   * @param firstXids for each, an xid below which it assigned none from then on
   * @param provenAt the LSN of a claim's own commit record; 0 if that is not certain
   */
  Lives(List<Claim> claims, long[] starts, int[] firstXids, IntToLongFunction provenAt) {
    this.claims = claims;
    this.starts = starts;
    this.firstXids = firstXids;
    Integer[] timed =
        java.util.stream.IntStream.range(0, claims.size())
            .filter(i -> claims.get(i).xid() != 0)
            .filter(i -> claims.get(i).outcome() == Outcome.ACKNOWLEDGED)
            .boxed()
            .toArray(Integer[]::new);
    this.byInvocation = timed;
    this.byCompletion = timed.clone();
    Arrays.sort(byInvocation, Comparator.comparingLong(i -> claims.get(i).invocationIndex()));
    Arrays.sort(byCompletion, Comparator.comparingLong(i -> claims.get(i).index()));
    this.low = new int[claims.size()];
    this.high = new int[claims.size()];
    // any life, for the claims about which the order says nothing
    Arrays.fill(high, Integer.MAX_VALUE);
    for (int claim : timed) {
      long lsn = provenAt.applyAsLong(claim);
      high[claim] = lsn != 0 ? life(lsn) : highest((int) claims.get(claim).xid());
      low[claim] = lsn != 0 ? high[claim] : 0;
    }
    boolean isDone = (long) timed.length * (starts.length + 2) > MAX_WORK;
    boolean isSound = !isDone;
    for (int round = 0; round < 4 && !isDone; round++) {
      isDone = !(forward() | backward());
    }
    for (int claim : timed) {
      isSound &= low[claim] <= high[claim];
    }
    this.isConclusive = isSound;
  }

  /** The life in which a record lies. */
  int life(long lsn) {
    int at = Arrays.binarySearch(starts, lsn);
    return 1 + (at >= 0 ? at + 1 : -at - 1);
  }

  private int highest(int xid) {
    for (int i = firstXids.length - 1; i >= 0; i--) {
      if (!Xid.precedes(xid, firstXids[i])) {
        return i + 2;
      }
    }
    return 1;
  }

  /** Raises the earliest life of each claim by the claims that completed before it was invoked. */
  private boolean forward() {
    int[] highestXid = new int[starts.length + 3];
    boolean[] isUsed = new boolean[highestXid.length];
    boolean isChanged = false;
    int done = 0;
    for (int claim : byInvocation) {
      for (; done < byCompletion.length; done++) {
        Claim before = claims.get(byCompletion[done]);
        if (before.index() >= claims.get(claim).invocationIndex()) {
          break;
        }
        int life = Math.min(low[byCompletion[done]], highestXid.length - 1);
        if (!isUsed[life] || Xid.precedes(highestXid[life], (int) before.xid())) {
          highestXid[life] = (int) before.xid();
        }
        isUsed[life] = true;
      }
      for (int life = 0; life < isUsed.length; life++) {
        if (isUsed[life]) {
          boolean isLater = !Xid.precedes(highestXid[life], (int) claims.get(claim).xid());
          int least = life + (isLater ? 1 : 0);
          isChanged |= least > low[claim];
          low[claim] = Math.max(low[claim], least);
        }
      }
    }
    return isChanged;
  }

  /** Lowers the latest life of each claim by the claims invoked after it completed. */
  private boolean backward() {
    int[] lowestXid = new int[starts.length + 3];
    boolean[] isUsed = new boolean[lowestXid.length];
    boolean isChanged = false;
    int done = byInvocation.length - 1;
    for (int i = byCompletion.length - 1; i >= 0; i--) {
      int claim = byCompletion[i];
      for (; done >= 0; done--) {
        Claim after = claims.get(byInvocation[done]);
        if (after.invocationIndex() <= claims.get(claim).index()) {
          break;
        }
        int life = Math.max(high[byInvocation[done]], 0);
        if (!isUsed[life] || Xid.precedes((int) after.xid(), lowestXid[life])) {
          lowestXid[life] = (int) after.xid();
        }
        isUsed[life] = true;
      }
      for (int life = 0; life < isUsed.length; life++) {
        if (isUsed[life]) {
          boolean isEarlier = !Xid.precedes((int) claims.get(claim).xid(), lowestXid[life]);
          int most = life - (isEarlier ? 1 : 0);
          isChanged |= most < high[claim];
          high[claim] = Math.min(high[claim], most);
        }
      }
    }
    return isChanged;
  }

  /** Whether the commit record at this LSN, which has the claim's xid, is the claim's. */
  boolean isOf(int claim, long lsn) {
    return isConclusive && low[claim] == high[claim] && low[claim] == life(lsn);
  }

  /** Whether it is another transaction's. */
  boolean isOfAnother(int claim, long lsn) {
    return isConclusive && (high[claim] < life(lsn) || low[claim] > life(lsn));
  }
}
