package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import phaistos.harness.Violation;

/**
 * Failures grouped by cause: the violation that comes first in the verdict, and the step at which
 * it becomes inevitable or the shape of the shrunk schedule, where a failure was explained. A
 * failure that was not joins the explained ones of its violation if they all have one cause; if
 * they have several, it stays with others of its kind.
 */
final class Findings {
  private record Cause(Violation violation, String explained) {}

  private Findings() {}

  /**
   * The findings with a run in a night, new ones first, then the most frequent.
   *
   * @param night its id; their runs are those of the night only
   * @param known ids that a file names
   */
  static List<Finding> of(List<Entry> entries, String night, Set<String> known) {
    Map<Integer, Explainer.Explanation> explained = explanations(entries);
    Map<Violation, Set<String>> causes = causes(entries, explained);
    Map<Cause, List<Entry.Run>> groups = new LinkedHashMap<>();
    Set<Cause> before = new java.util.HashSet<>();
    boolean isReached = false;
    for (Entry entry : entries) {
      isReached |= entry instanceof Entry.Night begun && begun.id().equals(night);
      if (entry instanceof Entry.Run run && run.isFailure()) {
        Cause cause = cause(run, explained, causes);
        if (run.night().equals(night)) {
          groups.computeIfAbsent(cause, _ -> new ArrayList<>()).add(run);
        } else if (!isReached) {
          before.add(cause);
        }
      }
    }
    List<Finding> findings = new ArrayList<>();
    groups.forEach(
        (cause, runs) -> {
          Optional<Explainer.Explanation> explanation =
              runs.stream()
                  .map(run -> Optional.ofNullable(explained.get(run.number())))
                  .flatMap(Optional::stream)
                  .findFirst()
                  .or(() -> any(cause, entries, explained));
          boolean isKnown =
              before.contains(cause)
                  || before.contains(new Cause(cause.violation, ""))
                  || known.contains(Finding.id(cause.violation, explanation))
                  || known.contains(Finding.id(cause.violation, Optional.empty()));
          findings.add(new Finding(cause.violation, explanation, runs, !isKnown));
        });
    findings.sort(
        Comparator.comparing((Finding finding) -> !finding.isNew())
            .thenComparing(finding -> -finding.runs().size()));
    return findings;
  }

  private static Optional<Explainer.Explanation> any(
      Cause cause, List<Entry> entries, Map<Integer, Explainer.Explanation> explained) {
    return entries.stream()
        .filter(Entry.Run.class::isInstance)
        .map(Entry.Run.class::cast)
        .filter(run -> run.isFailure() && run.result().violation().equals(cause.violation))
        .map(run -> Optional.ofNullable(explained.get(run.number())))
        .flatMap(Optional::stream)
        .filter(found -> Finding.word(Optional.of(found)).equals(cause.explained))
        .findFirst();
  }

  private static Map<Integer, Explainer.Explanation> explanations(List<Entry> entries) {
    Map<Integer, Explainer.Explanation> explained = new HashMap<>();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Explained(int number, Optional<Explainer.Explanation> found)) {
        found.ifPresent(explanation -> explained.put(number, explanation));
      }
    }
    return explained;
  }

  /** The causes that explanations have given to each violation. */
  private static Map<Violation, Set<String>> causes(
      List<Entry> entries, Map<Integer, Explainer.Explanation> explained) {
    Map<Violation, Set<String>> causes = new HashMap<>();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Run run
          && run.isFailure()
          && explained.containsKey(run.number())) {
        String word = Finding.word(Optional.of(explained.get(run.number())));
        if (!word.isEmpty()) {
          causes.computeIfAbsent(run.result().violation(), _ -> new TreeSet<>()).add(word);
        }
      }
    }
    return causes;
  }

  private static Cause cause(
      Entry.Run run,
      Map<Integer, Explainer.Explanation> explained,
      Map<Violation, Set<String>> causes) {
    Violation violation = run.result().violation();
    Set<String> known = causes.getOrDefault(violation, Set.of());
    String own = Finding.word(Optional.ofNullable(explained.get(run.number())));
    String word = own.isEmpty() && known.size() == 1 ? known.iterator().next() : own;
    return new Cause(violation, word);
  }
}
