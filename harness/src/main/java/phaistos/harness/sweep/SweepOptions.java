package phaistos.harness.sweep;

import java.util.OptionalInt;
import phaistos.server.defects.Defects;

/**
 * The inputs of a sweep; the same ones give the same figures.
 *
 * @param target the node that is crashed
 * @param transactions of all clients together
 * @param lastTransactions how many of the last ones are swept with subsets of unsynced writes
 * @param subsetImages how many images of such subsets are made at most; beyond that they are drawn
 * @param stride every how many changes of the disk there is a crash; 1 is every change
 * @param at the only crash, after this many changes, to look at one difference again
 * @param defect planted in the node while the run is recorded and when it recovers; empty if none
 */
public record SweepOptions(
    Target target,
    long seed,
    int transactions,
    int lastTransactions,
    int subsetImages,
    int stride,
    OptionalInt at,
    String defect) {
  /** Which node is crashed. */
  public enum Target {
    PRIMARY,
    /** Its primary waits for it at every commit. */
    STANDBY
  }

  public SweepOptions {
    if (transactions < 1 || stride < 1 || subsetImages < 0) {
      throw new IllegalArgumentException(
          "transactions=%d, stride=%d, subsetImages=%d"
              .formatted(transactions, stride, subsetImages));
    }
  }

  Defects defects() {
    return Defects.parse(defect);
  }

  /** The long form. */
  public static SweepOptions of(Target target, long seed) {
    return new SweepOptions(target, seed, 500, 20, 20_000, 1, OptionalInt.empty(), "");
  }
}
