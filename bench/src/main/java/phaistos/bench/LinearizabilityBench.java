package phaistos.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import phaistos.checker.linearizability.Algorithm;
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
 * of the first pass in fresh processes (cold); with one thread and with two.
 */
final class LinearizabilityBench {
  private static final int ROUNDS = 7;
  private static final int WARM_UP_PASSES = 400;
  private static final double MICROS = 1e-3;

  private LinearizabilityBench() {}

  /** A history, ready to be checked. */
  private record Subject<S, C>(Path file, Model<S, C> model, History<C> history) {
    String check(int threads) {
      return Linearizability.of(model)
          .with(threads == 1 ? Algorithm.WGL : Algorithm.COMPETITION)
          .withThreads(threads)
          .check(history)
          .verdict()
          .word();
    }
  }

  /** What was measured of one file: medians in microseconds. */
  private record Row(
      Path file, int operations, String verdict, double theirs, double ours, boolean isEqual) {
    double ratio() {
      return theirs / ours;
    }
  }

  static int run(String[] arguments) throws IOException, InterruptedException {
    List<Path> files = files(arguments);
    if (files.isEmpty()) {
      System.err.println(
          "phaistos bench linearizability: no history; name files, or folders with .log and kv"
              + " .txt files");
      return 254;
    }
    Path program = PorcupineProcess.build();
    boolean areEqual = true;
    for (int threads = 1; threads <= 2; threads++) {
      areEqual &= compare(files, program, threads, System.out);
    }
    return areEqual ? 0 : 1;
  }

  private static List<Path> files(String[] arguments) throws IOException {
    List<Path> files = new ArrayList<>();
    List<Path> given = new ArrayList<>();
    Arrays.stream(arguments).map(Path::of).forEach(given::add);
    if (given.isEmpty()) {
      String shared = Optional.ofNullable(System.getenv("PHAISTOS_SHARED")).orElse("../shared");
      given.add(Path.of(shared, "data", "linearizability", "porcupine"));
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
    double oursCold = 0;
    for (Subject<?, ?> subject : subjects) {
      long start = System.nanoTime();
      subject.check(threads);
      oursCold += (System.nanoTime() - start) * MICROS;
    }
    try (PorcupineProcess porcupine = new PorcupineProcess(program, threads)) {
      double theirsCold = 0;
      for (Path file : files) {
        porcupine.load(file);
      }
      for (int i = 0; i < files.size(); i++) {
        theirsCold += porcupine.run(i, 1).nanos()[0] * MICROS;
      }
      for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
        subjects.forEach(subject -> subject.check(threads));
      }
      List<Row> rows = measure(subjects, porcupine, threads);
      print(rows, threads, theirsCold, oursCold, out);
      return rows.stream().allMatch(Row::isEqual);
    }
  }

  private static List<Row> measure(
      List<Subject<?, ?>> subjects, PorcupineProcess porcupine, int threads) throws IOException {
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

  private static void print(
      List<Row> rows, int threads, double theirsCold, double oursCold, PrintStream out) {
    out.printf("%n%d thread%s; medians in microseconds, warm%n", threads, threads == 1 ? "" : "s");
    out.printf(
        "%-28s %6s %-8s %12s %10s %9s%n",
        "file", "ops", "verdict", "Porcupine", "Phaistos", "ratio");
    for (Row row : rows) {
      out.printf(
          "%-28s %6d %-8s %12.1f %10.1f %9.1f%s%n",
          row.file.getFileName(),
          row.operations,
          row.verdict,
          row.theirs,
          row.ours,
          row.ratio(),
          row.isEqual ? "" : "  VERDICTS DIFFER");
    }
    summarize("etcd", rows.stream().filter(r -> r.file.toString().endsWith(".log")).toList(), out);
    summarize("kv", rows.stream().filter(r -> r.file.toString().endsWith(".txt")).toList(), out);
    out.printf(
        "cold, all files once: Porcupine %.1f ms in a fresh process, Phaistos %.1f ms%s%n",
        theirsCold / 1e3,
        oursCold / 1e3,
        threads == 1 ? " in a fresh JVM" : " (this JVM has run the one-thread part)");
  }

  private static void summarize(String name, List<Row> rows, PrintStream out) {
    if (rows.isEmpty()) {
      return;
    }
    double theirs = rows.stream().mapToDouble(Row::theirs).sum();
    double ours = rows.stream().mapToDouble(Row::ours).sum();
    double mean = Math.exp(rows.stream().mapToDouble(r -> Math.log(r.ratio())).average().orElse(0));
    Row worst = rows.stream().min((a, b) -> Double.compare(a.ratio(), b.ratio())).orElseThrow();
    out.printf(
        "%s, %d files: total %.1f ms and %.1f ms, medians %.0f and %.0f us; Porcupine's time over"
            + " ours: geometric mean %.1f, least %.1f (%s)%n",
        name,
        rows.size(),
        theirs / 1e3,
        ours / 1e3,
        median(rows.stream().mapToDouble(Row::theirs).toArray()),
        median(rows.stream().mapToDouble(Row::ours).toArray()),
        mean,
        worst.ratio(),
        worst.file.getFileName());
    List<Row> hard = rows.stream().filter(r -> r.theirs >= 10_000).toList();
    for (Row row : hard) {
      out.printf(
          "  over 10 ms: %s %.1f ms and %.3f ms, ratio %.0f%n",
          row.file.getFileName(), row.theirs / 1e3, row.ours / 1e3, row.ratio());
    }
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

  /** Porcupine in its own process, one command a line. */
  private static final class PorcupineProcess implements AutoCloseable {
    /** One duration for each repetition. */
    record Answer(String verdict, long[] nanos) {}

    private final java.lang.Process process;
    private final BufferedReader in;
    private final PrintStream out;

    PorcupineProcess(Path program, int threads) throws IOException {
      ProcessBuilder builder = new ProcessBuilder(program.toString());
      builder.environment().put("GOMAXPROCS", String.valueOf(threads));
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
      process = builder.start();
      in =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      out = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /** Builds the program from bench/porcupine beside our jar; needs Go and its module proxy. */
    static Path build() throws IOException, InterruptedException {
      Path jar =
          Path.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator)[0]);
      Path target = jar.toAbsolutePath().getParent();
      Path program = target.resolve("porcupine");
      ProcessBuilder go = new ProcessBuilder("go", "build", "-o", program.toString(), ".");
      go.directory(target.resolveSibling("porcupine").toFile()).inheritIO();
      try {
        if (go.start().waitFor() != 0) {
          throw new IOException("go build failed in " + go.directory());
        }
      } catch (IOException e) {
        throw new IOException("Porcupine needs Go (1.24 or later) and its module proxy", e);
      }
      return program;
    }

    void load(Path file) throws IOException {
      ask("load " + file, "loaded");
    }

    Answer run(int number, int times) throws IOException {
      String[] words = ask("run " + number + " " + times, "").split(" ");
      long[] nanos = new long[words.length - 1];
      for (int i = 0; i < nanos.length; i++) {
        nanos[i] = Long.parseLong(words[i + 1]);
      }
      return new Answer(words[0], nanos);
    }

    private String ask(String command, String expected) throws IOException {
      out.println(command);
      String answer = in.readLine();
      if (answer == null || !answer.startsWith(expected) || answer.startsWith("error")) {
        throw new IOException("Porcupine's answer to \"" + command + "\": " + answer);
      }
      return answer;
    }

    @Override
    public void close() throws IOException {
      out.close();
      in.close();
      process.destroy();
    }
  }
}
