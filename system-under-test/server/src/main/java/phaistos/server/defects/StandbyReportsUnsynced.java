package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Steps;

/** Reports what is written as flushed. */
final class StandbyReportsUnsynced implements Defect {
  @Override
  public Description description() {
    return new Description(
        "standby-reports-unsynced",
        Kind.LIES,
        "A standby reports the position up to which it has written WAL as the position up"
            + " to which it has flushed it; the sync comes later.",
        "The first reply of walreceiver reports a flush position that this process has"
            + " not synced.",
        "PostgreSQL: walreceiver.c, which begins with GetXLogReplayRecPtr; observed on" + " 15.18",
        List.of(ReplicationSteps.STANDBY_POSITION));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(ReplicationSteps.STANDBY_POSITION, (written, _) -> written);
  }
}
