package phaistos.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import phaistos.checker.linearizability.CallDecoder;
import phaistos.checker.linearizability.Linearizability;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.models.NamedModel;
import phaistos.histories.Details;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.HistoryFormat;
import phaistos.histories.HistoryReader;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * {@code phaistos bench linearizability [FILE|FOLDER...]}: Porcupine and our checker on the same
 * histories, in one run, one after the other, file by file. Neither's parsing is measured: both
 * start from typed events in memory and end with a verdict. Medians of many repetitions (warm) and
 * the first pass in fresh processes (cold); with one thread and with two. Last, how long the
 * command line takes for one small file. Without arguments: the recorded histories beside this
 * repository, Porcupine's own key-value logs of 50 clients, which come with its module, and two
 * generated ones.
 */
final class LinearizabilityBench {
  private static final int ROUNDS = 7;
  private static final int WARM_UP_PASSES = 400;
  private static final int COMMANDS = 9;
  private static final double MICROS = 1e-3;

  /** How the child of one thread count is started, which is a fresh JVM. */
  private static final String MEASURE = "--measure";

  private LinearizabilityBench() {}

  /** A history, ready to be checked. */
  private record Subject<S, C>(Path file, Model<S, C> model, History<C> history) {
    String check(int threads) {
      return Linearizability.of(model).withThreads(threads).check(history).verdict().word();
    }
  }

  /** What was measured of one file, in microseconds: medians, and the first of all. */
  private record Row(
      Path file,
      int operations,
      String verdict,
      double theirs,
      double ours,
      double theirsCold,
      double oursCold,
      boolean isEqual) {
    double ratio() {
      return theirs / ours;
    }

    double coldRatio() {
      return theirsCold / oursCold;
    }
  }

