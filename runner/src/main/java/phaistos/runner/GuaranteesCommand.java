package phaistos.runner;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import phaistos.checker.durability.CommitLevel;
import phaistos.harness.Deployment;
import phaistos.harness.guarantees.Attempt;
import phaistos.harness.guarantees.Combination;
import phaistos.harness.guarantees.Guarantees;
import phaistos.harness.guarantees.GuaranteesStore;
import phaistos.harness.guarantees.GuaranteesText;
import phaistos.harness.guarantees.Measured;
import phaistos.harness.guarantees.Mishap;
import phaistos.harness.guarantees.Standbys;
import phaistos.runner.options.Suggestions;
import phaistos.runner.options.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./phaistos guarantees}: what each setting of synchronous replication survives. */
@Command(
    name = "guarantees",
    description = {
      "Measures which settings of synchronous replication lose acknowledged commits, lose what was"
          + " read, or stop, under which faults; beside it what PostgreSQL's documentation"
          + " promises.",
      "Every try is kept in the store: a command that was ended goes on where it was, and several"
          + " databases come to stand side by side.",
      "Exit code 0: nothing was lost against the documentation; 1: something was; 2: a try could"
          + " not be measured."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class GuaranteesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      split = ",",
      description = "off, local, remote_write, on, remote_apply; all if not given")
  private List<String> levels = new ArrayList<>();

  @Option(
      names = "--standbys",
      paramLabel = "SETTING",
      split = ",",
      description = "none, one, any-1, first-1, any-2; all if not given")
  private List<String> standbys = new ArrayList<>();

  @Option(
      names = "--fault",
      paramLabel = "FAULT",
      split = ",",
      description =
          "kill-primary, power-primary, kill-standby, power-standby, kill-all, power-all,"
              + " primary-lost, partition-failover, kill-all-failover, power-all-failover,"
              + " restart-then-lost, cancelled-wait, names-emptied, reckless-failover; all if not"
              + " given")
  private List<String> faults = new ArrayList<>();

  @Option(names = "--seeds", paramLabel = "N", description = "tries of each combination")
  private int seeds = 3;

  @Option(names = "--seed", paramLabel = "N", description = "the first seed")
  private long seed = 1;

  @Option(names = "--store", paramLabel = "DIR", description = "its folder guarantees is written")
  private Path store = Path.of("store");

  @Option(
      names = "--again",
      description = "tries seeds again that the store has",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  private boolean again;

  @Override
  public Integer call() {
    if (seeds < 1 || seeds > 10_000) {
      throw wrong("--seeds: " + seeds + " (expected 1 to 10000)");
    }
    if (!database.settings().isEmpty()) {
      throw wrong("--setting: the command sets what it compares");
    }
    List<Combination> chosen = chosen();
    Deployment deployment = database.presentDeployment();
    GuaranteesStore kept = open();
    Guarantees guarantees = new Guarantees(deployment);
    Measured.Database name = guarantees.database();
    List<Combination> possible = new ArrayList<>();
    for (Combination combination : chosen) {
      Optional<String> objection = guarantees.objection(combination.mishap());
      objection.ifPresent(why -> kept.measured().object(name, combination.mishap(), why));
      if (objection.isEmpty()) {
        possible.add(combination);
      }
    }
    List<Attempt> made = new ArrayList<>();
    PrintWriter out = spec.commandLine().getOut();
    for (int i = 0; i < seeds; i++) {
      long number = seed + i;
      List<Combination> due =
          possible.stream()
              .filter(each -> again || !kept.measured().has(name, each, number))
              .toList();
      guarantees.attempts(
          due,
          number,
          attempt -> {
            kept.add(attempt);
            made.add(attempt);
            out.println(attempt.line());
            out.flush();
          });
    }
    kept.write();
    out.println();
    out.print(GuaranteesText.first(kept.measured(), name));
    out.println("files: " + kept.folder() + " (index.html, guarantees.md, guarantees.json)");
    out.flush();
    boolean isMeasured = made.stream().allMatch(attempt -> attempt.problem().isEmpty());
    return made.stream().anyMatch(Attempt::breaksPromise) ? 1 : isMeasured ? 0 : 2;
  }

  private GuaranteesStore open() {
    try {
      return new GuaranteesStore(store.resolve("guarantees"));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  private List<Combination> chosen() {
    List<CommitLevel> ofLevels = chosen("--level", levels, CommitLevel.values(), CommitLevel::word);
    List<Standbys> ofStandbys = chosen("--standbys", standbys, Standbys.values(), Standbys::word);
    List<Mishap> ofFaults = chosen("--fault", faults, Mishap.values(), Mishap::word);
    return Combination.all().stream()
        .filter(each -> ofLevels.contains(each.level()))
        .filter(each -> ofStandbys.contains(each.standbys()))
        .filter(each -> ofFaults.contains(each.mishap()))
        .toList();
  }

  private <T> List<T> chosen(
      String option, List<String> given, T[] values, Function<T, String> word) {
    List<String> known = Arrays.stream(values).map(word).toList();
    for (String name : given) {
      if (!known.contains(name)) {
        throw wrong(
            "%s: '%s' (expected one of %s)%s"
                .formatted(option, name, String.join(", ", known), Suggestions.text(name, known)));
      }
    }
    return Arrays.stream(values)
        .filter(value -> given.isEmpty() || given.contains(word.apply(value)))
        .toList();
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), "Invalid value for option " + text);
  }
}
