package phaistos.workloads;

import phaistos.histories.Details;

/** Which acknowledged commits must survive the loss of the primary. */
public final class Owed {
  private Owed() {}

  /**
   * Whether a standby had to have the commit before it was acknowledged: its level is not off or
   * local, standby names were set, and its wait was not cut short. If the history does not say, it
   * is owed.
   */
  public static boolean isOwed(Details details) {
    String level = details.synchronousCommit().orElse("on");
    boolean waits = !level.equals("off") && !level.equals("local");
    boolean hasStandbys = details.standbyNames().map(names -> !names.isBlank()).orElse(true);
    return waits && hasStandbys && !details.unreplicated();
  }

  /**
   * Whether the commit is owed after a power cut of all nodes too: at {@code remote_write} the
   * standbys may have written it only.
   */
  public static boolean survivesPowerCut(Details details) {
    return isOwed(details) && !details.synchronousCommit().orElse("on").equals("remote_write");
  }
}
