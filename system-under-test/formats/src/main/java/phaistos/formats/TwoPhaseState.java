package phaistos.formats;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32C;
import phaistos.formats.record.InvalidationMessage;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.RecordFormat;

/**
 * The state of a prepared transaction: the body of its PREPARE record, and, with a CRC-32C after
 * it, the file {@code pg_twophase/XXXXXXXX} (from version 17 on with the epoch in front of the xid)
 * (access/transam/twophase.c). Sections begin at multiples of 8.
 *
 * @param preparedAt microseconds since 2000
 * @param owner OID of the role
 * @param subxids its committed subtransactions
 * @param resources the data that other parts of the server need to end the transaction
 */
public record TwoPhaseState(
    Xid xid,
    int database,
    long preparedAt,
    int owner,
    boolean relcacheInitFile,
    String gid,
    Outcome.Origin origin,
    List<Xid> subxids,
    List<RelationLocator> commitRelations,
    List<RelationLocator> abortRelations,
    List<Outcome.DroppedStats> commitStats,
    List<Outcome.DroppedStats> abortStats,
    List<InvalidationMessage> invalidations,
    List<Resource> resources,
    Padding padding) {
  public static final String DIRECTORY = "pg_twophase";

  /** Of the state files of all versions from 13 to 18. */
  public static final int MAGIC = 0x57F9_4534;

  /** The smallest header, of the versions without dropped statistics. */
  private static final int HEADER_BYTES = 64;

  private static final int MAX_GID = 200;

  /** The data of one part of the server: 1 locks, 2 statistics, 3 multixacts, 4 predicate locks. */
  public record Resource(int manager, int info, byte[] data) {}

  public static String fileName(Xid xid) {
    return "%08X".formatted(xid.value());
  }

  /**
   * Reads a state file.
   *
   * @throws FormatException if it is damaged
   */
  public static TwoPhaseState decodeFile(byte[] file, RecordFormat.DroppedStatsForm statsForm) {
    if (file.length < HEADER_BYTES + 4) {
      throw new FormatException("two-phase state is too short: %d bytes".formatted(file.length));
    }
    int length = file.length - 4;
    CRC32C crc = new CRC32C();
    crc.update(file, 0, length);
    if (ByteReader.i32(file, 0) != MAGIC) {
      throw new FormatException(
          "two-phase state has the magic number %08X, not %08X"
              .formatted(ByteReader.i32(file, 0), MAGIC));
    }
    int stored = file[length] & 0xFF | (file[length + 1] & 0xFF) << 8;
    stored |= (file[length + 2] & 0xFF) << 16 | file[length + 3] << 24;
    if (stored != (int) crc.getValue()) {
      throw new FormatException("two-phase state is damaged: its CRC is wrong");
    }
    ByteReader in = new ByteReader(file, 0, length, "two-phase state");
    TwoPhaseState state = read(in, file.length, statsForm);
    in.end();
    return state;
  }

  /** The state file: the record's bytes with the file's length set, and a CRC. */
  public byte[] encodeFile() {
    byte[] state = encode();
    ByteWriter out = new ByteWriter(Padding.ZERO, state.length + 4).bytes(state);
    CRC32C crc = new CRC32C();
    crc.update(state);
    return out.i32((int) crc.getValue()).toBytes();
  }

  /** Reads the body of a PREPARE record. */
  public static TwoPhaseState read(ByteReader in, RecordFormat.DroppedStatsForm statsForm) {
    return read(in, in.remaining() + 4, statsForm);
  }

  private static TwoPhaseState read(
      ByteReader in, int expectedLength, RecordFormat.DroppedStatsForm statsForm) {
    int magic = in.i32();
    int totalLength = in.i32();
    if (magic != MAGIC || totalLength != expectedLength) {
      throw new FormatException(
          "two-phase state: magic number %08X, length %d of %d"
              .formatted(magic, totalLength, expectedLength));
    }
    Xid xid = in.xid();
    int database = in.i32();
    long preparedAt = in.i64();
    int owner = in.i32();
    int subxids = in.i32();
    int commitRelations = in.i32();
    int abortRelations = in.i32();
    // the two counts came in with dropped statistics
    boolean hasStats = statsForm != RecordFormat.DroppedStatsForm.NONE;
    int commitStats = hasStats ? in.i32() : 0;
    int abortStats = hasStats ? in.i32() : 0;
    int messages = in.i32();
    boolean initFile = in.bool();
    in.pad(1);
    int gidBytes = in.u16();
    Outcome.Origin origin = new Outcome.Origin(in.lsn(), in.i64());
    if (gidBytes < 1 || gidBytes > MAX_GID) {
      throw new FormatException("two-phase state: name of %d bytes".formatted(gidBytes));
    }
    String gid = in.text(gidBytes - 1);
    if (in.u8() != 0) {
      throw new FormatException("two-phase state: its name has no end");
    }
    in.align(8);
    int statsBytes = Outcome.DroppedStats.bytes(statsForm);
    Function<ByteReader, Outcome.DroppedStats> statsReader = Outcome.DroppedStats.reader(statsForm);
    return new TwoPhaseState(
        xid,
        database,
        preparedAt,
        owner,
        initFile,
        gid,
        origin,
        section(in, subxids, 4, ByteReader::xid),
        section(in, commitRelations, 12, RelationLocator::read),
        section(in, abortRelations, 12, RelationLocator::read),
        section(in, commitStats, statsBytes, statsReader),
        section(in, abortStats, statsBytes, statsReader),
        section(in, messages, InvalidationMessage.BYTES, InvalidationMessage::read),
        readResources(in),
        in.padding());
  }

  private static <T> List<T> section(
      ByteReader in, int count, int itemBytes, Function<ByteReader, T> item) {
    if (count < 0 || (long) count * itemBytes > in.remaining()) {
      throw new FormatException("two-phase state: %d items do not fit".formatted(count));
    }
    List<T> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(item.apply(in));
    }
    in.align(8);
    return List.copyOf(items);
  }

  private static List<Resource> readResources(ByteReader in) {
    List<Resource> resources = new ArrayList<>();
    while (true) {
      int length = in.i32();
      int manager = in.u8();
      in.pad(1);
      int info = in.u16();
      if (manager == 0) {
        if (length != 0 || info != 0) {
          throw new FormatException("two-phase state: its last resource is not empty");
        }
        return List.copyOf(resources);
      }
      resources.add(new Resource(manager, info, in.bytes(length)));
      in.align(8);
    }
  }

  /** The body of the PREPARE record. */
  public byte[] encode() {
    ByteWriter out = new ByteWriter(padding, 256);
    out.i32(MAGIC).i32(0).xid(xid).i32(database).i64(preparedAt).i32(owner);
    out.i32(subxids.size()).i32(commitRelations.size()).i32(abortRelations.size());
    out.i32(commitStats.size()).i32(abortStats.size()).i32(invalidations.size());
    out.bool(relcacheInitFile).pad(1).u16(gid.length() + 1);
    out.lsn(origin.lsn()).i64(origin.time()).text(gid).u8(0).align(8);
    subxids.forEach(out::xid);
    out.align(8);
    commitRelations.forEach(relation -> relation.write(out));
    out.align(8);
    abortRelations.forEach(relation -> relation.write(out));
    out.align(8);
    commitStats.forEach(stats -> stats.write(out));
    out.align(8);
    abortStats.forEach(stats -> stats.write(out));
    out.align(8);
    invalidations.forEach(message -> message.write(out));
    out.align(8);
    for (Resource resource : resources) {
      out.i32(resource.data.length).u8(resource.manager).pad(1).u16(resource.info);
      out.bytes(resource.data).align(8);
    }
    out.i32(0).u8(0).pad(1).u16(0);
    byte[] bytes = out.toBytes();
    ByteWriter.putI32(bytes, 4, bytes.length + 4);
    return bytes;
  }
}
