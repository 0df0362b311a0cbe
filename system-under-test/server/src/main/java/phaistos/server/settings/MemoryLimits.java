package phaistos.server.settings;

import java.util.List;
import java.util.function.Consumer;

/** Cuts the pools that the JVM's memory cannot hold. */
public final class MemoryLimits {
  /** A pool, and the share of the JVM's memory that it may take at most. */
  private record Pool(String setting, int share) {}

  private static final List<Pool> POOLS =
      List.of(new Pool("shared_buffers", 2), new Pool("wal_buffers", 4));

  private MemoryLimits() {}

  /**
   * The settings that this JVM can hold.
   *
   * @param jvmBytes the most memory that the JVM takes
   * @param warnings takes a warning for each pool that was cut
   */
  public static Settings cut(Settings settings, long jvmBytes, Consumer<String> warnings) {
    Settings cut = settings;
    for (Pool pool : POOLS) {
      long limit = jvmBytes / pool.share;
      if (settings.number(pool.setting) > 0 && settings.bytes(pool.setting) > limit) {
        long megabytes = Math.max(1, limit >> 20);
        cut = cut.with(pool.setting, megabytes + "MB");
        warnings.accept(
            "%s = %s is more than the JVM's memory allows: cut to %dMB (the JVM may use %dMB)"
                .formatted(
                    pool.setting,
                    Parameters.named(pool.setting).shown(settings.get(pool.setting)),
                    megabytes,
                    jvmBytes >> 20));
      }
    }
    return cut;
  }

  /**
   * The size of the WAL buffers (XLOGChooseNumBuffers): where the setting is -1, 1/32 of
   * shared_buffers, at least 64 kB and at most one segment.
   */
  public static long walBuffers(Settings settings, int segmentSize) {
    if (settings.number("wal_buffers") >= 0) {
      return Math.max(settings.bytes("wal_buffers"), 4 * 8192);
    }
    return Math.clamp(settings.bytes("shared_buffers") / 32, 8 * 8192, segmentSize);
  }
}
