package phaistos.checker.durability;

import java.util.Locale;

/**
 * An inconsistency of the files, whatever clients were told.
 *
 * @param node the node; two names with a comma if two nodes disagree
 * @param where file and place, or an LSN
 * @param what one sentence
 */
public record Defect(Kind kind, String node, String where, String what) {
  /** The kinds, each with a test that makes it. */
  public enum Kind {
    /** A commit record in the WAL, but a commit log that differs after redo. */
    COMMIT_LOG_LACKS_COMMIT,
    /** Committed bits in the commit log's files without a commit record in the WAL. */
    COMMIT_WITHOUT_RECORD,
    /** Two nodes on one timeline have different WAL, or different commit logs. */
    NODES_DISAGREE,
    /** A timeline was left before it began: recovery did not choose existing WAL, which is lost. */
    TIMELINE_FORKS_BACKWARDS,
    /** A row's hint bits contradict the commit log. */
    HINT_BIT_DISAGREES,
    /** A page of a table was flushed before the WAL that changed it. */
    PAGE_AHEAD_OF_WAL,
    /** A standby's page is later than the position from which its files count as consistent. */
    PAGE_AHEAD_OF_MINIMUM,
    /** At one instant a standby had flushed WAL that its primary had not. */
    STANDBY_AHEAD;

    /** Lower case, with spaces. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }
}
