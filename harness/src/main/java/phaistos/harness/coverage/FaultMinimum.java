package phaistos.harness.coverage;

import phaistos.harness.FaultPlan;
import phaistos.harness.TestPlan;

/**
 * What the faults of a run must come to; otherwise its load goes on, and in the end its verdict is
 * unknown.
 *
 * @param faults with an effect; 0 if the run asks for none
 * @param kinds how many different ones they must be of
 */
public record FaultMinimum(int faults, int kinds) {
  public static final FaultMinimum NONE = new FaultMinimum(0, 0);
  public static final FaultMinimum ANY = new FaultMinimum(1, 1);

  private static final int FAULTS = 5;
  private static final int KINDS = 4;

  /**
   * The minimum of a test. In the simulator a seed costs little, and another one has what this one
   * lacks. In real time faults that are drawn from kinds are at least five, of four kinds; of fewer
   * kinds, one of each.
   */
  public static FaultMinimum of(TestPlan plan) {
    return switch (plan.faults()) {
      case FaultPlan.Drawn(var kinds) when kinds.isEmpty() -> NONE;
      case FaultPlan.Drawn(var kinds) when !plan.deployment().isSimulated() -> {
        int different = (int) kinds.stream().distinct().count();
        yield different < KINDS
            ? new FaultMinimum(different, different)
            : new FaultMinimum(FAULTS, KINDS);
      }
      case FaultPlan.Drawn _, FaultPlan.Swarm _, FaultPlan.Given _ -> ANY;
    };
  }
}
