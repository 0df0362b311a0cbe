package phaistos.runner;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code phaistos server}: runs one node of the database. */
@Command(
    name = "server",
    description = "Runs one node of the database.",
    mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UsageException("server is not there yet in this version");
  }
}
