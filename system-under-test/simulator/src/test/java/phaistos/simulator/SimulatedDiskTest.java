package phaistos.simulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.DiskFile;
import phaistos.environment.SeededRandomness;

@Timeout(300)
class SimulatedDiskTest {
  /** A machine with a synced file "base/1" of 3 pages of 'a', in a synced directory. */
  private record Bench(SimulatedWorld world, SimulatedMachine machine, DiskFile file) {
    static Bench start(SimulatedWorld world) throws IOException {
      SimulatedMachine machine = world.machine("n1");
      machine.start();
      SimulatedDisk disk = machine.disk();
      disk.createDirectories("base");
      disk.syncDirectory("");
      DiskFile file = disk.create("base/1");
      file.write(0, filled('a', 3 * 4096));
      file.sync();
      disk.syncDirectory("base");
      return new Bench(world, machine, file);
    }

    SimulatedDisk disk() {
      return machine.disk();
    }

    void write(long offset, int letter, int length) throws IOException {
      file.write(offset, filled(letter, length));
    }

    SimulatedDisk.Loss crash(UnsyncedWrites mode) {
      SimulatedDisk.Loss loss = machine.crash(mode);
      machine.start();
      return loss;
    }

    String content() throws IOException {
      return read(disk(), "base/1");
    }
  }

  private interface Scenario {
    void play(Bench bench) throws Exception;
  }

  private static void play(long seed, Scenario scenario) {
    Simulation.run(
            SimulationOptions.seed(seed),
            world -> {
              scenario.play(Bench.start(world));
              return true;
            })
        .valueOrThrow();
  }

