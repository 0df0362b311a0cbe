package phaistos.harness.guarantees;

import java.util.List;
import java.util.Set;

/** What an architect may ask for. */
enum Need {
  CRASH(
      "No acknowledged commit is lost when processes crash and start again",
      false,
      false,
      Mishap.PRIMARY_KILLED,
      Mishap.STANDBY_KILLED,
      Mishap.ALL_KILLED),
  POWER(
      "... when machines lose their power and come back",
      false,
      false,
      Mishap.PRIMARY_POWER,
      Mishap.STANDBY_POWER,
      Mishap.ALL_POWER),
  PRIMARY_LOST(
      "... when the primary is lost for good, also by a cut network",
      false,
      false,
      Mishap.PRIMARY_LOST,
      Mishap.PARTITION_FAILOVER,
      Mishap.ALL_KILLED_FAILOVER,
      Mishap.RESTART_THEN_LOST),
  ALL_POWER_LOST(
      "... when all lose their power and the primary does not come back",
      false,
      false,
      Mishap.ALL_POWER_FAILOVER),
  RECKLESS(
      "... when the failover takes any standby, without comparing",
      false,
      false,
      Mishap.RECKLESS_FAILOVER),
  CANCELLED(
      "... when somebody cancels commits that wait, and their warnings are not read",
      false,
      false,
      Mishap.CANCELLED_WAIT),
  EMPTIED(
      "... when somebody empties synchronous_standby_names while no standby answers",
      false,
      false,
      Mishap.NAMES_EMPTIED),
  READS(
      "No row that a client has read is lost when the primary is lost",
      true,
      false,
      Mishap.PRIMARY_LOST,
      Mishap.PARTITION_FAILOVER,
      Mishap.ALL_KILLED_FAILOVER,
      Mishap.RESTART_THEN_LOST),
  SERVING_WITHOUT_STANDBY(
      "Commits go on while a standby is down: the strongest level",
      false,
      true,
      Mishap.STANDBY_KILLED),
  SERVING_AFTER_FAILOVER(
      "Commits go on after a failover, the former primary gone: the strongest level",
      false,
      true,
      Mishap.PRIMARY_LOST,
      Mishap.PARTITION_FAILOVER);

  private final String text;
  private final boolean isOfReads;
  private final boolean isOfService;
  private final Set<Mishap> mishaps;

  Need(String text, boolean isOfReads, boolean isOfService, Mishap... mishaps) {
    this.text = text;
    this.isOfReads = isOfReads;
    this.isOfService = isOfService;
    this.mishaps = Set.copyOf(List.of(mishaps));
  }

  String text() {
    return text;
  }

  /** Whether the strongest level that does is asked for, not the weakest. */
  boolean wantsStrongest() {
    return isOfService;
  }

  List<Mishap> mishaps() {
    return mishaps.stream().sorted().toList();
  }

  /**
   * Whether nothing against it was measured; a cell that was not run says nothing against it.
   * Commits must be promised too: a loss that is possible need not show in a few tries.
   */
  boolean isMetBy(Cell cell) {
    if (isOfService) {
      return !cell.stops();
    }
    Combination combination = cell.combination();
    if (isOfReads) {
      // what waited becomes visible by the restart, wherever it is
      return !cell.losesReads() && combination.mishap() != Mishap.RESTART_THEN_LOST;
    }
    return !cell.losesCommits() && !cell.losesWarnedCommits() && Promise.of(combination).isKept();
  }
}
