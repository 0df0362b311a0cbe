package phaistos.harness;

import phaistos.nemesis.Faults;
import phaistos.workloads.Workloads;
import phaistos.workloads.commits.Commits;

/** The default mix: what a run does if it is told nothing but a seed. */
public final class Mix {
  private Mix() {}

  /** The test of a seed. */
  public static TestPlan plan(long seed) {
    return TestPlan.of(Commits.NAME, Workloads.named(Commits.NAME).orElseThrow().factory())
        .faults(new FaultPlan.Drawn(Faults.USUAL))
        .seed(seed);
  }
}
