package phaistos.formats;

import java.util.Arrays;

/**
 * The bytes between fields that a C compiler inserts for alignment, in the order of the structure.
 * PostgreSQL mostly leaves there what was in memory, so a record can be rebuilt byte for byte only
 * with them. Our own records have {@link #ZERO}.
 */
public final class Padding {
  /** All padding bytes are zero. */
  public static final Padding ZERO = new Padding(new byte[0]);

  private final byte[] bytes;

  private Padding(byte[] bytes) {
    this.bytes = bytes;
  }

  static Padding of(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return new Padding(bytes);
      }
    }
    return ZERO;
  }

  byte at(int index) {
    return index < bytes.length ? bytes[index] : 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Padding that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length == 0 ? "zero" : java.util.HexFormat.of().formatHex(bytes);
  }
}
