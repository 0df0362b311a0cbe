package phaistos.harness.explain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** What an explanation leaves in the folder of its run; each file as a whole or not at all. */
public final class ExplanationFiles {
  /** The test beside the run's page. */
  public static final String TEST = JUnitSource.CLASS + ".java";

  private ExplanationFiles() {}

  /**
   * Writes {@code explain.json} and the test, and puts the explanation into {@code index.html}.
   *
   * @throws IOException that names the file
   */
  public static void write(Path folder, Explanation explanation) throws IOException {
    replace(folder.resolve("explain.json"), ExplanationJson.text(explanation));
    if (explanation.junit().isPresent()) {
      replace(folder.resolve(TEST), explanation.junit().get());
    }
    Path index = folder.resolve("index.html");
    if (Files.exists(index)) {
      replace(index, ExplanationPage.into(Files.readString(index), explanation));
    }
  }

  private static void replace(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(fresh, text);
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
