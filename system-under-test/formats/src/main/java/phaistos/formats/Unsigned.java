package phaistos.formats;

/** Appends unsigned numbers and LSNs to text, without intermediate strings. */
public final class Unsigned {
  private static final String HEX = "0123456789ABCDEF";

  private Unsigned() {}

  public static StringBuilder append(StringBuilder out, int value) {
    return value >= 0 ? out.append(value) : out.append(value & 0xFFFF_FFFFL);
  }

  /** Upper-case hexadecimal digits without leading zeros (C's {@code %X}). */
  public static StringBuilder appendHex(StringBuilder out, int value) {
    int digits = Math.max(1, (35 - Integer.numberOfLeadingZeros(value)) >> 2);
    return appendHex(out, value, digits);
  }

  /** Exactly {@code digits} upper-case hexadecimal digits. */
  public static StringBuilder appendHex(StringBuilder out, int value, int digits) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      out.append(HEX.charAt(value >>> shift & 15));
    }
    return out;
  }

  /** C's {@code %X/%X}. */
  public static StringBuilder appendLsn(StringBuilder out, long lsn) {
    appendHex(out, (int) (lsn >>> 32)).append('/');
    return appendHex(out, (int) lsn);
  }

  /** pg_waldump's {@code %X/%08X}. */
  public static StringBuilder appendPaddedLsn(StringBuilder out, long lsn) {
    appendHex(out, (int) (lsn >>> 32)).append('/');
    return appendHex(out, (int) lsn, 8);
  }
}
