package phaistos.runner;

import java.util.Map;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;

/**
 * The operations that a verdict rests on. A history without an acknowledged operation proves
 * nothing, whatever the checker's verdict.
 *
 * @param acknowledged how many operations completed as ok
 * @param operations how many there were at all
 * @param noun what they are called: "operation", "transaction"
 */
record Foundation(long acknowledged, long operations, String noun) {
  /** The verdict, or unknown if nothing was acknowledged. */
  Verdict bear(Verdict verdict) {
    if (acknowledged > 0 || verdict instanceof Verdict.Invalid) {
      return verdict;
    }
    String what =
        operations == 0
            ? "there is no " + noun + " of a client"
            : "of %s none was acknowledged".formatted(count(operations));
    return new Verdict.Unknown("nothing was checked: " + what);
  }

  /** For a person. */
  String text() {
    return acknowledged == operations
        ? "rests on %s, all acknowledged".formatted(count(operations))
        : "rests on %s, %d acknowledged".formatted(count(operations), acknowledged);
  }

  private String count(long number) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  void addTo(Map<Edn, Edn> details) {
    details.put(Edn.of("operations"), Edn.of(operations));
    details.put(Edn.of("acknowledged"), Edn.of(acknowledged));
  }
}
