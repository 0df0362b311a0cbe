package phaistos.formats.record;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.PgTime;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.Xid;

/**
 * How a transaction ended: the body of commit and abort records. The fields determine which parts
 * are present; the bits of xinfo are computed.
 *
 * @param time microseconds since 2000
 * @param flags the bits of xinfo that stand for no part: {@link #ACCESS_EXCLUSIVE_LOCKS}, {@link
 *     #APPLY_FEEDBACK}, {@link #RELCACHE_INIT_FILE}, {@link #FORCE_SYNC}
 * @param subxids committed subtransactions (of an abort: those that had not ended before)
 * @param invalidations only of commits
 * @param twoPhaseXid the prepared transaction that ends, otherwise invalid
 * @param gid the prepared transaction's name, logged with wal_level logical
 */
public record Outcome(
    long time,
    int flags,
    Optional<Database> database,
    List<Xid> subxids,
    List<RelationLocator> droppedRelations,
    List<DroppedStats> droppedStats,
    List<InvalidationMessage> invalidations,
    Xid twoPhaseXid,
    Optional<String> gid,
    Optional<Origin> origin) {
  /** The transaction held AccessExclusiveLocks, which a standby must release. */
  public static final int ACCESS_EXCLUSIVE_LOCKS = 1 << 6;

  /** The client waits for remote_apply: the standby answers at once. */
  public static final int APPLY_FEEDBACK = 1 << 29;

  public static final int RELCACHE_INIT_FILE = 1 << 30;
  public static final int FORCE_SYNC = 1 << 31;

  private static final int HAS_INFO = 0x80;
  private static final int DATABASE = 1;
  private static final int SUBXIDS = 1 << 1;
  private static final int RELATIONS = 1 << 2;
  private static final int INVALIDATIONS = 1 << 3;
  private static final int TWO_PHASE = 1 << 4;
  private static final int ORIGIN = 1 << 5;
  private static final int GID = 1 << 7;
  private static final int STATS = 1 << 8;
  private static final int FLAGS =
      ACCESS_EXCLUSIVE_LOCKS | APPLY_FEEDBACK | RELCACHE_INIT_FILE | FORCE_SYNC;
  private static final int ALL_BITS = 0x1FF | FLAGS;

  /** The database of the transaction and its tablespace. */
  public record Database(int database, int space) {}

  /**
   * Statistics of an object that was dropped.
   *
   * @param object an OID, from version 18 on any number of 64 bits
   */
  public record DroppedStats(int kind, int database, long object) {
    /** How many bytes one takes. */
    public static int bytes(RecordFormat.DroppedStatsForm form) {
      return form == RecordFormat.DroppedStatsForm.LONG ? 16 : 12;
    }

    public static Function<ByteReader, DroppedStats> reader(RecordFormat.DroppedStatsForm form) {
      return form == RecordFormat.DroppedStatsForm.LONG
          ? in -> new DroppedStats(in.i32(), in.i32(), in.i64())
          : in -> new DroppedStats(in.i32(), in.i32(), in.i32() & 0xFFFF_FFFFL);
    }

    public void write(ByteWriter out) {
      out.i32(kind).i32(database).i32((int) object);
    }
  }

  /** Where a replicated transaction was committed first. */
  public record Origin(Lsn lsn, long time) {
    void describe(Text out, int node) {
      out.append("; origin: node ").append(node);
      out.append(", lsn ").lsn(lsn.value());
      PgTime.append(out.append(", at "), time);
    }
  }

  /** An outcome that is nothing but its time. */
  public static Outcome of(long time) {
    return new Outcome(
        time,
        0,
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Xid.INVALID,
        Optional.empty(),
        Optional.empty());
  }

  public Outcome withSubxids(List<Xid> xids) {
    return new Outcome(
        time,
        flags,
        database,
        List.copyOf(xids),
        droppedRelations,
        droppedStats,
        invalidations,
        twoPhaseXid,
        gid,
        origin);
  }

  public Outcome withFlags(int newFlags) {
    return new Outcome(
        time,
        newFlags,
        database,
        subxids,
        droppedRelations,
        droppedStats,
        invalidations,
        twoPhaseXid,
        gid,
        origin);
  }

  public Outcome withDroppedRelations(List<RelationLocator> relations) {
    return new Outcome(
        time,
        flags,
        database,
        subxids,
        List.copyOf(relations),
        droppedStats,
        invalidations,
        twoPhaseXid,
        gid,
        origin);
  }

  /** The outcome of a prepared transaction. */
  public Outcome withTwoPhase(Xid xid) {
    return new Outcome(
        time,
        flags,
        database,
        subxids,
        droppedRelations,
        droppedStats,
        invalidations,
        xid,
        gid,
        origin);
  }

  Xid decided(Xid header) {
    return twoPhaseXid.isValid() ? twoPhaseXid : header;
  }

  int hasInfoBit() {
    return bits() != 0 ? HAS_INFO : 0;
  }

  private int bits() {
    return flags
        | (database.isPresent() ? DATABASE : 0)
        | (subxids.isEmpty() ? 0 : SUBXIDS)
        | (droppedRelations.isEmpty() ? 0 : RELATIONS)
        | (invalidations.isEmpty() ? 0 : INVALIDATIONS)
        | (twoPhaseXid.isValid() ? TWO_PHASE : 0)
        | (origin.isPresent() ? ORIGIN : 0)
        | (gid.isPresent() ? GID : 0)
        | (droppedStats.isEmpty() ? 0 : STATS);
  }

  static Outcome read(
      ByteReader in, int info, boolean commit, RecordFormat.DroppedStatsForm statsForm) {
    long time = in.i64();
    int bits = (info & HAS_INFO) != 0 ? in.i32() : 0;
    int known = statsForm == RecordFormat.DroppedStatsForm.NONE ? ALL_BITS & ~STATS : ALL_BITS;
    if ((bits & ~known) != 0 || !commit && (bits & INVALIDATIONS) != 0) {
      throw new FormatException("Transaction record with unknown xinfo %08X".formatted(bits));
    }
    Optional<Database> database =
        has(bits, DATABASE) ? Optional.of(new Database(in.i32(), in.i32())) : Optional.empty();
    List<Xid> subxids =
        has(bits, SUBXIDS) ? Lists.readCounted(in, Integer.BYTES, ByteReader::xid) : List.<Xid>of();
    List<RelationLocator> relations =
        has(bits, RELATIONS)
            ? Lists.readCounted(in, 12, RelationLocator::read)
            : List.<RelationLocator>of();
    List<DroppedStats> stats =
        has(bits, STATS)
            ? Lists.readCounted(in, DroppedStats.bytes(statsForm), DroppedStats.reader(statsForm))
            : List.<DroppedStats>of();
    List<InvalidationMessage> invalidations =
        has(bits, INVALIDATIONS)
            ? Lists.readCounted(in, InvalidationMessage.BYTES, InvalidationMessage::read)
            : List.<InvalidationMessage>of();
    Xid twoPhase = has(bits, TWO_PHASE) ? in.xid() : Xid.INVALID;
    Optional<String> gid = has(bits, GID) ? Optional.of(in.zeroTerminated()) : Optional.empty();
    Optional<Origin> origin =
        has(bits, ORIGIN) ? Optional.of(new Origin(in.lsn(), in.i64())) : Optional.empty();
    return new Outcome(
        time,
        bits & FLAGS,
        database,
        subxids,
        relations,
        stats,
        invalidations,
        twoPhase,
        gid,
        origin);
  }

  private static boolean has(int bits, int bit) {
    return (bits & bit) != 0;
  }

  byte[] encode() {
    ByteWriter out = new ByteWriter().i64(time);
    int bits = bits();
    if (bits != 0) {
      out.i32(bits);
    }
    database.ifPresent(d -> out.i32(d.database).i32(d.space));
    if (!subxids.isEmpty()) {
      Lists.writeXids(out.i32(subxids.size()), subxids);
    }
    if (!droppedRelations.isEmpty()) {
      out.i32(droppedRelations.size());
      droppedRelations.forEach(relation -> relation.write(out));
    }
    if (!droppedStats.isEmpty()) {
      out.i32(droppedStats.size());
      droppedStats.forEach(stats -> stats.write(out));
    }
    if (!invalidations.isEmpty()) {
      out.i32(invalidations.size());
      invalidations.forEach(message -> message.write(out));
    }
    if (twoPhaseXid.isValid()) {
      out.xid(twoPhaseXid);
    }
    gid.ifPresent(name -> out.text(name).u8(0));
    origin.ifPresent(o -> out.lsn(o.lsn).i64(o.time));
    return out.toBytes();
  }

  static void describeStats(Text out, String label, List<DroppedStats> stats) {
    if (stats.isEmpty()) {
      return;
    }
    out.append("; ").append(label).append("dropped stats:");
    for (DroppedStats item : stats) {
      out.append(' ').append(item.kind);
      out.append('/').unsigned(item.database);
      out.append('/').append(Long.toUnsignedString(item.object));
    }
  }
}
