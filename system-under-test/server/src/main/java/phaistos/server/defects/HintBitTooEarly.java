package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;

/** Sets hint bits for commits that a crash can undo. */
final class HintBitTooEarly implements Defect {
  @Override
  public Description description() {
    return new Description(
        "hint-bit-too-early",
        Kind.LIES,
        "A hint bit says committed before the commit record is durable.",
        "A hint bit of an asynchronous commit reached the disk before its commit record.",
        "PostgreSQL: SetHintBits and BufferGetLSNAtomic in heapam_visibility.c",
        List.of(StorageSteps.HINT_BIT_ALLOWED));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(StorageSteps.HINT_BIT_ALLOWED, (_, _) -> true);
  }
}
