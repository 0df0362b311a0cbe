package phaistos.formats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes little-endian fields in order; grows as needed. Not thread-safe. */
public final class ByteWriter {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Padding padding;
  private byte[] bytes;
  private int length;
  private int padded;

  public ByteWriter() {
    this(Padding.ZERO);
  }

  /** Alignment bytes are taken from {@code padding}. */
  public ByteWriter(Padding padding) {
    this(padding, 64);
  }

  public ByteWriter(Padding padding, int expectedLength) {
    this.padding = padding;
    this.bytes = new byte[expectedLength];
  }

  public static void putU16(byte[] bytes, int at, int value) {
    SHORT.set(bytes, at, (short) value);
  }

  public static void putI32(byte[] bytes, int at, int value) {
    INT.set(bytes, at, value);
  }

  public static void putI64(byte[] bytes, int at, long value) {
    LONG.set(bytes, at, value);
  }

  public ByteWriter u8(int value) {
    int at = grow(1);
    bytes[at] = (byte) value;
    return this;
  }

  public ByteWriter u16(int value) {
    int at = grow(2);
    putU16(bytes, at, value);
    return this;
  }

  public ByteWriter i32(int value) {
    int at = grow(4);
    putI32(bytes, at, value);
    return this;
  }

  public ByteWriter i64(long value) {
    int at = grow(8);
    putI64(bytes, at, value);
    return this;
  }

  public ByteWriter lsn(Lsn value) {
    return i64(value.value());
  }

  public ByteWriter xid(Xid value) {
    return i32(value.value());
  }

  public ByteWriter bool(boolean value) {
    return u8(value ? 1 : 0);
  }

  public ByteWriter bytes(byte[] value) {
    return bytes(value, 0, value.length);
  }

  public ByteWriter bytes(byte[] value, int from, int count) {
    int at = grow(count);
    System.arraycopy(value, from, bytes, at, count);
    return this;
  }

  /** The text's characters as bytes (Latin 1), without a terminating zero. */
  public ByteWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.ISO_8859_1));
  }

  public ByteWriter pad(int count) {
    int from = grow(count);
    for (int i = 0; i < count; i++) {
      bytes[from + i] = padding.at(padded++);
    }
    return this;
  }

  /** Alignment bytes up to the next multiple of {@code alignment}. */
  public ByteWriter align(int alignment) {
    return pad(-length & (alignment - 1));
  }

  /** Zero bytes that are part of the format. */
  public ByteWriter zeros(int count) {
    grow(count);
    return this;
  }

  public int length() {
    return length;
  }

  public byte[] toBytes() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  /** Call it before {@code bytes} is read: it may replace the array. */
  private int grow(int count) {
    int from = length;
    if (count > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + count, bytes.length * 2));
    }
    length += count;
    return from;
  }
}
