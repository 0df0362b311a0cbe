package phaistos.formats;

import java.util.OptionalInt;

/**
 * The fields of a checkpoint, in its record and as a copy in the control file
 * (catalog/pg_control.h, CheckPoint, 88 bytes).
 *
 * @param redo where replay must begin
 * @param previousTimeline differs from {@code timeline} only if the record begins a new timeline
 * @param walLevel the setting, from version 17 on
 * @param nextOid OIDs are unsigned
 * @param nextMulti next multixact, unsigned
 * @param nextMultiOffset next offset of multixact members, unsigned
 * @param oldestXid the oldest transaction whose status may still be needed
 * @param time seconds since 1970
 * @param oldestActiveXid oldest running transaction of an online checkpoint, otherwise invalid
 */
public record Checkpoint(
    Lsn redo,
    int timeline,
    int previousTimeline,
    boolean fullPageWrites,
    OptionalInt walLevel,
    FullXid nextXid,
    int nextOid,
    int nextMulti,
    int nextMultiOffset,
    Xid oldestXid,
    int oldestXidDatabase,
    int oldestMulti,
    int oldestMultiDatabase,
    long time,
    Xid oldestCommitTimeXid,
    Xid newestCommitTimeXid,
    Xid oldestActiveXid,
    Padding padding) {
  public static final int BYTES = 88;

  /** A checkpoint of a version that does not store wal_level. */
  public Checkpoint(
      Lsn redo,
      int timeline,
      int previousTimeline,
      boolean fullPageWrites,
      FullXid nextXid,
      int nextOid,
      int nextMulti,
      int nextMultiOffset,
      Xid oldestXid,
      int oldestXidDatabase,
      int oldestMulti,
      int oldestMultiDatabase,
      long time,
      Xid oldestCommitTimeXid,
      Xid newestCommitTimeXid,
      Xid oldestActiveXid,
      Padding padding) {
    this(
        redo,
        timeline,
        previousTimeline,
        fullPageWrites,
        OptionalInt.empty(),
        nextXid,
        nextOid,
        nextMulti,
        nextMultiOffset,
        oldestXid,
        oldestXidDatabase,
        oldestMulti,
        oldestMultiDatabase,
        time,
        oldestCommitTimeXid,
        newestCommitTimeXid,
        oldestActiveXid,
        padding);
  }

  /** Reads the body of a record; {@code tellsWalLevel} if the version stores wal_level in it. */
  public static Checkpoint decode(byte[] bytes, boolean tellsWalLevel) {
    ByteReader in = new ByteReader(bytes, "checkpoint");
    Checkpoint checkpoint = read(in, true, tellsWalLevel);
    in.end();
    return checkpoint;
  }

  public byte[] encode() {
    ByteWriter out = new ByteWriter(padding, BYTES);
    write(out);
    return out.toBytes();
  }

  static Checkpoint read(ByteReader in, boolean ownPadding, boolean tellsWalLevel) {
    Lsn redo = in.lsn();
    int timeline = in.i32();
    int previousTimeline = in.i32();
    boolean fullPageWrites = in.bool();
    in.pad(3);
    OptionalInt walLevel = OptionalInt.empty();
    if (tellsWalLevel) {
      walLevel = OptionalInt.of(in.i32());
    } else {
      in.pad(4);
    }
    FullXid nextXid = new FullXid(in.i64());
    int nextOid = in.i32();
    int nextMulti = in.i32();
    int nextMultiOffset = in.i32();
    Xid oldestXid = in.xid();
    int oldestXidDatabase = in.i32();
    int oldestMulti = in.i32();
    int oldestMultiDatabase = in.i32();
    in.pad(4);
    long time = in.i64();
    Xid oldestCommitTimeXid = in.xid();
    Xid newestCommitTimeXid = in.xid();
    Xid oldestActiveXid = in.xid();
    in.pad(4);
    return new Checkpoint(
        redo,
        timeline,
        previousTimeline,
        fullPageWrites,
        walLevel,
        nextXid,
        nextOid,
        nextMulti,
        nextMultiOffset,
        oldestXid,
        oldestXidDatabase,
        oldestMulti,
        oldestMultiDatabase,
        time,
        oldestCommitTimeXid,
        newestCommitTimeXid,
        oldestActiveXid,
        ownPadding ? in.padding() : Padding.ZERO);
  }

  void write(ByteWriter out) {
    out.lsn(redo).i32(timeline).i32(previousTimeline).bool(fullPageWrites).pad(3);
    walLevel.ifPresentOrElse(out::i32, () -> out.pad(4));
    out.i64(nextXid.value()).i32(nextOid).i32(nextMulti).i32(nextMultiOffset);
    out.xid(oldestXid).i32(oldestXidDatabase).i32(oldestMulti).i32(oldestMultiDatabase).pad(4);
    out.i64(time).xid(oldestCommitTimeXid).xid(newestCommitTimeXid).xid(oldestActiveXid).pad(4);
  }
}