  static int run(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length > 1 && arguments[0].equals(MEASURE)) {
      List<Path> given = Arrays.stream(arguments).skip(2).map(Path::of).toList();
      int threads = Integer.parseInt(arguments[1]);
      return compare(given, PorcupineProcess.program(), threads, System.out) ? 0 : 1;
    }
    PorcupineProcess.build();
    List<Path> files = files(arguments);
    if (files.isEmpty()) {
      System.err.println(
          "phaistos bench linearizability: no history; name files, or folders with .log and kv"
              + " .txt files");
      return 254;
    }
    int worst = 0;
    for (int threads = 1; threads <= 2; threads++) {
      worst = Math.max(worst, measureInFreshJvm(threads, files));
    }
    commandLine(files.getFirst(), System.out);
    return worst;
  }

  private static int measureInFreshJvm(int threads, List<Path> files)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Bench.class.getName()));
    command.addAll(List.of("linearizability", MEASURE, String.valueOf(threads)));
    files.forEach(file -> command.add(file.toString()));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  /** The launcher, from its start to its end, once its cache of classes is there. */
  private static void commandLine(Path file, PrintStream out)
      throws IOException, InterruptedException {
    Path home = Path.of(System.getProperty("phaistos.home"));
    ProcessBuilder check =
        new ProcessBuilder(
                home.resolve("phaistos").toString(), "check", "--model", "cas-register", "" + file)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    check.start().waitFor();
    for (int i = 0; i < 60 && !Files.exists(home.resolve("target/.runner.aot")); i++) {
      Thread.sleep(500);
    }
    double[] seconds = new double[COMMANDS];
    for (int i = 0; i < COMMANDS; i++) {
      long start = System.nanoTime();
      check.start().waitFor();
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    double typical = median(seconds);
    out.printf(
        "%nphaistos check --model cas-register %s: median %.2f s of %d runs%n",
        file.getFileName(), typical, COMMANDS);
    aim(out, "the command line on a small file in under 0.4 s", typical < 0.4);
  }

  private static void aim(PrintStream out, String what, boolean isMet) {
    out.printf("  aim: %s: %s%n", what, isMet ? "met" : "MISSED");
  }

  private static List<Path> files(String[] arguments) throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    List<Path> given = new ArrayList<>();
    Arrays.stream(arguments).map(Path::of).forEach(given::add);
    if (given.isEmpty()) {
      String shared = Optional.ofNullable(System.getenv("PHAISTOS_SHARED")).orElse("../shared");
      given.add(Path.of(shared, "data", "linearizability", "porcupine"));
      given.add(PorcupineProcess.module().resolve("test_data/kv/c50-ok.txt"));
      given.add(PorcupineProcess.module().resolve("test_data/kv/c50-bad.txt"));
      given.add(KeyValueHistories.generate());
    }
    for (Path path : given) {
      try (Stream<Path> below = Files.exists(path) ? Files.walk(path) : Stream.empty()) {
        below
            .filter(Files::isRegularFile)
            .filter(f -> f.toString().endsWith(".log") || f.toString().endsWith(".txt"))
            .filter(f -> !f.getFileName().toString().equals("README.txt"))
            .sorted()
            .forEach(files::add);
      }
    }
    return files;
  }

  private static boolean compare(List<Path> files, Path program, int threads, PrintStream out)
      throws IOException, InterruptedException {
    List<Subject<?, ?>> subjects = new ArrayList<>();
    for (Path file : files) {
      subjects.add(subject(file));
    }
    double[] oursCold = new double[files.size()];
    double[] theirsCold = new double[files.size()];
    for (int i = 0; i < oursCold.length; i++) {
      long start = System.nanoTime();
      subjects.get(i).check(threads);
      oursCold[i] = (System.nanoTime() - start) * MICROS;
    }
    try (PorcupineProcess porcupine = new PorcupineProcess(program, threads)) {
      for (Path file : files) {
        porcupine.load(file);
      }
      for (int i = 0; i < files.size(); i++) {
        theirsCold[i] = porcupine.run(i, 1).nanos()[0] * MICROS;
      }
      for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
        subjects.forEach(subject -> subject.check(threads));
      }
      List<Row> rows = measure(subjects, porcupine, threads, theirsCold, oursCold);
      print(rows, threads, out);
      return rows.stream().allMatch(Row::isEqual);
    }
  }

  private static List<Row> measure(
      List<Subject<?, ?>> subjects,
      PorcupineProcess porcupine,
      int threads,
      double[] theirsCold,
      double[] oursCold)
      throws IOException {
    double[][] theirs = new double[subjects.size()][0];
    double[][] ours = new double[subjects.size()][0];
    String[] verdicts = new String[subjects.size()];
    boolean[] isEqual = new boolean[subjects.size()];
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < subjects.size(); i++) {
        double last = theirs[i].length == 0 ? 20_000 : theirs[i][theirs[i].length - 1];
        if (last > 1e6 && round > 1) {
          continue; // a limit that was reached says nothing new
        }
        int times = (int) Math.clamp(20_000 / last, 1, 25);
        PorcupineProcess.Answer answer = porcupine.run(i, times);
        theirs[i] = append(theirs[i], answer.nanos());
        long[] nanos = new long[Math.max(times, 15)];
        for (int k = 0; k < nanos.length; k++) {
          long start = System.nanoTime();
          verdicts[i] = subjects.get(i).check(threads);
          nanos[k] = System.nanoTime() - start;
        }
        ours[i] = append(ours[i], nanos);
        isEqual[i] = answer.verdict().equals(verdicts[i]) || answer.verdict().equals("unknown");
      }
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < subjects.size(); i++) {
      Subject<?, ?> subject = subjects.get(i);
      rows.add(
          new Row(
              subject.file(),
              subject.history().operations().size(),
              verdicts[i],
              median(theirs[i]),
              median(ours[i]),
              theirsCold[i],
              oursCold[i],
              isEqual[i]));
    }
    return rows;
  }

  private static double[] append(double[] before, long[] nanos) {
    double[] all = Arrays.copyOf(before, before.length + nanos.length);
    for (int i = 0; i < nanos.length; i++) {
      all[before.length + i] = nanos[i] * MICROS;
    }
    return all;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void print(List<Row> rows, int threads, PrintStream out) {
    out.printf(
        "%n%d thread%s; microseconds: medians when warm, the first check of each when cold%n",
        threads, threads == 1 ? "" : "s");
    out.printf(
        "%-24s %5s %-8s %12s %10s %9s   %12s %10s%n",
        "file", "ops", "verdict", "Porcupine", "Phaistos", "ratio", "cold: P.", "Ph.");
    for (Row row : rows) {
      out.printf(
          "%-24s %5d %-8s %12.1f %10.1f %9.1f   %12.1f %10.1f%s%n",
          row.file.getFileName(),
          row.operations,
          row.verdict,
          row.theirs,
          row.ours,
          row.ratio(),
          row.theirsCold,
          row.oursCold,
          row.isEqual ? "" : "  VERDICTS DIFFER");
    }
    List<Row> etcd = rows.stream().filter(r -> r.file.toString().endsWith(".log")).toList();
    List<Row> kv = rows.stream().filter(r -> r.file.toString().endsWith(".txt")).toList();
    if (!etcd.isEmpty()) {
      summarize("etcd", etcd, out);
      aim(out, "geometric mean over etcd at least 3", mean(etcd, Row::ratio) >= 3);
      aims(etcd, out);
    }
    if (!kv.isEmpty()) {
      summarize("kv", kv, out);
      aims(kv, out);
      for (Row row : kv) {
        String name = row.file.getFileName().toString();
        if (name.contains("c50")) {
          aim(out, name + " at least 5 times faster", row.ratio() >= 5);
        }
      }
    }
  }

  private static void aims(List<Row> rows, PrintStream out) {
    List<String> slower =
        rows.stream()
            .filter(row -> row.ours > row.theirs * 1.1)
            .map(row -> row.file.getFileName().toString())
            .toList();
    aim(out, "none slower than Porcupine by more than 10 % " + slower, slower.isEmpty());
    for (Row row : rows.stream().filter(r -> r.theirs >= 10_000).toList()) {
      aim(
          out,
          String.format(
              "over 10 ms, %s: %.1f ms and %.3f ms, %.0f times, at least 50",
              row.file.getFileName(), row.theirs / 1e3, row.ours / 1e3, row.ratio()),
          row.ratio() >= 50);
    }
  }

  private static double mean(List<Row> rows, ToDoubleFunction<Row> ratio) {
    return Math.exp(
        rows.stream().mapToDouble(r -> Math.log(ratio.applyAsDouble(r))).sum() / rows.size());
  }

  private static void summarize(String name, List<Row> rows, PrintStream out) {
    Row worst = rows.stream().min((a, b) -> Double.compare(a.ratio(), b.ratio())).orElseThrow();
    out.printf(
        "%s, %d files, warm: total %.1f ms and %.1f ms, medians %.0f and %.0f us; Porcupine's time"
            + " over ours: geometric mean %.1f, least %.1f (%s)%n",
        name,
        rows.size(),
        rows.stream().mapToDouble(Row::theirs).sum() / 1e3,
        rows.stream().mapToDouble(Row::ours).sum() / 1e3,
        median(rows.stream().mapToDouble(Row::theirs).toArray()),
        median(rows.stream().mapToDouble(Row::ours).toArray()),
        mean(rows, Row::ratio),
        worst.ratio(),
        worst.file.getFileName());
    out.printf(
        "%s, cold: total %.1f ms and %.1f ms; geometric mean %.2f%n",
        name,
        rows.stream().mapToDouble(Row::theirsCold).sum() / 1e3,
        rows.stream().mapToDouble(Row::oursCold).sum() / 1e3,
        mean(rows, Row::coldRatio));
  }

  private static Subject<?, ?> subject(Path file) {
    try (HistoryReader reader = HistoryReader.open(file)) {
      String model = reader.format() == HistoryFormat.ETCD_LOG ? "cas-register" : "key-value";
      return typed(file, NamedModel.named(model, Optional.empty()), reader.readAll());
    }
  }

  private static <S, C> Subject<S, C> typed(
      Path file, NamedModel<S, C> named, History<UntypedCall> history) {
    List<Event<C>> events = new ArrayList<>();
    for (Event<UntypedCall> event : history.events()) {
      if (event.process() instanceof Process.Client client) {
        events.add(decoded(event, client.id(), named.decoder()));
      }
    }
    return new Subject<>(file, named.model(), History.of(events));
  }

  private static <C> Event<C> decoded(
      Event<UntypedCall> event, long process, CallDecoder<C> decoder) {
    C call = decoder.decode(process, event.call());
    Process who = event.process();
    return switch (event) {
      case Event.Invoke<UntypedCall> e ->
          new Event.Invoke<>(e.index(), e.timeNanos(), who, call, Details.NONE);
      case Event.Ok<UntypedCall> e ->
          new Event.Ok<>(e.index(), e.timeNanos(), who, call, Details.NONE);
      case Event.Fail<UntypedCall> e ->
          new Event.Fail<>(e.index(), e.timeNanos(), who, call, Details.NONE);
      case Event.Info<UntypedCall> e ->
          new Event.Info<>(e.index(), e.timeNanos(), who, call, Details.NONE);
    };
  }
}
