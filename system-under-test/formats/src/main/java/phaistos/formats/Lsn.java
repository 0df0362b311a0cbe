package phaistos.formats;

import java.util.Locale;

/**
 * A position in the WAL, in bytes from its beginning, unsigned (PostgreSQL's XLogRecPtr). 0 is
 * invalid.
 */
public record Lsn(long value) implements Comparable<Lsn> {
  public static final Lsn INVALID = new Lsn(0);

  /** Reads PostgreSQL's form: two hexadecimal numbers with a slash between them. */
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    try {
      if (slash > 0) {
        long high = Long.parseLong(text.substring(0, slash), 16);
        long low = Long.parseLong(text.substring(slash + 1), 16);
        if (high >= 0 && high < 1L << 32 && low >= 0 && low < 1L << 32) {
          return new Lsn(high << 32 | low);
        }
      }
    } catch (NumberFormatException e) {
      // reported below, with the whole text
    }
    throw new IllegalArgumentException(
        "not an LSN: \"" + text + "\" (expected for example 0/16B3748)");
  }

  public boolean isValid() {
    return value != 0;
  }

  public Lsn plus(long bytes) {
    return new Lsn(value + bytes);
  }

  /** The number of bytes from {@code earlier} to this position. */
  public long minus(Lsn earlier) {
    return value - earlier.value;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    String text =
        Integer.toHexString((int) (value >>> 32)) + "/" + Integer.toHexString((int) value);
    return text.toUpperCase(Locale.ROOT);
  }
}
