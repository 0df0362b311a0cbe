package phaistos.checker.durability;

import java.util.Locale;

/** The audit's answer for one transaction. */
public enum Judgement {
  /** Acknowledged, and on all nodes that owe it. */
  CONFIRMED(false),
  /** The same by the commit log alone: its WAL was removed. */
  CONFIRMED_BY_COMMIT_LOG(false),
  /** Acknowledged, and missing on a node that owes it. */
  LOST(true),
  /** Acknowledged and lost, which its level allows. */
  LOST_AS_ALLOWED(false),
  /** Acknowledged and on disk, but in WAL that recovery does not choose: not lost yet. */
  NOT_CHOSEN_BY_RECOVERY(false),
  /** Acknowledged; the files do not show whether it is lost. */
  NOT_JUDGED(false),
  /** Rolled back, and nowhere committed. */
  ROLLED_BACK(false),
  /** Rolled back for the client, committed in the files. */
  ROLLED_BACK_YET_COMMITTED(true),
  /** No client was told its outcome; it is committed. */
  RECOVERED(false),
  /** No client was told its outcome; it is committed nowhere. */
  DID_NOT_HAPPEN(false),
  /** No client was told its outcome; the files do not show it either. */
  UNDECIDED(false);

  private final boolean violation;

  Judgement(boolean violation) {
    this.violation = violation;
  }

  public boolean isViolation() {
    return violation;
  }

  /** Lower case, with spaces. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
