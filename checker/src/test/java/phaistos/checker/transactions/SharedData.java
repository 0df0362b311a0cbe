package phaistos.checker.transactions;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** Recorded data that lies beside the repository; tests that need it are skipped without it. */
final class SharedData {
  private SharedData() {}

  static Path folder() {
    String named =
        Optional.ofNullable(System.getProperty("phaistos.shared"))
            .or(() -> Optional.ofNullable(System.getenv("PHAISTOS_SHARED")))
            .orElse("../../shared");
    Path data = Path.of(named).resolve("data");
    Assumptions.assumeTrue(Files.isDirectory(data), "no recorded data at " + data.toAbsolutePath());
    return data;
  }
}
