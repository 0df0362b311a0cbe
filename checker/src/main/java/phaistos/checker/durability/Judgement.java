package phaistos.checker.durability;

import java.util.Locale;

/** What became of one transaction. */
public enum Judgement {
  /** Acknowledged, and everywhere where it was promised to be. */
  CONFIRMED(false),
  /** The same by the commit log alone: its WAL was removed. */
  CONFIRMED_BY_COMMIT_LOG(false),
  /** Acknowledged, and not where it was promised to be. */
  LOST(true),
  /** Acknowledged and gone, which its level allows. */
  LOST_AS_ALLOWED(false),
  /** Acknowledged and on disk, but in WAL that recovery does not choose: not lost yet. */
  NOT_CHOSEN_BY_RECOVERY(false),
  /** Acknowledged; the files cannot tell. */
  NOT_JUDGED(false),
  /** Rolled back, and nowhere committed. */
  ROLLED_BACK(false),
  /** Rolled back for the client, committed in the files. */
  ROLLED_BACK_YET_COMMITTED(true),
  /** Nobody was told; it is committed. */
  RECOVERED(false),
  /** Nobody was told; it is committed nowhere. */
  DID_NOT_HAPPEN(false),
  /** Nobody was told; the files cannot tell either. */
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
