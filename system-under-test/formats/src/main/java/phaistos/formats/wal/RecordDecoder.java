package phaistos.formats.wal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;

/**
 * Takes a record apart, with every check that PostgreSQL makes (DecodeXLogRecord in xlogreader.c),
 * so that damage which the CRC does not cover ends in a message, not in nonsense.
 */
final class RecordDecoder {
  private static final byte[] NO_BYTES = new byte[0];

  private final byte[] bytes;
  private final int from;
  private final int end;
  private final List<BlockReference> blocks = new ArrayList<>(2);
  private int at;
  private int dataTotal;
  private int payloadAt;
  private int origin;
  private Xid topLevelXid = Xid.INVALID;
  private int mainLength;

  private RecordDecoder(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.from = from;
    this.end = from + length;
    this.at = from + WalRecord.HEADER_BYTES;
  }

  static WalRecord decode(byte[] bytes, int from, int length) {
    if (length < WalRecord.HEADER_BYTES) {
      throw new FormatException("record has only %d bytes".formatted(length));
    }
    return new RecordDecoder(bytes, from, length).decode();
  }

  /**
   * How many of the record's bytes are images of pages, by its headers alone: for counting, without
   * the checks of {@link #decode}. Damaged headers end the count.
   */
  static int imageBytes(byte[] bytes, int from, int length) {
    int at = from + WalRecord.HEADER_BYTES;
    int end = from + length;
    int images = 0;
    while (end - at >= 8) {
      int id = bytes[at] & 0xFF;
      if (id > BlockReference.MAX_ID) {
        if (id == WalRecord.ORIGIN) {
          at += 3;
        } else if (id == WalRecord.TOPLEVEL_XID) {
          at += 5;
        } else {
          return images;
        }
        continue;
      }
      int flags = bytes[at + 1] & 0xFF;
      at += 4;
      if ((flags & WalRecord.HAS_IMAGE) != 0 && end - at >= 5) {
        images += ByteReader.u16(bytes, at);
        int info = bytes[at + 4];
        at += 5;
        if ((info & Compression.BITS) != 0 && (info & BlockImage.HAS_HOLE) != 0) {
          at += 2;
        }
      }
      at += (flags & WalRecord.SAME_REL) != 0 ? 4 : 16;
    }
    return images;
  }

  private WalRecord decode() {
    // The headers end where what is left is exactly what they announced.
    int headersAt = at;
    skipHeaders();
    payloadAt = at;
    at = headersAt;
    readHeaders();
    byte[] mainData = mainLength == 0 ? NO_BYTES : Arrays.copyOfRange(bytes, end - mainLength, end);
    return new WalRecord(
        new Xid(ByteReader.i32(bytes, from + 4)),
        new Lsn(ByteReader.i64(bytes, from + 8)),
        bytes[from + 17] & 0xFF,
        bytes[from + 16] & 0xFF,
        List.copyOf(blocks),
        origin,
        topLevelXid,
        mainData);
  }

  /** Finds the end of the headers, checking lengths only. */
  private void skipHeaders() {
    dataTotal = 0;
    while (end - at > dataTotal) {
      int id = u8();
      switch (id) {
        case WalRecord.DATA_SHORT -> {
          mainLength = u8();
          dataTotal += mainLength;
          checkEnd();
          return;
        }
        case WalRecord.DATA_LONG -> {
          mainLength = i32();
          if (mainLength < 0 || mainLength > end - from) {
            throw new FormatException("main data of %d bytes is too long".formatted(mainLength));
          }
          dataTotal += mainLength;
          checkEnd();
          return;
        }
        case WalRecord.ORIGIN -> origin = u16();
        case WalRecord.TOPLEVEL_XID -> topLevelXid = new Xid(i32());
        default -> skipBlockHeader(id);
      }
    }
    checkEnd();
  }

  private void skipBlockHeader(int id) {
    if (id > BlockReference.MAX_ID) {
      throw new FormatException("invalid block_id %d".formatted(id));
    }
    int flags = u8();
    dataTotal += u16();
    if ((flags & WalRecord.HAS_IMAGE) != 0) {
      dataTotal += u16();
      u16();
      int info = u8();
      if ((info & Compression.BITS) != 0 && (info & BlockImage.HAS_HOLE) != 0) {
        u16();
      }
    }
    take((flags & WalRecord.SAME_REL) != 0 ? 4 : 16);
  }

