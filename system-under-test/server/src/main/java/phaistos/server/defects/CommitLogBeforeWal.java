package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.Action;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/** Writes pages of the commit log before the WAL that they depend on is flushed. */
final class CommitLogBeforeWal implements Defect {
  @Override
  public Description description() {
    return new Description(
        "commit-log-before-wal",
        Kind.SKIPS,
        "A page of the commit log is written without flushing the WAL up to the"
            + " asynchronous commits on it.",
        "A page of pg_xact said committed after a power cut that had taken the commit" + " record.",
        "PostgreSQL: group LSNs of clog.c, added with asynchronous commit in 8.3",
        List.of(CommitSteps.SLRU_WAL_FLUSH));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(CommitSteps.SLRU_WAL_FLUSH, Action.skip());
  }
}
