package phaistos.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.machine.MachineFiles;

/**
 * What a simulated seed costs: CPU seconds of a whole run, judged and stored, in a warm JVM or in
 * one that has just started; beside another checkout of this repository in alternation, seed by
 * seed.
 */
final class SeedsBench {
  /** As campaigns run seeds: nobody reads the reports of a valid run. */
  private static final List<String> AS_CAMPAIGNS = List.of("--keep", "failed-runs");

  /** The launcher's for campaigns. */
  private static final List<String> JVM_OF_CAMPAIGNS = List.of("-XX:FreqInlineSize=60");

  /**
   * @param warm runs before the measured ones
   * @param warmOther of the other checkout
   */
  private record Options(
      int seeds,
      int warm,
      int warmOther,
      boolean isCold,
      Optional<Path> against,
      List<String> run) {
    static Options parse(String[] arguments) {
      int seeds = 20;
      int warm = 20;
      int warmOther = -1;
      boolean isCold = false;
      Optional<Path> against = Optional.empty();
      List<String> run = new ArrayList<>();
      Iterator<String> rest = List.of(arguments).iterator();
      while (rest.hasNext()) {
        String option = rest.next();
        switch (option) {
          case "--seeds" -> seeds = Integer.parseInt(rest.next());
          case "--warm" -> warm = Integer.parseInt(rest.next());
          case "--warm-other" -> warmOther = Integer.parseInt(rest.next());
          case "--cold" -> isCold = true;
          case "--against" -> against = Optional.of(Path.of(rest.next()));
          case "--" -> rest.forEachRemaining(run::add);
          default -> throw new IllegalArgumentException("unknown option: " + option);
        }
      }
      int other = warmOther < 0 ? warm : warmOther;
      return new Options(seeds, isCold ? 1 : warm, isCold ? 1 : other, isCold, against, run);
    }
  }

  /** One of the two: runs a seed and tells its CPU seconds. */
  private interface Side extends AutoCloseable {
    double run(long seed) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
  }

  private SeedsBench() {}

  static int run(String[] arguments) throws Exception {
    Options options = Options.parse(arguments);
    List<Double> ours = new ArrayList<>();
    List<Double> others = new ArrayList<>();
    try (Side own = own(options);
        Side other = options.against.isPresent() ? other(options) : null) {
      warmUp(own, "", options.warm);
      if (other != null) {
        warmUp(other, "the other ", options.warmOther);
      }
      for (int i = 0; i < options.seeds; i++) {
        long seed = 1L + options.warm + i;
        double ownSeconds = own.run(seed);
        double otherSeconds = other == null ? 0 : other.run(seed);
        String line = "seed %d: %.2f s".formatted(seed, ownSeconds);
        line += other == null ? "" : ", the other %.2f s".formatted(otherSeconds);
        System.out.println(line);
        ours.add(ownSeconds);
        others.add(otherSeconds);
      }
    }
    String kind = options.isCold ? "cold" : "warm";
    double median = Medians.of(ours);
    System.out.printf(
        "%s: %.2f CPU seconds a seed (median of %d), %.0f seeds a CPU hour%n",
        kind, median, ours.size(), 3600 / mean(ours));
    if (options.against.isPresent()) {
      System.out.printf(
          "%s, the other: %.2f CPU seconds a seed, %.0f seeds a CPU hour; %.2f times as many%n",
          kind, Medians.of(others), 3600 / mean(others), mean(others) / mean(ours));
    }
    return 0;
  }

  private static void warmUp(Side side, String name, int runs)
      throws IOException, InterruptedException {
    for (int seed = 1; seed <= runs; seed++) {
      System.out.printf("seed %d: %s%.2f s (warming up)%n", seed, name, side.run(seed));
    }
  }

  private static Side own(Options options) throws IOException {
    List<String> asCampaigns = new ArrayList<>(AS_CAMPAIGNS);
    asCampaigns.addAll(options.run);
    return options.isCold
        ? cold(Path.of(System.getProperty("phaistos.home")), options)
        : warm(System.getProperty("java.class.path"), JVM_OF_CAMPAIGNS, asCampaigns);
  }

  private static Side other(Options options) throws IOException, InterruptedException {
    Path home = options.against.orElseThrow().toAbsolutePath();
    // builds it, if need be
    List<String> command = List.of(home.resolve("phaistos").toString(), "--version");
    int exitCode = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exitCode != 0) {
      throw new IOException(command + ": exit code " + exitCode);
    }
    if (options.isCold) {
      return cold(home, options);
    }
    Path built = home.resolve("runner/target");
    Path worker =
        Path.of(SeedsWorker.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    return warm(
        String.join(
            File.pathSeparator,
            built.resolve("phaistos-runner.jar").toString(),
            built + "/lib/*",
            worker.toString()),
        List.of(),
        options.run);
  }

  /** In a JVM with this one's options, which stays. */
  private static Side warm(String classPath, List<String> jvm, List<String> run)
      throws IOException {
    Path store = Files.createTempDirectory("phaistos-seeds");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(jvm);
    command.addAll(List.of("-cp", classPath, SeedsWorker.class.getName()));
    command.addAll(run);
    command.addAll(List.of("--store", store.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    PrintWriter seeds = new PrintWriter(process.outputWriter(StandardCharsets.US_ASCII), true);
    BufferedReader answers = process.inputReader(StandardCharsets.US_ASCII);
    return new Side() {
      @Override
      public double run(long seed) throws IOException {
        seeds.println(seed);
        String answer = answers.readLine();
        if (answer == null) {
          throw new IOException("the JVM that runs the seeds has ended");
        }
        MachineFiles.delete(store);
        return cpuSeconds(seed, answer);
      }

      @Override
      public void close() throws IOException {
        process.destroy();
        MachineFiles.delete(store);
      }
    };
  }

  /** By the launcher, a JVM for each run. */
  private static Side cold(Path home, Options options) throws IOException {
    Path store = Files.createTempDirectory("phaistos-seeds");
    List<String> command = new ArrayList<>();
    // a verdict of invalid or unknown is no reason to stop
    command.addAll(List.of("bash", "-c", "\"$@\"; (($? <= 2))", "bash"));
    command.addAll(List.of(home.resolve("phaistos").toString(), "run"));
    command.addAll(options.run);
    command.addAll(List.of("--store", store.toString(), "--seed"));
    return new Side() {
      @Override
      public double run(long seed) throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(command);
        whole.add(Long.toString(seed));
        double seconds = TimedCommand.of(whole).cpuSeconds();
        MachineFiles.delete(store);
        return seconds;
      }

      @Override
      public void close() throws IOException {
        MachineFiles.delete(store);
      }
    };
  }

  private static double cpuSeconds(long seed, String answer) throws IOException {
    String[] words = answer.split(" ");
    int exitCode = Integer.parseInt(words[0]);
    if (exitCode > 2) {
      throw new IOException("seed " + seed + ": exit code " + exitCode);
    }
    return Double.parseDouble(words[1]);
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
