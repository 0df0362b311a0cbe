package phaistos.server.defects;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import phaistos.environment.Environment;
import phaistos.server.steps.Action;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;

/** A defect as an entry of a list. */
record Planted(Description description, Plant how) implements Defect {
  /** Attaches the actions, with state of its own for each server. */
  @FunctionalInterface
  interface Plant {
    void on(Steps steps, Environment environment);
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    how.on(steps, environment);
  }

  /**
   * Begins an entry.
   *
   * @param does what the server does with it, in one sentence
   */
  static Draft named(String name, String does) {
    return new Draft(name, does);
  }

  /** An entry without its actions. */
  static final class Draft {
    private final String name;
    private final String does;
    private String standsFor = "";
    private String source = "";
    private String workload = "";
    private final List<String> nemesis = new ArrayList<>();
    private final Map<String, String> settings = new LinkedHashMap<>();

    private Draft(String name, String does) {
      this.name = name;
      this.does = does;
    }

    /** The real mistake, in one sentence, and where it is written down. */
    Draft standsFor(String mistake, String where) {
      standsFor = mistake;
      source = where;
      return this;
    }

    /** The run that shows it best. */
    Draft shownBy(String workloadName, String... faults) {
      workload = workloadName;
      nemesis.addAll(List.of(faults));
      return this;
    }

    /** With a setting of every node. */
    Draft with(String setting, String value) {
      settings.put(setting, value);
      return this;
    }

    /** Leaves steps out. */
    @SafeVarargs
    final Defect skips(Step<?, Void>... left) {
      return entry(
          Kind.SKIPS,
          (steps, _) -> {
            for (Step<?, Void> step : left) {
              steps.attach(step, Action.skip());
            }
          },
          left);
    }

    /** Leaves out every n-th act of a step. */
    <A> Defect skipsEvery(int n, Step<A, Void> step) {
      return acts(Kind.SKIPS, step, () -> Acts.skipEvery(n));
    }

    /** Runs each act of a step when the next one is due. */
    <A> Defect late(Step<A, Void> step) {
      return acts(Kind.REORDERS, step, Acts::late);
    }

    /** Answers something else; the action has no state. */
    <A, R> Defect lies(Step<A, R> step, Action<A, R> action) {
      return acts(Kind.LIES, step, () -> action);
    }

    /**
     * Replaces the act of one step.
     *
     * @param action creates it, with its state, for each server
     */
    <A, R> Defect acts(Kind kind, Step<A, R> step, Supplier<Action<A, R>> action) {
      return entry(kind, (steps, _) -> steps.attach(step, action.get()), step);
    }

    /** Replaces the acts of several steps. */
    Defect entry(Kind kind, Plant plant, Step<?, ?>... on) {
      Cell cell =
          workload.isEmpty() && nemesis.isEmpty() && settings.isEmpty()
              ? Cell.MIX
              : new Cell(workload, nemesis, settings);
      Description description =
          new Description(name, kind, does, standsFor, source, Arrays.asList(on), cell);
      return new Planted(description, plant);
    }
  }
}
