package phaistos.formats;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A buffer of text, held as the bytes that will be written. A character is one byte (Latin 1), so
 * that text from PostgreSQL's files is written unchanged. Other characters are cut to their lower
 * byte. Not thread-safe.
 */
public final class Text {
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  /** Tens and ones of the numbers 0 to 99. */
  private static final byte[] PAIRS = new byte[200];

  /** Powers of ten; 0 for the first, as 0 has one digit too. */
  private static final long[] POWERS = new long[19];

  static {
    for (int i = 0; i < 100; i++) {
      PAIRS[2 * i] = (byte) ('0' + i / 10);
      PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
    }
    long power = 1;
    for (int i = 1; i < POWERS.length; i++) {
      power *= 10;
      POWERS[i] = power;
    }
  }

  private byte[] bytes;
  private int length;

  public Text() {
    this(256);
  }

  public Text(int capacity) {
    bytes = new byte[capacity];
  }

  public int length() {
    return length;
  }

  public void clear() {
    length = 0;
  }

  /** Removes all but the first {@code kept} bytes. */
  public void cut(int kept) {
    length = Math.min(length, kept);
  }

  public void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, length);
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }

  public Text append(char c) {
    reserve(1);
    bytes[length++] = (byte) c;
    return this;
  }

  @SuppressWarnings("deprecation") // which warns that it takes the lower byte of each character
  public Text append(String text) {
    int more = text.length();
    reserve(more);
    text.getBytes(0, more, bytes, length);
    length += more;
    return this;
  }

  public Text append(boolean value) {
    return append(value ? "true" : "false");
  }

  public Text append(long value) {
    return padded(value, 1, '0');
  }

  /** An unsigned number of 32 bits. */
  public Text unsigned(int value) {
    return digits(value & 0xFFFF_FFFFL, 1, '0');
  }

  /** Filled up on the left, to at least {@code width} characters. */
  public Text padded(long value, int width, char fill) {
    if (value >= 0) {
      return digits(value, width, fill);
    }
    for (int i = 1; i < width; i++) {
      append(fill);
    }
    return append(Long.toString(value));
  }

  /** Writes the padding first, eight bytes at a time, then the digits from the end, in pairs. */
  private Text digits(long value, int width, char fill) {
    int count = countDigits(value);
    int total = Math.max(width, count);
    reserve(total + Long.BYTES);
    byte[] out = bytes;
    for (int i = 0; i < total - count; i += Long.BYTES) {
      ByteWriter.putI64(out, length + i, fill * 0x0101_0101_0101_0101L);
    }
    int at = length + total;
    length = at;
    long left = value;
    while (left > Integer.MAX_VALUE) {
      at = pair(out, at, (int) (left % 100));
      left /= 100;
    }
    int rest = (int) left;
    while (rest >= 100) {
      at = pair(out, at, rest % 100);
      rest /= 100;
    }
    if (rest >= 10) {
      pair(out, at, rest);
    } else {
      out[at - 1] = (byte) ('0' + rest);
    }
    return this;
  }

  private static int pair(byte[] out, int end, int value) {
    out[end - 1] = PAIRS[2 * value + 1];
    out[end - 2] = PAIRS[2 * value];
    return end - 2;
  }

  /**
   * Computed as the number of bits times log10(2), which is one too many below the power of ten.
   */
  private static int countDigits(long value) {
    int log = (64 - Long.numberOfLeadingZeros(value | 1)) * 1233 >>> 12;
    return value < POWERS[log] ? log : log + 1;
  }

  /** Upper-case hexadecimal digits without leading zeros (C's {@code %X}). */
  public Text hex(int value) {
    return hex(value, Math.max(1, (35 - Integer.numberOfLeadingZeros(value)) >> 2));
  }

  /** Exactly {@code digits} upper-case hexadecimal digits. */
  public Text hex(int value, int digits) {
    reserve(digits);
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      bytes[length++] = HEX[value >>> shift & 15];
    }
    return this;
  }

  /** C's {@code %X/%X}. */
  public Text lsn(long lsn) {
    return hex((int) (lsn >>> 32)).append('/').hex((int) lsn);
  }

  /** pg_waldump's {@code %X/%08X}. */
  public Text paddedLsn(long lsn) {
    return hex((int) (lsn >>> 32)).append('/').hex((int) lsn, 8);
  }

  /** Filled up with spaces on the right, to at least {@code width} characters. */
  public Text padded(String text, int width) {
    append(text);
    for (int i = text.length(); i < width; i++) {
      append(' ');
    }
    return this;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }
}
