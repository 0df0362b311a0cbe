package phaistos.checker.durability;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.formats.TimelineHistory;
import phaistos.formats.redo.TimelineHole;

/**
 * What a node's files say of how it came to be as it is.
 *
 * @param line the timelines that it follows
 * @param starts how timelines of the line began, of those whose first record is there
 * @param hole WAL that is there and that recovery does not choose
 * @param isPromoted it began its newest timeline itself
 * @param whyTorn why the files are not of one moment, as of a copy of a running server; empty if
 *     nothing says so
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

  /** How the line went on behind a timeline. */
  enum Way {
    /** By promotions: another server may have taken over. */
    FAILOVER,
    /** By recoveries from an archive only: this server was restored. */
    RESTORED,
    /** The records that would tell are not there. */
    UNKNOWN
  }

  /** How this line came from a timeline, 0 for its oldest, to its newest. */
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
