package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/** Reads every page of the commit log as zeroes. */
final class CommitLogPageLost implements Defect {
  @Override
  public Description description() {
    return new Description(
        "commit-log-page-lost",
        Kind.LIES,
        "A page of the commit log that is read from its file holds zeroes, so that its"
            + " transactions never committed.",
        "Recovery read a missing file of pg_xact as zeroes and started; what was"
            + " committed before the checkpoint was gone.",
        "PostgreSQL: the InRecovery rule of SlruPhysicalReadPage in slru.c; observed on" + " 15.18",
        List.of(CommitSteps.SLRU_READ));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(CommitSteps.SLRU_READ, (_, act) -> new byte[act.run().length]);
  }
}
