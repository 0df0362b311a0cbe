package phaistos.checker.durability;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.formats.TimelineHistory;
import phaistos.formats.redo.TimelineHole;

/**
 * A node's past, as its files show it.
 *
 * @param line its timeline with ancestors
 * @param starts how its timelines began, as far as their first records exist
 * @param hole existing WAL that recovery does not choose
 * @param isPromoted it began its newest timeline itself
 * @param whyTorn why the files are not of one moment, as in a copy of a running server; empty if
 *     there is no sign of it
 */
public record Situation(
    TimelineHistory line,
    Map<Integer, Start> starts,
    Optional<TimelineHole> hole,
    boolean isPromoted,
    String whyTorn) {
  /** How a timeline began (PerformRecoveryXLogAction, xlog.c). */
  public enum Start {
    /** An END_OF_RECOVERY record: a standby was promoted. */
    PROMOTION,
    /** A checkpoint: recovery from an archive came to its end. */
    ARCHIVE_RECOVERY
  }

  static final Situation NONE =
      new Situation(TimelineHistory.root(1), Map.of(), Optional.empty(), false, "");

  /** How recovery left a timeline for the next one. */
  enum Way {
    /** By promotions: another server may have taken over. */
    FAILOVER,
    /** Only by recoveries from an archive: this server was restored. */
    RESTORED,
    /** The records that would show it are missing. */
    UNKNOWN
  }

  /** How the newest timeline came from this one; 0 means the oldest. */
  Way since(int timeline) {
    List<TimelineHistory.Entry> ancestors = line.ancestors();
    boolean isUnknown = false;
    for (int i = 0; i < ancestors.size(); i++) {
      int child = i + 1 < ancestors.size() ? ancestors.get(i + 1).timeline() : line.timeline();
      if (Integer.compareUnsigned(child, timeline) <= 0) {
        continue;
      }
      Start start = starts.get(child);
      if (start == Start.PROMOTION) {
        return Way.FAILOVER;
      }
      isUnknown |= start == null;
    }
    return isUnknown ? Way.UNKNOWN : Way.RESTORED;
  }

  /** The reason in the history file for which a timeline was left, such as a recovery target. */
  String reasonToLeave(int timeline) {
    return line.ancestors().stream()
        .filter(entry -> Integer.compareUnsigned(entry.timeline(), Math.max(timeline, 1)) >= 0)
        .map(TimelineHistory.Entry::reason)
        .findFirst()
        .orElse("");
  }
}
