package phaistos.runner;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code phaistos run}: runs a test and prints its verdict. */
@Command(
    name = "run",
    description = "Runs a test and prints its verdict.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UsageException("run is not there yet in this version");
  }
}
