package phaistos.histories;

/** Text that is not EDN; names the source and the line. */
public final class EdnException extends RuntimeException {
  private final long line;
  private final String reason;
  private final boolean atEnd;

  public EdnException(String source, long line, String reason) {
    this(source, line, reason, false);
  }

  EdnException(String source, long line, String reason, boolean atEnd) {
    super(source + ":" + line + ": " + reason);
    this.line = line;
    this.reason = reason;
    this.atEnd = atEnd;
  }

  /** From 1. */
  public long line() {
    return line;
  }

  public String reason() {
    return reason;
  }

  /** Whether the text ended within a value, so that a longer text might have been valid. */
  public boolean atEnd() {
    return atEnd;
  }
}
