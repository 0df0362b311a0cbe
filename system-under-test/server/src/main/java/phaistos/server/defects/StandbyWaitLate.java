package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.Act;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/** Leaves the wait for the standbys to the session's next commit. */
final class StandbyWaitLate implements Defect {
  @Override
  public Description description() {
    return new Description(
        "standby-wait-late",
        Kind.REORDERS,
        "A commit is answered without its wait for the standbys; the next commit of the"
            + " session waits in its place.",
        "A write was acknowledged, and the wait for its replication belonged to the"
            + " request that came next.",
        "MongoDB: getLastError, before write concerns in 2.6",
        List.of(CommitSteps.SYNC_REP_WAIT));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    ThreadLocal<Act<Void, Exception>> kept = new ThreadLocal<>();
    steps.attach(
        CommitSteps.SYNC_REP_WAIT,
        (_, act) -> {
          Act<Void, Exception> earlier = kept.get();
          kept.set(act);
          return earlier == null ? null : earlier.run();
        });
  }
}
