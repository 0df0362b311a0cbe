package phaistos.formats;

/**
 * Bytes that are not what PostgreSQL 15 writes; the message is one line and says what and where.
 */
public class FormatException extends RuntimeException {
  public FormatException(String message) {
    super(message);
  }
}
