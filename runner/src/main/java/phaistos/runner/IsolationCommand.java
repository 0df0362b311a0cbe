package phaistos.runner;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import phaistos.harness.Deployment;
import phaistos.harness.FaultPlan;
import phaistos.harness.LoadPlan;
import phaistos.harness.isolation.IsolationMatrix;
import phaistos.nemesis.Faults;
import phaistos.runner.options.DurationConverter;
import phaistos.runner.options.GivenPath;
import phaistos.workloads.Isolation;
import phaistos.workloads.ReadFrom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./phaistos isolation}: what transactions see at each level, under faults. */
@Command(
    name = "isolation",
    description = {
      "Runs list-append, rw-register, bank, long-fork and g2 at each level of isolation, with reads"
          + " on the primary and on the standbys, under faults: a verdict for each, beside what is"
          + " expected.",
      "Exit code 0: all as expected; 1: one is not; 2: one is not known."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class IsolationCommand implements Callable<Integer> {
  private static final int RATE = 150;
  private static final int CLIENTS = 20;

  @Spec private CommandSpec spec;

  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = "--isolation",
      paramLabel = "LEVEL",
      split = ",",
      description = "read-committed, repeatable-read, serializable; all if not given")
  private List<String> levels = new ArrayList<>();

  @Option(
      names = "--read-from",
      paramLabel = "NODES",
      split = ",",
      description = "primary, standby; both if not given")
  private List<String> places = new ArrayList<>();

  @Option(
      names = "--nemesis",
      paramLabel = "FAULT",
      split = ",",
      description = "faults drawn from the seed; those of a usual run if not given")
  private List<String> nemeses = new ArrayList<>(Faults.USUAL);

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "of the load of each run; it goes on until the faults had their effects")
  private Duration timeLimit = Duration.ofSeconds(30);

  @Option(names = "--seed", paramLabel = "N", description = "of every run")
  private long seed = 1;

  @Option(names = "--store", paramLabel = "DIR", description = "where the runs go")
  private Path store = Path.of("store");

  @Option(
      names = "--short",
      description = "five seconds a run, with kills only",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  private boolean isShort;

  @Override
  public Integer call() {
    Deployment deployment = database.presentDeployment();
    if (!deployment.hasSerializable()) {
      throw wrong("--db: the built-in database has no SERIALIZABLE; this is for postgres:VERSION");
    }
    IsolationMatrix matrix =
        new IsolationMatrix(
            deployment,
            new FaultPlan.Drawn(isShort ? List.of("kill") : kinds(deployment)),
            new LoadPlan(isShort ? Duration.ofSeconds(5) : timeLimit, CLIENTS, RATE),
            seed,
            store);
    List<IsolationMatrix.Cell> cells = new ArrayList<>();
    PrintWriter out = spec.commandLine().getOut();
    for (Isolation level : chosenLevels()) {
      for (ReadFrom place : chosenPlaces()) {
        IsolationMatrix.Row row = matrix.run(level, place);
        List<IsolationMatrix.Cell> all = new ArrayList<>(row.cells());
        row.folder().ifPresent(run -> all.add(RegistersByWal.judge(run, level, place)));
        all.forEach(cell -> out.println(line(cell)));
        row.folder()
            .ifPresent(
                run -> out.println("  faults with an effect " + row.faults() + ", files: " + run));
        out.flush();
        cells.addAll(all);
      }
    }
    write(cells, deployment);
    if (cells.stream().anyMatch(cell -> cell.verdict().equals("invalid"))) {
      return 1;
    }
    return cells.stream().allMatch(IsolationMatrix.Cell::isAsExpected) ? 0 : 2;
  }

  private static String line(IsolationMatrix.Cell cell) {
    return "%-8s %s at %s, reads on the %s: %s%s"
        .formatted(
            cell.verdict().toUpperCase(Locale.ROOT),
            cell.workload(),
            cell.isolation().word(),
            cell.from().word(),
            cell.expected(),
            cell.reason().isEmpty() ? "" : " (" + cell.reason() + ")");
  }

  private void write(List<IsolationMatrix.Cell> cells, Deployment deployment) {
    StringBuilder text = new StringBuilder();
    text.append("%s, %s\n\n".formatted(deployment.database(), deployment.word()));
    text.append("| Workload | Level | Reads on | Expected | Verdict |\n|---|---|---|---|---|\n");
    for (IsolationMatrix.Cell cell : cells) {
      text.append(
          "| `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  cell.workload(),
                  cell.isolation().word(),
                  cell.from().word(),
                  cell.expected(),
                  cell.verdict()));
    }
    Path file = store.resolve("isolation.md");
    try {
      Files.createDirectories(store);
      Files.writeString(file, text);
    } catch (IOException e) {
      throw GivenPath.unwritable(file, e);
    }
    spec.commandLine().getOut().println("table: " + file);
  }

  private List<String> kinds(Deployment deployment) {
    for (String kind : nemeses) {
      if (Faults.find(kind).isEmpty()) {
        throw wrong("--nemesis: '" + kind + "' (expected some of " + Faults.names() + ")");
      }
    }
    return nemeses.stream()
        .filter(kind -> Faults.objection(Faults.kind(kind), deployment.capabilities()).isEmpty())
        .toList();
  }

  private List<Isolation> chosenLevels() {
    for (String level : levels) {
      if (Isolation.named(level).isEmpty()) {
        throw wrong("--isolation: '" + level + "' (expected some of " + Isolation.words() + ")");
      }
    }
    return List.of(Isolation.values()).stream()
        .filter(level -> levels.isEmpty() || levels.contains(level.word()))
        .toList();
  }

  private List<ReadFrom> chosenPlaces() {
    List<ReadFrom> all = List.of(ReadFrom.PRIMARY, ReadFrom.STANDBY);
    for (String place : places) {
      if (all.stream().noneMatch(each -> each.word().equals(place))) {
        throw wrong("--read-from: '" + place + "' (expected primary or standby)");
      }
    }
    return all.stream().filter(place -> places.isEmpty() || places.contains(place.word())).toList();
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), "Invalid value for option " + text);
  }
}
