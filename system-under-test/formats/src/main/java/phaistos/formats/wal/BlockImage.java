package phaistos.formats.wal;

import java.util.Arrays;
import phaistos.formats.FormatException;
import phaistos.formats.record.RecordFormat;

/**
 * A full-page image as stored: the page without its hole (the zeros between line pointers and
 * tuples), perhaps compressed.
 *
 * @param holeOffset where the hole begins in the page; 0 without a hole
 * @param holeLength its bytes; 0 without a hole
 * @param apply replay restores the image (otherwise it is only for consistency checks)
 * @param stored the bytes in the record
 */
public record BlockImage(
    int holeOffset, int holeLength, Compression compression, boolean apply, byte[] stored) {
  /** Bytes of a page. */
  public static final int PAGE_BYTES = 8192;

  static final int HAS_HOLE = 0x01;
  static final int APPLY = 0x02;

  public BlockImage {
    check(holeOffset, holeLength, compression, stored.length);
  }

  static void check(int holeOffset, int holeLength, Compression compression, int storedLength) {
    if (holeLength == 0 ? holeOffset != 0 : holeOffset + holeLength > PAGE_BYTES) {
      throw new FormatException(
          "hole of a block image is not in the page: offset %d, length %d"
              .formatted(holeOffset, holeLength));
    }
    boolean plain = compression == Compression.NONE;
    if (plain && storedLength != PAGE_BYTES - holeLength) {
      throw new FormatException(
          "block image has %d bytes with a hole of %d".formatted(storedLength, holeLength));
    }
    if (!plain && storedLength >= PAGE_BYTES) {
      throw new FormatException("compressed block image has %d bytes".formatted(storedLength));
    }
  }

  /**
   * The image of a page.
   *
   * @param standardLayout the page has a header that gives the hole's place
   */
  public static BlockImage of(
      byte[] page, boolean standardLayout, Compression compression, boolean apply) {
    int offset = 0;
    int length = 0;
    if (standardLayout) {
      int lower = phaistos.formats.ByteReader.u16(page, 12);
      int upper = phaistos.formats.ByteReader.u16(page, 14);
      if (lower >= 24 && upper > lower && upper <= PAGE_BYTES) {
        offset = lower;
        length = upper - lower;
      }
    }
    byte[] raw = new byte[PAGE_BYTES - length];
    System.arraycopy(page, 0, raw, 0, length == 0 ? raw.length : offset);
    if (length > 0) {
      System.arraycopy(page, offset + length, raw, offset, raw.length - offset);
    }
    int holeOffset = offset;
    int holeLength = length;
    // a compressed image with a hole needs two more bytes of header
    int saving = length > 0 ? 2 : 0;
    return compression
        .compress(raw)
        .filter(bytes -> bytes.length + saving < raw.length)
        .map(bytes -> new BlockImage(holeOffset, holeLength, compression, apply, bytes))
        .orElseGet(() -> new BlockImage(holeOffset, holeLength, Compression.NONE, apply, raw));
  }

  /** The page of 8192 bytes, with zeros in its hole. */
  public byte[] restore() {
    byte[] raw = compression.decompress(stored, PAGE_BYTES - holeLength);
    if (holeLength == 0) {
      return raw;
    }
    byte[] page = Arrays.copyOf(raw, PAGE_BYTES);
    Arrays.fill(page, holeOffset, holeOffset + holeLength, (byte) 0);
    System.arraycopy(raw, holeOffset, page, holeOffset + holeLength, raw.length - holeOffset);
    return page;
  }

  /** Converts the bits of a version's header to those of versions from 15 on. */
  static int info(int stored, RecordFormat.ImageBits bits) {
    return switch (bits) {
      case EACH_METHOD -> stored;
      case PGLZ_ONLY ->
          stored & HAS_HOLE
              | ((stored & 0x04) != 0 ? APPLY : 0)
              | ((stored & 0x02) != 0 ? Compression.PGLZ.bit() : 0);
    };
  }

  int info() {
    return (holeLength > 0 ? HAS_HOLE : 0) | (apply ? APPLY : 0) | compression.bit();
  }
}
