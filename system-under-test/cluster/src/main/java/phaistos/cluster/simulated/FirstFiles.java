package phaistos.cluster.simulated;

import phaistos.environment.Randomness;
import phaistos.environment.SeededRandomness;
import phaistos.server.InitOptions;

/** How the data directories of a simulated cluster are made. */
final class FirstFiles {
  private FirstFiles() {}

  /**
   * @param seed of the world
   */
  static InitOptions of(SimulatedCluster.Options options, long seed) {
    return InitOptions.defaults()
        .withWalSegmentSize(options.walSegmentSize())
        .withIds(options.ids())
        .withFill(firstFill(options, seed))
        .withSystemId(seed & 0x7FFF_FFFF_FFFF_FFFFL | 1L << 62);
  }

  /**
   * One world in two begins in the last 136 kB of a segment, which most runs then cross; else few
   * would write so much.
   */
  private static int firstFill(SimulatedCluster.Options options, long seed) {
    Randomness own = new SeededRandomness(seed).child("first segment");
    int drawn = own.nextInt(2) * options.walSegmentSize() + (16 << 10) + own.nextInt(120 << 10);
    int left = options.segmentLeft().orElse(drawn);
    return Math.max(0, options.walSegmentSize() - left);
  }
}
