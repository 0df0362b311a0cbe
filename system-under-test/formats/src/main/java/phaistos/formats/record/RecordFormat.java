package phaistos.formats.record;

import phaistos.formats.FormatException;
import phaistos.formats.Text;
import phaistos.formats.wal.RecordView;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * The layout of WAL record bodies, and pg_waldump's words for them, in one version of PostgreSQL.
 * {@link #of} is the only place that knows how versions differ; other code uses the format that a
 * {@link phaistos.formats.Version} owns.
 */
public final class RecordFormat {
  private final RecordNames names;
  private final Layout layout;
  private final Wording wording;
  private final CommonDescriptions common;

  private RecordFormat(RecordNames names, Layout layout, Wording wording) {
    this.names = names;
    this.layout = layout;
    this.wording = wording;
    this.common = new CommonDescriptions(wording);
  }

  /**
   * The differences between versions in the bytes.
   *
   * @param invalidationRecords transactions log cache invalidations of a command
   * @param droppedStats how transactions log dropped statistics
   * @param tellsWalLevel checkpoints and ends of recovery store wal_level, and a checkpoint's redo
   *     point has its own record
   * @param longPageNumbers pages of the commit log and other SLRUs have 64-bit numbers
   * @param pruneOfFourteen pruning, vacuuming and freezing use the records of 14 and 15
   * @param inplaceInvalidates an inplace update carries invalidations
   * @param imageBits the flag bits in the header of a full-page image
   * @param customRmgrs extensions may have resource managers
   */
  record Layout(
      boolean invalidationRecords,
      DroppedStatsForm droppedStats,
      boolean tellsWalLevel,
      boolean longPageNumbers,
      boolean pruneOfFourteen,
      boolean inplaceInvalidates,
      ImageBits imageBits,
      boolean customRmgrs) {}

  /** How commits, aborts and two-phase states store dropped statistics. */
  public enum DroppedStatsForm {
    NONE,
    /** An object's number has 32 bits. */
    SHORT,
    /** It has 64. */
    LONG
  }

  /** Which bits of an image's header mean that replay applies it, and how it is compressed. */
  public enum ImageBits {
    /** A compressed image is one of pglz. */
    PGLZ_ONLY,
    EACH_METHOD
  }

  /**
   * The format of a major version, from 13 to 18.
   *
   * @param tablespaceVersion the name of the version's folder in a tablespace
   */
  public static RecordFormat of(int major, String tablespaceVersion) {
    RecordNames names =
        major < 14
            ? RecordNames.OF_13
            : major < 15 ? RecordNames.OF_14 : major < 17 ? RecordNames.OF_15 : RecordNames.OF_17;
    Layout layout =
        new Layout(
            major >= 14,
            major < 15
                ? DroppedStatsForm.NONE
                : major < 18 ? DroppedStatsForm.SHORT : DroppedStatsForm.LONG,
            major >= 17,
            major >= 17,
            major == 14 || major == 15,
            major >= 18,
            major < 15 ? ImageBits.PGLZ_ONLY : ImageBits.EACH_METHOD,
            major >= 15);
    return new RecordFormat(names, layout, Wording.of(major, tablespaceVersion, layout));
  }

  /** The name of a record's kind; {@code info} with or without the low four bits. */
  public String infoName(int rmgrId, int info) {
    return names.name(rmgrId, info);
  }

  /** A number that the version accepts in a record: one of its own, or an extension's. */
  public boolean isValidRmgr(int id) {
    return Rmgr.isBuiltIn(id) || layout.customRmgrs && Rmgr.isCustom(id);
  }

  public ImageBits imageBits() {
    return layout.imageBits;
  }

  public DroppedStatsForm droppedStats() {
    return layout.droppedStats;
  }

  /** Whether a table of statistics names the WAL that it covers. */
  public boolean statsTellTheirRange() {
    return layout.customRmgrs;
  }

  /**
   * Decodes a record's body.
   *
   * @throws FormatException if the data does not have the form that the record's kind has
   */
  public RecordBody decode(WalRecord record) {
    if (record.rmgr().isEmpty()) {
      return OtherBody.decode(record);
    }
    int kind = record.info() & 0x70;
    return switch (record.rmgr().get()) {
      case XLOG -> XlogBody.decode(record, layout.tellsWalLevel);
      case TRANSACTION -> TransactionBody.decode(record, layout);
      case CLOG -> ClogBody.decode(record, layout.longPageNumbers);
      case MULTIXACT -> MultiXactBody.decode(record, layout.longPageNumbers);
      case STANDBY -> StandbyBody.decode(record);
      case HEAP ->
          kind == 0x70 && layout.inplaceInvalidates
              ? OtherBody.decode(record)
              : HeapBody.decode(record);
      case HEAP2 ->
          kind >= 0x10 && kind <= 0x30 && !layout.pruneOfFourteen
              ? OtherBody.decode(record)
              : Heap2Body.decode(record);
      case SEQUENCE -> SequenceBody.decode(record);
      case STORAGE -> StorageBody.decode(record);
      case LOGICAL_MESSAGE -> LogicalMessageBody.decode(record);
      case DATABASE,
          TABLESPACE,
          RELMAP,
          BTREE,
          HASH,
          GIN,
          GIST,
          SPGIST,
          BRIN,
          COMMIT_TS,
          REPLICATION_ORIGIN,
          GENERIC ->
          OtherBody.decode(record);
    };
  }

  /** Appends what pg_waldump prints after the record's name. */
  public void describe(Text out, WalRecord record) {
    decode(record).describe(out, record, wording);
  }

  /** The same for a common record; returns false and appends nothing for others. */
  public boolean describeCommon(Text out, RecordView record) {
    return common.append(out, record);
  }
}
