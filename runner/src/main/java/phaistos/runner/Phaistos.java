package phaistos.runner;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import phaistos.harness.StoredRun;
import phaistos.histories.RunStore;
import phaistos.runner.inspect.InspectCommand;
import phaistos.runner.museum.MuseumCommand;
import phaistos.runner.options.ExitCode;
import phaistos.runner.options.OutputException;
import phaistos.runner.options.Suggestions;
import phaistos.runner.options.UsageException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root of the command line. Exit codes are Jepsen's: see {@link ExitCode}. */
@Command(
    name = "phaistos",
    description = "Tests whether a primary/standby database keeps its word.",
    mixinStandardHelpOptions = true,
    version = "phaistos 0.1.0",
    footer = {"", "./phaistos help COMMAND or ./phaistos COMMAND --help tells more."})
final class Phaistos {
  private static final List<String> COMMANDS =
      List.of(
          "run",
          "campaign",
          "analyze",
          "explain",
          "serve",
          "check",
          "audit",
          "inspect",
          "server",
          "defects",
          "crash-sweep",
          "guarantees",
          "museum",
          "isolation");

  private Phaistos() {}

  /** Runs the command in the arguments and returns the exit code. */
  static int run(String... given) {
    String[] arguments;
    try {
      arguments = CampaignConfig.expanded(LikeRun.expanded(withoutWords(given)));
    } catch (UsageException | StoredRun.StoredRunException e) {
      System.err.println("phaistos: " + e.getMessage());
      return ExitCode.BAD_ARGUMENTS;
    }
    // Builds only the requested command: to read the options of all commands takes longer than a
    // check.
    boolean isNamed = arguments.length > 0 && COMMANDS.contains(arguments[0]);
    List<String> commands = isNamed ? List.of(arguments[0]) : COMMANDS;
    return checkOutput(commandLine(commands, arguments).execute(arguments));
  }

  /** Translates {@code help}, {@code help run} and {@code version} to the corresponding options. */
  static String[] withoutWords(String... arguments) {
    if (arguments.length == 0) {
      return arguments;
    }
    return switch (arguments[0]) {
      case "version" -> replaced(arguments, "--version");
      case "help" -> {
        List<String> words = new ArrayList<>(Arrays.asList(arguments).subList(1, arguments.length));
        boolean isKnown =
            words.isEmpty()
                || COMMANDS.contains(words.getFirst())
                || LauncherCommand.NAMES.contains(words.getFirst());
        if (isKnown) {
          words.add("--help"); // before it even a word that is no command would pass
        }
        yield words.toArray(String[]::new);
      }
      default -> arguments;
    };
  }

  private static String[] replaced(String[] arguments, String first) {
    String[] all = arguments.clone();
    all[0] = first;
    return all;
  }

  /**
   * A failed write to the output is an error, unless the reader has closed the pipe, as head does.
   */
  private static int checkOutput(int exitCode) {
    if (!System.out.checkError()) {
      return exitCode;
    }
    String cause = "it failed";
    // the stream keeps no cause, but another try has one
    try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
      out.write('\n');
    } catch (IOException e) {
      cause = e.getMessage();
    }
    if (cause.contains("pipe")) {
      return exitCode;
    }
    System.err.println("phaistos: standard output could not be written: " + cause);
    return ExitCode.CRASHED;
  }

  /** The command line with all commands and its exit codes. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS, new String[0]);
  }

  private static CommandLine commandLine(List<String> commands, String[] arguments) {
    CommandLine line = new CommandLine(new Phaistos());
    for (String command : commands) {
      line.addSubcommand(
          switch (command) {
            case "run" -> new RunCommand();
            case "campaign" -> new CampaignCommand();
            case "analyze" -> new AnalyzeCommand();
            case "explain" -> new ExplainCommand();
            case "serve" -> new ServeCommand();
            case "check" -> new CheckCommand();
            case "audit" -> new AuditCommand();
            case "inspect" -> InspectCommand.commandLine(arguments);
            case "server" -> new ServerCommand();
            case "defects" -> new DefectsCommand();
            case "crash-sweep" -> new CrashSweepCommand();
            case "guarantees" -> new GuaranteesCommand();
            case "museum" -> new MuseumCommand();
            case "isolation" -> new IsolationCommand();
            default -> throw new IllegalArgumentException(command);
          });
    }
    if (commands.size() > 1) {
      LauncherCommand.NAMES.forEach(name -> line.addSubcommand(LauncherCommand.spec(name)));
    }
    line.setExecutionExceptionHandler(Phaistos::explain);
    line.setParameterExceptionHandler(Phaistos::explainArguments);
    // A path may begin with @.
    line.setExpandAtFiles(false);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    setExitCodes(line);
    return line;
  }

  private static void setExitCodes(CommandLine line) {
    line.getCommandSpec().exitCodeOnInvalidInput(ExitCode.BAD_ARGUMENTS);
    line.getCommandSpec().exitCodeOnExecutionException(ExitCode.CRASHED);
    line.getSubcommands().values().forEach(Phaistos::setExitCodes);
  }

  /** A wrong option is one line that names it, not a page of help. */
  private static int explainArguments(ParameterException exception, String[] given) {
    CommandLine line = exception.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    // A required option is missing because it was mistyped.
    List<String> unmatched =
        exception instanceof UnmatchedArgumentException e
            ? e.getUnmatched()
            : line.getUnmatchedArguments();
    String message = unmatched.isEmpty() ? exception.getMessage() : unmatched(line, unmatched);
    line.getErr().println("phaistos: " + message + " (see ./" + name + " --help)");
    return ExitCode.BAD_ARGUMENTS;
  }

  /** The first unknown argument, with a suggestion. */
  private static String unmatched(CommandLine line, List<String> arguments) {
    for (String argument : arguments) {
      if (argument.startsWith("-")) {
        String option = argument.replaceFirst("=.*", "");
        return "no option " + option + Suggestions.text(option, options(line));
      }
    }
    String first = arguments.getFirst();
    return line.getSubcommands().isEmpty()
        ? "unexpected argument: '" + first + "'"
        : "no command '" + first + "'" + Suggestions.text(first, line.getSubcommands().keySet());
  }

  private static List<String> options(CommandLine line) {
    return line.getCommandSpec().options().stream()
        .flatMap(option -> Arrays.stream(option.names()))
        .filter(name -> name.startsWith("--"))
        .toList();
  }

  /** A user error or a full disk prints one line; anything else is a bug of ours. */
  private static int explain(
      Exception exception, CommandLine line, CommandLine.ParseResult parsed) {
    switch (exception) {
      case UsageException _ -> {
        line.getErr().println("phaistos: " + exception.getMessage());
        return ExitCode.BAD_ARGUMENTS;
      }
      case OutputException _, RunStore.StoreException _ ->
          line.getErr().println("phaistos: " + exception.getMessage());
      default -> exception.printStackTrace(line.getErr());
    }
    return ExitCode.CRASHED;
  }
}
