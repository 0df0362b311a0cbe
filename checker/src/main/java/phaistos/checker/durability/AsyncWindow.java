package phaistos.checker.durability;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which commits with {@code synchronous_commit = off} a crash may lose: those of the last three
 * cycles of the WAL writer, and none that precedes WAL on disk. Two rules:
 *
 * <ul>
 *   <li>by time, if the history says when the primary lost its memory: a commit acknowledged more
 *       than the window before the next crash must not be lost;
 *   <li>by position: WAL is flushed in order. Suppose that a lost commit was acknowledged before
 *       another transaction began, the other one is there, and the server did not restart between.
 *       Then the lost one was flushed earlier.
 * </ul>
 */
final class AsyncWindow {
  /** Where a transaction's commit record is on the node that lost others; 0 where it is not. */
  interface Positions {
    long lsn(int claim);
  }

  private static final long NOTHING = Long.MAX_VALUE;

  private final AuditInput input;

  AsyncWindow(AuditInput input) {
    this.input = input;
  }

  /** Why the claim is too old to be lost, if it is, by time. */
  Optional<String> violationByTime(Claim claim) {
    if (input.crashes().isEmpty() || claim.timeNanos() < 0) {
      return Optional.empty();
    }
    for (AuditInput.Crash crash : input.crashes()) {
      if (claim.invocationIndex() < crash.index() && crash.index() < claim.index()) {
        // its answer may have been under way when the primary crashed
        return Optional.empty();
      }
      if (crash.index() > claim.index()) {
        long age = crash.nanos() - claim.timeNanos();
        return age <= input.asyncWindowNanos()
            ? Optional.empty()
            : Optional.of(
                "asynchronous, but acknowledged %.3f s before the crash; a crash may take %.3f s"
                    .formatted(age / 1e9, input.asyncWindowNanos() / 1e9));
      }
    }
    return Optional.of("asynchronous, but the primary did not crash after it was acknowledged");
  }

  /**
   * Which lost claims precede a surviving claim in the WAL.
   *
   * @param lost positions of claims in {@code claims}
   * @param positions of all claims on the node that lost them
   * @param restarts LSNs at which that node's server restarted, ascending
   * @return for each of {@code lost}, the position in {@code claims} of a later one that survived,
   *     -1 if there is none
   */
  static int[] outlived(List<Claim> claims, int[] lost, Positions positions, long[] restarts) {
    int[] witness = new int[lost.length];
    Arrays.fill(witness, -1);
    if (lost.length == 0) {
      return witness;
    }
    Integer[] byInvocation = present(claims, positions);
    Arrays.sort(
        byInvocation,
        (a, b) -> Long.compare(claims.get(a).invocationIndex(), claims.get(b).invocationIndex()));
    int[] lowestBehind = lowestBehind(byInvocation, positions);
    Integer[] byCompletion = byInvocation.clone();
    Arrays.sort(byCompletion, (a, b) -> Long.compare(claims.get(a).index(), claims.get(b).index()));
    long[] highestBefore = highestBefore(byCompletion, positions);
    for (int i = 0; i < lost.length; i++) {
      Claim claim = claims.get(lost[i]);
      int after = firstInvokedAfter(claims, byInvocation, claim.index());
      if (after == byInvocation.length) {
        continue;
      }
      int candidate = lowestBehind[after];
      int before = completedBefore(claims, byCompletion, claim.invocationIndex());
      long from = before == 0 ? 0 : highestBefore[before - 1];
      long to = positions.lsn(candidate);
      if (before > 0 && epoch(restarts, from) == epoch(restarts, to)) {
        witness[i] = candidate;
      }
    }
    return witness;
  }

  private static Integer[] present(List<Claim> claims, Positions positions) {
    return java.util.stream.IntStream.range(0, claims.size())
        .filter(i -> positions.lsn(i) != 0 && claims.get(i).outcome() == Outcome.ACKNOWLEDGED)
        .boxed()
        .toArray(Integer[]::new);
  }

  /** For each place, the claim with the lowest LSN of those invoked from there on. */
  private static int[] lowestBehind(Integer[] byInvocation, Positions positions) {
    int[] lowest = new int[byInvocation.length];
    long best = NOTHING;
    int claim = -1;
    for (int i = byInvocation.length - 1; i >= 0; i--) {
      long lsn = positions.lsn(byInvocation[i]);
      if (lsn < best) {
        best = lsn;
        claim = byInvocation[i];
      }
      lowest[i] = claim;
    }
    return lowest;
  }

  private static long[] highestBefore(Integer[] byCompletion, Positions positions) {
    long[] highest = new long[byCompletion.length];
    long best = 0;
    for (int i = 0; i < byCompletion.length; i++) {
      best = Math.max(best, positions.lsn(byCompletion[i]));
      highest[i] = best;
    }
    return highest;
  }

  private static int firstInvokedAfter(List<Claim> claims, Integer[] byInvocation, long index) {
    int low = 0;
    int high = byInvocation.length;
    while (low < high) {
      int middle = low + high >>> 1;
      if (claims.get(byInvocation[middle]).invocationIndex() > index) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private static int completedBefore(List<Claim> claims, Integer[] byCompletion, long index) {
    int low = 0;
    int high = byCompletion.length;
    while (low < high) {
      int middle = low + high >>> 1;
      if (claims.get(byCompletion[middle]).index() < index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How many restarts lie before this position. */
  private static int epoch(long[] restarts, long lsn) {
    int at = Arrays.binarySearch(restarts, lsn);
    return at >= 0 ? at : -at - 1;
  }
}
