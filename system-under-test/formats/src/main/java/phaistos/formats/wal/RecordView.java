package phaistos.formats.wal;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Version;
import phaistos.formats.Xid;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.RecordFormat;

/**
 * The offsets of a record's parts in its bytes: the content of {@link WalRecord} without a copy and
 * without an object for each record. {@link #parse} makes all checks of PostgreSQL's
 * DecodeXLogRecord (xlogreader.c), so that damage not covered by the CRC gives a message. Valid
 * until the bytes change. Not thread-safe.
 */
public final class RecordView {
  private static final byte[] NO_BYTES = new byte[0];

  private final RecordFormat format;

  /** Most records change one page or two; the ids rise, so that there is an end to it. */
  private Block[] blocks = new Block[2];

  private byte[] bytes = NO_BYTES;
  private int from;
  private int end;
  private int blockCount;
  private int origin;
  private int topLevelXid;
  private int mainLength;
  private int imageBytes;
  private int announced;

  /** A view for records of this version. */
  public RecordView(Version version) {
    this.format = version.records();
  }

  /** A page that the record changes; see {@link BlockReference}. */
  public static final class Block {
    private int id;
    private int flags;
    private int space;
    private int database;
    private int relation;
    private int block;
    private int imageInfo;
    private int holeOffset;
    private int holeLength;
    private int imageAt;
    private int imageLength;
    private int dataAt;
    private int dataLength;

    private Block() {}

    public int id() {
      return id;
    }

    public int fork() {
      return flags & 0x0F;
    }

    public int space() {
      return space;
    }

    public int database() {
      return database;
    }

    public int relation() {
      return relation;
    }

    /** The page's number in the fork, unsigned. */
    public int block() {
      return block;
    }

    public boolean hasImage() {
      return (flags & WalRecord.HAS_IMAGE) != 0;
    }

    /** The image is to be restored in replay. */
    public boolean isImageApplied() {
      return (imageInfo & BlockImage.APPLY) != 0;
    }

    /** Where its data begins in {@link RecordView#bytes}. */
    public int dataAt() {
      return dataAt;
    }

    public int dataLength() {
      return dataLength;
    }
  }

  /**
   * Parses the record in {@code bytes[start..start + length)}, whose header and CRC were checked.
   *
   * @throws FormatException if the parts do not fit together
   */
  public RecordView parse(byte[] record, int start, int length) {
    if (length < WalRecord.HEADER_BYTES) {
      throw new FormatException("record has only %d bytes".formatted(length));
    }
    bytes = record;
    from = start;
    end = start + length;
    blockCount = 0;
    origin = 0;
    topLevelXid = 0;
    mainLength = 0;
    imageBytes = 0;
    announced = 0;
    int at = readHeaders(start + WalRecord.HEADER_BYTES);
    if (end - at != announced) {
      throw new FormatException(
          "record with invalid length: %d bytes of data announced, %d there"
              .formatted(announced, end - at));
    }
    for (int i = 0; i < blockCount; i++) {
      Block block = blocks[i];
      block.imageAt = at;
      block.dataAt = at + block.imageLength;
      at = block.dataAt + block.dataLength;
    }
    return this;
  }

  /**
   * The headers end where the remaining bytes are exactly those that they announced. Returns their
   * end.
   */
  private int readHeaders(int start) {
    int at = start;
    while (end - at > announced) {
      int id = bytes[at++] & 0xFF;
      switch (id) {
        case WalRecord.DATA_SHORT -> {
          need(at, 1);
          mainLength = bytes[at] & 0xFF;
          announced += mainLength;
          return at + 1;
        }
        case WalRecord.DATA_LONG -> {
          need(at, 4);
          mainLength = ByteReader.i32(bytes, at);
          if (mainLength < 0 || mainLength > end - from) {
            throw new FormatException("main data of %d bytes is too long".formatted(mainLength));
          }
          announced += mainLength;
          return at + 4;
        }
        case WalRecord.ORIGIN -> {
          need(at, 2);
          origin = ByteReader.u16(bytes, at);
          at += 2;
        }
        case WalRecord.TOPLEVEL_XID -> {
          need(at, 4);
          topLevelXid = ByteReader.i32(bytes, at);
          at += 4;
        }
        default -> at = readBlock(id, at);
      }
    }
    return at;
  }

