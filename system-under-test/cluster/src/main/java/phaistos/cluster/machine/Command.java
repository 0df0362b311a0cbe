package phaistos.cluster.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import phaistos.cluster.ClusterException;

/** Programs of this machine that end by themselves. */
public final class Command {
  private Command() {}

  /**
   * What a finished program said.
   *
   * @param output both of its outputs
   */
  public record Result(int exitCode, String output) {
    /** Its last line, or "(no output)". */
    public String lastLine() {
      return output.lines().reduce((_, last) -> last).orElse("(no output)");
    }
  }

  /**
   * Runs a program to its end.
   *
   * @param folder its working directory
   * @throws ClusterException if it cannot be started or exceeds the limit
   */
  public static Result run(List<String> command, Path folder, Duration limit) {
    Path output = null;
    try {
      output = Files.createTempFile("phaistos-", ".out");
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new ClusterException(
            "%s does not end within %d s".formatted(String.join(" ", command), limit.toSeconds()));
      }
      return new Result(process.exitValue(), Files.readString(output).strip());
    } catch (IOException e) {
      throw new ClusterException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted", e);
    } finally {
      remove(output);
    }
  }

  /** The same, but a program that fails is an error. */
  public static String mustRun(List<String> command, Path folder, Duration limit) {
    Result result = run(command, folder, limit);
    if (result.exitCode != 0) {
      throw new ClusterException(
          "%s exits with %d: %s"
              .formatted(String.join(" ", command), result.exitCode, result.output));
    }
    return result.output;
  }

  private static void remove(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
