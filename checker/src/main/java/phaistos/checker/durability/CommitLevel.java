package phaistos.checker.durability;

import java.util.Locale;

/** The values of {@code synchronous_commit}, from the weakest to the strongest. */
public enum CommitLevel {
  /**
   * Acknowledged before the WAL is flushed: a crash may lose up to three cycles of the WAL writer.
   */
  OFF,
  /** Flushed by the primary. */
  LOCAL,
  /** Flushed by the primary, written by the standbys. */
  REMOTE_WRITE,
  /** Flushed by the primary and by the standbys. */
  ON,
  /** Flushed by the primary, flushed and replayed by the standbys. */
  REMOTE_APPLY;

  /** PostgreSQL's spellings, the boolean ones included. */
  public static CommitLevel parse(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "off", "false", "no", "0" -> OFF;
      case "local" -> LOCAL;
      case "remote_write" -> REMOTE_WRITE;
      case "on", "true", "yes", "1" -> ON;
      case "remote_apply" -> REMOTE_APPLY;
      default ->
          throw new IllegalArgumentException(
              "not a synchronous_commit level: \""
                  + text
                  + "\" (off, local, remote_write, on, remote_apply)");
    };
  }

  boolean waitsForStandbys() {
    return compareTo(REMOTE_WRITE) >= 0;
  }

  /** PostgreSQL's spelling. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
