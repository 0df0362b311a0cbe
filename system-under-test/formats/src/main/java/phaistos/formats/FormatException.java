package phaistos.formats;

/** Bytes that are not what PostgreSQL writes; the message is one line and says what and where. */
public class FormatException extends RuntimeException {
  public FormatException(String message) {
    super(message);
  }
}
