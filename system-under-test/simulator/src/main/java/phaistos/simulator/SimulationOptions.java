package phaistos.simulator;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The inputs that determine a simulation.
 *
 * @param limit of simulated time, after which the run breaks
 * @param stepLimit of real time for one step, after which the watchdog breaks the run
 * @param lively whether latencies, bandwidths and disks differ from link to link and node to node,
 *     by shape and by orders of magnitude; else they are all fast and steady
 * @param probe sees every port call and choice
 * @param tail draws the choices anew from some step on
 * @param listener receives every event of the trace as a line, which is slow
 */
public record SimulationOptions(
    long seed,
    Duration limit,
    Duration stepLimit,
    boolean lively,
    Optional<Consumer<String>> listener,
    Optional<SimulationProbe> probe,
    Optional<Tail> tail) {

  public static SimulationOptions seed(long seed) {
    return new SimulationOptions(
        seed,
        Duration.ofHours(24),
        Duration.ofSeconds(5),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  public SimulationOptions withLimit(Duration simulated) {
    return new SimulationOptions(seed, simulated, stepLimit, lively, listener, probe, tail);
  }

  public SimulationOptions withStepLimit(Duration real) {
    return new SimulationOptions(seed, limit, real, lively, listener, probe, tail);
  }

  public SimulationOptions withListener(Consumer<String> lines) {
    return new SimulationOptions(seed, limit, stepLimit, lively, Optional.of(lines), probe, tail);
  }

  public SimulationOptions lively(boolean isLively) {
    return new SimulationOptions(seed, limit, stepLimit, isLively, listener, probe, tail);
  }

  public SimulationOptions withProbe(SimulationProbe sees) {
    return new SimulationOptions(seed, limit, stepLimit, lively, listener, Optional.of(sees), tail);
  }

  public SimulationOptions withTail(Tail anew) {
    return new SimulationOptions(
        seed, limit, stepLimit, lively, listener, probe, Optional.of(anew));
  }
}
