package phaistos.checker.durability;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The part of a node's WAL where a claim's commit must be, derived from the claims that were found:
 * a transaction acknowledged before another was invoked committed before it.
 */
final class CommitWindow {
  private final long[] completions;
  private final long[] highestLsn;
  private final long[] invocations;
  private final long[] lowestLsn;
  private boolean isContradicted;

  CommitWindow(List<Claim> claims, CommitPlaces places) {
    Integer[] found =
        java.util.stream.IntStream.range(0, claims.size())
            .filter(i -> claims.get(i).outcome() == Outcome.ACKNOWLEDGED)
            .filter(i -> places.presence(i) == Presence.RECORD)
            .boxed()
            .toArray(Integer[]::new);
    Arrays.sort(found, Comparator.comparingLong(i -> claims.get(i).index()));
    completions = new long[found.length];
    highestLsn = new long[found.length];
    for (int i = 0; i < found.length; i++) {
      completions[i] = claims.get(found[i]).index();
      highestLsn[i] = Math.max(places.lsn(found[i]), i == 0 ? 0 : highestLsn[i - 1]);
    }
    Arrays.sort(found, Comparator.comparingLong(i -> claims.get(i).invocationIndex()));
    invocations = new long[found.length];
    lowestLsn = new long[found.length];
    for (int i = found.length - 1; i >= 0; i--) {
      invocations[i] = claims.get(found[i]).invocationIndex();
      long behind = i == found.length - 1 ? Long.MAX_VALUE : lowestLsn[i + 1];
      lowestLsn[i] = Math.min(places.lsn(found[i]), behind);
    }
  }

  /**
   * Whether a commit at this position precedes that of a claim which completed before this one was
   * invoked.
   */
  boolean isTooEarly(Claim claim, long lsn) {
    return lsn < behind(claim);
  }

  /** The found commits contradict the history's order, so they give no bounds. */
  void contradicted() {
    isContradicted = true;
  }

  /** The claim's commit record is after this position; 0 if no bound is known. */
  long after(Claim claim) {
    return isContradicted ? 0 : behind(claim);
  }

  private long behind(Claim claim) {
    int count = below(completions, claim.invocationIndex());
    return count == 0 ? 0 : highestLsn[count - 1];
  }

  /** The claim's commit record is before this position. */
  long before(Claim claim) {
    int first = below(invocations, claim.index() + 1);
    return isContradicted || first == lowestLsn.length ? Long.MAX_VALUE : lowestLsn[first];
  }

  /** How many of the ascending numbers are less than the limit. */
  private static int below(long[] numbers, long limit) {
    int low = 0;
    int high = numbers.length;
    while (low < high) {
      int middle = low + high >>> 1;
      if (numbers[middle] < limit) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
