package phaistos.server.defects;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import phaistos.environment.Environment;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;

/**
 * A mistake of a real system, planted on purpose to prove that the checkers find it. Each is an
 * entry of a list by the part of the server, in {@link DefectCatalogue}, with its source and the
 * actions that it attaches to the steps of a server. An instance holds no state: {@link #plant}
 * creates the state of a planted defect for each server.
 */
public interface Defect {
  /** What its actions do to their steps. */
  enum Kind {
    SKIPS,
    REORDERS,
    LIES,
    DELAYS,
    REPEATS,
    THROWS;

    /** As in "skips wal-sync". */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The run that shows a defect best.
   *
   * @param workload the name of one; empty for the default mix
   * @param nemesis the kinds of faults; empty for those of the default mix
   * @param settings of every node, by PostgreSQL's names
   */
  record Cell(String workload, List<String> nemesis, Map<String, String> settings) {
    static final Cell MIX = new Cell("", List.of(), Map.of());

    public Cell {
      nemesis = List.copyOf(nemesis);
      settings = Map.copyOf(settings);
    }

    /** Whether the default mix is the run that shows it. */
    public boolean isMix() {
      return equals(MIX);
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
   * @param cell the run that shows it beside the default mix
   */
  record Description(
      String name,
      Kind kind,
      String does,
      String standsFor,
      String source,
      List<Step<?, ?>> steps,
      Cell cell) {
    public Description {
      steps = List.copyOf(steps);
    }
  }

  Description description();

  /** Attaches its actions to a server that is about to start. */
  void plant(Steps steps, Environment environment);
}
