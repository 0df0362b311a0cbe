package phaistos.runner;

import phaistos.runner.inspect.InspectCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The root of the command line. Exit codes are Jepsen's: see {@link ExitCode}. */
@Command(
    name = "phaistos",
    description = "Tests whether a primary/standby database keeps its word.",
    mixinStandardHelpOptions = true,
    version = "phaistos 0.1.0",
    subcommands = {
      RunCommand.class,
      CheckCommand.class,
      AuditCommand.class,
      InspectCommand.class,
      ServerCommand.class,
    })
public final class Phaistos {
  private Phaistos() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The command line with its exit codes, for {@link #main} and for tests. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Phaistos());
    line.setExecutionExceptionHandler(Phaistos::explain);
    line.setParameterExceptionHandler(Phaistos::explainArguments);
    setExitCodes(line);
    return line;
  }

  private static void setExitCodes(CommandLine line) {
    line.getCommandSpec().exitCodeOnInvalidInput(ExitCode.BAD_ARGUMENTS);
    line.getCommandSpec().exitCodeOnExecutionException(ExitCode.CRASHED);
    line.getSubcommands().values().forEach(Phaistos::setExitCodes);
  }

  /** A wrong option is one line that names it, not a page of help. */
  private static int explainArguments(CommandLine.ParameterException exception, String[] given) {
    CommandLine line = exception.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    line.getErr().println("phaistos: " + exception.getMessage() + " (see ./" + name + " --help)");
    return ExitCode.BAD_ARGUMENTS;
  }

  /** A user's mistake is one line; anything else is our defect and shows its stack. */
  private static int explain(
      Exception exception, CommandLine line, CommandLine.ParseResult parsed) {
    if (exception instanceof UsageException) {
      line.getErr().println("phaistos: " + exception.getMessage());
      return ExitCode.BAD_ARGUMENTS;
    }
    exception.printStackTrace(line.getErr());
    return ExitCode.CRASHED;
  }
}
