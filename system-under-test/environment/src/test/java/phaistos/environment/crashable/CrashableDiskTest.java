package phaistos.environment.crashable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.environment.DiskFile;
import phaistos.environment.SeededRandomness;

@Timeout(120)
class CrashableDiskTest {
  @TempDir Path folder;

  private Path data() throws IOException {
    return Files.createDirectories(folder.resolve("data"));
  }

  private static ByteBuffer filled(int letter, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) letter);
    return ByteBuffer.wrap(bytes);
  }

  private String content(Path data, String name) throws IOException {
    StringBuilder text = new StringBuilder();
    byte[] bytes = Files.readAllBytes(data.resolve(name));
    for (int from = 0, to; from < bytes.length; from = to) {
      for (to = from; to < bytes.length && bytes[to] == bytes[from]; to++) {
        // counts
      }
      text.append(to - from).append(bytes[from] == 0 ? '0' : (char) bytes[from]);
    }
    return text.toString();
  }

  /** A synced file "1" of 12288 times 'a', then unsynced: a page of 'b', and 10 'c' at the end. */
  private CrashableDisk begin() throws IOException {
    CrashableDisk disk = CrashableDisk.open(data());
    DiskFile file = disk.create("1");
    file.write(0, filled('a', 12288));
    file.sync();
    disk.syncDirectory("");
    file.write(4096, filled('b', 4096));
    file.write(12288, filled('c', 10));
    file.close();
    return disk;
  }

  @Test
  void killedProcessLosesNothingAndAPowerCutWhatWasNotSynced() throws IOException {
    begin().close();
    assertEquals("4096a4096b4096a10c", content(data(), "1"));
    CrashableDisk.open(data()).close();
    assertEquals("4096a4096b4096a10c", content(data(), "1"));
    Path copy = folder.resolve("copy");
    assertEquals(new PowerCut.Loss(1, 4106, 0), PowerCut.copyWithoutUnsynced(data(), copy));
    assertEquals("12288a", content(copy, "1"));
    assertEquals("4096a4096b4096a10c", content(data(), "1"));
    PowerCut.strike(data(), PowerCut.Takes.ALL, 1);
    assertEquals("12288a", content(data(), "1"));
    assertFalse(Files.exists(CrashableDisk.undoFolder(data())));
  }

  @Test
  void unsyncedWritesOfTwoProcessesAreTakenBackTogether() throws IOException {
    begin().close();
    CrashableDisk second = CrashableDisk.open(data());
    try (DiskFile file = second.open("1")) {
      file.write(4096, filled('d', 100));
    }
    second.close();
    PowerCut.strike(data(), PowerCut.Takes.ALL, 1);
    assertEquals("12288a", content(data(), "1"));
  }

  @Test
  void someAndTornLeaveWholePagesOrSectorsAsTheSeedSays() throws IOException {
    Set<String> some = new HashSet<>();
    Set<String> torn = new HashSet<>();
    for (long seed = 1; seed <= 20; seed++) {
      for (PowerCut.Takes mode : List.of(PowerCut.Takes.SOME, PowerCut.Takes.TORN)) {
        begin().close();
        Path twin = folder.resolve("twin");
        copy(data(), twin);
        copy(CrashableDisk.undoFolder(data()), CrashableDisk.undoFolder(twin));
        PowerCut.Loss loss = PowerCut.strike(data(), mode, seed);
        assertEquals(loss, PowerCut.strike(twin, mode, seed), "seed=" + seed);
        assertEquals(content(data(), "1"), content(twin, "1"), "seed=" + seed);
        (mode == PowerCut.Takes.TORN ? torn : some).add(content(data(), "1"));
        delete(data());
        delete(twin);
      }
    }
    for (String content : some) {
      assertTrue(content.startsWith("12288a") || content.startsWith("4096a4096b4096a"), content);
    }
    assertTrue(some.size() > 3, some.toString());
    assertTrue(torn.size() > 10, torn.toString());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var entries = Files.walk(from)) {
      for (Path entry : entries.toList()) {
        Files.copy(entry, to.resolve(from.relativize(entry).toString()));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var entries = Files.walk(folder)) {
      for (Path entry : entries.toList().reversed()) {
        Files.delete(entry);
      }
    }
  }

  @Test
  void tornRecordAtTheEndOfTheJournalIsLeftOut() throws IOException {
    begin().close();
    Path journal = CrashableDisk.undoFolder(data()).resolve("undo.journal");
    try (RandomAccessFile file = new RandomAccessFile(journal.toFile(), "rw")) {
      // The last record is that of the 10 'c': as if the process had been killed while writing it.
      file.setLength(file.length() - 5);
    }
    PowerCut.Loss loss = PowerCut.strike(data(), PowerCut.Takes.ALL, 1);
    assertEquals(new PowerCut.Loss(1, 4096, 0), loss);
    assertEquals("12288a", content(data(), "1"));
  }

  @Test
  void journalIsCompactedAndStillKnowsWhatIsUnsynced() throws IOException {
    CrashableDisk disk = begin();
    DiskFile hot = disk.create("hot");
    disk.syncDirectory("");
    SeededRandomness random = new SeededRandomness(1);
    byte[] noise = new byte[65536];
    for (int i = 0; i < 2000; i++) {
      Arrays.fill(noise, (byte) random.nextInt(256));
      hot.write(0, ByteBuffer.wrap(noise));
      hot.sync();
    }
    hot.close();
    disk.close();
    Path journal = CrashableDisk.undoFolder(data()).resolve("undo.journal");
    assertTrue(Files.size(journal) < 40 << 20, "size=" + Files.size(journal));
    PowerCut.strike(data(), PowerCut.Takes.ALL, 1);
    assertEquals("12288a", content(data(), "1"));
    assertEquals(65536, Files.size(data().resolve("hot")));
  }

  /**
   * A child JVM writes, syncs and says so; it is killed at a random moment. Whatever the moment,
   * what it said is there after a power cut that takes all, and nothing later but the one step that
   * it may have finished without being able to say so.
   */
  @Test
  void powerCutAfterSigkillAtAnyMomentLeavesExactlyWhatWasSynced() throws Exception {
    long seed = System.nanoTime();
    SeededRandomness random = new SeededRandomness(seed);
    for (int round = 0; round < 6; round++) {
      Path data = Files.createDirectories(folder.resolve("killed-" + round));
      long said = killedChild(data, random.nextInt(400));
      boolean unsynced = !content(data, "ring").isEmpty();
      PowerCut.strike(data, PowerCut.Takes.ALL, seed);
      long ring = CrashableChild.read(data, "ring");
      long named = Files.exists(data.resolve("named")) ? CrashableChild.read(data, "named") : 0;
      String message = "seed=" + seed + " said=" + said + " ring=" + ring + " named=" + named;
      assertTrue(unsynced, message);
      assertTrue(ring == said || ring == said + 1, message);
      assertTrue(named == said || named == said + 1, message);
    }
  }

  private static long killedChild(Path data, int delayMillis) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CrashableChild.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
    assertEquals("1", output.readLine());
    TimeUnit.MILLISECONDS.sleep(delayMillis);
    // The handle kills (SIGKILL) and, unlike the process, leaves its output readable.
    child.toHandle().destroyForcibly();
    child.waitFor();
    long said = 1;
    for (String line; (line = output.readLine()) != null; ) {
      said = Math.max(said, Long.parseLong(line));
    }
    return said;
  }
}
