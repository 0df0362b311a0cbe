package phaistos.simulator;

import phaistos.environment.SeededRandomness;

/**
 * How long things take that are not the same each time: a base, and a spread of one of several
 * shapes. Both are drawn from the seed, once for each link and each disk.
 *
 * @param baseNanos the least
 * @param spreadNanos what comes on top: at most this if uniform, on average if exponential; of a
 *     long tail most are far below, one in about fifty is many times as long
 */
record Pace(long baseNanos, long spreadNanos, Shape shape) {
  private static final long MICRO = 1_000L;
  private static final long MILLI = 1_000_000L;

  /** No draw takes longer than this beyond the base. */
  private static final long TAIL_NANOS_MAX = 250 * MILLI;

  enum Shape {
    UNIFORM,
    EXPONENTIAL,
    LONG_TAIL
  }

  static Pace steady(long baseNanos, long spreadNanos) {
    return new Pace(baseNanos, spreadNanos, Shape.UNIFORM);
  }

  /** A link: mostly of one room, now and then of one town, rarely of a continent. */
  static Pace ofLink(SeededRandomness random) {
    long base =
        switch (random.nextInt(16)) {
          case 0 -> 5 * MILLI + random.nextInt(15) * MILLI;
          case 1, 2, 3 -> 300 * MICRO + random.nextInt(2_000) * MICRO;
          default -> 20 * MICRO + random.nextInt(200) * MICRO;
        };
    return new Pace(base, Math.max(MICRO, base >> random.nextInt(6)), shape(random));
  }

  /** The sync of a disk: from 25 us to about 8 ms. */
  static Pace ofSync(SeededRandomness random) {
    long base = (25 * MICRO << random.nextInt(8)) + random.nextInt(25) * MICRO;
    return new Pace(base, base, shape(random));
  }

  private static Shape shape(SeededRandomness random) {
    return switch (random.nextInt(4)) {
      case 0 -> Shape.EXPONENTIAL;
      case 1 -> Shape.LONG_TAIL;
      default -> Shape.UNIFORM;
    };
  }

  long draw(SeededRandomness random) {
    long extra =
        switch (shape) {
          case UNIFORM -> random.nextInt((int) Math.max(1, spreadNanos));
          case EXPONENTIAL -> exponential(random);
          case LONG_TAIL ->
              random.nextInt(50) == 0 ? 20 * exponential(random) : exponential(random) / 4;
        };
    return baseNanos + Math.min(extra, Math.max(spreadNanos, TAIL_NANOS_MAX));
  }

  private long exponential(SeededRandomness random) {
    return (long) (-Math.log(1 - random.nextDouble()) * spreadNanos);
  }

  /** "200us+exponential 50us". */
  @Override
  public String toString() {
    String kind =
        switch (shape) {
          case UNIFORM -> "";
          case EXPONENTIAL -> "exponential ";
          case LONG_TAIL -> "long tail ";
        };
    return baseNanos / 1000 + "us+" + kind + spreadNanos / 1000 + "us";
  }
}
