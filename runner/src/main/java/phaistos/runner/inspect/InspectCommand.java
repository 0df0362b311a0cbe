package phaistos.runner.inspect;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code phaistos inspect}: shows what PostgreSQL's files contain. Exit 0 if all is well, 1 if
 * something is damaged, 254 for a wrong option or a missing path.
 */
@Command(
    name = "inspect",
    description = "Shows what PostgreSQL's files contain.",
    mixinStandardHelpOptions = true)
public final class InspectCommand implements Callable<Integer> {
  static final int WELL = 0;
  static final int DAMAGED = 1;

  private static final List<String> KINDS = List.of("wal", "xact", "control", "heap", "timeline");

  @Spec private CommandSpec spec;

  private InspectCommand() {}

  /**
   * The command with the kind that the arguments name, or with all kinds if they name none. To read
   * the options of all takes longer than many inspections.
   */
  public static CommandLine commandLine(String... arguments) {
    CommandLine line = new CommandLine(new InspectCommand());
    List<String> named = KINDS.stream().filter(List.of(arguments)::contains).toList();
    for (String kind : named.isEmpty() ? KINDS : named) {
      line.addSubcommand(
          switch (kind) {
            case "wal" -> new InspectWal();
            case "xact" -> new InspectXact();
            case "control" -> new InspectControl();
            case "heap" -> new InspectHeap();
            default -> new InspectTimeline();
          });
    }
    return line;
  }

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "say what to inspect: wal, xact, control, heap or timeline");
  }
}
