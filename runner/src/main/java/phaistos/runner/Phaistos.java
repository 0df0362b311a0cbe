package phaistos.runner;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.List;
import phaistos.runner.inspect.InspectCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The root of the command line. Exit codes are Jepsen's: see {@link ExitCode}. */
@Command(
    name = "phaistos",
    description = "Tests whether a primary/standby database keeps its word.",
    mixinStandardHelpOptions = true,
    version = "phaistos 0.1.0")
public final class Phaistos {
  private static final List<String> COMMANDS =
      List.of("run", "check", "audit", "inspect", "server");

  private Phaistos() {}

  public static void main(String[] arguments) {
    // The command that is asked for alone: to look at the options of all takes longer than a check.
    boolean isNamed = arguments.length > 0 && COMMANDS.contains(arguments[0]);
    List<String> commands = isNamed ? List.of(arguments[0]) : COMMANDS;
    System.exit(checkOutput(commandLine(commands, arguments).execute(arguments)));
  }

  /** Output that could not be written is an error, unless its reader went away as head does. */
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
            case "check" -> new CheckCommand();
            case "audit" -> new AuditCommand();
            case "inspect" -> InspectCommand.commandLine(arguments);
            case "server" -> new ServerCommand();
            default -> throw new IllegalArgumentException(command);
          });
    }
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
