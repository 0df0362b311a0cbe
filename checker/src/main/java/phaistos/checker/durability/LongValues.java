package phaistos.checker.durability;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.FormatException;
import phaistos.formats.wal.Compression;

/**
 * Values that are not stored plainly in their row (postgres.h, varatt.h; toast_internals.c). They
 * are compressed, or moved out of line: the transaction inserts their chunks into the table's TOAST
 * relation before the row. Without the catalog a chunk is recognized by its shape: an OID, a
 * number, and at most 1996 bytes. Not thread-safe.
 */
final class LongValues {
  /** A pointer in a row: header 0x01, tag 18, raw size, size and method, value's OID, table's. */
  static final int POINTER_BYTES = 18;

  private static final int POINTER_TAG = 18;
  private static final int FIRST_NORMAL_OID = 16_384;
  private static final int PIECE_MAX = 1996;

  /** The limit for values kept of open transactions; a bulk load of long texts exceeds it. */
  private static final int MAX_BYTES = 64 << 20;

  private final int longest;
  private final Map<Long, byte[]> pieces = new HashMap<>();
  private int bytes;

  /** Keeps the pieces of values of at most {@code longest} bytes. */
  LongValues(int longest) {
    this.longest = longest;
  }

  /** Whether the row has the shape of a piece of a value of at most {@code longest} bytes. */
  static boolean isPiece(byte[] row, int from, int to, int longest) {
    if (to - from < 9) {
      return false;
    }
    int number = ByteReader.i32(row, from + 4);
    int data = data(row, from);
    boolean small = data == from + 9;
    if (number < 0 || (long) number * PIECE_MAX > longest || data > to || to - data > PIECE_MAX) {
      return false;
    }
    int length = small ? (row[from + 8] & 0xFF) >> 1 : ByteReader.i32(row, from + 8) >>> 2;
    boolean plain = small || (row[from + 8] & 3) == 0;
    return plain && length == to - from - 8;
  }

  /** Where a chunk's bytes begin, after a header of one byte or of four. */
  private static int data(byte[] row, int from) {
    return from + 8 + ((row[from + 8] & 1) == 1 ? 1 : 4);
  }

  /** Keeps the row if it has the shape of a piece. */
  void keep(byte[] row, int from, int to) {
    if (isPiece(row, from, to, longest)) {
      int data = data(row, from);
      if (bytes + to - data <= MAX_BYTES) {
        int number = ByteReader.i32(row, from + 4);
        pieces.put(key(ByteReader.i32(row, from), number), Arrays.copyOfRange(row, data, to));
        bytes += to - data;
      }
    }
  }

  private static long key(int value, int number) {
    return (long) value << 32 | number & 0xFFFF_FFFFL;
  }

  /** Whether a TOAST pointer may be here. */
  static boolean isPointer(byte[] row, int at, int to) {
    return row[at] == 1 && at + POINTER_BYTES <= to && row[at + 1] == POINTER_TAG;
  }

  /**
   * Whether the row has a TOAST pointer. All parts are checked, as two bytes often match by chance.
   */
  static boolean hasPointer(byte[] row, int from, int to) {
    for (int at = from; at + POINTER_BYTES <= to; at++) {
      if (row[at] == 1 && row[at + 1] == POINTER_TAG) {
        int stored = ByteReader.i32(row, at + 6) & 0x3FFF_FFFF;
        boolean isLikely =
            rawLength(row, at) > 0
                && stored > 0
                && stored <= rawLength(row, at)
                && Integer.compareUnsigned(ByteReader.i32(row, at + 14), FIRST_NORMAL_OID) >= 0;
        if (isLikely) {
          return true;
        }
      }
    }
    return false;
  }

  /** The length of the value to which a pointer leads. */
  static int rawLength(byte[] row, int at) {
    return ByteReader.i32(row, at + 2) - 4;
  }

  /** The value of a TOAST pointer; empty if some of its chunks are missing. */
  Optional<byte[]> follow(byte[] row, int at) {
    int rawLength = rawLength(row, at);
    int stored = ByteReader.i32(row, at + 6) & 0x3FFF_FFFF;
    if (stored > longest + 8 || rawLength < 0) {
      return Optional.empty();
    }
    byte[] whole = new byte[stored];
    int got = 0;
    for (int number = 0; got < stored; number++) {
      byte[] piece = pieces.get(key(ByteReader.i32(row, at + 10), number));
      if (piece == null || piece.length == 0 || got + piece.length > stored) {
        return Optional.empty();
      }
      System.arraycopy(piece, 0, whole, got, piece.length);
      got += piece.length;
    }
    return stored == rawLength ? Optional.of(whole) : decompress(whole, 0, stored, rawLength);
  }

  /**
   * The value compressed in {@code from} to {@code to}, whose first four bytes are its length and
   * its method; empty if it is no such value, or does not have the wanted length.
   */
  static Optional<byte[]> decompress(byte[] bytes, int from, int to, int rawLength) {
    if (to - from < 4 || (ByteReader.i32(bytes, from) & 0x3FFF_FFFF) != rawLength) {
      return Optional.empty();
    }
    int method = ByteReader.i32(bytes, from) >>> 30;
    if (method > 1) {
      return Optional.empty();
    }
    Compression compression = method == 0 ? Compression.PGLZ : Compression.LZ4;
    try {
      byte[] stored = Arrays.copyOfRange(bytes, from + 4, to);
      return Optional.of(compression.decompress(stored, rawLength));
    } catch (FormatException e) {
      return Optional.empty();
    }
  }
}
