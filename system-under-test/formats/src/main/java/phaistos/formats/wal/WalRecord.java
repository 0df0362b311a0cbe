package phaistos.formats.wal;

import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Padding;
import phaistos.formats.RelationLocator;
import phaistos.formats.Version;
import phaistos.formats.Xid;

/**
 * A WAL record (access/xlogrecord.h): header of 24 bytes, headers of the blocks, origin, top-level
 * transaction, length of the main data, then image and data of each block, then the main data.
 * Total length and CRC-32C are computed from the fields, not stored.
 *
 * @param previous the start of the previous record
 * @param rmgrId number of the resource manager; see {@link Rmgr}
 * @param info eight bits: the upper four are the resource manager's, 0x01 marks a special change of
 *     a relation, 0x02 a record whose consistency is checked
 * @param origin replication origin, 0 for none
 * @param topLevelXid top-level transaction (only with wal_level logical), or {@link Xid#INVALID}
 */
public record WalRecord(
    Xid xid,
    Lsn previous,
    int rmgrId,
    int info,
    List<BlockReference> blocks,
    int origin,
    Xid topLevelXid,
    byte[] mainData) {
  private static final int ZEROS_OF_HALF = 16;

  public static final int HEADER_BYTES = 24;

  /** Bits of info that belong to the resource manager. */
  public static final int RMGR_INFO = 0xF0;

  /** Flag in info: files of a relation are created or removed. */
  public static final int SPECIAL_REL_UPDATE = 0x01;

  /** Flag in info: replay compares the page with the image. */
  public static final int CHECK_CONSISTENCY = 0x02;

  /** PostgreSQL allocates no more than this for a record (1 GB less one byte). */
  public static final int MAX_BYTES = 0x3FFF_FFFF;

  static final int HAS_IMAGE = 0x10;
  static final int HAS_DATA = 0x20;
  static final int WILL_INIT = 0x40;
  static final int SAME_REL = 0x80;
  static final int DATA_SHORT = 255;
  static final int DATA_LONG = 254;
  static final int ORIGIN = 253;
  static final int TOPLEVEL_XID = 252;

  /** A record without blocks, origin and previous position. */
  public static WalRecord of(Xid xid, Rmgr rmgr, int info, byte[] mainData) {
    return new WalRecord(xid, Lsn.INVALID, rmgr.id(), info, List.of(), 0, Xid.INVALID, mainData);
  }

  public WalRecord withBlocks(List<BlockReference> newBlocks) {
    return new WalRecord(xid, previous, rmgrId, info, newBlocks, origin, topLevelXid, mainData);
  }

  public WalRecord withOrigin(int newOrigin) {
    return new WalRecord(xid, previous, rmgrId, info, blocks, newOrigin, topLevelXid, mainData);
  }

  public WalRecord withTopLevelXid(Xid top) {
    return new WalRecord(xid, previous, rmgrId, info, blocks, origin, top, mainData);
  }

  public WalRecord withPrevious(Lsn lsn) {
    return new WalRecord(xid, lsn, rmgrId, info, blocks, origin, topLevelXid, mainData);
  }

  public Optional<Rmgr> rmgr() {
    return Rmgr.of(rmgrId);
  }

  public Optional<BlockReference> block(int id) {
    for (BlockReference block : blocks) {
      if (block.id() == id) {
        return Optional.of(block);
      }
    }
    return Optional.empty();
  }

  /**
   * The record's bytes with its CRC, as in the WAL if the record does not cross a page boundary.
   */
  public byte[] encode() {
    return unsealed().seal(previous);
  }

  /** The record's bytes before its place in the WAL is known. */
  public Unsealed unsealed() {
    int payload = mainData.length;
    for (BlockReference block : blocks) {
      payload += block.data().length + block.image().map(i -> i.stored().length).orElse(0);
    }
    ByteWriter out = new ByteWriter(Padding.ZERO, HEADER_BYTES + payload + 16 + 32 * blocks.size());
    out.zeros(HEADER_BYTES);
    writeBlockHeaders(out);
    if (origin != 0) {
      out.u8(ORIGIN).u16(origin);
    }
    if (topLevelXid.isValid()) {
      out.u8(TOPLEVEL_XID).xid(topLevelXid);
    }
    if (mainData.length > 255) {
      out.u8(DATA_LONG).i32(mainData.length);
    } else if (mainData.length > 0) {
      out.u8(DATA_SHORT).u8(mainData.length);
    }
    for (BlockReference block : blocks) {
      block.image().ifPresent(image -> out.bytes(image.stored()));
      out.bytes(block.data());
    }
    byte[] bytes = out.bytes(mainData).toBytes();
    if (bytes.length > MAX_BYTES) {
      throw new FormatException("record of %d bytes is too long".formatted(bytes.length));
    }
    ByteWriter.putI32(bytes, 0, bytes.length);
    ByteWriter.putI32(bytes, 4, xid.value());
    bytes[16] = (byte) info;
    bytes[17] = (byte) rmgrId;
    return new Unsealed(bytes);
  }

  private void writeBlockHeaders(ByteWriter out) {
    RelationLocator last = null;
    for (BlockReference block : blocks) {
      boolean sameRelation = block.relation().equals(last);
      last = block.relation();
      out.u8(block.id());
      out.u8(
          block.fork()
              | (block.image().isPresent() ? HAS_IMAGE : 0)
              | (block.data().length > 0 ? HAS_DATA : 0)
              | (block.willInit() ? WILL_INIT : 0)
              | (sameRelation ? SAME_REL : 0));
      out.u16(block.data().length);
      if (block.image().isPresent()) {
        BlockImage image = block.image().get();
        out.u16(image.stored().length).u16(image.holeOffset()).u8(image.info());
        if (image.holeLength() > 0 && image.compression() != Compression.NONE) {
          out.u16(image.holeLength());
        }
      }
      if (!sameRelation) {
        block.relation().write(out);
      }
      out.i32(block.block());
    }
  }

  /**
   * Decodes a whole record whose header and CRC were checked.
   *
   * @throws FormatException if the parts do not fit together
   */
  public static WalRecord decode(byte[] bytes, Version version) {
    return new RecordView(version).parse(bytes, 0, bytes.length).toRecord();
  }

  /** The CRC-32C of these bytes: over the data first, then over the header up to the CRC. */
  public static int crc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from + HEADER_BYTES, length - HEADER_BYTES);
    crc.update(bytes, from, HEADER_BYTES - 4);
    return (int) crc.getValue();
  }

  /**
   * Whether a record with a wrong CRC ends in zeros, as after a kill during the copy of the record
   * to its page.
   */
  static boolean isHalfCopied(byte[] bytes, int offset, int length) {
    if (length < HEADER_BYTES + ZEROS_OF_HALF) {
      return false;
    }
    for (int i = 1; i <= ZEROS_OF_HALF; i++) {
      if (bytes[offset + length - i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** The CRC in a record's header. */
  public static int storedCrc(byte[] bytes, int from) {
    return ByteReader.i32(bytes, from + 20);
  }

  /**
   * An encoded record without the fields that depend on its place in the WAL. The CRC over its data
   * is already computed, so that little work is left after the reservation. Use once; not
   * thread-safe.
   */
  public static final class Unsealed {
    private final byte[] bytes;
    private final CRC32C crc = new CRC32C();

    private Unsealed(byte[] bytes) {
      this.bytes = bytes;
      crc.update(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
    }

    public int length() {
      return bytes.length;
    }

    /** The finished record. */
    public byte[] seal(Lsn previous) {
      ByteWriter.putI64(bytes, 8, previous.value());
      crc.update(bytes, 0, HEADER_BYTES - 4);
      ByteWriter.putI32(bytes, 20, (int) crc.getValue());
      return bytes;
    }
  }
}
