package phaistos.environment;

/** A source of random numbers. One seed gives one sequence. */
public interface Randomness {
  long nextLong();

  /** Uniform in [0, bound). */
  int nextInt(int bound);

  /** Uniform in [0, 1). */
  double nextDouble();

  /**
   * A source of its own, which depends on this one's seed and the name only: more draws from the
   * one do not change the other.
   */
  Randomness child(String name);
}
