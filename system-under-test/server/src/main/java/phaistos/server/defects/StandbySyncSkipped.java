package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.Action;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Steps;

/** Never syncs received WAL. */
final class StandbySyncSkipped implements Defect {
  @Override
  public Description description() {
    return new Description(
        "standby-sync-skipped",
        Kind.SKIPS,
        "A standby reports WAL as flushed that it has only written.",
        "A standby was run with fsync=off.",
        "PostgreSQL documentation, fsync",
        List.of(ReplicationSteps.STANDBY_SYNC));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(ReplicationSteps.STANDBY_SYNC, Action.skip());
  }
}
