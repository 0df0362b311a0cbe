package phaistos.runner;

import java.util.List;
import java.util.concurrent.Callable;
import phaistos.runner.options.UsageException;
import picocli.CommandLine.Model.CommandSpec;

/** A command that the launcher runs itself; here it exists only for the help. */
final class LauncherCommand implements Callable<Integer> {
  static final List<String> NAMES = List.of("test", "bench", "format");

  private final String name;

  private LauncherCommand(String name) {
    this.name = name;
  }

  static CommandSpec spec(String name) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(new LauncherCommand(name)).name(name);
    spec.usageMessage()
        .description(
            switch (name) {
              case "test" -> "Sets up this machine for all tests, and runs them.";
              case "bench" -> "Measures against a peer, or two settings against each other.";
              case "format" -> "Formats the Java sources.";
              default -> throw new IllegalArgumentException(name);
            });
    return spec;
  }

  @Override
  public Integer call() {
    throw new UsageException(name + " is a command of the launcher: ./phaistos " + name);
  }
}
