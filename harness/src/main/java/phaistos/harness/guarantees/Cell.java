package phaistos.harness.guarantees;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What was measured of one combination on one database.
 *
 * @param objection why it cannot be measured there
 */
record Cell(Combination combination, List<Attempt> attempts, Optional<String> objection) {
  Cell {
    attempts = List.copyOf(attempts);
  }

  /** The tries in which something was measured. */
  List<Attempt> measured() {
    return attempts.stream().filter(Attempt::isMeasured).toList();
  }

  boolean isMeasured() {
    return !measured().isEmpty();
  }

  /** Whether a commit was lost of which its client was told without a warning. */
  boolean losesCommits() {
    return measured().stream().anyMatch(attempt -> attempt.lost() > 0);
  }

  boolean losesWarnedCommits() {
    return measured().stream().anyMatch(attempt -> attempt.lostWarned() > 0);
  }

  boolean losesReads() {
    return measured().stream().anyMatch(attempt -> attempt.lostReads() > 0);
  }

  boolean stops() {
    return measured().stream().anyMatch(attempt -> !attempt.isServing());
  }

  boolean breaksPromise() {
    return measured().stream().anyMatch(Attempt::breaksPromise);
  }

  /** The first attempt with something lost. */
  Optional<Attempt> witness() {
    return measured().stream()
        .filter(a -> a.lost() > 0)
        .findFirst()
        .or(() -> measured().stream().filter(a -> a.lostWarned() > 0).findFirst())
        .or(() -> measured().stream().filter(a -> a.lostReads() > 0).findFirst());
  }

  /** "LOST 12 of 90", "no loss in 3 tries", "not run". */
  String commits() {
    if (!isMeasured()) {
      return "not run";
    }
    int tries = measured().size();
    if (losesCommits()) {
      long losing = measured().stream().filter(a -> a.lost() > 0).count();
      return "lost in %d of %d".formatted(losing, tries);
    }
    if (losesWarnedCommits()) {
      return "lost with a warning";
    }
    return "no loss in " + tries + (tries == 1 ? " try" : " tries");
  }

  /** What else was seen: lost reads, a stop. */
  List<String> notes() {
    return java.util.stream.Stream.of(
            losesReads() ? "a read was lost" : "", stops() ? "stopped" : "")
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /** The longest time to the next commit. */
  OptionalLong gapMillis() {
    return measured().stream().mapToLong(a -> a.gapMillis().orElse(0)).max();
  }

  /** Why nothing was measured. */
  String whyNot() {
    return objection
        .or(() -> attempts.stream().flatMap(a -> a.problem().stream()).findFirst())
        .orElse("nobody asked for it");
  }
}
