package phaistos.cluster.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.wal.SegmentName;

final class KeptWalTest {
  /** The present segment goes on; what an earlier timeline left of it does not. */
  @Test
  void copiesWhatIsCompleteAndWhatEarlierTimelinesLeft(@TempDir Path folder) throws IOException {
    Path from = folder.resolve("a");
    Path to = folder.resolve("b");
    List<String> there =
        List.of(
            "000000010000000000000001",
            "000000010000000000000002",
            "00000002.history",
            "000000020000000000000002",
            "000000020000000000000003",
            "000000020000000000000004",
            "0000000200000000000000FF",
            "000000020000000100000000",
            "archive_status");
    write(from, there);
    write(to, List.of("000000020000000000000003"));
    KeptWal.complete(SegmentName.parse("000000020000000000000003").orElseThrow(), from, to);
    try (var all = Files.list(to.resolve("pg_wal"))) {
      assertEquals(
          List.of(
              "000000010000000000000001",
              "000000010000000000000002",
              "00000002.history",
              "000000020000000000000002",
              "000000020000000000000003"),
          all.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  /** A segment of the first timeline in which the second one began is complete, too. */
  @Test
  void copiesTheSegmentOfTheFork(@TempDir Path folder) throws IOException {
    Path from = folder.resolve("a");
    Path to = folder.resolve("b");
    write(from, List.of("000000010000000000000001", "000000020000000000000001"));
    write(to, List.of());
    KeptWal.complete(SegmentName.parse("000000020000000000000001").orElseThrow(), from, to);
    try (var all = Files.list(to.resolve("pg_wal"))) {
      assertEquals(
          List.of("000000010000000000000001"),
          all.map(file -> file.getFileName().toString()).toList());
    }
  }

  private static void write(Path data, List<String> names) throws IOException {
    Path wal = data.resolve("pg_wal");
    Files.createDirectories(wal);
    for (String name : names) {
      Files.writeString(wal.resolve(name), name);
    }
  }
}
