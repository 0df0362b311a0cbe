package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.histories.HistoryReader;

/** {@code phaistos run} as a process of its own: what a user's mistakes and signals come to. */
class RunCommandTest {
  @TempDir Path folder;

  private record Ended(int exit, String out, String err) {}

  private Process start(String... arguments) throws IOException {
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(List.of(arguments));
    List<String> command = ChildProcess.command(ChildProcess.SIMULATION, words);
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private Ended end(Process process) throws IOException, InterruptedException {
    assertTrue(process.waitFor(3, TimeUnit.MINUTES), "still running");
    return new Ended(
        process.exitValue(),
        Files.readString(folder.resolve("out")),
        Files.readString(folder.resolve("err")));
  }

  private void assertMistake(String message, Ended end) {
    assertEquals(254, end.exit(), end.err());
    assertTrue(end.err().contains(message), end.err());
    assertFalse(end.err().contains("\tat "), end.err());
    assertEquals("", end.out());
  }

  @Test
  void aWrongOptionIsNamedInOneLine() throws Exception {
    assertMistake("'--time-limit'", end(start("--time-limit", "5x")));
    assertMistake("--nemesis: 'flood'", end(start("--nemesis", "kill,flood")));
    assertMistake("--defect: 'none'", end(start("--defect", "none")));
  }

  @Test
  void aStoreThatCannotBeWrittenIsNamedAtOnce() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    Ended end = end(start("--store", file.toString()));
    assertEquals(255, end.exit(), end.err());
    assertEquals(
        "phaistos: store: " + file + " cannot be written: Not a directory", end.err().strip());
    assertEquals("", end.out());
  }

  /** The disk fills up while the history is written: there is a verdict, and what is missing. */
  @Test
  void aDiskThatIsFullIsNamed() throws Exception {
    Path small = Files.createDirectory(folder.resolve("small"));
    assumeTrue(
        isDone("mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", small.toString()),
        "a file system of 60 kB cannot be mounted here");
    try {
      Ended end =
          end(
              start(
                  "--workload",
                  "commits",
                  "--time-limit",
                  "3s",
                  "--seed",
                  "2",
                  "--store",
                  small.toString()));
      assertEquals(255, end.exit(), end.err());
      String full = "history.edn cannot be written: No space left on device";
      assertTrue(end.err().contains(full), end.err());
      assertFalse(end.err().contains("\tat "), end.err());
      assertTrue(end.out().matches("(?s)(VALID|UNKNOWN)  commits.*"), end.out());
      assertTrue(end.out().contains("\nreplay: ./phaistos run "), end.out());
      assertTrue(end.out().contains("not complete: store: " + small), end.out());
      assertTrue(
          HistoryReader.read(small.resolve("latest/history.edn")).events().size() > 50,
          "the history so far");
    } finally {
      assertTrue(isDone("umount", small.toString()), "umount " + small);
    }
  }

  private static boolean isDone(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** As Ctrl-C does; this JVM may ignore SIGINT, and so would its child. */
  @Test
  void sigtermEndsARunWithAVerdict() throws Exception {
    Path store = folder.resolve("store");
    Process process = start("--time-limit", "30m", "--seed", "7", "--store", store.toString());
    Path history = store.resolve("latest/history.edn");
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> Files.exists(history) && Files.size(history) > 20_000);
    process.destroy();
    Ended end = end(process);
    assertEquals(2, end.exit(), end.err());
    assertTrue(end.out().startsWith("UNKNOWN  "), end.out());
    assertTrue(end.out().contains(": cut short by SIGTERM, "), end.out());
    assertTrue(end.out().contains("\nseed 7 "), end.out());
    assertTrue(end.out().contains("--time-limit 1800s "), end.out());
    assertTrue(end.out().contains("--seed 7\nfiles:  " + store), end.out());
    String results = Files.readString(store.resolve("latest/results.edn"));
    assertTrue(results.contains(":cut-short? true"), results);
  }

  @Test
  void aKilledRunLeavesAReadableHistory() throws Exception {
    Path store = folder.resolve("store");
    Process process = start("--time-limit", "10m", "--store", store.toString());
    Path history = store.resolve("latest/history.edn");
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> Files.exists(history) && Files.size(history) > 20_000);
    process.destroyForcibly().waitFor();
    assertTrue(HistoryReader.read(history).events().size() > 50, "the history so far");
  }
}
