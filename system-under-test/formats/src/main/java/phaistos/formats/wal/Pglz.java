package phaistos.formats.wal;

import java.util.Arrays;
import java.util.Optional;
import phaistos.formats.FormatException;

/**
 * PostgreSQL's own compression. A control byte describes the next eight items, lowest bit first: 0
 * is a literal byte; 1 is a back reference of two bytes, the first with the upper four bits of the
 * offset (1 to 4095, high nibble) and the length minus 3 (low nibble), the second with the offset's
 * lower eight bits; length 18 means that a third byte with the length minus 18 follows (so 3 to
 * 273).
 */
public final class Pglz {
  private static final int MIN_MATCH = 3;
  private static final int MAX_MATCH = 273;
  private static final int MAX_OFFSET = 4095;
  private static final int HASH_BITS = 12;

  private Pglz() {}

  /** Fills {@code out} and returns how many bytes were written. */
  public static int decompress(byte[] in, byte[] out) {
    int from = 0;
    int to = 0;
    while (from < in.length && to < out.length) {
      int control = in[from++];
      for (int bit = 0; bit < 8 && from < in.length && to < out.length; bit++, control >>= 1) {
        if ((control & 1) == 0) {
          out[to++] = in[from++];
          continue;
        }
        if (from + 2 > in.length) {
          throw new FormatException("pglz image is damaged: a back reference is cut");
        }
        int length = (in[from] & 0x0F) + MIN_MATCH;
        int offset = (in[from] & 0xF0) << 4 | in[from + 1] & 0xFF;
        from += 2;
        if (length == 18) {
          if (from == in.length) {
            throw new FormatException("pglz image is damaged: a length is cut");
          }
          length += in[from++] & 0xFF;
        }
        if (offset == 0 || offset > to) {
          throw new FormatException("pglz image is damaged: a back reference before the beginning");
        }
        length = Math.min(length, out.length - to);
        for (int end = to + length; to < end; to++) {
          out[to] = out[to - offset];
        }
      }
    }
    if (from != in.length) {
      throw new FormatException("pglz image is damaged: bytes left over");
    }
    return to;
  }

  /**
   * Compresses greedily with one candidate for each hash of three bytes. PostgreSQL searches
   * longer, so its bytes can differ from ours; its decompressor reads both. Empty if the result is
   * not shorter.
   */
  public static Optional<byte[]> compress(byte[] in) {
    int[] last = new int[1 << HASH_BITS];
    Arrays.fill(last, -1);
    byte[] out = new byte[in.length + in.length / 8 + 8];
    int to = 0;
    int from = 0;
    int controlAt = 0;
    int bit = 8;
    while (from < in.length) {
      if (bit == 8) {
        controlAt = to++;
        bit = 0;
      }
      int length = 0;
      int candidate = -1;
      if (from + MIN_MATCH <= in.length) {
        int hash = hash(in, from);
        candidate = last[hash];
        last[hash] = from;
        if (candidate >= 0 && from - candidate <= MAX_OFFSET) {
          length = matchLength(in, candidate, from);
        }
      }
      if (length < MIN_MATCH) {
        out[to++] = in[from++];
      } else {
        to = putReference(out, to, from - candidate, length);
        out[controlAt] |= (byte) (1 << bit);
        for (int i = from + 1; i < from + length && i + MIN_MATCH <= in.length; i++) {
          last[hash(in, i)] = i;
        }
        from += length;
      }
      bit++;
    }
    return to < in.length ? Optional.of(Arrays.copyOf(out, to)) : Optional.empty();
  }

  private static int putReference(byte[] out, int at, int offset, int length) {
    int low = Math.min(length - MIN_MATCH, 15);
    out[at++] = (byte) (offset >> 4 & 0xF0 | low);
    out[at++] = (byte) offset;
    if (low == 15) {
      out[at++] = (byte) (length - 18);
    }
    return at;
  }

  private static int matchLength(byte[] in, int a, int b) {
    int limit = Math.min(MAX_MATCH, in.length - b);
    int length = 0;
    while (length < limit && in[a + length] == in[b + length]) {
      length++;
    }
    return length;
  }

  private static int hash(byte[] in, int at) {
    int three = (in[at] & 0xFF) << 16 | (in[at + 1] & 0xFF) << 8 | in[at + 2] & 0xFF;
    return three * 0x9E3779B1 >>> 32 - HASH_BITS;
  }
}
