package phaistos.runner;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code phaistos check}: checks recorded histories. */
@Command(
    name = "check",
    description = "Checks recorded histories.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UsageException("check is not there yet in this version");
  }
}
