package phaistos.server;

import java.util.OptionalLong;
import phaistos.formats.wal.WalLayout;
import phaistos.server.settings.Settings;

/**
 * The options of a new data directory. The same options and the same system identifier give the
 * same directory byte for byte, so that one server may stream from the other.
 *
 * @param systemId drawn from the environment's randomness if empty
 * @param time the time in the first checkpoint, in seconds since 1970
 * @param settings written into {@code postgresql.conf}
 */
public record InitOptions(int walSegmentSize, OptionalLong systemId, long time, Settings settings) {
  /** 2026-01-01, so that initial directories do not depend on when they are made. */
  private static final long FIXED_TIME = 1_767_225_600L;

  public static InitOptions defaults() {
    return new InitOptions(
        WalLayout.DEFAULT_SEGMENT_SIZE, OptionalLong.empty(), FIXED_TIME, Settings.defaults());
  }

  public InitOptions withWalSegmentSize(int bytes) {
    return new InitOptions(bytes, systemId, time, settings);
  }

  public InitOptions withSystemId(long id) {
    return new InitOptions(walSegmentSize, OptionalLong.of(id), time, settings);
  }

  public InitOptions withSettings(Settings newSettings) {
    return new InitOptions(walSegmentSize, systemId, time, newSettings);
  }
}
