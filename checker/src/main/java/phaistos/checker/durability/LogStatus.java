package phaistos.checker.durability;

/** A transaction's status in the commit log. */
public enum LogStatus {
  /** No bits: in progress, or ended by a crash, which counts as aborted. */
  NONE("no status"),
  COMMITTED("committed"),
  ABORTED("aborted"),
  SUB_COMMITTED("sub-committed"),
  /** The file with its status is missing or too short. */
  NO_PAGE("no page"),
  /** The same, but the file should exist: the copy or the server has lost it. */
  UNREAD("nothing: its file is missing, too short or cannot be read"),
  /** Its page was truncated: VACUUM has frozen the rows of all commits that are so old. */
  FROZEN("truncated, as VACUUM has frozen all commits that are so old");

  private final String word;

  LogStatus(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  static LogStatus ofBits(int bits) {
    return switch (bits) {
      case 0 -> NONE;
      case 1 -> COMMITTED;
      case 2 -> ABORTED;
      default -> SUB_COMMITTED;
    };
  }
}
