package phaistos.harness.guarantees;

import java.util.List;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;

/**
 * What is slow just before a mishap. Whether a standby has the last commits depends on it, so a
 * round's seed goes through them in turn, the one that shows most first.
 */
enum Stress {
  NOTHING("nothing was slow"),
  /** The last standby receives nothing. */
  ONE_LINK_CUT("the last standby received nothing for a while"),
  ALL_LINKS_CUT("no standby received anything for a while"),
  /** The standbys' disks take long. */
  SLOW_DISKS("the standbys' disks were slow");

  private final String text;

  Stress(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  static Stress of(Mishap mishap, long seed, Capabilities capabilities) {
    List<Stress> turns = turns(mishap);
    Stress drawn = turns.get((int) Math.floorMod(seed - 1, (long) turns.size()));
    boolean isPossible =
        switch (drawn) {
          case NOTHING -> true;
          case ONE_LINK_CUT, ALL_LINKS_CUT -> capabilities.has(Capability.CUT);
          case SLOW_DISKS -> capabilities.has(Capability.DISK);
        };
    return isPossible ? drawn : NOTHING;
  }

  private static List<Stress> turns(Mishap mishap) {
    return switch (mishap) {
      case PRIMARY_KILLED,
          PRIMARY_POWER,
          STANDBY_KILLED,
          STANDBY_POWER,
          ALL_KILLED,
          ALL_POWER,
          PARTITION_FAILOVER,
          RESTART_THEN_LOST,
          CANCELLED_WAIT,
          NAMES_EMPTIED ->
          List.of(NOTHING);
      case PRIMARY_LOST, ALL_KILLED_FAILOVER -> List.of(ALL_LINKS_CUT, ONE_LINK_CUT, NOTHING);
      case ALL_POWER_FAILOVER -> List.of(SLOW_DISKS, ALL_LINKS_CUT, SLOW_DISKS);
      case RECKLESS_FAILOVER -> List.of(ONE_LINK_CUT);
    };
  }
}
