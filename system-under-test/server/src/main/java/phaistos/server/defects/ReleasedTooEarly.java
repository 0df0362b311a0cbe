package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.formats.Lsn;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Steps;

/** Releases all waiting commits once a standby has replied. */
final class ReleasedTooEarly implements Defect {
  @Override
  public Description description() {
    return new Description(
        "released-too-early",
        Kind.LIES,
        "The first reply of a standby settles all commits, also those whose records it"
            + " does not have.",
        "A race in SyncRepWakeQueue woke commits that no standby had yet.",
        "PostgreSQL bug #14721",
        List.of(ReplicationSteps.SYNC_REP_POSITION));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(ReplicationSteps.SYNC_REP_POSITION, (_, _) -> new Lsn(-1L));
  }
}