  private void checkEnd() {
    if (end - at != dataTotal) {
      throw new FormatException(
          "record with invalid length: %d bytes of data announced, %d there"
              .formatted(dataTotal, end - at));
    }
  }

  private void readHeaders() {
    int headersEnd = payloadAt;
    int lastId = -1;
    RelationLocator relation = null;
    while (at < headersEnd) {
      int id = u8();
      if (id >= WalRecord.TOPLEVEL_XID) {
        at += id == WalRecord.DATA_SHORT ? 1 : id == WalRecord.ORIGIN ? 2 : 4;
        continue;
      }
      if (id <= lastId) {
        throw new FormatException("out-of-order block_id %d".formatted(id));
      }
      lastId = id;
      relation = readBlock(id, relation);
    }
  }

  private RelationLocator readBlock(int id, RelationLocator lastRelation) {
    int flags = u8();
    int dataLength = u16();
    boolean hasData = (flags & WalRecord.HAS_DATA) != 0;
    if (hasData && dataLength == 0) {
      throw new FormatException("BKPBLOCK_HAS_DATA set, but no data included");
    }
    if (!hasData && dataLength != 0) {
      throw new FormatException(
          "BKPBLOCK_HAS_DATA not set, but data length is %d".formatted(dataLength));
    }
    int imageLength = 0;
    int holeOffset = 0;
    int holeLength = 0;
    int imageInfo = 0;
    boolean hasImage = (flags & WalRecord.HAS_IMAGE) != 0;
    if (hasImage) {
      imageLength = u16();
      holeOffset = u16();
      imageInfo = u8();
      holeLength = holeLength(imageLength, holeOffset, imageInfo);
    }
    RelationLocator relation = lastRelation;
    if ((flags & WalRecord.SAME_REL) == 0) {
      relation = new RelationLocator(i32(), i32(), i32());
    } else if (relation == null) {
      throw new FormatException("BKPBLOCK_SAME_REL set but no previous rel");
    }
    int block = i32();
    Optional<BlockImage> image = Optional.empty();
    if (hasImage) {
      image =
          Optional.of(
              new BlockImage(
                  holeOffset,
                  holeLength,
                  Compression.of(imageInfo),
                  (imageInfo & BlockImage.APPLY) != 0,
                  payload(imageLength)));
    }
    boolean init = (flags & WalRecord.WILL_INIT) != 0;
    blocks.add(
        new BlockReference(id, relation, flags & 0x0F, block, init, image, payload(dataLength)));
    return relation;
  }

  private int holeLength(int imageLength, int holeOffset, int info) {
    boolean compressed = (info & Compression.BITS) != 0;
    boolean hasHole = (info & BlockImage.HAS_HOLE) != 0;
    int length = 0;
    if (compressed) {
      length = hasHole ? u16() : 0;
    } else {
      length = BlockImage.PAGE_BYTES - imageLength;
    }
    if (hasHole && (holeOffset == 0 || length <= 0 || imageLength == BlockImage.PAGE_BYTES)) {
      throw new FormatException(
          "BKPIMAGE_HAS_HOLE set, but hole offset %d length %d block image length %d"
              .formatted(holeOffset, length, imageLength));
    }
    if (!hasHole && (holeOffset != 0 || length != 0)) {
      throw new FormatException(
          "BKPIMAGE_HAS_HOLE not set, but hole offset %d length %d".formatted(holeOffset, length));
    }
    return length;
  }

  private byte[] payload(int length) {
    if (length == 0) {
      return NO_BYTES;
    }
    payloadAt += length;
    return Arrays.copyOfRange(bytes, payloadAt - length, payloadAt);
  }

  private int u8() {
    return bytes[take(1)] & 0xFF;
  }

  private int u16() {
    return ByteReader.u16(bytes, take(2));
  }

  private int i32() {
    return ByteReader.i32(bytes, take(4));
  }

  private int take(int length) {
    if (length > end - at) {
      throw new FormatException("record with invalid length: its headers are cut");
    }
    at += length;
    return at - length;
  }
}
