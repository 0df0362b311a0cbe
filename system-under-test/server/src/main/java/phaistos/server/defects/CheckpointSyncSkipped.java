package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.Action;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;

/** Writes pages and never syncs them. */
final class CheckpointSyncSkipped implements Defect {
  @Override
  public Description description() {
    return new Description(
        "checkpoint-sync-skipped",
        Kind.SKIPS,
        "A checkpoint writes pages of tables and of the commit log, and syncs neither.",
        "A failed fsync dropped the dirty pages, its retry succeeded, and the checkpoint"
            + " counted them as durable.",
        "fsyncgate (2018); PostgreSQL 11.2, 10.7, 9.6.12: data_sync_retry",
        List.of(StorageSteps.RELATION_SYNC, CommitSteps.SLRU_SYNC));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(StorageSteps.RELATION_SYNC, Action.skip());
    steps.attach(CommitSteps.SLRU_SYNC, Action.skip());
  }
}
