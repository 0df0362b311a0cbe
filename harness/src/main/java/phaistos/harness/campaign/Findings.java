package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Failures grouped by cause. */
final class Findings {
  private Findings() {}

  /**
   * The findings with a run in a night, new ones first, then the most frequent.
   *
   * @param night its id; their runs are those of the night only
   * @param known ids that a file names
   */
  static List<Finding> of(List<Entry> entries, String night, Set<String> known) {
    Map<Integer, Cause> causes = Cause.all(entries);
    Map<Integer, Explainer.Explanation> explained = Cause.explanations(entries);
    Map<Cause, Finding.Explained> explanations = new HashMap<>();
    Map<Cause, List<Entry.Run>> groups = new LinkedHashMap<>();
    Set<Cause> before = new HashSet<>();
    boolean isReached = false;
    for (Entry entry : entries) {
      isReached |= entry instanceof Entry.Night begun && begun.id().equals(night);
      if (entry instanceof Entry.Run run && run.isFailure()) {
        Cause cause = causes.get(run.number());
        Explainer.Explanation explanation = explained.get(run.number());
        if (explanation != null) {
          explanations.merge(cause, new Finding.Explained(run, explanation), Findings::better);
        }
        if (run.night().equals(night)) {
          groups.computeIfAbsent(cause, _ -> new ArrayList<>()).add(run);
        } else if (!isReached) {
          // Then it had not been explained, perhaps.
          before.add(cause);
          before.add(Cause.of(run));
        }
      }
    }
    List<Finding> findings = new ArrayList<>();
    groups.forEach(
        (cause, runs) -> {
          Finding finding =
              new Finding(cause, Optional.ofNullable(explanations.get(cause)), runs, true);
          boolean isKnown = before.contains(cause) || known.contains(finding.id());
          if (cause instanceof Cause.Kind(var violation, _)) {
            Cause.Kind whole = new Cause.Kind(violation, "");
            isKnown |= before.contains(whole) || known.contains(Finding.id(whole));
          }
          findings.add(isKnown ? finding.asKnown() : finding);
        });
    findings.sort(
        Comparator.comparing((Finding finding) -> !finding.isNew())
            .thenComparing(finding -> -finding.runs().size()));
    return findings;
  }

  /** One that came to its end, else the first. */
  private static Finding.Explained better(Finding.Explained first, Finding.Explained second) {
    return !first.explanation().isComplete() && second.explanation().isComplete() ? second : first;
  }
}
