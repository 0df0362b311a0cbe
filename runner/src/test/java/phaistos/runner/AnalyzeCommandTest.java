package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code run --like}, {@code run --keep} and {@code analyze} on the same stored run. */
class AnalyzeCommandTest {
  @TempDir Path folder;

  private Captured phaistos(String... arguments) {
    return Captured.main(arguments);
  }

  private List<Path> runs(Path store) throws IOException {
    List<Path> runs = new ArrayList<>();
    try (Stream<Path> tests = Files.list(store)) {
      for (Path test : tests.filter(each -> !Files.isSymbolicLink(each)).toList()) {
        try (Stream<Path> found = Files.list(test)) {
          runs.addAll(found.filter(each -> !Files.isSymbolicLink(each)).sorted().toList());
        }
      }
    }
    return runs;
  }

  @Test
  void aStoredFailureIsJudgedAndRepeatedWithoutItsDefectBeingNamed() throws IOException {
    Path store = folder.resolve("store");
    Captured run =
        phaistos(
            "run",
            "--time-limit=5s",
            "--seed=3",
            "--nemesis=partition",
            "--setting=wal_writer_delay=100ms",
            "--standby-names=ANY 1 (n2, n3)",
            "--defect=ack-before-standby-flush",
            "--store=" + store);
    assertEquals(1, run.exit(), run.out() + run.err());
    Path first = runs(store).getFirst();

    Captured judged = phaistos("analyze", first.toString());
    assertEquals(1, judged.exit(), judged.out() + judged.err());
    assertTrue(judged.out().contains("results.edn is equal byte for byte"), judged.out());

    Path again = folder.resolve("again");
    Captured repeated =
        phaistos("run", "--like", store.resolve("latest").toString(), "--store=" + again);
    assertEquals(1, repeated.exit(), repeated.out() + repeated.err());
    assertArrayEquals(
        Files.readAllBytes(first.resolve("history.edn")),
        Files.readAllBytes(again.resolve("latest/history.edn")));
  }

  @Test
  void whatIsMissingOrDamagedIsNamed() throws IOException {
    Captured none = phaistos("analyze", folder.resolve("nothing").toString());
    assertEquals(254, none.exit(), none.err());
    Captured empty = phaistos("analyze", folder.toString());
    assertEquals(254, empty.exit(), empty.err());
    assertTrue(empty.err().contains("test.edn: no such file"), empty.err());
    assertEquals(254, phaistos("run", "--like", folder.toString()).exit());
    Files.writeString(folder.resolve("test.edn"), "{:name ");
    Captured damaged = phaistos("analyze", folder.toString());
    assertEquals(2, damaged.exit(), damaged.out() + damaged.err());
    assertTrue(damaged.out().startsWith("UNKNOWN  " + folder.resolve("test.edn")), damaged.out());
    Files.writeString(folder.resolve("test.edn"), "{:name \"x\" :replay \"seed 1 of test x\"}");
    Captured library = phaistos("analyze", folder.toString());
    assertEquals(254, library.exit(), library.out());
    assertTrue(library.err().contains("no command made this run"), library.err());
  }

  @Test
  void oldRunsAreRemovedAndNamed() throws IOException {
    Path store = folder.resolve("store");
    String[] short1s = {
      "run", "--time-limit=1s", "--nemesis=none", "--seed=1", "--keep-runs=2", "--store=" + store
    };
    phaistos(short1s);
    Path oldest = runs(store).getFirst();
    assertFalse(phaistos(short1s).err().contains("removed"));
    Captured third = phaistos(short1s);
    assertTrue(third.err().contains("removed: " + oldest), third.err());
    assertEquals(2, runs(store).size());
    assertFalse(Files.exists(oldest));
    assertEquals(254, phaistos("run", "--keep-runs=0", "--store=" + store).exit());
    assertEquals(254, phaistos("run", "--keep=all", "--store=" + store).exit());
  }

  @Test
  void aCommandIsSplitAsAShellDoes() {
    assertEquals(
        List.of("./phaistos", "run", "--standby-names", "ANY 1 (\"it's\", n2)", "--x", ""),
        LikeRun.split("./phaistos  run --standby-names 'ANY 1 (\"it'\\''s\", n2)' --x ''"));
  }
}
