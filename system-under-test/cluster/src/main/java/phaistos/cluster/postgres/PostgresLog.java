package phaistos.cluster.postgres;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines of PostgreSQL's log that a cluster waits for. */
public final class PostgresLog {
  private static final Pattern MESSAGE = Pattern.compile("\\b(LOG|FATAL|PANIC): +(.*)");

  private PostgresLog() {}

  /** Whether connections are accepted from now on. */
  public static boolean saysReady(String line) {
    // A primary's line, or a standby's.
    return line.contains("database system is ready to accept");
  }

  /**
   * Why a server ended: its last fatal error, after what it said just before; else its last line.
   */
  public static String whyItEnded(List<String> log) {
    for (int i = log.size() - 1; i >= 0; i--) {
      Matcher fatal = MESSAGE.matcher(log.get(i));
      if (fatal.find() && !fatal.group(1).equals("LOG") && !log.get(i).contains("starting up")) {
        Matcher before = MESSAGE.matcher(i == 0 ? "" : log.get(i - 1));
        boolean isCause = before.find() && fatal.group(2).endsWith("contains errors");
        return (isCause ? before.group(2) + "; " : "") + fatal.group(1) + ": " + fatal.group(2);
      }
    }
    return log.isEmpty() ? "it said nothing" : log.getLast();
  }

  /** Whether redo runs. */
  public static boolean saysRedo(String line) {
    return line.contains("redo starts at");
  }

  /**
   * Whether a standby will never stream from its primary: its WAL went on beyond the place where
   * the new timeline begins.
   */
  public static boolean saysCannotFollow(String line) {
    return line.contains("forked off current database system timeline")
        || line.contains("is not a child of this server's history")
        || line.contains("is not in this server's history")
        || line.contains("ahead of the WAL flush position");
  }
}
