package phaistos.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * {@code phaistos bench NAME}: measures against a peer, or two settings against each other, in one
 * run, alternating, and prints medians and ratios.
 */
public final class Bench {
  /** One benchmark: returns its exit code. */
  interface Benchmark {
    int run(String[] arguments) throws Exception;
  }

  private static final Map<String, Benchmark> BENCHMARKS =
      new TreeMap<>(
          Map.of(
              "inspect", InspectBench::run,
              "linearizability", LinearizabilityBench::run,
              "linearizability-scale", LinearizabilityScale::run,
              "registers", RegistersBench::run,
              "transactions", TransactionsBench::run));

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    Benchmark benchmark = arguments.length == 0 ? null : BENCHMARKS.get(arguments[0]);
    if (benchmark == null) {
      System.err.println("phaistos bench: expected one of " + BENCHMARKS.keySet());
      System.exit(254);
      return;
    }
    System.exit(benchmark.run(java.util.Arrays.copyOfRange(arguments, 1, arguments.length)));
  }
}
