package phaistos.runner;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import phaistos.runner.options.ExitCode;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.OutputException;
import phaistos.runner.options.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code phaistos server profile}: where the time of a running node's commits goes. */
@Command(
    name = "profile",
    description = {
      "Watches a running node: the time of a commit by step, waits, wake-ups and context"
          + " switches for each commit, and a flame graph of where it computes."
    },
    mixinStandardHelpOptions = true)
final class ServerProfileCommand implements Callable<Integer> {
  private static final String RECORDING = "phaistos-profile";

  /** The steps of a commit in their order; the others are listed by their time. */
  private static final Map<String, String> OF_A_COMMIT = new LinkedHashMap<>();

  static {
    OF_A_COMMIT.put("wal-insert", "WAL insert");
    OF_A_COMMIT.put("commit-flush", "WAL flush, or the wait for another's");
    OF_A_COMMIT.put("wal-write", "  of it: write");
    OF_A_COMMIT.put("wal-sync", "  of it: fsync");
    OF_A_COMMIT.put("commit-log-set", "commit log");
    OF_A_COMMIT.put("sync-rep-wait", "wait for standbys");
    OF_A_COMMIT.put("proc-array-end", "leave the process array");
    OF_A_COMMIT.put("client-answer", "answer");
  }

  @Option(
      names = {"-D", "--data"},
      required = true,
      paramLabel = "DIR",
      description = "The data directory of a node that runs on this machine.")
  Path data;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long to watch (default ${DEFAULT-VALUE}).")
  int seconds = 10;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The flame graph (default ${DEFAULT-VALUE}).")
  Path output = Path.of("profile.svg");

  /** What was counted of a step or an event. */
  private record Count(String name, long count, long micros) {}

