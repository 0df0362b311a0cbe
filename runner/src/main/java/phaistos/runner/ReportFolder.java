package phaistos.runner;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.OutputException;

/**
 * The folder of {@code check --report}. Each history gets a unique name in it, even if two files of
 * different folders have the same name. A failed write does not hide a verdict: {@link
 * #failIfIncomplete} reports it later. Not thread-safe.
 */
final class ReportFolder {
  private final Path root;
  private final Set<String> names = new HashSet<>();
  private List<Path> written = new ArrayList<>();
  private Optional<OutputException> failure = Optional.empty();

  private ReportFolder(Path root) {
    this.root = root;
  }

  /** The folder, which is made if it is not there. */
  static ReportFolder at(Path root) {
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw GivenPath.unwritable(root, e);
    }
    return new ReportFolder(root);
  }

  /** Writes one page about a history. */
  void writePage(Path history, String html) {
    String name = unique(history);
    write(() -> write(root.resolve(name + ".html"), html.getBytes(StandardCharsets.UTF_8)));
  }

  /** Writes several files about a history into a folder of its own. */
  void writeFiles(Path history, Writer writer) {
    Path own = root.resolve(unique(history));
    write(() -> writer.write(context(own)));
  }

  /** Writes the artifacts of a check through the context. */
  interface Writer {
    void write(CheckContext context) throws IOException;
  }

  private interface Act {
    void run() throws IOException;
  }

  private void write(Act act) {
    try {
      act.run();
    } catch (IOException e) {
      failure = failure.or(() -> Optional.of(failed(e)));
    }
  }

  private OutputException failed(IOException cause) {
    return new OutputException("--report: " + GivenPath.problem(root, cause), cause);
  }

  private String unique(Path history) {
    String base = Optional.ofNullable(history.getFileName()).map(Path::toString).orElse("history");
    String name = base;
    for (int n = 2; !names.add(name); n++) {
      name = base + "-" + n;
    }
    return name;
  }

  /** The files written since the last call. */
  List<Path> written() {
    List<Path> all = List.copyOf(written);
    written = new ArrayList<>();
    return all;
  }

  /** Throws the failure of a write, if there was one. */
  void failIfIncomplete() {
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  private void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    written.add(file);
  }

  /** Without limits. */
  private CheckContext context(Path folder) {
    return new CheckContext() {
      @Override
      public long deadlineNanos() {
        return CheckContext.UNLIMITED.deadlineNanos();
      }

      @Override
      public boolean isCancelled() {
        return false;
      }

      @Override
      public void writeArtifact(String name, byte[] content) throws IOException {
        write(folder.resolve(name), content);
      }
    };
  }
}
