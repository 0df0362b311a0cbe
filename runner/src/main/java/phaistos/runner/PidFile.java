package phaistos.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.UsageException;

/**
 * The file {@code postmaster.pid} in a data directory, with PostgreSQL's lines: process id, data
 * directory, start in seconds since 1970, port, directory of the Unix socket, address.
 */
record PidFile(
    long pid, String directory, long startSeconds, int port, String socket, String host) {
  static final String NAME = "postmaster.pid";

  String format() {
    return "%d\n%s\n%d\n%d\n%s\n%s\n".formatted(pid, directory, startSeconds, port, socket, host);
  }

  /**
   * That of a running node.
   *
   * @throws UsageException if none runs there
   */
  static PidFile read(Path data) {
    GivenPath.directory(data);
    try {
      List<String> lines = Files.readAllLines(data.resolve(NAME));
      if (lines.size() >= 6) {
        return new PidFile(
            Long.parseLong(lines.get(0)),
            lines.get(1),
            Long.parseLong(lines.get(2)),
            Integer.parseInt(lines.get(3)),
            lines.get(4),
            lines.get(5));
      }
      throw new UsageException("%s: the node has not come up yet".formatted(data));
    } catch (java.nio.file.NoSuchFileException e) {
      throw new UsageException("%s: no node runs there (no %s)".formatted(data, NAME), e);
    } catch (NumberFormatException e) {
      throw new UsageException("%s/%s: not as a node writes it".formatted(data, NAME), e);
    } catch (IOException e) {
      throw GivenPath.unusable(data.resolve(NAME), e);
    }
  }
}