  @Override
  public Integer call() {
    if (seconds < 1) {
      throw new UsageException("--seconds %d: expected 1 or more".formatted(seconds));
    }
    PidFile node = PidFile.read(data);
    if (node.host().isEmpty()) {
      throw new UsageException(
          data + ": the node listens on Unix sockets only; profile needs a TCP port");
    }
    String url =
        "jdbc:postgresql://%s:%d/postgres?user=postgres&ApplicationName=profile"
            .formatted(node.host(), node.port());
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      watch(node, statement);
    } catch (SQLException e) {
      throw new UsageException(
          "%s: cannot ask the node at port %d: %s".formatted(data, node.port(), e.getMessage()), e);
    } catch (IOException e) {
      throw new OutputException("%s: %s".formatted(output, GivenPath.reason(e)), e);
    }
    return ExitCode.VALID;
  }

  private void watch(PidFile node, Statement statement) throws SQLException, IOException {
    Path recording = Files.createTempFile("phaistos", ".jfr");
    try {
      boolean samples = jcmd(node.pid(), "JFR.start", "name=" + RECORDING, "settings=profile");
      statement.execute("select phaistos_profile(true)");
      Map<String, Count> waitsBefore = counts(statement, waitsQuery());
      long[] switchesBefore = contextSwitches(node.pid());
      long began = System.nanoTime();
      sleep();
      Map<String, Count> steps =
          counts(statement, "select step, taken, microseconds from phaistos_steps");
      statement.execute("select phaistos_profile(false)");
      double took = (System.nanoTime() - began) / 1e9;
      long[] switches = contextSwitches(node.pid());
      for (int i = 0; i < switches.length; i++) {
        switches[i] -= switchesBefore[i];
      }
      Map<String, Count> waits = since(waitsBefore, counts(statement, waitsQuery()));
      print(System.out, node, took, steps, waits, switches);
      if (samples && jcmd(node.pid(), "JFR.stop", "name=" + RECORDING, "filename=" + recording)) {
        FlameGraph graph = FlameGraph.of(recording);
        String title =
            "node %d, %.1f s, %d samples of running threads"
                .formatted(node.pid(), took, graph.samples());
        Files.writeString(output, graph.svg(title));
        System.out.println("flame graph: " + output);
      } else {
        System.out.println(
            "no flame graph: the node's JVM cannot be recorded (no jcmd, or another user's)");
      }
    } finally {
      Files.deleteIfExists(recording);
    }
  }

  private void sleep() {
    try {
      TimeUnit.SECONDS.sleep(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String waitsQuery() {
    return "select wait_event_type || '/' || wait_event, waits, microseconds from"
        + " phaistos_wait_events";
  }

  private static Map<String, Count> counts(Statement statement, String query) throws SQLException {
    Map<String, Count> counts = new LinkedHashMap<>();
    try (ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        counts.put(
            rows.getString(1), new Count(rows.getString(1), rows.getLong(2), rows.getLong(3)));
      }
    }
    return counts;
  }

  private static Map<String, Count> since(Map<String, Count> before, Map<String, Count> after) {
    Map<String, Count> since = new LinkedHashMap<>();
    for (Count now : after.values()) {
      Count then = before.getOrDefault(now.name, new Count(now.name, 0, 0));
      if (now.count > then.count) {
        since.put(now.name, new Count(now.name, now.count - then.count, now.micros - then.micros));
      }
    }
    return since;
  }

  private static void print(
      PrintStream out,
      PidFile node,
      double took,
      Map<String, Count> steps,
      Map<String, Count> waits,
      long[] switches) {
    long commits = steps.getOrDefault("commit-record", new Count("", 0, 0)).count;
    out.printf(
        Locale.ROOT,
        "node %d at port %d, %.1f s: %d commits, %.0f a second%n",
        node.pid(),
        node.port(),
        took,
        commits,
        commits / took);
    double each = Math.max(1, commits);
    out.printf("%n%-42s %12s %14s%n", "a commit", "times", "microseconds");
    OF_A_COMMIT.forEach(
        (step, text) -> {
          Count count = steps.getOrDefault(step, new Count(step, 0, 0));
          row(out, text, count, each);
          if (step.equals("sync-rep-wait")) {
            row(out, "  of it: wake-up", waits.getOrDefault("Wakeup/SyncRep", count(step)), each);
          }
        });
    Count woken = waits.getOrDefault("Wakeup/SyncRep", count(""));
    out.printf(
        Locale.ROOT,
        "%nfor each commit: %.2f wake-ups by walsenders, %.2f voluntary and %.2f involuntary"
            + " context switches of the process%n",
        woken.count / each,
        switches[0] / each,
        switches[1] / each);
    list(out, "other steps", steps, OF_A_COMMIT.keySet().stream().toList());
    list(out, "waits", waits, List.of("Wakeup/SyncRep"));
    out.println();
  }

  private static Count count(String name) {
    return new Count(name, 0, 0);
  }

  private static void row(PrintStream out, String text, Count count, double commits) {
    out.printf(
        Locale.ROOT, "%-42s %12.2f %14.1f%n", text, count.count / commits, count.micros / commits);
  }

  private static void list(
      PrintStream out, String title, Map<String, Count> counts, List<String> without) {
    out.printf("%n%-42s %12s %14s%n", title, "count", "microseconds");
    counts.values().stream()
        .filter(count -> !without.contains(count.name))
        .sorted((a, b) -> Long.compare(b.micros, a.micros))
        .limit(12)
        .forEach(count -> out.printf("%-42s %12d %14d%n", count.name, count.count, count.micros));
  }

  /** Voluntary and involuntary ones of all threads that live; zeroes where there is no /proc. */
  private static long[] contextSwitches(long pid) throws IOException {
    long[] sums = new long[2];
    Path tasks = Path.of("/proc/" + pid + "/task");
    if (!Files.isDirectory(tasks)) {
      return sums;
    }
    try (Stream<Path> threads = Files.list(tasks)) {
      for (Path thread : threads.toList()) {
        try {
          for (String line : Files.readAllLines(thread.resolve("status"))) {
            if (line.startsWith("voluntary_ctxt_switches:")) {
              sums[0] += Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
            } else if (line.startsWith("nonvoluntary_ctxt_switches:")) {
              sums[1] += Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
            }
          }
        } catch (IOException e) {
          // the thread has just ended
        }
      }
    }
    return sums;
  }

  /** Whether the JVM of that process did as told. */
  private static boolean jcmd(long pid, String... arguments) throws IOException {
    Path program = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    if (!Files.isExecutable(program)) {
      return false;
    }
    List<String> command = new java.util.ArrayList<>();
    command.add(program.toString());
    command.add(Long.toString(pid));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    try {
      return process.waitFor() == 0 && !said.contains("Exception");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
