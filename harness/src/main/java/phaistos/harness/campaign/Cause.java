package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import phaistos.harness.Violation;

/** What failures are grouped by. Causes can be compared, also between nights. */
sealed interface Cause {
  /**
   * A step of the server that broke a promise to others. What it does to the clients, and so the
   * violation, depends on the run.
   *
   * @param label "wal-sync"
   */
  record Step(String label) implements Cause {}

  /**
   * A violation of which no broken promise is known.
   *
   * @param violation the first one of the run
   * @param word the step at which it becomes inevitable or the shape of the smaller run, if an
   *     explanation has found it; else empty
   */
  record Kind(Violation violation, String word) implements Cause {}

  /** As text that does not change from one version of the project to the next. */
  default String text() {
    return switch (this) {
      case Step(String label) -> "step\n" + label;
      case Kind(Violation violation, String word) ->
          violation.checker() + "\n" + violation.kind() + "\n" + word;
    };
  }

  /** What the run alone tells. */
  static Cause of(Entry.Run run) {
    return run.result()
        .promise()
        .<Cause>map(broken -> new Step(broken.step()))
        .orElseGet(() -> new Kind(run.result().violation(), ""));
  }

  /** What an explained run tells. */
  private static Cause of(Entry.Run run, Optional<Explainer.Explanation> explanation) {
    Cause own = of(run);
    if (own instanceof Kind(Violation violation, _) && explanation.isPresent()) {
      Explainer.Explanation found = explanation.get();
      return found.isPromise() && found.step().isPresent()
          ? new Step(found.step().get())
          : new Kind(violation, found.word());
    }
    return own;
  }

  /**
   * The cause of each failure of a journal, by its number. A failure of which nothing is known but
   * its violation joins the explained ones of this violation, if they all have one cause; if they
   * have several, it stays with others of its kind.
   */
  static Map<Integer, Cause> all(List<Entry> entries) {
    Map<Integer, Explainer.Explanation> explained = explanations(entries);
    Map<Integer, Cause> causes = new HashMap<>();
    Map<Cause, Set<Cause>> refined = new HashMap<>();
    List<Entry.Run> failures = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Run run && run.isFailure()) {
        Cause cause = of(run, Optional.ofNullable(explained.get(run.number())));
        failures.add(run);
        causes.put(run.number(), cause);
        if (!cause.equals(of(run))) {
          refined
              .computeIfAbsent(
                  of(run), _ -> new TreeSet<>(java.util.Comparator.comparing(Cause::text)))
              .add(cause);
        }
      }
    }
    for (Entry.Run run : failures) {
      Set<Cause> known = refined.getOrDefault(causes.get(run.number()), Set.of());
      if (known.size() == 1) {
        causes.put(run.number(), known.iterator().next());
      }
    }
    return causes;
  }

  /** What is known of failures, by their numbers. */
  static Map<Integer, Explainer.Explanation> explanations(List<Entry> entries) {
    Map<Integer, Explainer.Explanation> explained = new HashMap<>();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Explained(int number, Optional<Explainer.Explanation> found)) {
        found.ifPresent(explanation -> explained.put(number, explanation));
      }
    }
    return explained;
  }
}
