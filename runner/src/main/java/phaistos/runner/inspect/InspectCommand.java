package phaistos.runner.inspect;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code phaistos inspect}: shows what PostgreSQL's files contain. Exit 0 if all is well, 1 where
 * something is damaged, 254 for a wrong option or a path that is not there.
 */
@Command(
    name = "inspect",
    description = "Shows what PostgreSQL's files contain.",
    mixinStandardHelpOptions = true,
    subcommands = {
      InspectWal.class,
      InspectXact.class,
      InspectControl.class,
      InspectHeap.class,
      InspectTimeline.class,
    })
public final class InspectCommand implements Callable<Integer> {
  static final int WELL = 0;
  static final int DAMAGED = 1;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "say what to inspect: wal, xact, control, heap or timeline");
  }
}
