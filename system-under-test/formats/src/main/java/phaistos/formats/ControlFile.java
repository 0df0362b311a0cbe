package phaistos.formats;

import java.util.zip.CRC32C;

/**
 * {@code global/pg_control} of PostgreSQL 15: control version 1300, catalog version 202209061
 * (catalog/pg_control.h, ControlFileData, 296 bytes in a file of 8192, CRC-32C over the first 288).
 *
 * @param time last change, seconds since 1970
 * @param checkPoint where the last checkpoint's record begins
 * @param unloggedLsn the counter for relations without WAL
 * @param nonce 32 random bytes for authentication
 */
public record ControlFile(
    long systemId,
    State state,
    long time,
    Lsn checkPoint,
    Checkpoint checkpoint,
    Lsn unloggedLsn,
    RecoveryPoints recovery,
    Settings settings,
    Format format,
    byte[] nonce,
    Padding padding) {
  public static final String PATH = "global/pg_control";
  public static final int FILE_BYTES = 8192;
  public static final int NONCE_BYTES = 32;

  private static final int CRC_AT = 288;

  /** In the order of their numbers in the file. */
  public enum State {
    STARTUP("starting up"),
    SHUT_DOWN("shut down"),
    SHUT_DOWN_IN_RECOVERY("shut down in recovery"),
    SHUTTING_DOWN("shutting down"),
    IN_CRASH_RECOVERY("in crash recovery"),
    IN_ARCHIVE_RECOVERY("in archive recovery"),
    IN_PRODUCTION("in production");

    private final String label;

    State(String label) {
      this.label = label;
    }

    /** pg_controldata's words. */
    public String label() {
      return label;
    }
  }

  /**
   * How far recovery must go before the data is consistent.
   *
   * @param minimum replay at least to here, or invalid
   * @param backupEndRequired a BACKUP_END record must come
   */
  public record RecoveryPoints(
      Lsn minimum, int minimumTimeline, Lsn backupStart, Lsn backupEnd, boolean backupEndRequired) {
    public static final RecoveryPoints NONE =
        new RecoveryPoints(Lsn.INVALID, 0, Lsn.INVALID, Lsn.INVALID, false);
  }

  /**
   * Settings that a standby must know.
   *
   * @param walLevel 0 minimal, 1 replica, 2 logical
   */
  public record Settings(
      int walLevel,
      boolean walLogHints,
      int maxConnections,
      int maxWorkerProcesses,
      int maxWalSenders,
      int maxPreparedTransactions,
      int maxLocksPerTransaction,
      boolean trackCommitTimestamp) {
    public static final Settings DEFAULT = new Settings(1, false, 100, 8, 10, 0, 64, false);
  }

  /**
   * Sizes that were chosen when the server was built or initialized; {@link #of} has the usual
   * ones.
   */
  public record Format(
      int maxAlign,
      double floatFormat,
      int blockSize,
      int relationSegmentBlocks,
      int walBlockSize,
      int walSegmentSize,
      int nameLength,
      int indexKeys,
      int toastChunkSize,
      int largeObjectChunkSize,
      boolean float8ByValue,
      int dataChecksumVersion) {
    public static Format of(int walSegmentSize, boolean dataChecksums) {
      int checksums = dataChecksums ? 1 : 0;
      return new Format(
          8, 1234567.0, 8192, 131_072, 8192, walSegmentSize, 64, 32, 1996, 2048, true, checksums);
    }
  }

  /** A control file with the common sizes and settings. */
  public static ControlFile of(
      long systemId, State state, long time, Lsn checkPoint, Checkpoint checkpoint, Format format) {
    return new ControlFile(
        systemId,
        state,
        time,
        checkPoint,
        checkpoint,
        new Lsn(1000),
        RecoveryPoints.NONE,
        Settings.DEFAULT,
        format,
        new byte[NONCE_BYTES],
        Padding.ZERO);
  }

  public ControlFile withState(State newState, long newTime) {
    return new ControlFile(
        systemId,
        newState,
        newTime,
        checkPoint,
        checkpoint,
        unloggedLsn,
        recovery,
        settings,
        format,
        nonce,
        padding);
  }

  public ControlFile withCheckpoint(Lsn lsn, Checkpoint newCheckpoint, long newTime) {
    return new ControlFile(
        systemId,
        state,
        newTime,
        lsn,
        newCheckpoint,
        unloggedLsn,
        recovery,
        settings,
        format,
        nonce,
        padding);
  }

  /** With a minimum recovery point that is at least this one. */
  public ControlFile withMinimum(Lsn minimum, int timeline) {
    if (recovery.minimum.compareTo(minimum) >= 0) {
      return this;
    }
    return withRecovery(
        new RecoveryPoints(
            minimum,
            timeline,
            recovery.backupStart,
            recovery.backupEnd,
            recovery.backupEndRequired));
  }

  public ControlFile withRecovery(RecoveryPoints points) {
    return new ControlFile(
        systemId,
        state,
        time,
        checkPoint,
        checkpoint,
        unloggedLsn,
        points,
        settings,
        format,
        nonce,
        padding);
  }

  public ControlFile withSettings(Settings newSettings) {
    return new ControlFile(
        systemId,
        state,
        time,
        checkPoint,
        checkpoint,
        unloggedLsn,
        recovery,
        newSettings,
        format,
        nonce,
        padding);
  }

  /**
   * Reads the file's bytes.
   *
   * @throws FormatException if it is another version's (the message names it), too short, or
   *     damaged
   */
  public static ControlFile decode(byte[] bytes) {
    if (bytes.length < CRC_AT + 4) {
      throw new FormatException("control file is too short: %d bytes".formatted(bytes.length));
    }
    Versions.checkControlFile(ByteReader.i32(bytes, 8), ByteReader.i32(bytes, 12));
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, CRC_AT);
    int stored = ByteReader.i32(bytes, CRC_AT);
    if ((int) crc.getValue() != stored) {
      throw new FormatException(
          "control file is damaged: CRC is %08X, computed %08X"
              .formatted(stored, (int) crc.getValue()));
    }
    ByteReader in = new ByteReader(bytes, 0, CRC_AT, "control file");
    long systemId = in.i64();
    in.i32();
    in.i32();
    int state = in.i32();
    if (state < 0 || state >= State.values().length) {
      throw new FormatException("control file has the unknown state " + state);
    }
    in.pad(4);
    long time = in.i64();
    Lsn checkPoint = in.lsn();
    Checkpoint checkpoint = Checkpoint.read(in, false);
    Lsn unloggedLsn = in.lsn();
    RecoveryPoints recovery = readRecovery(in);
    Settings settings = readSettings(in);
    Format format = readFormat(in);
    byte[] nonce = in.bytes(NONCE_BYTES);
    in.end();
    return new ControlFile(
        systemId,
        State.values()[state],
        time,
        checkPoint,
        checkpoint,
        unloggedLsn,
        recovery,
        settings,
        format,
        nonce,
        in.padding());
  }

  private static RecoveryPoints readRecovery(ByteReader in) {
    Lsn minimum = in.lsn();
    int timeline = in.i32();
    in.pad(4);
    RecoveryPoints points = new RecoveryPoints(minimum, timeline, in.lsn(), in.lsn(), in.bool());
    in.pad(3);
    return points;
  }

  private static Settings readSettings(ByteReader in) {
    int walLevel = in.i32();
    boolean walLogHints = in.bool();
    in.pad(3);
    Settings settings =
        new Settings(
            walLevel, walLogHints, in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.bool());
    in.pad(3);
    return settings;
  }

  private static Format readFormat(ByteReader in) {
    int maxAlign = in.i32();
    double floatFormat = Double.longBitsToDouble(in.i64());
    int blockSize = in.i32();
    int relationSegmentBlocks = in.i32();
    int walBlockSize = in.i32();
    int walSegmentSize = in.i32();
    if (!phaistos.formats.wal.WalLayout.isValidSegmentSize(walSegmentSize)) {
      throw new FormatException(
          "control file has an invalid WAL segment size: %d bytes".formatted(walSegmentSize));
    }
    if (blockSize != 8192 || walBlockSize != 8192) {
      throw new FormatException(
          "server was built with blocks of %d and WAL blocks of %d bytes; only 8192 is supported"
              .formatted(blockSize, walBlockSize));
    }
    int nameLength = in.i32();
    int indexKeys = in.i32();
    int toastChunkSize = in.i32();
    int largeObjectChunkSize = in.i32();
    boolean float8ByValue = in.bool();
    in.pad(3);
    return new Format(
        maxAlign,
        floatFormat,
        blockSize,
        relationSegmentBlocks,
        walBlockSize,
        walSegmentSize,
        nameLength,
        indexKeys,
        toastChunkSize,
        largeObjectChunkSize,
        float8ByValue,
        in.i32());
  }

  /** The whole file, 8192 bytes. The fields and the CRC lie in its first 512, one disk sector. */
  public byte[] encode() {
    ByteWriter out = new ByteWriter(padding, FILE_BYTES);
    out.i64(systemId).i32(Versions.CONTROL_VERSION).i32(Versions.CATALOG_VERSION);
    out.i32(state.ordinal()).pad(4).i64(time).lsn(checkPoint);
    checkpoint.write(out);
    out.lsn(unloggedLsn);
    out.lsn(recovery.minimum).i32(recovery.minimumTimeline).pad(4);
    out.lsn(recovery.backupStart).lsn(recovery.backupEnd);
    out.bool(recovery.backupEndRequired).pad(3);
    out.i32(settings.walLevel).bool(settings.walLogHints).pad(3);
    out.i32(settings.maxConnections).i32(settings.maxWorkerProcesses);
    out.i32(settings.maxWalSenders).i32(settings.maxPreparedTransactions);
    out.i32(settings.maxLocksPerTransaction).bool(settings.trackCommitTimestamp).pad(3);
    out.i32(format.maxAlign).i64(Double.doubleToLongBits(format.floatFormat));
    out.i32(format.blockSize).i32(format.relationSegmentBlocks).i32(format.walBlockSize);
    out.i32(format.walSegmentSize).i32(format.nameLength).i32(format.indexKeys);
    out.i32(format.toastChunkSize).i32(format.largeObjectChunkSize);
    out.bool(format.float8ByValue).pad(3).i32(format.dataChecksumVersion).bytes(nonce);
    CRC32C crc = new CRC32C();
    crc.update(out.toBytes(), 0, CRC_AT);
    out.i32((int) crc.getValue());
    out.zeros(FILE_BYTES - out.length());
    return out.toBytes();
  }

  /** Reads it from a data directory; messages name the file. */
  public static ControlFile read(DataDirectory directory) throws java.io.IOException {
    byte[] bytes = directory.read(PATH, 0, FILE_BYTES);
    try {
      return decode(bytes);
    } catch (FormatException e) {
      throw new FormatException(directory.describe() + "/" + PATH + ": " + e.getMessage());
    }
  }
}
