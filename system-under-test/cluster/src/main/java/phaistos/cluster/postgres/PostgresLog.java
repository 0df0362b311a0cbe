package phaistos.cluster.postgres;

/** The lines of PostgreSQL's log that a cluster waits for. */
public final class PostgresLog {
  private PostgresLog() {}

  /** Whether connections are accepted from now on. */
  public static boolean saysReady(String line) {
    // A primary's line, or a standby's.
    return line.contains("database system is ready to accept");
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
