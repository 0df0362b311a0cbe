package phaistos.formats;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * {@code global/pg_control} (catalog/pg_control.h, ControlFileData, 296 bytes in a file of 8192,
 * with a CRC-32C after all fields).
 *
 * @param time last change, seconds since 1970
 * @param checkPoint where the last checkpoint's record begins
 * @param unloggedLsn the counter for relations without WAL
 * @param nonce 32 random bytes for authentication
 */
public record ControlFile(
    Version version,
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

  private static final int BYTES = 296;

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
   * @param minimum replay must reach this LSN; or invalid
   * @param backupEndRequired a BACKUP_END record must come
   */
  public record RecoveryPoints(
      Lsn minimum, int minimumTimeline, Lsn backupStart, Lsn backupEnd, boolean backupEndRequired) {
    public static final RecoveryPoints NONE =
        new RecoveryPoints(Lsn.INVALID, 0, Lsn.INVALID, Lsn.INVALID, false);
  }

  /**
   * Settings of the primary that a standby checks.
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
   * Sizes fixed when the server was built or initialized; {@link #of} has the usual ones.
   *
   * @param signedChars whether {@code char} was signed where the data was made; stored from version
   *     18 on
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
      int dataChecksumVersion,
      boolean signedChars) {
    public static Format of(int walSegmentSize, boolean dataChecksums) {
      int checksums = dataChecksums ? 1 : 0;
      return new Format(
          8,
          1234567.0,
          8192,
          131_072,
          8192,
          walSegmentSize,
          64,
          32,
          1996,
          2048,
          true,
          checksums,
          true);
    }
  }

  /** A control file of the version that this project writes, with the usual sizes and settings. */
  public static ControlFile of(
      long systemId, State state, long time, Lsn checkPoint, Checkpoint checkpoint, Format format) {
    return new ControlFile(
        Version.WRITTEN,
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
        version,
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
        version,
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
        version,
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
        version,
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
   * @throws FormatException if it is of another version (the message names it), too short, or
   *     damaged
   */
  public static ControlFile decode(byte[] bytes) {
    int crcAt = crcAt(version(bytes));
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, crcAt);
    int stored = ByteReader.i32(bytes, crcAt);
    if ((int) crc.getValue() != stored) {
      throw new FormatException(
          "control file is damaged: CRC is %08X, computed %08X"
              .formatted(stored, (int) crc.getValue()));
    }
    return decodeUnchecked(bytes);
  }

  private static Version version(byte[] bytes) {
    if (bytes.length < BYTES) {
      throw new FormatException("control file is too short: %d bytes".formatted(bytes.length));
    }
    return Version.ofControlFile(ByteReader.i32(bytes, 8), ByteReader.i32(bytes, 12));
  }

  /**
   * Reads the fields without looking at the CRC: what a damaged file can still show, to be trusted
   * in nothing.
   *
   * @throws FormatException if the version is unknown, the file too short, or a field impossible
   */
  public static ControlFile decodeUnchecked(byte[] bytes) {
    Version version = version(bytes);
    int crcAt = crcAt(version);
    ByteReader in = new ByteReader(bytes, 0, crcAt, "control file");
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
    Checkpoint checkpoint = Checkpoint.read(in, false, version.walLevelInCheckpoint());
    Lsn unloggedLsn = in.lsn();
    RecoveryPoints recovery = readRecovery(in);
    Settings settings = readSettings(in);
    Format format = readFormat(in, version);
    byte[] nonce = in.bytes(NONCE_BYTES);
    in.align(4);
    in.end();
    return new ControlFile(
        version,
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

  private static Format readFormat(ByteReader in, Version version) {
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
        in.i32(),
        !version.charSignednessInControl() || in.bool());
  }

  /** The position of the CRC, at the end of the fields. */
  private static int crcAt(Version version) {
    return version.charSignednessInControl() ? 292 : 288;
  }

  /** The whole file, 8192 bytes. The fields and the CRC lie in its first 512, one disk sector. */
  public byte[] encode() {
    ByteWriter out = new ByteWriter(padding, FILE_BYTES);
    out.i64(systemId).i32(version.controlVersion()).i32(version.catalogVersion());
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
    out.bool(format.float8ByValue).pad(3).i32(format.dataChecksumVersion);
    if (version.charSignednessInControl()) {
      out.bool(format.signedChars);
    }
    out.bytes(nonce).align(4);
    CRC32C crc = new CRC32C();
    crc.update(out.toBytes(), 0, crcAt(version));
    out.i32((int) crc.getValue());
    out.zeros(FILE_BYTES - out.length());
    return out.toBytes();
  }

  /** Reads it from a data directory; messages name the file. */
  public static ControlFile read(DataDirectory directory) throws java.io.IOException {
    versionOf(directory);
    byte[] bytes = directory.read(PATH, 0, FILE_BYTES);
    try {
      return decode(bytes);
    } catch (FormatException e) {
      throw new FormatException(directory.describe() + "/" + PATH + ": " + e.getMessage());
    }
  }

  /**
   * The version that wrote a data directory, from the control file's first bytes alone.
   *
   * @throws FormatException if no supported version has these; the message names what was found,
   *     PG_VERSION included
   */
  public static Version versionOf(DataDirectory directory) throws java.io.IOException {
    byte[] start = directory.read(PATH, 0, 16);
    String file = directory.describe() + "/" + PATH;
    if (start.length < 16) {
      throw new FormatException(
          "%s: control file is too short: %d bytes".formatted(file, start.length));
    }
    if (ByteReader.i64(start, 0) == 0 && ByteReader.i64(start, 8) == 0) {
      throw new FormatException(file + ": control file is zeroed");
    }
    try {
      return Version.ofControlFile(ByteReader.i32(start, 8), ByteReader.i32(start, 12));
    } catch (FormatException e) {
      throw new FormatException(file + ": " + e.getMessage() + namedBy(directory));
    }
  }

  private static String namedBy(DataDirectory directory) throws java.io.IOException {
    try {
      String text = new String(directory.read("PG_VERSION", 0, 16), StandardCharsets.US_ASCII);
      String name = text.strip();
      return name.matches("[0-9.]{1,8}") ? "; PG_VERSION says " + name : "";
    } catch (java.nio.file.NoSuchFileException e) {
      return "";
    }
  }
}
