package phaistos.harness.guarantees;

import java.util.Arrays;
import java.util.Optional;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;

/** What goes wrong under load, and who is primary afterwards. */
public enum Mishap {
  PRIMARY_KILLED("kill-primary", "the primary's processes are killed, and it starts again"),
  PRIMARY_POWER(
      "power-primary", "the primary loses its power, and starts again", Capability.POWER_CUT),
  STANDBY_KILLED("kill-standby", "a standby's processes are killed, and it stays down for a while"),
  STANDBY_POWER(
      "power-standby",
      "a standby loses its power, and stays down for a while",
      Capability.POWER_CUT),
  ALL_KILLED("kill-all", "all nodes' processes are killed, and all start again"),
  ALL_POWER("power-all", "all nodes lose their power, and all start again", Capability.POWER_CUT),
  PRIMARY_LOST(
      "primary-lost",
      "the primary is lost for good; of the standbys the most advanced one is promoted"),
  PARTITION_FAILOVER(
      "partition-failover",
      "the primary is cut off from the other nodes, not from its clients; the most advanced"
          + " standby is promoted, and the former primary is found and stopped half a second"
          + " later",
      Capability.CUT),
  ALL_KILLED_FAILOVER(
      "kill-all-failover",
      "all nodes' processes are killed, and the primary never comes back; the most advanced standby"
          + " is promoted"),
  ALL_POWER_FAILOVER(
      "power-all-failover",
      "all nodes lose their power, and the primary never comes back; the most advanced standby is"
          + " promoted",
      Capability.POWER_CUT),
  RESTART_THEN_LOST(
      "restart-then-lost",
      "the primary, cut off from its standbys, is killed, starts again, is read, and is lost; the"
          + " most advanced standby is promoted",
      Capability.CUT),
  CANCELLED_WAIT(
      "cancelled-wait",
      "no standby answers, and the commits that wait are cancelled; then the primary is lost, and"
          + " the most advanced standby is promoted",
      Capability.CUT),
  NAMES_EMPTIED(
      "names-emptied",
      "no standby answers, and somebody empties synchronous_standby_names, so that the commits that"
          + " wait are released without a warning; then the primary is lost, and the most advanced"
          + " standby is promoted",
      Capability.CUT),
  RECKLESS_FAILOVER(
      "reckless-failover",
      "the primary is lost, and a standby is promoted that nobody has compared with the others",
      Capability.CUT);

  private final String word;
  private final String sentence;
  private final Optional<Capability> need;

  Mishap(String word, String sentence) {
    this.word = word;
    this.sentence = sentence;
    this.need = Optional.empty();
  }

  Mishap(String word, String sentence, Capability need) {
    this.word = word;
    this.sentence = sentence;
    this.need = Optional.of(need);
  }

  /** Its name on the command line. */
  public String word() {
    return word;
  }

  /** What happens, as a clause. */
  public String sentence() {
    return sentence;
  }

  /** Whether in the end the same node is primary, and all nodes stand as before. */
  boolean keepsPrimary() {
    return switch (this) {
      case PRIMARY_KILLED, PRIMARY_POWER, STANDBY_KILLED, STANDBY_POWER, ALL_KILLED, ALL_POWER ->
          true;
      case PRIMARY_LOST,
          PARTITION_FAILOVER,
          ALL_KILLED_FAILOVER,
          ALL_POWER_FAILOVER,
          RESTART_THEN_LOST,
          CANCELLED_WAIT,
          NAMES_EMPTIED,
          RECKLESS_FAILOVER ->
          false;
    };
  }

  /** Whether disks lose their unsynced writes. */
  boolean cutsPower() {
    return need.equals(Optional.of(Capability.POWER_CUT));
  }

  static Optional<Mishap> named(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }

  /** Why a cluster cannot have it; empty if it can. */
  Optional<String> objection(Capabilities capabilities) {
    return need.flatMap(capabilities::objection);
  }
}
