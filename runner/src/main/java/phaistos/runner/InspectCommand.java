package phaistos.runner;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code phaistos inspect}: shows what PostgreSQL's files contain. */
@Command(
    name = "inspect",
    description = "Shows what PostgreSQL's files contain.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UsageException("inspect is not there yet in this version");
  }
}
