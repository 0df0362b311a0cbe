package phaistos.histories;

/** Text that is no EDN, or EDN that is no history: names the source and the line. */
public final class EdnException extends RuntimeException {
  public EdnException(String source, long line, String reason) {
    super(source + ":" + line + ": " + reason);
  }
}
