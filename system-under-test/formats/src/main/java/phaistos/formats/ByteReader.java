package phaistos.formats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the little-endian fields of a C structure in order, as PostgreSQL on x86-64 stores them.
 * Reading past the end throws a {@link FormatException} that names the structure. Not thread-safe.
 */
public final class ByteReader {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final byte[] NO_BYTES = new byte[0];

  private final byte[] bytes;
  private final int start;
  private final int end;
  private final String what;
  private int position;
  private byte[] padding = NO_BYTES;
  private int paddingLength;

  public ByteReader(byte[] bytes, String what) {
    this(bytes, 0, bytes.length, what);
  }

  /** Reads {@code bytes[from..to)}; {@code what} names the structure in messages. */
  public ByteReader(byte[] bytes, int from, int to, String what) {
    this.bytes = bytes;
    this.start = from;
    this.position = from;
    this.end = to;
    this.what = what;
  }

  public static int u16(byte[] bytes, int at) {
    return (short) SHORT.get(bytes, at) & 0xFFFF;
  }

  public static int i32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  public static long i64(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  public int u8() {
    return bytes[take(1)] & 0xFF;
  }

  public int u16() {
    return u16(bytes, take(2));
  }

  public int i32() {
    return i32(bytes, take(4));
  }

  public long i64() {
    return i64(bytes, take(8));
  }

  public Lsn lsn() {
    return new Lsn(i64());
  }

  public Xid xid() {
    return new Xid(i32());
  }

  /** A C {@code bool}; anything but 0 and 1 is an error, since it could not be written back. */
  public boolean bool() {
    int value = u8();
    if (value > 1) {
      throw new FormatException(
          "%s: a boolean at byte %d is %d".formatted(what, position - 1 - start, value));
    }
    return value == 1;
  }

  /** The count of the items of {@code itemBytes} bytes that follow; an error if they do not fit. */
  public int count(int itemBytes) {
    int count = i32();
    if (count < 0 || (long) count * itemBytes > remaining()) {
      throw new FormatException(
          "%s: says that %d items of %d bytes follow, but only %d bytes are left"
              .formatted(what, count, itemBytes, remaining()));
    }
    return count;
  }

  public byte[] bytes(int length) {
    int from = take(length);
    return Arrays.copyOfRange(bytes, from, from + length);
  }

  /** Text of {@code length} bytes. Bytes outside ASCII are kept one to one (Latin 1). */
  public String text(int length) {
    int from = take(length);
    return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
  }

  /** Text up to a zero byte, which is read too. */
  public String zeroTerminated() {
    int zero = position;
    while (zero < end && bytes[zero] != 0) {
      zero++;
    }
    if (zero == end) {
      throw new FormatException(what + ": a text has no end");
    }
    String text = text(zero - position);
    position++;
    return text;
  }

  /** Alignment bytes, kept for {@link #padding()}. */
  public void pad(int length) {
    if (length == 0) {
      return;
    }
    int from = take(length);
    padding = Arrays.copyOf(padding, Math.max(paddingLength + length, padding.length));
    System.arraycopy(bytes, from, padding, paddingLength, length);
    paddingLength += length;
  }

  /**
   * Alignment bytes up to the next multiple of {@code alignment} from the structure's beginning.
   */
  public void align(int alignment) {
    pad(-(position - start) & (alignment - 1));
  }

  public Padding padding() {
    return paddingLength == 0 ? Padding.ZERO : Padding.of(Arrays.copyOf(padding, paddingLength));
  }

  public int remaining() {
    return end - position;
  }

  /** The structure must end here. */
  public void end() {
    if (position != end) {
      throw new FormatException("%s: %d bytes too many".formatted(what, remaining()));
    }
  }

  private int take(int length) {
    if (length < 0 || length > end - position) {
      throw new FormatException(
          "%s: too short: %d bytes wanted at byte %d of %d"
              .formatted(what, length, position - start, end - start));
    }
    int from = position;
    position += length;
    return from;
  }
}
