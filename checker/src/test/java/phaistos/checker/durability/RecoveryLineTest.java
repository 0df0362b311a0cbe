package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.ControlFile;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.redo.RecoveryStart;
import phaistos.formats.redo.TimelineHole;

/**
 * Which timelines recovery would follow is answered twice. {@link RecoveryStart} goes by history
 * files and signal files, as a start of the server does. {@link TimelineHole} goes by the segments
 * that are there, so that a copy without its signal file is judged as well. On what PostgreSQL left
 * behind the two agree.
 */
class RecoveryLineTest {
  @TempDir private Path temporary;

  @Test
  void bothAnswersAgreeOnWhatPostgresLeftBehind() throws Exception {
    int directories = 0;
    for (String corpus : List.of("01_plain", "04_async", "05_crash_load", "06_promoted")) {
      Path root = Corpora.unpack(corpus, temporary);
      for (Path node : dataDirectories(root)) {
        DataDirectory files = new FolderDataDirectory(node);
        assertEquals(
            RecoveryStart.of(files).history(),
            TimelineHole.line(files, ControlFile.read(files)),
            node.toString());
        directories++;
      }
    }
    assertTrue(directories >= 8, "data directories: " + directories);
  }

  private static List<Path> dataDirectories(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.endsWith(Path.of("global", "pg_control")))
          .map(file -> file.getParent().getParent())
          .sorted()
          .toList();
    }
  }
}
