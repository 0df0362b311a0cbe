package phaistos.runner;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code phaistos audit}: checks acknowledged commits against copies of data directories. */
@Command(
    name = "audit",
    description = "Checks acknowledged commits against copies of data directories.",
    mixinStandardHelpOptions = true)
final class AuditCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UsageException("audit is not there yet in this version");
  }
}
