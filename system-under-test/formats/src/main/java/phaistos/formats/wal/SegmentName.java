package phaistos.formats.wal;

import java.util.HexFormat;
import java.util.Optional;
import phaistos.formats.Lsn;

/**
 * The name of a WAL segment file: timeline, and two numbers that together are the segment's number
 * (24 upper-case hexadecimal digits).
 *
 * @param high the upper 32 bits of the segment's first LSN
 * @param low the number of the segment in its 4 GB
 */
public record SegmentName(int timeline, int high, int low) {
  public static final String PARTIAL = ".partial";

  /** The segment that holds {@code lsn}. */
  public static SegmentName of(int timeline, Lsn lsn, int segmentSize) {
    long number = Long.divideUnsigned(lsn.value(), segmentSize);
    long perId = 0x1_0000_0000L / segmentSize;
    return new SegmentName(timeline, (int) (number / perId), (int) (number % perId));
  }

  /** Empty if it is no segment's name. */
  public static Optional<SegmentName> parse(String name) {
    if (name.length() != 24 || !isUpperHex(name, 24)) {
      return Optional.empty();
    }
    return Optional.of(
        new SegmentName(
            Integer.parseUnsignedInt(name, 0, 8, 16),
            Integer.parseUnsignedInt(name, 8, 16, 16),
            Integer.parseUnsignedInt(name, 16, 24, 16)));
  }

  /** The first LSN of the segment. */
  public Lsn start(int segmentSize) {
    return new Lsn(((high & 0xFFFF_FFFFL) << 32) + (low & 0xFFFF_FFFFL) * segmentSize);
  }

  @Override
  public String toString() {
    HexFormat hex = HexFormat.of().withUpperCase();
    return hex.toHexDigits(timeline) + hex.toHexDigits(high) + hex.toHexDigits(low);
  }

  static boolean isUpperHex(String text, int length) {
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'A' && c <= 'F')) {
        return false;
      }
    }
    return true;
  }
}
