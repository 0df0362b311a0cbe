package phaistos.server.defects;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.environment.Environment;
import phaistos.server.steps.Act;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Steps;

/** Syncs received WAL one batch late. */
final class StandbySyncLate implements Defect {
  @Override
  public Description description() {
    return new Description(
        "standby-sync-late",
        Kind.REORDERS,
        "A standby reports WAL as flushed and syncs it behind the next batch: the last"
            + " batch is never durable.",
        "A disk's write cache acknowledged a sync before the data was on the platter.",
        "PostgreSQL documentation, Reliability; diskchecker.pl",
        List.of(ReplicationSteps.STANDBY_SYNC));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    AtomicReference<Act<Void, Exception>> kept = new AtomicReference<>();
    steps.attach(
        ReplicationSteps.STANDBY_SYNC,
        (_, act) -> {
          Act<Void, Exception> earlier = kept.getAndSet(act);
          return earlier == null ? null : earlier.run();
        });
  }
}
