package phaistos.formats.wal;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;

/**
 * Where the parts of a record stand in the bytes that hold it: what {@link WalRecord} says, without
 * a copy and without an object for each record. {@link #parse} makes every check that PostgreSQL
 * makes (DecodeXLogRecord in xlogreader.c), so that damage which the CRC does not cover ends in a
 * message, not in nonsense. Valid until the bytes change. Not thread-safe.
 */
public final class RecordView {
  private static final byte[] NO_BYTES = new byte[0];

  private final Block[] blocks = new Block[BlockReference.MAX_ID + 1];
  private byte[] bytes = NO_BYTES;
  private int from;
  private int end;
  private int blockCount;
  private int origin;
  private int topLevelXid;
  private int mainLength;
  private int imageBytes;
  private int at;
  private int announced;

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
   * Looks at the record in {@code bytes[start..start + length)}, whose header and CRC were checked.
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
    at = start + WalRecord.HEADER_BYTES;
    blockCount = 0;
    origin = 0;
    topLevelXid = 0;
    mainLength = 0;
    imageBytes = 0;
    announced = 0;
    readHeaders();
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

  /** The headers end where what is left is exactly what they announced. */
  private void readHeaders() {
    while (end - at > announced) {
      int id = u8();
      switch (id) {
        case WalRecord.DATA_SHORT -> {
          mainLength = u8();
          announced += mainLength;
          return;
        }
        case WalRecord.DATA_LONG -> {
          mainLength = i32();
          if (mainLength < 0 || mainLength > end - from) {
            throw new FormatException("main data of %d bytes is too long".formatted(mainLength));
          }
          announced += mainLength;
          return;
        }
        case WalRecord.ORIGIN -> origin = u16();
        case WalRecord.TOPLEVEL_XID -> topLevelXid = i32();
        default -> readBlock(id);
      }
    }
  }

  private void readBlock(int id) {
    if (id > BlockReference.MAX_ID) {
      throw new FormatException("invalid block_id %d".formatted(id));
    }
    if (blockCount > 0 && id <= blocks[blockCount - 1].id) {
      throw new FormatException("out-of-order block_id %d".formatted(id));
    }
    if (blocks[blockCount] == null) {
      blocks[blockCount] = new Block();
    }
    Block block = blocks[blockCount];
    block.id = id;
    block.flags = u8();
    block.dataLength = u16();
    boolean hasData = (block.flags & WalRecord.HAS_DATA) != 0;
    if (hasData && block.dataLength == 0) {
      throw new FormatException("BKPBLOCK_HAS_DATA set, but no data included");
    }
    if (!hasData && block.dataLength != 0) {
      throw new FormatException(
          "BKPBLOCK_HAS_DATA not set, but data length is %d".formatted(block.dataLength));
    }
    block.imageLength = 0;
    block.holeOffset = 0;
    block.holeLength = 0;
    block.imageInfo = 0;
    if (block.hasImage()) {
      readImage(block);
    }
    announced += block.imageLength + block.dataLength;
    imageBytes += block.imageLength;
    if ((block.flags & WalRecord.SAME_REL) == 0) {
      block.space = i32();
      block.database = i32();
      block.relation = i32();
    } else if (blockCount > 0) {
      Block last = blocks[blockCount - 1];
      block.space = last.space;
      block.database = last.database;
      block.relation = last.relation;
    } else {
      throw new FormatException("BKPBLOCK_SAME_REL set but no previous rel");
    }
    block.block = i32();
    blockCount++;
  }

  private void readImage(Block block) {
    block.imageLength = u16();
    block.holeOffset = u16();
    block.imageInfo = u8();
    boolean compressed = (block.imageInfo & Compression.BITS) != 0;
    boolean hasHole = (block.imageInfo & BlockImage.HAS_HOLE) != 0;
    int length = BlockImage.PAGE_BYTES - block.imageLength;
    if (compressed) {
      length = hasHole ? u16() : 0;
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

  /** In the order in which they stand in the record: by rising ids. */
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
