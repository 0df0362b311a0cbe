package phaistos.server.defects;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.environment.Environment;
import phaistos.server.steps.Act;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/** Syncs the WAL one flush late. */
final class WalSyncLate implements Defect {
  @Override
  public Description description() {
    return new Description(
        "wal-sync-late",
        Kind.REORDERS,
        "Each sync of the WAL is done behind the next one's turn: what was flushed last"
            + " is never durable.",
        "A disk's write cache acknowledged a sync before the data was on the platter.",
        "PostgreSQL documentation, Reliability; diskchecker.pl",
        List.of(CommitSteps.WAL_SYNC));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    AtomicReference<Act<Void, Exception>> kept = new AtomicReference<>();
    steps.attach(
        CommitSteps.WAL_SYNC,
        (_, act) -> {
          Act<Void, Exception> earlier = kept.getAndSet(act);
          return earlier == null ? null : earlier.run();
        });
  }
}
