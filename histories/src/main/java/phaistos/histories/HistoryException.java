package phaistos.histories;

/** A file that is not a history; the message names file, line and reason. */
public final class HistoryException extends RuntimeException {
  private final String source;
  private final long line;
  private final String reason;

  public HistoryException(String source, long line, String reason) {
    super(source + (line > 0 ? ":" + line : "") + ": " + reason);
    this.source = source;
    this.line = line;
    this.reason = reason;
  }

  public String source() {
    return source;
  }

  /** The line, from 1; 0 for the whole file. */
  public long line() {
    return line;
  }

  public String reason() {
    return reason;
  }
}
