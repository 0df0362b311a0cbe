package phaistos.formats.wal;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.Lsn;
import phaistos.formats.Version;

/**
 * The header of a WAL page: 24 bytes, 40 on the first page of a segment (XLogPageHeaderData,
 * XLogLongPageHeaderData).
 *
 * @param info flags
 * @param remainingLength bytes left of a record from an earlier page, those on this page included;
 *     0 if the page begins with a new record
 * @param systemId long header only, otherwise 0
 * @param segmentSize long header only, otherwise 0
 */
public record PageHeader(
    int info, int timeline, Lsn pageAddress, int remainingLength, long systemId, int segmentSize) {
  /** The magic number of the pages that are written. */
  public static final int MAGIC = Version.WRITTEN.walMagic();

  public static final int PAGE_BYTES = 8192;
  public static final int SHORT_BYTES = 24;
  public static final int LONG_BYTES = 40;

  public static final int FIRST_IS_CONTRECORD = 0x0001;
  public static final int LONG_HEADER = 0x0002;
  public static final int BACKUP_REMOVABLE = 0x0004;
  public static final int FIRST_IS_OVERWRITE_CONTRECORD = 0x0008;
  static final int ALL_FLAGS = 0x000F;

  public boolean isLong() {
    return (info & LONG_HEADER) != 0;
  }

  public byte[] encode() {
    byte[] out = new byte[isLong() ? LONG_BYTES : SHORT_BYTES];
    ByteWriter.putU16(out, 0, MAGIC);
    ByteWriter.putU16(out, 2, info);
    ByteWriter.putI32(out, 4, timeline);
    ByteWriter.putI64(out, 8, pageAddress.value());
    ByteWriter.putI32(out, 16, remainingLength);
    if (isLong()) {
      ByteWriter.putI64(out, 24, systemId);
      ByteWriter.putI32(out, 32, segmentSize);
      ByteWriter.putI32(out, 36, PAGE_BYTES);
    }
    return out;
  }

  /** The fields, unchecked; {@code page} has at least 40 bytes from {@code at}. */
  public static PageHeader decode(byte[] page, int at) {
    int info = ByteReader.u16(page, at + 2);
    boolean isLong = (info & LONG_HEADER) != 0;
    return new PageHeader(
        info,
        ByteReader.i32(page, at + 4),
        new Lsn(ByteReader.i64(page, at + 8)),
        ByteReader.i32(page, at + 16),
        isLong ? ByteReader.i64(page, at + 24) : 0,
        isLong ? ByteReader.i32(page, at + 32) : 0);
  }
}
