package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal keeps every line that was written whole, whatever was killed when. */
class JournalTest {
  private static final Instant TIME = Instant.parse("2026-07-01T00:00:00Z");

  @TempDir Path folder;

  private static List<Entry> entries() {
    Entry.Run failed = Runs.invalid(1, 7, "audit: lost \"x\"\nsecond line");
    return List.of(
        new Entry.Night("20260701T000000.000Z", TIME, "--seeds 3 é", "3fa9c1e", 7),
        failed,
        Runs.valid(2, 8),
        new Entry.Explained(
            1,
            Optional.of(
                new Explainer.Explanation(
                    Optional.of("wal-flush"),
                    Optional.of("Wal.java:12"),
                    true,
                    "partition, crash",
                    true,
                    List.of("promised", "seen")))),
        new Entry.Explained(2, Optional.empty()),
        new Entry.Resumed("20260701T000000.000Z", TIME),
        Runs.hung(3, 9),
        Runs.breaking(Runs.invalid(4, 10, "lost"), "wal-sync"),
        new Entry.Ended("20260701T000000.000Z", TIME));
  }

  private static void write(Path folder, List<Entry> entries) {
    try (Journal journal = Journal.open(folder)) {
      entries.forEach(journal::append);
    }
  }

  @Test
  void whatIsWrittenIsRead() {
    write(folder, entries());
    assertEquals(entries(), Journal.read(folder));
    try (Journal journal = Journal.open(folder)) {
      assertEquals(entries(), journal.entries());
    }
  }

  @Test
  void aKillAtAnyByteLosesNoLineThatEnded() throws IOException {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    write(whole, entries());
    byte[] bytes = Files.readAllBytes(whole.resolve("journal.edn"));
    Path cut = Files.createDirectory(folder.resolve("cut"));
    for (int length = 0; length <= bytes.length; length++) {
      byte[] left = java.util.Arrays.copyOf(bytes, length);
      int ended =
          (int)
              new String(left, java.nio.charset.StandardCharsets.UTF_8)
                  .chars()
                  .filter(c -> c == '\n')
                  .count();
      Files.write(cut.resolve("journal.edn"), left);
      assertEquals(entries().subList(0, ended), Journal.read(cut), "bytes=" + length);
      if (length % 11 != 0) {
        continue; // each is synced
      }
      try (Journal journal = Journal.open(cut)) {
        journal.append(Runs.valid(99, 99));
      }
      List<Entry> wanted = new ArrayList<>(entries().subList(0, ended));
      wanted.add(Runs.valid(99, 99));
      assertEquals(wanted, Journal.read(cut), "bytes=" + length);
    }
  }

  @Test
  void aDamagedLineIsNamed() throws IOException {
    write(folder, entries());
    Path file = folder.resolve("journal.edn");
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.set(2, "{:run 2, :of-night");
    Files.write(file, lines);
    Journal.JournalException e =
        assertThrows(Journal.JournalException.class, () -> Journal.open(folder));
    assertTrue(e.getMessage().startsWith(file + ", line 3: "), e.getMessage());
  }

  @Test
  void oneProcessAtATime() {
    try (Journal first = Journal.open(folder)) {
      Journal.JournalException e =
          assertThrows(Journal.JournalException.class, () -> Journal.open(folder));
      assertTrue(e.getMessage().contains("another campaign is at work in " + folder), e.toString());
      first.append(Runs.valid(1, 1));
    }
    try (Journal second = Journal.open(folder)) {
      assertEquals(List.of(Runs.valid(1, 1)), second.entries());
    }
  }
}
