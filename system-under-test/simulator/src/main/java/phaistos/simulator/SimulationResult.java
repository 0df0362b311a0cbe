package phaistos.simulator;

import java.util.List;
import java.util.Optional;

/**
 * How a simulation ended.
 *
 * @param value what the root body returned; empty if the run broke
 * @param breakage why it broke, if it did
 * @param traceHash equal for two runs that took the same steps
 * @param failures exceptions that escaped tasks of machines, in order
 */
public record SimulationResult<T>(
    long seed,
    Optional<T> value,
    Optional<Breakage> breakage,
    long traceHash,
    long events,
    long steps,
    long simulatedNanos,
    List<TaskFailure> failures) {

  /** An exception that escaped a task: it ended the machine's process. */
  public record TaskFailure(String machine, String task, long timeNanos, Throwable cause) {}

  /**
   * @throws BrokenException if there is none
   */
  public T valueOrThrow() {
    return value.orElseThrow(() -> new BrokenException(seed, breakage.orElseThrow()));
  }

  /** The hash in the form that people compare. */
  public String traceHashText() {
    return String.format("%016x", traceHash);
  }

  /** A simulation broke before it could return its value. */
  public static final class BrokenException extends RuntimeException {
    private final transient Breakage breakage;

    BrokenException(long seed, Breakage breakage) {
      super(
          "simulation with seed " + seed + " " + breakage.describe(),
          breakage instanceof Breakage.Failed failed ? failed.cause() : null);
      this.breakage = breakage;
    }

    public Breakage breakage() {
      return breakage;
    }
  }
}
