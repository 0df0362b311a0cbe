package phaistos.environment;

/** A source of random numbers. One seed gives one sequence. */
public interface Randomness {
  long nextLong();

  /** Uniform in [0, bound). */
  int nextInt(int bound);

  /** Uniform in [0, 1). */
  double nextDouble();

  /**
   * An independent source. It depends only on this one's seed and the name: draws from one do not
   * change the other.
   */
  Randomness child(String name);
}
