package phaistos.harness.guarantees;

import java.util.List;
import phaistos.checker.durability.CommitLevel;

/**
 * What PostgreSQL's documentation promises for acknowledged commits (version 15: 20.5.1
 * synchronous_commit, 27.2.8 synchronous replication, 30.4 asynchronous commit), in our words.
 *
 * @param isKept whether every commit that was acknowledged without a warning must be there
 * @param why in one clause
 */
public record Promise(boolean isKept, String why) {
  /** A sentence of the documentation, in our words, with its section. */
  public record Rule(String subject, String says, String section) {}

  /** What it says of the levels, the standbys and the wait. */
  static final List<Rule> RULES =
      List.of(
          new Rule(
              "off",
              "The client is told before the WAL is flushed. A crash of the server may lose the"
                  + " last commits, at most three times wal_writer_delay; the database stays"
                  + " consistent.",
              "20.5.1, 30.4"),
          new Rule(
              "local",
              "Waits for the primary's own flush, not for standbys. Survives the primary's crash,"
                  + " not its loss.",
              "20.5.1"),
          new Rule(
              "remote_write",
              "Waits until the standbys have received the commit and written it to their file"
                  + " system. Survives a crash of a standby's PostgreSQL, not of its operating"
                  + " system.",
              "20.5.1, 27.2.8"),
          new Rule(
              "on",
              "Waits until the standbys have flushed the commit. It is lost only if the primary"
                  + " and all standbys that answered lose their storage.",
              "20.5.1, 27.2.8"),
          new Rule(
              "remote_apply",
              "As on, and the standbys that answered have replayed the commit, so that queries"
                  + " there see it.",
              "20.5.1, 27.2.8"),
          new Rule(
              "synchronous_standby_names",
              "Empty: no commit waits, whatever the level. ANY k: any k standbys. FIRST k: the"
                  + " first k that are connected. Too few connected: commits wait for ever.",
              "20.6.2, 27.2.8"),
          new Rule(
              "a wait that is cut short",
              "A cancelled wait ends with a warning: the transaction is committed on the primary,"
                  + " perhaps nowhere else. After a crash of the primary its waiting transactions"
                  + " are committed there.",
              "27.2.8"),
          new Rule(
              "failover",
              "The administrator chooses the standby. If not all of them had to answer, the one"
                  + " that is promoted must be one that did.",
              "27.2.8, 27.3"));

  /** The promise for a combination. */
  public static Promise of(Combination combination) {
    boolean isOff = combination.level() == CommitLevel.OFF;
    boolean waits = combination.waits();
    return switch (combination.mishap()) {
      case STANDBY_KILLED, STANDBY_POWER -> kept("the primary has it");
      case PRIMARY_KILLED, PRIMARY_POWER, ALL_KILLED, ALL_POWER ->
          isOff
              ? open("off: up to three times wal_writer_delay")
              : kept("flushed on the primary, which comes back");
      case PRIMARY_LOST, PARTITION_FAILOVER, ALL_KILLED_FAILOVER, RESTART_THEN_LOST ->
          waits ? kept("on a standby, and the right one is promoted") : open(alone(combination));
      case ALL_POWER_FAILOVER ->
          !waits
              ? open(alone(combination))
              : combination.level() == CommitLevel.REMOTE_WRITE
                  ? open("remote_write: the standby need not have flushed it")
                  : kept("flushed on a standby, and the right one is promoted");
      case CANCELLED_WAIT ->
          waits
              ? kept("on a standby, unless the client was warned that its wait was cut short")
              : open(alone(combination));
      case NAMES_EMPTIED ->
          waits
              ? open("without names no commit waits, and those that wait are released")
              : open(alone(combination));
      case RECKLESS_FAILOVER ->
          !waits
              ? open(alone(combination))
              : combination.standbys().required() == combination.standbys().nodes() - 1
                  ? kept("on every standby")
                  : open("only one standby had to answer, and another one may be promoted");
    };
  }

  private static String alone(Combination combination) {
    return combination.standbys() == Standbys.NONE
        ? "no standby had to have it"
        : combination.level().word() + ": no standby had to have it";
  }

  private static Promise kept(String why) {
    return new Promise(true, why);
  }

  private static Promise open(String why) {
    return new Promise(false, why);
  }
}
