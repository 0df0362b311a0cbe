package phaistos.environment;

import java.util.concurrent.atomic.AtomicLong;

/**
 * SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014): a
 * counter run through a mixing function. Thread-safe; not for secrets.
 */
public final class SeededRandomness implements Randomness {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final long seed;
  private final AtomicLong state;

  public SeededRandomness(long seed) {
    this.seed = seed;
    this.state = new AtomicLong(mix(seed));
  }

  /** Goes on as a fresh one with this seed; children are still those of the first seed. */
  public void reseed(long other) {
    state.set(mix(other));
  }

  @Override
  public long nextLong() {
    return mix(state.addAndGet(GOLDEN_GAMMA));
  }

  @Override
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive: bound=" + bound);
    }
    // The high half of a 32 by 32 bit product: uniform up to 2^-32 times the bound.
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }

  @Override
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  @Override
  public SeededRandomness child(String name) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
    }
    return new SeededRandomness(mix(seed + GOLDEN_GAMMA) ^ mix(hash));
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
