package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.Action;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;

/** Does not store the minimum recovery point. */
final class MinimumRecoveryPointLost implements Defect {
  @Override
  public Description description() {
    return new Description(
        "minimum-recovery-point-lost",
        Kind.SKIPS,
        "A standby writes pages without noting how far replay must come before its files"
            + " are consistent.",
        "minRecoveryPoint was not moved during the first checkpoint behind a promotion,"
            + " so that a crash left pages ahead of the WAL that was replayed.",
        "PostgreSQL: commit 3c64dcb1e3 (2018)",
        List.of(StorageSteps.MINIMUM_RECOVERY_POINT));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(StorageSteps.MINIMUM_RECOVERY_POINT, Action.skip());
  }
}
