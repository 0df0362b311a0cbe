package phaistos.checker.durability;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import phaistos.formats.FolderDataDirectory;

/** The data directories of a real PostgreSQL 15 that lie beside the project, unpacked. */
final class Corpora {
  private Corpora() {}

  /** Unpacks a corpus below {@code target}; the test is skipped where there are none. */
  static Path unpack(String name, Path target) throws IOException, InterruptedException {
    Path packed = shared().resolve("data/postgres/" + name + ".tar.xz");
    Assumptions.assumeTrue(Files.exists(packed), "no corpus " + packed);
    Process tar =
        new ProcessBuilder("tar", "xJf", packed.toString(), "-C", target.toString())
            .inheritIO()
            .start();
    Assumptions.assumeTrue(tar.waitFor() == 0, "tar cannot unpack " + packed);
    return target.resolve(name);
  }

  private static Path shared() {
    Optional<String> given =
        Optional.ofNullable(System.getProperty("phaistos.shared"))
            .or(() -> Optional.ofNullable(System.getenv("PHAISTOS_SHARED")));
    Path folder = Path.of("").toAbsolutePath();
    while (given.isEmpty() && folder != null) {
      Path candidate = folder.resolveSibling("shared");
      if (Files.isDirectory(candidate.resolve("data/postgres"))) {
        return candidate;
      }
      folder = folder.getParent();
    }
    Assumptions.assumeTrue(given.isPresent(), "no folder of shared data beside the repository");
    return Path.of(given.orElseThrow());
  }

  static NodeImage primary(String name, Path directory) {
    return image(name, NodeImage.Role.PRIMARY, directory);
  }

  static NodeImage standby(String name, Path directory) {
    return image(name, NodeImage.Role.STANDBY, directory);
  }

  private static NodeImage image(String name, NodeImage.Role role, Path directory) {
    return new NodeImage(name, role, ImageKind.WRITTEN, new FolderDataDirectory(directory));
  }

  /** The rows of a table of text, each as its columns, without the heading. */
  static List<String[]> rows(Path file) throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      rows.add(line.split("\t", -1));
    }
    rows.removeFirst();
    return rows;
  }
}
