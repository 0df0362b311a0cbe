package phaistos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What PostgreSQL's pgbench measured.
 *
 * @param tps without the time to connect
 * @param averageMillis latency
 * @param p99Millis the latency that 99 of 100 transactions were below
 */
record Pgbench(double tps, double averageMillis, double p99Millis) {
  private static final Pattern TPS = Pattern.compile("tps = ([0-9.]+)");
  private static final Pattern LATENCY = Pattern.compile("latency average = ([0-9.]+) ms");

  /**
   * Runs a script against a node.
   *
   * @param local through the Unix socket
   */
  static Pgbench run(BenchNode node, Path script, int clients, int seconds, boolean local)
      throws IOException {
    Path logs = Files.createTempDirectory("phaistos-pgbench");
    try {
      List<String> command = new ArrayList<>();
      command.add(BenchNode.BIN.resolve("pgbench").toString());
      command.addAll(List.of("-n", "-M", "prepared", "-U", "postgres", "-f", script.toString()));
      command.addAll(List.of("-h", local ? node.socketFolder().toString() : "127.0.0.1"));
      command.addAll(List.of("-p", Integer.toString(node.port())));
      command.addAll(List.of("-c", Integer.toString(clients), "-T", Integer.toString(seconds)));
      command.addAll(List.of("-j", Integer.toString(Math.min(clients, 2)), "-l"));
      command.addAll(List.of("--log-prefix=" + logs.resolve("log"), "postgres"));
      String said = BenchNode.run(command);
      return new Pgbench(number(TPS, said), number(LATENCY, said), p99(logs));
    } finally {
      try (Stream<Path> files = Files.list(logs)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(logs);
    }
  }

  private static double number(Pattern pattern, String text) throws IOException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IOException("pgbench said " + text);
    }
    return Double.parseDouble(matcher.group(1));
  }

  /** Each line of a log is client, transaction, microseconds, ... */
  private static double p99(Path logs) throws IOException {
    List<Long> latencies = new ArrayList<>();
    try (Stream<Path> files = Files.list(logs)) {
      for (Path file : files.toList()) {
        try (Stream<String> lines = Files.lines(file)) {
          lines.forEach(line -> latencies.add(Long.parseLong(line.split(" ")[2])));
        }
      }
    }
    long[] sorted = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[(int) (sorted.length * 0.99)] / 1000.0;
  }

  /** The median of each number. */
  static Pgbench median(List<Pgbench> runs) {
    return new Pgbench(
        Medians.of(runs.stream().mapToDouble(Pgbench::tps).toArray()),
        Medians.of(runs.stream().mapToDouble(Pgbench::averageMillis).toArray()),
        Medians.of(runs.stream().mapToDouble(Pgbench::p99Millis).toArray()));
  }
}