  private static ByteBuffer filled(int letter, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) letter);
    return ByteBuffer.wrap(bytes);
  }

  /** Run lengths: "12288a". */
  private static String read(SimulatedDisk disk, String path) throws IOException {
    try (DiskFile file = disk.open(path)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) file.size());
      assertEquals(file.size(), file.read(0, buffer));
      return runs(buffer.array());
    }
  }

  private static String runs(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int from = 0, to; from < bytes.length; from = to) {
      for (to = from; to < bytes.length && bytes[to] == bytes[from]; to++) {
        // counts
      }
      text.append(to - from).append(bytes[from] == 0 ? '0' : (char) bytes[from]);
    }
    return text.toString();
  }

  @Test
  void unsyncedWritesAreSeenByReadersAndLostByACrash() {
    play(
        1,
        bench -> {
          bench.write(4096, 'b', 4096);
          bench.write(12288, 'c', 10);
          assertEquals("4096a4096b4096a10c", bench.content());
          assertEquals(4106, bench.disk().unsyncedBytes());
          SimulatedDisk.Loss loss = bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals(new SimulatedDisk.Loss(UnsyncedWrites.LOSE_ALL, 1, 4106, 0), loss);
          assertEquals("12288a", bench.content());
          assertEquals(4106, bench.disk().counters().unsyncedBytesLost());
        });
  }

  @Test
  void syncedWritesSurviveAndKilledProcessesLoseNothing() {
    play(
        1,
        bench -> {
          bench.write(0, 'b', 100);
          bench.file.sync();
          bench.write(100, 'c', 100);
          bench.machine.kill();
          bench.machine.start();
          assertEquals("100b100c12088a", bench.content());
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals("100b12188a", bench.content());
          bench.disk().open("base/1").write(0, filled('d', 1));
          bench.crash(UnsyncedWrites.KEEP_ALL);
          assertEquals("1d99b12188a", bench.content());
        });
  }

  @Test
  void writesDuringASyncAreNotPartOfIt() {
    play(
        3,
        bench -> {
          bench.write(0, 'b', 1);
          boolean[] synced = new boolean[1];
          bench
              .world
              .environment()
              .tasks()
              .spawn(
                  "syncer",
                  () -> {
                    try {
                      bench.file.sync();
                      synced[0] = true;
                    } catch (IOException thrown) {
                      throw new java.io.UncheckedIOException(thrown);
                    }
                  });
          bench.world.environment().tasks().sleep(10_000);
          assertFalse(synced[0]);
          bench.write(1, 'c', 1);
          bench.world.environment().tasks().sleep(1_000_000_000);
          assertTrue(synced[0]);
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals("1b12287a", bench.content());
        });
  }

  @Test
  void crashLosesSomePagesAndReordersWrites() {
    Set<String> outcomes = new HashSet<>();
    for (long seed = 1; seed <= 60; seed++) {
      play(
          seed,
          bench -> {
            bench.write(0, 'b', 4096);
            bench.write(4096, 'c', 4096);
            bench.write(0, 'd', 4096);
            bench.crash(UnsyncedWrites.LOSE_SOME);
            outcomes.add(bench.content());
          });
    }
    // Three states of the first page times two of the second, whole pages only.
    assertEquals(
        Set.of(
            "12288a",
            "4096b8192a",
            "4096d8192a",
            "4096a4096c4096a",
            "4096b4096c4096a",
            "4096d4096c4096a"),
        outcomes);
  }

  @Test
  void crashTearsPagesAtSectors() {
    boolean torn = false;
    for (long seed = 1; seed <= 10; seed++) {
      List<String> seen = new ArrayList<>();
      play(
          seed,
          bench -> {
            bench.write(0, 'b', 4096);
            bench.crash(UnsyncedWrites.TEAR);
            seen.add(bench.content());
          });
      torn |= !Set.of("12288a", "4096b8192a").contains(seen.getFirst());
      for (String run : seen.getFirst().split("[a-z]")) {
        assertEquals(0, Integer.parseInt(run) % 512, seen.getFirst());
      }
    }
    assertTrue(torn);
  }

  @Test
  void truncationIsUndoneOrDoneByACrash() {
    Set<String> outcomes = new HashSet<>();
    for (long seed = 1; seed <= 40; seed++) {
      play(
          seed,
          bench -> {
            bench.file.truncate(4096);
            assertEquals("4096a", bench.content());
            bench.crash(UnsyncedWrites.LOSE_SOME);
            outcomes.add(bench.content());
          });
    }
    assertTrue(outcomes.containsAll(Set.of("12288a", "4096a")), outcomes.toString());
    play(
        1,
        bench -> {
          bench.file.truncate(100);
          bench.file.truncate(200);
          bench.file.sync();
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals("100a1000", bench.content());
        });
  }

  @Test
  void namesAreDurableAfterTheSyncOfTheirDirectoryOnly() {
    play(
        1,
        bench -> {
          SimulatedDisk disk = bench.disk();
          DiskFile created = disk.create("base/2");
          created.write(0, filled('x', 5));
          created.sync();
          disk.delete("base/1");
          assertEquals(List.of("2"), disk.list("base"));
          assertEquals(2, bench.crash(UnsyncedWrites.LOSE_ALL).nameChanges());
          assertEquals(List.of("1"), disk.list("base"));
          disk.createDirectories("deep/er");
          disk.create("deep/er/file");
          disk.syncDirectory("deep/er");
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertFalse(disk.exists("deep"));
          assertFalse(disk.exists("deep/er/file"));
        });
  }

  @Test
  void renameIsOneStepEvenBetweenDirectories() {
    play(
        1,
        bench -> {
          SimulatedDisk disk = bench.disk();
          disk.createDirectories("other");
          disk.syncDirectory("");
          disk.rename("base/1", "other/1");
          disk.syncDirectory("other");
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals(List.of(), disk.list("base"));
          assertEquals("12288a", read(disk, "other/1"));
          disk.create("other/new");
          disk.rename("other/new", "other/1");
          assertEquals("", read(disk, "other/1"));
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals("12288a", read(disk, "other/1"));
        });
  }

  @Test
  void failedSyncLeavesItsWritesBehindForGood() {
    play(
        1,
        bench -> {
          bench.disk().failSyncs("base", 1);
          bench.write(0, 'b', 10);
          IOException thrown = assertThrows(IOException.class, bench.file::sync);
          assertEquals("could not sync base/1 on n1: Input/output error", thrown.getMessage());
          bench.write(10, 'c', 10);
          bench.file.sync();
          assertEquals("10b10c12268a", bench.content());
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals("10a10c12268a", bench.content());
          assertEquals(1, bench.disk().counters().syncsFailed());
        });
  }

  @Test
  void fullDiskRefusesToMakeFilesLonger() {
    play(
        1,
        bench -> {
          bench.disk().limitSpace(1000);
          bench.write(12288, 'b', 1000);
          assertThrows(IOException.class, () -> bench.write(13288, 'c', 1));
          bench.write(0, 'd', 13288);
          bench.disk().limitSpace(-1);
          bench.write(13288, 'c', 1);
          assertEquals("13288d1c", bench.content());
          assertEquals(1, bench.disk().counters().writesRefused());
        });
  }

  @Test
  void flippedBitStaysFlipped() {
    play(
        1,
        bench -> {
          bench.disk().flipBit("base/1", 8);
          assertEquals("1a1" + (char) ('a' ^ 1) + "12286a", bench.content());
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals("1a1" + (char) ('a' ^ 1) + "12286a", bench.content());
        });
  }

  @Test
  void aFlippedBitLiesOverWhatWasWrittenAndAWriteMakesItRight() {
    play(
        1,
        bench -> {
          String flipped = "1a1" + (char) ('a' ^ 1) + "12286a";
          bench.disk().flipBit("base/1", 8);
          assertEquals(flipped, runs(bench.disk().image().read("base/1", 0, 12288)));
          assertEquals(flipped, runs(bench.disk().flushedImage().read("base/1", 0, 12288)));
          // the page cache is written over, the platter is not
          bench.write(0, 'b', 2);
          assertEquals("2b12286a", bench.content());
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals(flipped, bench.content());
          assertEquals(1, bench.disk().counters().flippedBitsRead());
          bench.disk().flipBit("base/1", 9);
          bench.disk().restoreBit("base/1", 8);
          assertEquals("1a1" + (char) ('a' ^ 2) + "12286a", bench.content());
          bench.disk().restoreBit("base/1", 9);
          assertEquals("12288a", bench.content());
          bench.disk().flipBit("base/1", 8);
          bench.write(1, 'c', 1);
          bench.file.sync();
          bench.crash(UnsyncedWrites.LOSE_ALL);
          assertEquals("1a1c12286a", bench.content());
          bench.disk().restoreBit("base/1", 8);
          assertEquals("1a1c12286a", bench.content());
          assertEquals(2, bench.disk().counters().flippedBitsRead());
        });
  }

  @Test
  void theSeedOfACrashSaysWhatIsLostWhateverTheSeedOfTheSimulation() {
    for (UnsyncedWrites mode : List.of(UnsyncedWrites.LOSE_SOME, UnsyncedWrites.TEAR)) {
      Set<String> found = new HashSet<>();
      for (long lossSeed = 0; lossSeed < 8; lossSeed++) {
        String left = afterCrash(1, mode, lossSeed);
        assertEquals(left, afterCrash(2, mode, lossSeed), mode + " " + lossSeed);
        found.add(left);
      }
      assertTrue(found.size() > 4, mode + ": " + found);
    }
  }

  private static String afterCrash(long seed, UnsyncedWrites mode, long lossSeed) {
    String[] left = new String[1];
    play(
        seed,
        bench -> {
          for (int i = 0; i < 9; i++) {
            bench.write(i * 1024, 'b' + i, 1024);
          }
          bench.machine().crash(mode, lossSeed);
          bench.machine().start();
          left[0] = bench.content();
        });
    return left[0];
  }

  @Test
  void imagesAreFrozenAndTheFlushedOneHasNoUnsyncedWrite() {
    play(
        1,
        bench -> {
          bench.write(0, 'b', 4096);
          bench.disk().create("base/2");
          DiskImage flushed = bench.disk().flushedImage();
          DiskImage live = bench.disk().image();
          bench.write(0, 'z', 4096);
          bench.file.sync();
          assertEquals("12288a", runs(flushed.read("base/1", 0, 20000)));
          assertEquals("4096b8192a", runs(live.read("base/1", 0, 12288)));
          assertEquals(List.of("base/1"), flushed.files());
          assertEquals(List.of("1", "2"), live.list("base"));
          assertEquals(List.of("base"), live.list(""));
          assertEquals(12288, flushed.size("base/1"));
          assertArrayEquals(new byte[0], live.read("base/2", 0, 10));
          assertThrows(NoSuchFileException.class, () -> flushed.size("base/2"));
          assertThrows(NoSuchFileException.class, () -> live.list("nowhere"));
        });
  }

  @Test
  void errorsAreThoseOfTheRealDisk() {
    play(
        1,
        bench -> {
          SimulatedDisk disk = bench.disk();
          assertThrows(FileAlreadyExistsException.class, () -> disk.create("base/1"));
          assertThrows(NoSuchFileException.class, () -> disk.create("nowhere/1"));
          assertThrows(NoSuchFileException.class, () -> disk.open("base/2"));
          assertThrows(NoSuchFileException.class, () -> disk.rename("base/2", "base/3"));
          assertThrows(NoSuchFileException.class, () -> disk.delete("base/2"));
          assertThrows(IllegalArgumentException.class, () -> disk.open("../etc"));
          bench.file.close();
          assertThrows(IOException.class, () -> bench.write(0, 'b', 1));
        });
  }

  /** Random writes, truncations, syncs and reads against a plain array. */
  @Test
  void readsGiveWhatAPlainArrayGives() {
    for (long seed = 1; seed <= 30; seed++) {
      SeededRandomness random = new SeededRandomness(seed);
      long number = seed;
      play(
          seed,
          bench -> {
            byte[] model = new byte[40_000];
            Arrays.fill(model, 0, 12288, (byte) 'a');
            int size = 12288;
            for (int step = 0; step < 200; step++) {
              int offset = random.nextInt(30_000);
              int length = 1 + random.nextInt(9_000);
              switch (random.nextInt(4)) {
                case 0, 1 -> {
                  int letter = random.nextInt(3) == 0 ? 0 : 'a' + random.nextInt(26);
                  bench.write(offset, letter, length);
                  Arrays.fill(model, offset, offset + length, (byte) letter);
                  size = Math.max(size, offset + length);
                }
                case 2 -> {
                  bench.file.truncate(offset);
                  Arrays.fill(model, offset, model.length, (byte) 0);
                  size = offset;
                }
                default -> bench.file.sync();
              }
              assertEquals(
                  runs(Arrays.copyOf(model, size)),
                  bench.content(),
                  "seed=" + number + " step=" + step);
            }
            bench.file.sync();
            bench.crash(UnsyncedWrites.LOSE_ALL);
            assertEquals(runs(Arrays.copyOf(model, size)), bench.content(), "seed=" + number);
          });
    }
  }
}
