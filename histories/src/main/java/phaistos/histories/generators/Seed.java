package phaistos.histories.generators;

import java.nio.charset.StandardCharsets;

/**
 * A pure source of random numbers (SplitMix64: Steele, Lea, Flood 2014). A seed never changes: it
 * gives one number, a next seed, and as many child seeds as there are names; none of them depends
 * on how often another was drawn from.
 */
public record Seed(long value) {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  public Seed next() {
    return new Seed(value + GOLDEN_GAMMA);
  }

  public Seed child(String name) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ b) * 0x100000001B3L;
    }
    return child(hash);
  }

  public Seed child(long number) {
    return new Seed(mix(mix(value) ^ (number * GOLDEN_GAMMA + 0x632BE59BD9B4E019L)));
  }

  /** This seed's number: any long. */
  public long draw() {
    return mix(value + GOLDEN_GAMMA);
  }

  /** Uniform in [0, bound). */
  public int drawInt(int bound) {
    return (int) drawLong(bound);
  }

  /** Uniform in [0, bound), but for a bias below bound / 2^63. */
  public long drawLong(long bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("the bound must be positive: bound=" + bound);
    }
    return (draw() >>> 1) % bound;
  }

  /** Uniform in [0, 1). */
  public double drawDouble() {
    return (draw() >>> 11) * 0x1.0p-53;
  }

  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }
}