  /** Reads the header of a block after its id and returns the header's end. */
  private int readBlock(int id, int start) {
    if (id > BlockReference.MAX_ID) {
      throw new FormatException("invalid block_id %d".formatted(id));
    }
    if (blockCount > 0 && id <= blocks[blockCount - 1].id) {
      throw new FormatException("out-of-order block_id %d".formatted(id));
    }
    if (blockCount == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * blockCount);
    }
    if (blocks[blockCount] == null) {
      blocks[blockCount] = new Block();
    }
    Block block = blocks[blockCount];
    need(start, 3);
    block.id = id;
    block.flags = bytes[start] & 0xFF;
    block.dataLength = ByteReader.u16(bytes, start + 1);
    int at = start + 3;
    boolean hasData = (block.flags & WalRecord.HAS_DATA) != 0;
    if (hasData != (block.dataLength != 0)) {
      throw new FormatException(
          hasData
              ? "BKPBLOCK_HAS_DATA set, but no data included"
              : "BKPBLOCK_HAS_DATA not set, but data length is %d".formatted(block.dataLength));
    }
    block.imageLength = 0;
    block.holeOffset = 0;
    block.holeLength = 0;
    block.imageInfo = 0;
    if (block.hasImage()) {
      at = readImage(block, at);
    }
    announced += block.imageLength + block.dataLength;
    imageBytes += block.imageLength;
    if ((block.flags & WalRecord.SAME_REL) == 0) {
      need(at, 16);
      block.space = ByteReader.i32(bytes, at);
      block.database = ByteReader.i32(bytes, at + 4);
      block.relation = ByteReader.i32(bytes, at + 8);
      at += 12;
    } else if (blockCount > 0) {
      Block last = blocks[blockCount - 1];
      block.space = last.space;
      block.database = last.database;
      block.relation = last.relation;
      need(at, 4);
    } else {
      throw new FormatException("BKPBLOCK_SAME_REL set but no previous rel");
    }
    block.block = ByteReader.i32(bytes, at);
    blockCount++;
    return at + 4;
  }

  private int readImage(Block block, int start) {
    need(start, 5);
    block.imageLength = ByteReader.u16(bytes, start);
    block.holeOffset = ByteReader.u16(bytes, start + 2);
    block.imageInfo = BlockImage.info(bytes[start + 4] & 0xFF, format.imageBits());
    int at = start + 5;
    boolean compressed = (block.imageInfo & Compression.BITS) != 0;
    boolean hasHole = (block.imageInfo & BlockImage.HAS_HOLE) != 0;
    int length = BlockImage.PAGE_BYTES - block.imageLength;
    if (compressed && hasHole) {
      need(at, 2);
      length = ByteReader.u16(bytes, at);
      at += 2;
    } else if (compressed) {
      length = 0;
    }
    block.holeLength = length;
    if (hasHole
        && (block.holeOffset == 0 || length <= 0 || block.imageLength == BlockImage.PAGE_BYTES)) {
      throw new FormatException(
          "BKPIMAGE_HAS_HOLE set, but hole offset %d length %d block image length %d"
              .formatted(block.holeOffset, length, block.imageLength));
    }
    if (!hasHole && (block.holeOffset != 0 || length != 0)) {
      throw new FormatException(
          "BKPIMAGE_HAS_HOLE not set, but hole offset %d length %d"
              .formatted(block.holeOffset, length));
    }
    BlockImage.check(block.holeOffset, length, Compression.of(block.imageInfo), block.imageLength);
    return at;
  }

  private void need(int at, int length) {
    if (length > end - at) {
      throw new FormatException("record with invalid length: its headers are cut");
    }
  }

  /** The array that holds the record. */
  public byte[] bytes() {
    return bytes;
  }

  public int totalLength() {
    return end - from;
  }

  public int xid() {
    return ByteReader.i32(bytes, from + 4);
  }

  /** Where the record before begins. */
  public long previous() {
    return ByteReader.i64(bytes, from + 8);
  }

  public int info() {
    return bytes[from + 16] & 0xFF;
  }

  public int rmgrId() {
    return bytes[from + 17] & 0xFF;
  }

  public int blockCount() {
    return blockCount;
  }

  /** In the order of the record: by ascending ids. */
  public Block block(int index) {
    return blocks[index];
  }

  /** The bytes of all images, as they are stored. */
  public int imageBytes() {
    return imageBytes;
  }

  /** Where the main data begins in {@link #bytes}. */
  public int mainAt() {
    return end - mainLength;
  }

  public int mainLength() {
    return mainLength;
  }

  /** How the version's records are decoded and described. */
  public RecordFormat format() {
    return format;
  }

  /**
   * The record's decoded content.
   *
   * @throws FormatException if its body does not have its kind's form
   */
  public RecordBody body() {
    return format.decode(toRecord());
  }

  /** A copy. */
  public WalRecord toRecord() {
    BlockReference[] references = new BlockReference[blockCount];
    RelationLocator relation = null;
    for (int i = 0; i < blockCount; i++) {
      Block block = blocks[i];
      if (relation == null || (block.flags & WalRecord.SAME_REL) == 0) {
        relation = new RelationLocator(block.space, block.database, block.relation);
      }
      references[i] =
          new BlockReference(
              block.id,
              relation,
              block.fork(),
              block.block,
              (block.flags & WalRecord.WILL_INIT) != 0,
              block.hasImage() ? Optional.of(image(block)) : Optional.empty(),
              copy(block.dataAt, block.dataLength));
    }
    return new WalRecord(
        new Xid(xid()),
        new Lsn(previous()),
        rmgrId(),
        info(),
        List.of(references),
        origin,
        new Xid(topLevelXid),
        copy(mainAt(), mainLength));
  }

  private BlockImage image(Block block) {
    return new BlockImage(
        block.holeOffset,
        block.holeLength,
        Compression.of(block.imageInfo),
        block.isImageApplied(),
        copy(block.imageAt, block.imageLength));
  }

  private byte[] copy(int start, int length) {
    return length == 0 ? NO_BYTES : Arrays.copyOfRange(bytes, start, start + length);
  }
}
