package phaistos.harness.guarantees;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One try of a combination.
 *
 * @param database "phaistos 0.1.0", "postgres:15"
 * @param stress what was slow before, in words
 * @param acknowledged commits of which clients were told, with a warning or without
 * @param lost those that are gone, of which the client was told without a warning
 * @param lostWarned those that are gone and came with the warning of a wait that was cut short
 * @param lostReads rows that were read and are gone
 * @param gapMillis from the mishap to the next commit, as long as what was lost is not back; empty
 *     if there was none within {@link Scene#PATIENCE_NANOS}
 * @param witnesses of what is gone, a few
 * @param problem why nothing could be measured
 */
public record Attempt(
    String database,
    String cluster,
    Combination combination,
    long seed,
    String stress,
    int acknowledged,
    int lost,
    int lostWarned,
    int lostReads,
    OptionalLong gapMillis,
    List<Witness> witnesses,
    Optional<String> problem) {
  /**
   * A row that is gone.
   *
   * @param what "an acknowledged commit", "a read"
   * @param marker the row's key
   * @param xid and {@code lsn}, the insert position just before its commit record; empty for a read
   * @param node who acknowledged it or was read
   * @param atMillis when, before (negative) or after the mishap
   */
  public record Witness(
      String what, long marker, String xid, String lsn, String node, long atMillis) {
    String text() {
      String where =
          xid.isEmpty() ? "read on " + node : "xid " + xid + ", WAL " + lsn + ", told by " + node;
      String when =
          Math.abs(atMillis) + " ms " + (atMillis < 0 ? "before" : "after") + " the fault";
      return what + ": row " + marker + ", " + where + ", " + when;
    }
  }

  public Attempt {
    witnesses = List.copyOf(witnesses);
  }

  /** Nothing was measured. */
  static Attempt failed(
      String database, String cluster, Combination combination, long seed, String problem) {
    return new Attempt(
        database,
        cluster,
        combination,
        seed,
        "",
        0,
        0,
        0,
        0,
        OptionalLong.empty(),
        List.of(),
        Optional.of(problem));
  }

  boolean isMeasured() {
    return problem.isEmpty();
  }

  /** Whether commits went on while what was lost was not back. */
  boolean isServing() {
    return gapMillis.isPresent();
  }

  /** Whether the documentation's promise was broken. */
  public boolean breaksPromise() {
    return lost > 0 && Promise.of(combination).isKept();
  }

  /** What came of it, in one line. */
  public String line() {
    String head =
        "%-18s %-12s %-7s seed %d: "
            .formatted(
                combination.mishap().word(),
                combination.level().word(),
                combination.standbys().word(),
                seed);
    if (problem.isPresent()) {
      return head + "not measured: " + problem.get();
    }
    StringBuilder text = new StringBuilder(head);
    text.append(lost == 0 ? "no loss" : "LOST " + lost).append(" of ").append(acknowledged);
    text.append(lostWarned == 0 ? "" : ", " + lostWarned + " lost with a warning");
    text.append(lostReads == 0 ? "" : ", " + lostReads + " reads lost");
    text.append(isServing() ? "" : ", stopped");
    return text.append(breaksPromise() ? "  AGAINST THE DOCUMENTATION" : "").toString();
  }

  /** The command that tries it again. */
  public String command() {
    StringBuilder words = new StringBuilder("./phaistos guarantees");
    if (!cluster.equals("simulated")) {
      words.append(" --db ").append(database).append(" --cluster ").append(cluster);
    }
    return words
        .append(' ')
        .append(combination.options())
        .append(" --seed ")
        .append(seed)
        .append(" --seeds 1")
        .toString();
  }
}
