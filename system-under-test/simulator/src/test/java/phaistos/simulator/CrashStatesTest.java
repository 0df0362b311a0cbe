package phaistos.simulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import phaistos.environment.DiskFile;
import phaistos.simulator.CrashStates.Survivors;
import phaistos.simulator.CrashStates.Write;

/** A recorded disk, made again, is the disk; and of unsynced writes exactly those asked for. */
class CrashStatesTest {
  private static final String[] DIRECTORIES = {"a", "b"};

  private static void work(RecordedDisk disk, SplittableRandom random, int steps)
      throws IOException {
    for (String directory : DIRECTORIES) {
      disk.createDirectories(directory);
      disk.syncDirectory("");
    }
    Set<String> there = new HashSet<>();
    for (int i = 0; i < steps; i++) {
      String path = DIRECTORIES[random.nextInt(2)] + "/" + random.nextInt(4);
      if (there.add(path)) {
        disk.create(path).close();
      }
      try (DiskFile file = disk.open(path)) {
        switch (random.nextInt(9)) {
          case 0 -> file.sync();
          case 1 -> disk.syncDirectory(path.substring(0, 1));
          case 2 -> file.truncate(random.nextInt(3000));
          case 3 -> {
            String to = DIRECTORIES[random.nextInt(2)] + "/" + random.nextInt(4);
            if (!to.equals(path)) {
              disk.rename(path, to);
              there.remove(path);
              there.add(to);
            }
          }
          case 4 -> {
            disk.delete(path);
            there.remove(path);
          }
          default -> {
            byte[] bytes = new byte[1 + random.nextInt(2000)];
            random.nextBytes(bytes);
            file.write(random.nextInt(3000), ByteBuffer.wrap(bytes));
          }
        }
      }
    }
  }

  private static void assertSame(DiskImage expected, DiskImage actual, String when)
      throws IOException {
    assertEquals(expected.files(), actual.files(), when);
    for (String path : expected.files()) {
      int size = (int) expected.size(path);
      assertEquals(size, actual.size(path), when + " " + path);
      assertArrayEquals(
          expected.read(path, 0, size), actual.read(path, 0, size), when + " " + path);
    }
  }

  @Test
  void isTheDiskWithAndWithoutItsUnsyncedWrites() {
    for (long seed = 1; seed <= 60; seed++) {
      long drawn = seed;
      var result =
          Simulation.run(
              SimulationOptions.seed(seed),
              world -> {
                SimulatedEnvironment machine = world.machine("n1").start();
                RecordedDisk recorded = new RecordedDisk(machine.disk());
                work(recorded, new SplittableRandom(drawn), 60);
                CrashStates states = new CrashStates();
                recorded.changes().forEach(states::apply);
                SimulatedDisk disk = world.machine("n1").disk();
                String when = "seed=" + drawn;
                assertSame(disk.flushedImage(), states.image(w -> Survivors.NOTHING, 0), when);
                assertSame(
                    disk.image(), states.image(w -> Survivors.WHOLE, states.unsyncedNames()), when);
                return "done";
              });
      assertEquals("done", result.valueOrThrow());
    }
  }

  @Test
  void keepsTheWritesAskedForWholeOrInSectors() {
    var result =
        Simulation.run(
            SimulationOptions.seed(1),
            world -> {
              RecordedDisk disk = new RecordedDisk(world.machine("n1").start().disk());
              try (DiskFile file = disk.create("f")) {
                disk.syncDirectory("");
                for (byte value = 1; value <= 3; value++) {
                  byte[] bytes = new byte[1024];
                  java.util.Arrays.fill(bytes, value);
                  file.write((value - 1) * 1024L, ByteBuffer.wrap(bytes));
                }
              }
              CrashStates states = new CrashStates();
              disk.changes().forEach(states::apply);
              List<Write> writes = states.unsynced();
              assertEquals(3, writes.size());
              Survivors second =
                  write -> write.equals(writes.get(1)) ? Survivors.WHOLE : Survivors.NOTHING;
              assertEquals("002200", sectors(states.image(second, 0)));
              Survivors torn = write -> sector -> sector % 2 == 1;
              assertEquals("010203", sectors(states.image(torn, 0)));
              assertNotEquals(states.image(second, 0).key(), states.image(torn, 0).key());
              assertEquals(states.image(second, 0).key(), states.image(second, 0).key());
              return "done";
            });
    assertEquals("done", result.valueOrThrow());
  }

  /** The first byte of each sector; the file's end reads as zeroes. */
  private static String sectors(DiskImage image) throws IOException {
    StringBuilder out = new StringBuilder();
    for (int sector = 0; sector < 6; sector++) {
      byte[] bytes = image.read("f", sector * 512L, 1);
      out.append(bytes.length == 0 ? 0 : bytes[0]);
    }
    return out.toString();
  }
}
