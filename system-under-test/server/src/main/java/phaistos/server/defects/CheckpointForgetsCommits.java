package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.Action;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/** Lets a checkpoint begin between a commit record and its bits in the commit log. */
final class CheckpointForgetsCommits implements Defect {
  @Override
  public Description description() {
    return new Description(
        "checkpoint-forgets-commits",
        Kind.SKIPS,
        "A checkpoint does not wait for commits that stand between their record and their"
            + " bits in the commit log.",
        "A checkpoint wrote pg_xact without a commit whose record stood before its redo"
            + " point, so that replay never set it.",
        "PostgreSQL: CheckpointStartLock (2007), later delayChkpt;"
            + " src/backend/access/transam/xact.c",
        List.of(CommitSteps.DELAY_CHECKPOINT));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(CommitSteps.DELAY_CHECKPOINT, Action.skip());
  }
}
