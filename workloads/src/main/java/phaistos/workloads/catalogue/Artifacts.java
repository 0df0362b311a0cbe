package phaistos.workloads.catalogue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import phaistos.checker.CheckContext;

/** What checkers leave in a run's folder. */
final class Artifacts {
  private Artifacts() {}

  /** Writes the page that explains a violation. */
  static void page(String html, CheckContext context) {
    try {
      context.writeArtifact("index.html", html.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
