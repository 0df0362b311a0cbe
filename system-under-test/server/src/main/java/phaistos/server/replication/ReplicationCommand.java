package phaistos.server.replication;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.formats.Lsn;
import phaistos.server.errors.PgError;

/** The commands of the replication protocol (repl_gram.y) that this server supports. */
public sealed interface ReplicationCommand {
  record IdentifySystem() implements ReplicationCommand {}

  record TimelineHistory(int timeline) implements ReplicationCommand {}

  record Show(String name) implements ReplicationCommand {}

  record StartReplication(Optional<String> slot, Lsn start, OptionalInt timeline)
      implements ReplicationCommand {}

  Pattern TIMELINE = Pattern.compile("(?i)TIMELINE_HISTORY\\s+(\\d{1,10})");
  Pattern SHOW = Pattern.compile("(?i)SHOW\\s+([A-Za-z_.]+)");
  Pattern START =
      Pattern.compile(
          "(?i)START_REPLICATION(?:\\s+SLOT\\s+\"?([a-z0-9_]+)\"?)?(?:\\s+PHYSICAL)?"
              + "\\s+([0-9A-F]{1,8}/[0-9A-F]{1,8})(?:\\s+TIMELINE\\s+(\\d{1,10}))?");

  /** Commands that PostgreSQL has and this server has not. */
  Pattern MISSING =
      Pattern.compile(
          "(?i)(BASE_BACKUP|CREATE_REPLICATION_SLOT|READ_REPLICATION_SLOT|DROP_REPLICATION_SLOT)"
              + "\\b.*",
          Pattern.DOTALL);

  /** Whether the text begins as a replication command does, and not as SQL. */
  static boolean isOne(String text) {
    String trimmed = strip(text);
    return trimmed.equalsIgnoreCase("IDENTIFY_SYSTEM")
        || TIMELINE.matcher(trimmed).matches()
        || SHOW.matcher(trimmed).matches()
        || trimmed.regionMatches(true, 0, "START_REPLICATION", 0, 17)
        || MISSING.matcher(trimmed).matches();
  }

  /**
   * Reads a command.
   *
   * @throws PgError 42601 for text that is none, 0A000 for a command that this server does not have
   */
  static ReplicationCommand parse(String text) {
    String trimmed = strip(text);
    if (trimmed.equalsIgnoreCase("IDENTIFY_SYSTEM")) {
      return new IdentifySystem();
    }
    Matcher matcher = TIMELINE.matcher(trimmed);
    if (matcher.matches()) {
      return new TimelineHistory(number(matcher.group(1)));
    }
    matcher = SHOW.matcher(trimmed);
    if (matcher.matches()) {
      return new Show(matcher.group(1));
    }
    matcher = START.matcher(trimmed);
    if (matcher.matches()) {
      return new StartReplication(
          Optional.ofNullable(matcher.group(1)),
          Lsn.parse(matcher.group(2)),
          matcher.group(3) == null
              ? OptionalInt.empty()
              : OptionalInt.of(number(matcher.group(3))));
    }
    matcher = MISSING.matcher(trimmed);
    if (matcher.matches()) {
      throw PgError.unsupported(matcher.group(1).toUpperCase(java.util.Locale.ROOT));
    }
    throw PgError.error("42601", "syntax error in replication command: \"%s\"".formatted(trimmed));
  }

  private static String strip(String text) {
    String trimmed = text.strip();
    return trimmed.endsWith(";") ? trimmed.substring(0, trimmed.length() - 1).strip() : trimmed;
  }

  private static int number(String digits) {
    try {
      return Integer.parseUnsignedInt(digits);
    } catch (NumberFormatException e) {
      throw PgError.error("22003", "timeline is out of range: " + digits);
    }
  }
}
