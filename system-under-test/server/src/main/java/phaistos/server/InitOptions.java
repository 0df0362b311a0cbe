package phaistos.server;

import java.util.OptionalLong;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.formats.wal.WalLayout;
import phaistos.server.settings.Settings;

/**
 * The options of a new data directory. The same options and the same system identifier give the
 * same directory byte for byte, so that one server may stream from the other.
 *
 * @param systemId drawn from the environment's randomness if empty
 * @param time the time in the first checkpoint, in seconds since 1970
 * @param settings written into {@code postgresql.conf}
 * @param ids where transaction ids begin
 * @param fillBytes of a first record without a meaning, so that the WAL begins later in its first
 *     segment; 0 for none
 */
public record InitOptions(
    int walSegmentSize,
    OptionalLong systemId,
    long time,
    Settings settings,
    Ids ids,
    int fillBytes) {
  public InitOptions {
    if (fillBytes < 0 || fillBytes > walSegmentSize - (4 << 10)) {
      throw new IllegalArgumentException(
          "fillBytes=%d, walSegmentSize=%d".formatted(fillBytes, walSegmentSize));
    }
  }

  /**
   * Where transaction ids begin, as pg_resetwal -x and -u set them.
   *
   * @param next the first one that is given out
   * @param oldest the one that the limits before a wrap-around count from; at most 2^31 before it
   */
  public record Ids(FullXid next, Xid oldest) {
    public static final Ids FIRST = new Ids(FullXid.FIRST_NORMAL, Xid.FIRST_NORMAL);

    public Ids {
      if (!next.xid().isNormal() || !oldest.isNormal() || !oldest.precedesOrEquals(next.xid())) {
        throw new IllegalArgumentException("next=%s, oldest=%s".formatted(next, oldest));
      }
    }
  }

  /** 2026-01-01, so that initial directories do not depend on when they are made. */
  private static final long FIXED_TIME = 1_767_225_600L;

  public static InitOptions defaults() {
    return new InitOptions(
        WalLayout.DEFAULT_SEGMENT_SIZE,
        OptionalLong.empty(),
        FIXED_TIME,
        Settings.defaults(),
        Ids.FIRST,
        0);
  }

  public InitOptions withWalSegmentSize(int bytes) {
    return new InitOptions(bytes, systemId, time, settings, ids, fillBytes);
  }

  public InitOptions withSystemId(long id) {
    return new InitOptions(walSegmentSize, OptionalLong.of(id), time, settings, ids, fillBytes);
  }

  public InitOptions withSettings(Settings newSettings) {
    return new InitOptions(walSegmentSize, systemId, time, newSettings, ids, fillBytes);
  }

  public InitOptions withIds(Ids newIds) {
    return new InitOptions(walSegmentSize, systemId, time, settings, newIds, fillBytes);
  }

  public InitOptions withFill(int bytes) {
    return new InitOptions(walSegmentSize, systemId, time, settings, ids, bytes);
  }
}
