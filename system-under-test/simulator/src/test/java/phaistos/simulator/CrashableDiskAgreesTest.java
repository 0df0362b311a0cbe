package phaistos.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.SeededRandomness;
import phaistos.environment.SystemDisk;
import phaistos.environment.crashable.CrashableDisk;
import phaistos.environment.crashable.PowerCut;

/**
 * The crashable disk over real files and the simulated disk are two programs for one fault model:
 * after the same random calls and a power cut that takes all, both hold the same. {@code
 * -Dphaistos.seeds=1000} plays more seeds.
 */
@Timeout(600)
class CrashableDiskAgreesTest {
  private static final String[] DIRECTORIES = {"", "a", "a/b"};

  @TempDir Path folder;

  /** The same call on both disks, or the same refusal. */
  private record Both(Disk real, Disk simulated) {
    interface Call {
      void on(Disk disk) throws IOException;
    }

    void run(Call call) {
      assertEquals(outcome(simulated, call), outcome(real, call));
    }

    private static String outcome(Disk disk, Call call) {
      try {
        call.on(disk);
        return "done";
      } catch (IOException failure) {
        return "refused";
      }
    }
  }

  private static void step(SeededRandomness random, Both both) {
    String path = path(random);
    String other = path(random);
    String directory = DIRECTORIES[random.nextInt(3)];
    long offset = random.nextInt(20_000);
    byte[] bytes = new byte[1 + random.nextInt(9000)];
    Arrays.fill(bytes, (byte) random.nextInt(4));
    switch (random.nextInt(12)) {
      case 0 -> both.run(disk -> disk.create(path).close());
      case 1 -> both.run(disk -> disk.rename(path, other));
      case 2 -> both.run(disk -> disk.delete(path));
      case 3 -> both.run(disk -> disk.syncDirectory(directory));
      case 4 -> both.run(disk -> disk.createDirectories(directory));
      case 5 -> both.run(disk -> onFile(disk, path, file -> file.truncate(offset)));
      case 6, 7 -> both.run(disk -> onFile(disk, path, DiskFile::sync));
      default ->
          both.run(disk -> onFile(disk, path, file -> file.write(offset, ByteBuffer.wrap(bytes))));
    }
  }

  private static String path(SeededRandomness random) {
    String directory = DIRECTORIES[random.nextInt(3)];
    return (directory.isEmpty() ? "" : directory + "/") + "f" + random.nextInt(3);
  }

  private interface FileCall {
    void on(DiskFile file) throws IOException;
  }

  private static void onFile(Disk disk, String path, FileCall call) throws IOException {
    try (DiskFile file = disk.open(path)) {
      call.on(file);
    }
  }

  /** Every path with size and checksum. */
  private static TreeMap<String, String> contents(Disk disk) throws IOException {
    TreeMap<String, String> contents = new TreeMap<>();
    for (String directory : DIRECTORIES) {
      if (!disk.exists(directory)) {
        continue;
      }
      for (String name : disk.list(directory)) {
        String path = directory.isEmpty() ? name : directory + "/" + name;
        if (!name.startsWith("f")) {
          contents.put(path, "directory");
          continue;
        }
        try (DiskFile file = disk.open(path)) {
          ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
          file.read(0, bytes);
          CRC32C crc = new CRC32C();
          crc.update(bytes.array());
          contents.put(path, file.size() + " " + HexFormat.of().toHexDigits(crc.getValue()));
        }
      }
    }
    return contents;
  }

  private void play(long seed, SimulatedWorld world) throws IOException {
    Path data = folder.resolve("data-" + seed);
    java.nio.file.Files.createDirectories(data);
    SimulatedMachine machine = world.machine("n1");
    SeededRandomness random = new SeededRandomness(seed);
    CrashableDisk crashable = CrashableDisk.open(data);
    Both both = new Both(crashable, machine.disk());
    for (int life = 0; life < 3; life++) {
      for (int i = 0; i < 40; i++) {
        step(random, both);
      }
      assertEquals(contents(machine.disk()), contents(crashable), "seed=" + seed + " before");
      crashable.close();
      if (random.nextInt(3) > 0) {
        Path copy = folder.resolve("copy-" + seed + "-" + life);
        PowerCut.copyWithoutUnsynced(data, copy);
        PowerCut.Loss loss = PowerCut.strike(data, PowerCut.Takes.ALL, seed);
        assertEquals(contents(new SystemDisk(copy)), contents(new SystemDisk(data)));
        SimulatedDisk.Loss simulated = machine.crash(UnsyncedWrites.LOSE_ALL);
        assertEquals(simulated.nameChanges(), loss.nameChanges(), "seed=" + seed);
      }
      crashable = CrashableDisk.open(data);
      assertEquals(contents(machine.disk()), contents(crashable), "seed=" + seed + " after");
      both = new Both(crashable, machine.disk());
    }
    crashable.close();
  }

  @Test
  void bothHoldTheSameAfterAPowerCutThatTakesAll() {
    long last = Long.getLong("phaistos.seeds", 40);
    for (long seed = 1; seed <= last; seed++) {
      long number = seed;
      var result =
          Simulation.run(
              SimulationOptions.seed(seed),
              world -> {
                play(number, world);
                return true;
              });
      assertTrue(result.valueOrThrow());
    }
  }
}
