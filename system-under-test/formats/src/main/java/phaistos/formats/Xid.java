package phaistos.formats;

/**
 * A transaction id of 32 bits (PostgreSQL's TransactionId). Normal ids are compared modulo 2^32: an
 * id precedes the two thousand million after it and follows those before it. 0 is invalid, 1 is the
 * bootstrap transaction, 2 marks frozen tuples; these three precede every normal id.
 */
public record Xid(int value) {
  public static final Xid INVALID = new Xid(0);
  public static final Xid BOOTSTRAP = new Xid(1);
  public static final Xid FROZEN = new Xid(2);

  /** The first normal id, also after each wrap-around. */
  public static final Xid FIRST_NORMAL = new Xid(3);

  public static Xid of(long unsigned) {
    if (unsigned < 0 || unsigned > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException("not a transaction id of 32 bits: " + unsigned);
    }
    return new Xid((int) unsigned);
  }

  public static Xid parse(String text) {
    try {
      return new Xid(Integer.parseUnsignedInt(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a transaction id: \"" + text + "\"", e);
    }
  }

  public boolean isValid() {
    return value != 0;
  }

  public boolean isNormal() {
    return Integer.compareUnsigned(value, 3) >= 0;
  }

  public boolean precedes(Xid other) {
    return precedes(value, other.value);
  }

  public boolean precedesOrEquals(Xid other) {
    return value == other.value || precedes(value, other.value);
  }

  public boolean follows(Xid other) {
    return precedes(other.value, value);
  }

  /** The rule itself, for arrays of ids (PostgreSQL's TransactionIdPrecedes). */
  public static boolean precedes(int a, int b) {
    boolean normal = Integer.compareUnsigned(a, 3) >= 0 && Integer.compareUnsigned(b, 3) >= 0;
    return normal ? a - b < 0 : Integer.compareUnsigned(a, b) < 0;
  }

  /** The next id, which is never one of the three special ones. */
  public Xid next() {
    int next = value + 1;
    return Integer.compareUnsigned(next, 3) < 0 ? FIRST_NORMAL : new Xid(next);
  }

  /** The id before this one, skipping the special ones. */
  public Xid previous() {
    int previous = value;
    do {
      previous--;
    } while (Integer.compareUnsigned(previous, 3) < 0);
    return new Xid(previous);
  }

  public long toLong() {
    return value & 0xFFFF_FFFFL;
  }

  @Override
  public String toString() {
    return Integer.toUnsignedString(value);
  }
}
