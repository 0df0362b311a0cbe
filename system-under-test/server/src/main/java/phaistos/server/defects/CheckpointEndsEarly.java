package phaistos.server.defects;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.environment.Environment;
import phaistos.server.steps.Act;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;

/** Ends a checkpoint before its pages are written. */
final class CheckpointEndsEarly implements Defect {
  @Override
  public Description description() {
    return new Description(
        "checkpoint-ends-early",
        Kind.REORDERS,
        "The control file names a checkpoint whose pages of tables are written by the"
            + " next checkpoint only.",
        "A storage stack without write barriers made the control file durable before the"
            + " pages of its checkpoint.",
        "PostgreSQL documentation, Reliability: write-back caches",
        List.of(StorageSteps.CHECKPOINT_BUFFERS));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    AtomicReference<Act<Void, Exception>> kept = new AtomicReference<>();
    steps.attach(
        StorageSteps.CHECKPOINT_BUFFERS,
        (_, act) -> {
          Act<Void, Exception> earlier = kept.getAndSet(act);
          return earlier == null ? null : earlier.run();
        });
  }
}
