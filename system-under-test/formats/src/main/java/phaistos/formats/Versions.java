package phaistos.formats;

import java.util.Map;
import java.util.Optional;

/** Tells which PostgreSQL wrote something, by the numbers that change with every version. */
public final class Versions {
  public static final int CONTROL_VERSION = 1300;
  public static final int CATALOG_VERSION = 202_209_061;

  private static final Map<Integer, String> WAL_MAGIC =
      Map.ofEntries(
          Map.entry(0xD087, "9.5"),
          Map.entry(0xD093, "9.6"),
          Map.entry(0xD097, "10"),
          Map.entry(0xD098, "11"),
          Map.entry(0xD101, "12"),
          Map.entry(0xD106, "13"),
          Map.entry(0xD10D, "14"),
          Map.entry(0xD110, "15"),
          Map.entry(0xD113, "16"),
          Map.entry(0xD116, "17"),
          Map.entry(0xD118, "18"));

  private static final Map<Integer, String> CATALOG =
      Map.ofEntries(
          Map.entry(201_510_051, "9.5"),
          Map.entry(201_608_131, "9.6"),
          Map.entry(201_707_211, "10"),
          Map.entry(201_809_051, "11"),
          Map.entry(201_909_212, "12"),
          Map.entry(202_007_201, "13"),
          Map.entry(202_107_181, "14"),
          Map.entry(202_209_061, "15"),
          Map.entry(202_307_071, "16"),
          Map.entry(202_406_281, "17"),
          Map.entry(202_506_291, "18"));

  private Versions() {}

  /** The version whose WAL pages have this magic number. */
  public static Optional<String> ofWalMagic(int magic) {
    return Optional.ofNullable(WAL_MAGIC.get(magic));
  }

  /** The sentence about a page magic that is not version 15's. */
  public static String describeWalMagic(int magic) {
    String number = "page magic %04X is ".formatted(magic);
    return ofWalMagic(magic)
        .map(version -> number + "PostgreSQL " + version + "'s; only 15 is supported")
        .orElse(number + "no version's that is known; PostgreSQL 15 has D110");
  }

  /** Throws unless both are version 15's. */
  public static void checkControlFile(int controlVersion, int catalogVersion) {
    if (controlVersion == CONTROL_VERSION && catalogVersion == CATALOG_VERSION) {
      return;
    }
    String version = CATALOG.get(catalogVersion);
    if (version == null && controlVersion % 65_536 == 0 && controlVersion != 0) {
      throw new FormatException(
          "control file has another byte order; only little endian is supported");
    }
    throw new FormatException(
        "control file version %d, catalog version %d: %s; only PostgreSQL 15 (%d, %d) is supported"
            .formatted(
                controlVersion,
                catalogVersion,
                version == null ? "no release that is known" : "PostgreSQL " + version,
                CONTROL_VERSION,
                CATALOG_VERSION));
  }
}
