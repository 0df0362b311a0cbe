package phaistos.harness.campaign;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import phaistos.harness.Violation;

/**
 * Failures with one cause, as far as the cause is known.
 *
 * @param explained one of them, perhaps of an earlier night
 * @param runs in the order in which they ended; at least one
 * @param isNew whether no earlier night had it, and no file names it
 */
record Finding(Cause cause, Optional<Explained> explained, List<Entry.Run> runs, boolean isNew) {
  /** A run with its explanation. */
  record Explained(Entry.Run run, Explainer.Explanation explanation) {}

  Finding {
    runs = List.copyOf(runs);
  }

  Finding asKnown() {
    return new Finding(cause, explained, runs, false);
  }

  Optional<Explainer.Explanation> explanation() {
    return explained.map(Explained::explanation);
  }

  /** The same for the same cause in every store: for files of known findings. */
  String id() {
    return id(cause);
  }

  static String id(Cause cause) {
    CRC32C crc = new CRC32C();
    crc.update(cause.text().getBytes(StandardCharsets.UTF_8));
    return "F%08x".formatted(crc.getValue());
  }

  /** What the checkers proved first in its runs, the most frequent first. */
  List<Violation> violations() {
    Map<Violation, Integer> counts = new LinkedHashMap<>();
    runs.forEach(run -> counts.merge(run.result().violation(), 1, Integer::sum));
    return counts.entrySet().stream()
        .sorted(Comparator.comparing(entry -> -entry.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  Violation violation() {
    return violations().getFirst();
  }

  /** The step to look at: where a promise was broken, or where it becomes inevitable. */
  Optional<String> step() {
    return cause instanceof Cause.Step(String label)
        ? Optional.of(label)
        : explanation().flatMap(Explainer.Explanation::step);
  }

  /** Where that step is in the project's sources. */
  Optional<String> source() {
    return explanation()
        .filter(found -> found.step().equals(step()))
        .flatMap(Explainer.Explanation::source)
        .or(() -> promise().map(BrokenPromise::source));
  }

  /** "broken first: wal-sync, phaistos/server/wal/Wal.java:375, ended without disk.sync". */
  Optional<String> stepSentence() {
    boolean isPromise = cause instanceof Cause.Step;
    return step()
        .map(
            step ->
                (isPromise ? "broken first: " : "inevitable at: ")
                    + step
                    + source().map(at -> ", " + at).orElse("")
                    + promise().filter(_ -> isPromise).map(p -> ", " + p.sentence()).orElse(""));
  }

  /** What one of its runs broke. */
  Optional<BrokenPromise> promise() {
    return representative()
        .result()
        .promise()
        .or(() -> runs.stream().flatMap(run -> run.result().promise().stream()).findFirst());
  }

  /** The run to look at: one whose files are kept, of those the explained one or the quickest. */
  Entry.Run representative() {
    return runs.stream()
        .min(
            Comparator.comparing((Entry.Run run) -> run.result().folder().isEmpty())
                .thenComparing(run -> !isExplained(run))
                .thenComparing(run -> run.result().realMillis())
                .thenComparing(Entry.Run::number))
        .orElseThrow();
  }

  private boolean isExplained(Entry.Run run) {
    return explained.filter(one -> one.run().number() == run.number()).isPresent();
  }

  /** Kinds of faults that had an effect in every one of its runs. */
  List<String> commonFaults() {
    TreeMap<String, Integer> counts = new TreeMap<>();
    for (Entry.Run run : runs) {
      run.result()
          .faults()
          .forEach((fault, count) -> counts.merge(fault, count > 0 ? 1 : 0, Integer::sum));
    }
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() == runs.size())
        .map(TreeMap.Entry::getKey)
        .toList();
  }

  /** "audit after replay: lost: the final read on N does not show its row #". */
  String title() {
    Violation violation = violation();
    return violation.checker() + ": " + violation.kind();
  }
}
