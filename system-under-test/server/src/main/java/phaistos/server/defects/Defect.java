package phaistos.server.defects;

import java.util.List;
import java.util.Locale;
import phaistos.environment.Environment;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;

/**
 * A mistake of a real system, planted on purpose to prove that the checkers find it. Each is a
 * small class, listed in {@link DefectCatalogue}, with its source and the actions that it attaches
 * to the steps of a server. An instance holds no state: {@link #plant} creates the state of a
 * planted defect for each server.
 */
public interface Defect {
  /** What its actions do to their steps. */
  enum Kind {
    SKIPS,
    REORDERS,
    LIES,
    DELAYS,
    REPEATS;

    /** As in "skips wal-sync". */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The description of a defect.
   *
   * @param name as users give it: "ack-before-standby-flush"
   * @param does what the server does with it, in one sentence
   * @param standsFor the real mistake, in one sentence
   * @param source where that is written down
   * @param steps that its actions are attached to
   */
  record Description(
      String name,
      Kind kind,
      String does,
      String standsFor,
      String source,
      List<Step<?, ?>> steps) {
    public Description {
      steps = List.copyOf(steps);
    }
  }

  Description description();

  /** Attaches its actions to a server that is about to start. */
  void plant(Steps steps, Environment environment);
}
