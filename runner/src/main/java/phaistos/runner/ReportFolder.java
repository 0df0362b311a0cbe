package phaistos.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import phaistos.checker.CheckContext;

/** Artifacts as files of a folder. */
final class ReportFolder {
  private ReportFolder() {}

  /** A context without limits that writes artifacts there; the folder is made when needed. */
  static CheckContext context(Path folder) {
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
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
      }
    };
  }
}
