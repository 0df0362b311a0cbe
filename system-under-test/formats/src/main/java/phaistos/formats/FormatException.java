package phaistos.formats;

/**
 * Bytes that PostgreSQL would not write. The message is one line that says what is wrong and where.
 */
public class FormatException extends RuntimeException {
  public FormatException(String message) {
    super(message);
  }
}
