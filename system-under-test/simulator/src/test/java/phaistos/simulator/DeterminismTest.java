package phaistos.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The same seed gives the same trace hash in a fresh JVM, after three other seeds in one JVM, from
 * JUnit and from a command line. {@code -Dphaistos.seeds=1000} widens the comparison within this
 * JVM.
 */
@Timeout(900)
class DeterminismTest {
  private static final int ROUNDS = 30;
  private static final List<String> JVM_OPTIONS =
      List.of(
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "-XX:+UnlockExperimentalVMOptions",
          "-XX:hashCode=2",
          "-Djdk.trackAllThreads=false");

  /** The hashes that a JVM of its own prints, by seed. */
  private static Map<Long, String> hashesOfAFreshJvm(List<String> options, long... seeds)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(BusyProgram.class.getName());
    command.add(String.valueOf(ROUNDS));
    for (long seed : seeds) {
      command.add(String.valueOf(seed));
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
    Map<Long, String> hashes = new TreeMap<>();
    output
        .lines()
        .forEach(line -> hashes.put(Long.valueOf(line.split(" ")[0]), line.split(" ")[1]));
    return hashes;
  }

  @Test
  void sameSeedGivesTheSameHashInFreshJvmsAfterOtherSeedsAndFromBothEntries() throws Exception {
    Map<Long, String> afterOthers = hashesOfAFreshJvm(List.of(), 11, 12, 13, 42);
    assertEquals(4, new ArrayList<>(afterOthers.values()).stream().distinct().count());
    String expected = afterOthers.get(42L);
    assertEquals(expected, hashesOfAFreshJvm(List.of(), 42).get(42L), "fresh JVM");
    assertEquals(
        expected, hashesOfAFreshJvm(List.of("-Xint"), 42).get(42L), "interpreted, fresh JVM");
    assertEquals(expected, BusyProgram.run(42, ROUNDS).traceHashText(), "from JUnit");
    assertEquals(afterOthers.get(13L), BusyProgram.run(13, ROUNDS).traceHashText(), "from JUnit");
    assertEquals(expected, BusyProgram.run(42, ROUNDS).traceHashText(), "from JUnit, again");
  }

  @Test
  void everySeedRunsTheSameTwiceInOneJvm() {
    long last = Long.getLong("phaistos.seeds", 20);
    for (long seed = 1; seed <= last; seed++) {
      var first = BusyProgram.run(seed, ROUNDS);
      var second = BusyProgram.run(seed, ROUNDS);
      first.valueOrThrow();
      assertEquals(List.of(), first.failures(), "seed=" + seed);
      assertEquals(first, second, () -> TraceDifference.describe(first.seed(), ROUNDS));
      assertNotEquals(first.traceHash(), BusyProgram.run(seed + 1_000_000, 1).traceHash());
    }
  }

  @Test
  void traceOfEveryPortCallIsInTheHash() {
    var shorter = BusyProgram.run(1, ROUNDS);
    var longer = BusyProgram.run(1, ROUNDS + 1);
    assertNotEquals(shorter.traceHash(), longer.traceHash());
    assertTrue(shorter.events() > 20_000, "events=" + shorter.events());
  }
}
