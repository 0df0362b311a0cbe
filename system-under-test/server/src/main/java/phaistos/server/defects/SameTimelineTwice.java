package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Steps;

/** Takes a timeline that may be another node's. */
final class SameTimelineTwice implements Defect {
  @Override
  public Description description() {
    return new Description(
        "same-timeline-twice",
        Kind.LIES,
        "A promoted standby takes the next timeline after its own, also where a history"
            + " file says that another node has taken it.",
        "Two nodes were promoted to the same timeline number, and their files mixed.",
        "Mats Kindahl: a TLA+ model of timelines, 2026-04-30",
        List.of(RecoverySteps.TIMELINE_SELECT));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(RecoverySteps.TIMELINE_SELECT, (old, _) -> old + 1);
  }
}
