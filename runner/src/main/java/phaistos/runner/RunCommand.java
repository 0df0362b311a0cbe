package phaistos.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import phaistos.harness.Durations;
import phaistos.harness.RunOptions;
import phaistos.harness.RunOptions.ClusterKind;
import phaistos.harness.Runs;
import phaistos.histories.RunStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code phaistos run}: runs a test and prints its verdict. */
@Command(
    name = "run",
    description = "runs a test and prints its verdict.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class RunCommand implements Callable<Integer> {
  static final List<String> WORKLOADS = List.of("commits");
  static final List<String> NEMESES = List.of("partition", "kill", "crash", "failover");
  static final List<String> DEFECTS = List.of("ack-before-standby-flush");

  @Spec private CommandSpec spec;

  @Option(names = "--cluster", paramLabel = "KIND", description = "simulated or containers")
  private String cluster = "simulated";

  @Option(names = "--workload", paramLabel = "NAME", description = "what the clients do: commits")
  private String workload = "commits";

  @Option(
      names = "--nemesis",
      paramLabel = "FAULT",
      split = ",",
      description = "faults, separated by commas: partition, kill, crash, failover; or none")
  private List<String> nemeses = NEMESES;

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "how long the load lasts: 500ms, 60s, 5m")
  private Duration timeLimit = Duration.ofSeconds(60);

  @Option(names = "--concurrency", paramLabel = "N", description = "client threads")
  private int concurrency = 10;

  @Option(names = "--rate", paramLabel = "N", description = "operations a second, all clients")
  private int rate = 100;

  @Option(names = "--seed", paramLabel = "N", description = "drawn if not given")
  private Long seed;

  @Option(names = "--defect", paramLabel = "NAME", description = "plants a defect in the database")
  private String defect;

  @Option(names = "--store", paramLabel = "DIR", description = "where histories and reports go")
  private Path store = Path.of("store");

  @Override
  public Integer call() {
    RunOptions options = options();
    boolean terminal = System.console() != null && System.console().isTerminal();
    boolean simulated = options.cluster() == ClusterKind.SIMULATED;
    Runs.End end;
    try (ConsoleProgress progress = new ConsoleProgress(System.err, terminal, simulated)) {
      end = Runs.run(options, progress, Instant.now());
    } catch (RunStore.StoreException e) {
      throw new UsageException(e.getMessage(), e);
    }
    end.firstScreen().forEach(System.out::println);
    return end.exitCode();
  }

  private RunOptions options() {
    require(WORKLOADS.contains(workload), "--workload", workload, WORKLOADS);
    List<String> faults = new ArrayList<>(nemeses);
    if (!faults.equals(List.of("none"))) {
      for (String fault : faults) {
        require(NEMESES.contains(fault), "--nemesis", fault, NEMESES);
      }
    } else {
      faults.clear();
    }
    if (defect != null) {
      require(DEFECTS.contains(defect), "--defect", defect, DEFECTS);
    }
    requireAtLeast("--concurrency", concurrency, 1, 1_000);
    requireAtLeast("--rate", rate, 1, 1_000_000);
    requireAtLeast("--time-limit (seconds)", timeLimit.toSeconds(), 1, 7 * 24 * 3600L);
    return new RunOptions(
        clusterKind(),
        workload,
        faults,
        timeLimit,
        concurrency,
        rate,
        seed == null ? ThreadLocalRandom.current().nextLong(1L << 53) : seed,
        Optional.ofNullable(defect),
        store);
  }

  private ClusterKind clusterKind() {
    for (ClusterKind kind : ClusterKind.values()) {
      if (kind.word().equals(cluster)) {
        return kind;
      }
    }
    throw wrong("--cluster: '" + cluster + "' (expected one of simulated, containers)");
  }

  private void require(boolean condition, String option, String value, List<String> expected) {
    if (!condition) {
      String words = String.join(", ", expected);
      throw wrong(option + ": '" + value + "' (expected one of " + words + ")");
    }
  }

  private void requireAtLeast(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw wrong(option + ": " + value + " (expected " + min + " to " + max + ")");
    }
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), "Invalid value for option " + text);
  }

  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        return Durations.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
