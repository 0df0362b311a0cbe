package phaistos.runner.commitlog;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import phaistos.runner.options.ExitCode;
import phaistos.runner.options.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code phaistos server trace-commit-log}. */
@Command(
    name = "trace-commit-log",
    description = {
      "shows when a server writes and syncs pages of its commit log.",
      "",
      "Starts a fresh server under strace with four buffers for the commit log, ends transactions"
          + " that do nothing but take an id, then makes a checkpoint. A page holds 32,768"
          + " transactions."
    },
    mixinStandardHelpOptions = true)
public final class TraceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--db",
      paramLabel = "DB",
      description = "phaistos (default), or postgres: PostgreSQL 15 of this machine.")
  private String db = "phaistos";

  @Option(
      names = "--evictions",
      paramLabel = "N",
      description = "how many pages leave their buffers (default 3).")
  private int evictions = 3;

  @Option(
      names = "-c",
      paramLabel = "NAME=VALUE",
      description = "a setting of phaistos, as phaistos.slru_sync=checkpoint.")
  private List<String> settings = List.of();

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    String missing = TracedServer.missing();
    if (!missing.isEmpty()) {
      throw new UsageException("trace-commit-log needs strace: " + missing);
    }
    if (evictions < 1) {
      throw new UsageException("--evictions %d: expected at least 1".formatted(evictions));
    }
    PrintWriter out = spec.commandLine().getOut();
    try (TracedServer server = server()) {
      CommitLogTrace.of(server, evictions).lines().forEach(out::println);
    }
    out.flush();
    return ExitCode.VALID;
  }

  private TracedServer server() throws IOException, InterruptedException {
    return switch (db) {
      case "phaistos" -> TracedServer.phaistos(true, settings);
      case "postgres" -> {
        if (!settings.isEmpty()) {
          throw new UsageException("-c is for phaistos only");
        }
        yield TracedServer.postgres(true);
      }
      default -> throw new UsageException("--db %s: expected phaistos or postgres".formatted(db));
    };
  }
}
