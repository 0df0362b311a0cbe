package phaistos.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import phaistos.runner.options.Suggestions;

/**
 * {@code phaistos bench NAME}: measures against a peer, or two settings against each other, in one
 * run, alternating, and prints medians and ratios.
 */
public final class Bench {
  private static final int BAD_ARGUMENTS = 254;
  private static final int CRASHED = 255;

  /** One benchmark: returns its exit code. */
  interface Benchmark {
    int run(String[] arguments) throws Exception;
  }

  private record Entry(String arguments, String sentence, Benchmark benchmark) {}

  private static final Map<String, Entry> BENCHMARKS =
      new TreeMap<>(
          Map.of(
              "commit-log",
              new Entry(
                  "[ROUNDS] [PAGES]",
                  "syncs of the commit log and their remedies, beside PostgreSQL 15",
                  CommitLogBench::run),
              "inspect",
              new Entry(
                  "[--size MB] [--rounds N] [DIR | FIRST LAST]",
                  "listing, counting and auditing WAL, beside pg_waldump",
                  InspectBench::run),
              "linearizability",
              new Entry(
                  "[FILE | FOLDER ...]",
                  "the check of linearizability beside Porcupine",
                  LinearizabilityBench::run),
              "linearizability-scale",
              new Entry(
                  "[SVG]", "the check of linearizability by length", LinearizabilityScale::run),
              "registers",
              new Entry(
                  "[LARGEST [MODEL [SVG]]]",
                  "the check of transactions over registers, by consistency model",
                  RegistersBench::run),
              "wal-order",
              new Entry(
                  "[LARGEST [SVG]]",
                  "the check of registers with the order from the WAL, by length",
                  WalOrderBench::run),
              "seeds",
              new Entry(
                  "[--seeds N] [--warm N] [--cold] [--against DIR] [-- RUN OPTIONS]",
                  "CPU seconds of a simulated run, beside another checkout's",
                  SeedsBench::run),
              "sync-commit",
              new Entry(
                  "[--short] [--rounds N] [--only PART,...]",
                  "synchronous commit by level, clients and standbys, beside PostgreSQL 15",
                  SyncCommitBench::run),
              "transactions",
              new Entry(
                  "[LARGEST]", "the check of transactions by length", TransactionsBench::run)));

  private Bench() {}

  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    String name = arguments.length == 0 ? "" : arguments[0];
    if (List.of("-h", "--help", "help").contains(name)) {
      help().forEach(System.out::println);
      return;
    }
    Entry entry = BENCHMARKS.get(name);
    if (entry == null) {
      String what = name.isEmpty() ? "no benchmark named" : "no benchmark '" + name + "'";
      System.err.println(
          "phaistos: "
              + what
              + Suggestions.text(name, BENCHMARKS.keySet())
              + " (see ./phaistos bench --help)");
      System.exit(BAD_ARGUMENTS);
    } else if (List.of(arguments).contains("--help")) {
      System.out.println("usage: ./phaistos bench " + name + " " + entry.arguments);
      System.out.println("  Measures " + entry.sentence + ".");
    } else {
      System.exit(run(entry.benchmark, Arrays.copyOfRange(arguments, 1, arguments.length)));
    }
  }

  private static List<String> help() {
    List<String> lines = new ArrayList<>();
    lines.add("usage: ./phaistos bench NAME [ARGUMENT]...");
    lines.add("  Measures against a peer, or two settings against each other, and prints medians.");
    BENCHMARKS.forEach(
        (name, entry) -> {
          lines.add("  " + name + " " + entry.arguments);
          lines.add("      " + entry.sentence);
        });
    return lines;
  }

  private static int run(Benchmark benchmark, String[] arguments) {
    try {
      return benchmark.run(arguments);
    } catch (Exception e) {
      e.printStackTrace();
      return CRASHED;
    }
  }
}
