package phaistos.formats;

import java.util.Map;
import java.util.Optional;
import phaistos.formats.record.RecordFormat;

/**
 * The supported major versions of PostgreSQL. The magic number of WAL pages
 * (access/xlog_internal.h) or the two version numbers of the control file (catalog/pg_control.h,
 * catalog/catversion.h) identify a version. Each version owns the code that decodes its files, so
 * that no other code branches on the version.
 */
public enum Version {
  V13(13, 0xD106, 1300, 202_007_201, false, false, 8),
  V14(14, 0xD10D, 1300, 202_107_181, false, false, 8),
  V15(15, 0xD110, 1300, 202_209_061, false, false, 8),
  V16(16, 0xD113, 1300, 202_307_071, false, false, 8),
  V17(17, 0xD116, 1700, 202_406_281, true, false, 16),
  V18(18, 0xD118, 1800, 202_506_291, true, true, 16);

  /** The version whose files are written. */
  public static final Version WRITTEN = V15;

  private static final Version LATEST = V18;

  private static final Map<Integer, String> EARLIER_WAL_MAGIC =
      Map.of(0xD087, "9.5", 0xD093, "9.6", 0xD097, "10", 0xD098, "11", 0xD101, "12");

  private static final Map<Integer, String> EARLIER_CATALOG =
      Map.of(
          201_510_051, "9.5",
          201_608_131, "9.6",
          201_707_211, "10",
          201_809_051, "11",
          201_909_212, "12");

  private final int major;
  private final int walMagic;
  private final int controlVersion;
  private final int catalogVersion;
  private final boolean walLevelInCheckpoint;
  private final boolean charSignednessInControl;
  private final int stateFileDigits;
  private final RecordFormat records;

  Version(
      int major,
      int walMagic,
      int controlVersion,
      int catalogVersion,
      boolean walLevelInCheckpoint,
      boolean charSignednessInControl,
      int stateFileDigits) {
    this.major = major;
    this.walMagic = walMagic;
    this.controlVersion = controlVersion;
    this.catalogVersion = catalogVersion;
    this.walLevelInCheckpoint = walLevelInCheckpoint;
    this.charSignednessInControl = charSignednessInControl;
    this.stateFileDigits = stateFileDigits;
    this.records = RecordFormat.of(major, "PG_%d_%d".formatted(major, catalogVersion));
  }

  /** The version whose WAL pages have this magic number, if it is supported. */
  public static Optional<Version> ofWalMagic(int magic) {
    for (Version version : values()) {
      if (version.walMagic == magic) {
        return Optional.of(version);
      }
    }
    return Optional.empty();
  }

  /**
   * The version whose control file has these two numbers.
   *
   * @throws FormatException if no supported version has these; the message names the numbers
   */
  public static Version ofControlFile(int controlVersion, int catalogVersion) {
    for (Version version : values()) {
      if (version.controlVersion == controlVersion && version.catalogVersion == catalogVersion) {
        return version;
      }
    }
    String earlier = EARLIER_CATALOG.get(catalogVersion);
    if (earlier == null && controlVersion % 65_536 == 0 && controlVersion != 0) {
      throw new FormatException(
          "control file has another byte order; only little endian is supported");
    }
    throw new FormatException(
        "control file version %d, catalog version %d: %s; %s"
            .formatted(
                controlVersion,
                catalogVersion,
                earlier != null ? "PostgreSQL " + earlier : name(controlVersion, catalogVersion),
                supported()));
  }

  /** The control version is the number of the major version in which it changed, times 100. */
  private static String name(int controlVersion, int catalogVersion) {
    if (controlVersion > LATEST.controlVersion && controlVersion < 10_000) {
      return "PostgreSQL %d or later".formatted(controlVersion / 100);
    }
    boolean isLater =
        controlVersion == LATEST.controlVersion && catalogVersion > LATEST.catalogVersion;
    return isLater ? "later than PostgreSQL " + LATEST.major : "no release that is known";
  }

  /** The message for a page magic of no supported version. */
  public static String describeWalMagic(int magic) {
    String number = "page magic %04X is ".formatted(magic);
    String earlier = EARLIER_WAL_MAGIC.get(magic);
    if (earlier != null) {
      return number + "PostgreSQL " + earlier + "'s; " + supported();
    }
    boolean isLater = magic > LATEST.walMagic && magic >> 8 == LATEST.walMagic >> 8;
    return isLater
        ? number
            + "later than PostgreSQL %d's %04X; ".formatted(LATEST.major, LATEST.walMagic)
            + supported()
        : number + "no version's that is known; " + supported();
  }

  private static String supported() {
    return "PostgreSQL %d to %d are supported".formatted(V13.major, LATEST.major);
  }

  public int major() {
    return major;
  }

  /** The magic number of WAL pages. */
  public int walMagic() {
    return walMagic;
  }

  public int controlVersion() {
    return controlVersion;
  }

  public int catalogVersion() {
    return catalogVersion;
  }

  /** How the bodies of WAL records are decoded, and pg_waldump's words for them. */
  public RecordFormat records() {
    return records;
  }

  /** Whether a checkpoint stores wal_level. */
  public boolean walLevelInCheckpoint() {
    return walLevelInCheckpoint;
  }

  /** Whether the control file stores the signedness of {@code char}. */
  public boolean charSignednessInControl() {
    return charSignednessInControl;
  }

  /**
   * Whether a file in pg_twophase belongs to a prepared transaction, by the number of digits in its
   * name.
   */
  public boolean isStateFile(String name) {
    return name.length() == stateFileDigits && name.matches("[0-9A-F]+");
  }

  @Override
  public String toString() {
    return "PostgreSQL " + major;
  }
}
