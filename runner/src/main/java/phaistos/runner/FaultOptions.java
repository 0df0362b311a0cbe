package phaistos.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import phaistos.cluster.Capabilities;
import phaistos.harness.FaultPlan;
import phaistos.nemesis.FaultKind;
import phaistos.nemesis.Faults;
import phaistos.nemesis.Schedule;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.Suggestions;
import phaistos.runner.options.UsageException;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for the faults of a run. */
final class FaultOptions {
  private static final String NONE = "none";

  /** "kill" or "kill*3". */
  private static final Pattern KIND = Pattern.compile("([^*]*)(?:\\*([1-9]))?");

  /** {@link Faults#USUAL} as typed on the command line. */
  static final String USUAL = "partition,kill,crash,failover";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--nemesis",
      paramLabel = "FAULT",
      split = ",",
      defaultValue = USUAL,
      description =
          "faults drawn from the seed, separated by commas (see below); kill*3 comes three times as"
              + " often as the others; none. With --swarm the seed draws which of all, how often"
              + " and how long")
  private List<String> nemeses;

  @Option(
      names = "--schedule",
      paramLabel = "FILE",
      description =
          "faults and when they begin and end, as a run writes them to schedule.edn; in place of"
              + " --nemesis")
  private Path schedule;

  /** Lists every kind of fault below the options. */
  static final class Footer implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
      List<String> lines = new ArrayList<>(List.of("", "Faults:"));
      for (FaultKind kind : Faults.KINDS) {
        lines.add("  " + kind.name() + ": " + kind.sentence());
      }
      command.usageMessage().footer(lines.toArray(String[]::new));
      return command;
    }
  }

  /** The faults asked for; if none are, those of the usual ones that the cluster can have. */
  FaultPlan plan(Capabilities capabilities) {
    boolean isNamed = spec.commandLine().getParseResult().hasMatchedOption("--nemesis");
    if (schedule == null) {
      if (!isNamed) {
        nemeses = nemeses.stream().filter(kind -> isPossible(kind, capabilities)).toList();
      }
      return kinds();
    }
    if (isNamed) {
      throw new ParameterException(
          spec.commandLine(), "--schedule and --nemesis cannot be used together");
    }
    try {
      String text = Files.readString(GivenPath.file(schedule));
      return new FaultPlan.Given(
          Schedule.ofEdn(text, schedule.toString()), schedule.getFileName().toString());
    } catch (IOException e) {
      throw GivenPath.unusable(schedule, e);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  /** Whether the cluster can have a fault; if not, says why. */
  private boolean isPossible(String kind, Capabilities capabilities) {
    Optional<String> objection = Faults.objection(Faults.kind(kind), capabilities);
    objection.ifPresent(why -> spec.commandLine().getErr().println("not drawn: " + why));
    return objection.isEmpty();
  }

  private FaultPlan kinds() {
    if (nemeses.equals(List.of(NONE))) {
      return FaultPlan.none();
    }
    List<String> kinds = new ArrayList<>();
    for (String fault : nemeses) {
      Matcher matcher = KIND.matcher(fault);
      if (matcher.matches() && Faults.find(matcher.group(1)).isPresent()) {
        int times = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
        kinds.addAll(Collections.nCopies(times, matcher.group(1)));
      } else {
        List<String> known = Stream.concat(Faults.names().stream(), Stream.of(NONE)).toList();
        throw new ParameterException(
            spec.commandLine(),
            "Invalid value for option --nemesis: '%s' (expected one of %s)%s"
                .formatted(fault, String.join(", ", known), Suggestions.text(fault, known)));
      }
    }
    return new FaultPlan.Drawn(kinds);
  }

  /** The options that request the same faults again, quoted for a shell. */
  List<String> words() {
    if (schedule == null) {
      String kinds = nemeses.isEmpty() ? NONE : String.join(",", nemeses);
      return List.of("--nemesis", kinds.contains("*") ? "'" + kinds + "'" : kinds);
    }
    String path = schedule.toString();
    return List.of(
        "--schedule",
        path.matches("[\\w./+=,:@%-]+") ? path : "'" + path.replace("'", "'\\''") + "'");
  }
}
