package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.Action;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/** Skips the wait for the standbys. */
final class AckBeforeStandbyFlush implements Defect {
  @Override
  public Description description() {
    return new Description(
        "ack-before-standby-flush",
        Kind.SKIPS,
        "A commit does not wait for its standbys: the client is told at once.",
        "Backends ignored synchronous_standby_names just after a start, until the"
            + " checkpointer had armed the wait.",
        "PostgreSQL 17.5 and its siblings of May 2025, commits 3339847cc and c922ae2c4",
        List.of(CommitSteps.SYNC_REP_WAIT));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(CommitSteps.SYNC_REP_WAIT, Action.skip());
  }
}
