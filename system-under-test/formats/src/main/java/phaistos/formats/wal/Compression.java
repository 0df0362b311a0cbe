package phaistos.formats.wal;

import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.util.Arrays;
import java.util.Optional;
import phaistos.formats.FormatException;

/** How a full-page image is compressed (setting wal_compression), with the bit in its header. */
public enum Compression {
  NONE(0, ""),
  PGLZ(0x04, "pglz"),
  LZ4(0x08, "lz4"),
  ZSTD(0x10, "zstd");

  static final int BITS = 0x1C;

  private final int bit;
  private final String label;

  Compression(int bit, String label) {
    this.bit = bit;
    this.label = label;
  }

  public int bit() {
    return bit;
  }

  public String label() {
    return label;
  }

  /** The method by its header bits; more than one bit is damage. */
  static Compression of(int info) {
    int bits = info & BITS;
    if (bits == 0) {
      return NONE;
    }
    for (Compression compression : values()) {
      if (compression.bit == bits) {
        return compression;
      }
    }
    throw new FormatException("unknown compression of a block image: 0x%02X".formatted(bits));
  }

  /** The bytes, or empty if they do not get smaller. */
  Optional<byte[]> compress(byte[] raw) {
    return switch (this) {
      case NONE -> Optional.empty();
      case PGLZ -> Pglz.compress(raw).filter(bytes -> bytes.length < raw.length);
      case LZ4 -> {
        Lz4Compressor lz4 = new Lz4Compressor();
        byte[] out = new byte[lz4.maxCompressedLength(raw.length)];
        yield shorter(out, lz4.compress(raw, 0, raw.length, out, 0, out.length), raw.length);
      }
      case ZSTD -> {
        ZstdCompressor zstd = new ZstdCompressor();
        byte[] out = new byte[zstd.maxCompressedLength(raw.length)];
        yield shorter(out, zstd.compress(raw, 0, raw.length, out, 0, out.length), raw.length);
      }
    };
  }

  private static Optional<byte[]> shorter(byte[] out, int length, int rawLength) {
    return length < rawLength ? Optional.of(Arrays.copyOf(out, length)) : Optional.empty();
  }

  /**
   * Exactly {@code rawLength} bytes.
   *
   * @throws FormatException if this method did not produce the bytes, or the length differs
   */
  public byte[] decompress(byte[] stored, int rawLength) {
    byte[] raw = new byte[rawLength];
    int length;
    try {
      length =
          switch (this) {
            case NONE -> {
              System.arraycopy(stored, 0, raw, 0, Math.min(stored.length, rawLength));
              yield stored.length;
            }
            case PGLZ -> Pglz.decompress(stored, raw);
            case LZ4 ->
                new Lz4Decompressor().decompress(stored, 0, stored.length, raw, 0, rawLength);
            case ZSTD ->
                new ZstdDecompressor().decompress(stored, 0, stored.length, raw, 0, rawLength);
          };
    } catch (io.airlift.compress.MalformedInputException
        | IllegalStateException
        | IndexOutOfBoundsException e) {
      throw new FormatException("%s image is damaged: %s".formatted(label, e.getMessage()));
    }
    if (length != rawLength) {
      throw new FormatException(
          "%s image has %d bytes, not %d".formatted(label, length, rawLength));
    }
    return raw;
  }
}
