package phaistos.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import phaistos.environment.DiskFile;

/** Disks that lie and files that are damaged; a file "f" has 4 blocks of 8 bytes, all synced. */
class DiskDamageTest {
  private interface Scenario {
    void play(SimulatedMachine machine, SimulatedDisk disk, DiskFile file) throws Exception;
  }

  private static void play(Scenario scenario) {
    Simulation.run(
            SimulationOptions.seed(1),
            world -> {
              SimulatedMachine machine = world.machine("n1");
              machine.start();
              SimulatedDisk disk = machine.disk();
              DiskFile file = disk.create("f");
              file.write(0, bytes("aaaaaaaabbbbbbbbccccccccdddddddd"));
              file.sync();
              disk.syncDirectory("");
              scenario.play(machine, disk, file);
              return true;
            })
        .valueOrThrow();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String read(DiskFile file) throws IOException {
    ByteBuffer all = ByteBuffer.allocate((int) file.size());
    file.read(0, all);
    return text(Arrays.copyOf(all.array(), all.position()));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.US_ASCII).replace((char) 0, '0');
  }

  private static String afterPowerCut(SimulatedMachine machine) throws IOException {
    machine.crash(UnsyncedWrites.LOSE_ALL);
    machine.start();
    return read(machine.disk().open("f"));
  }

  @Test
  void aSyncThatLiesLosesWhatItWasToKeep() {
    play(
        (machine, disk, file) -> {
          assertTrue(disk.isSound());
          disk.lie(true);
          file.sync();
          assertEquals(0, disk.syncsThatLied(), "there was nothing to sync");
          file.write(8, bytes("BBBB"));
          file.sync();
          DiskFile other = disk.create("g");
          disk.syncDirectory("");
          other.close();
          assertEquals(2, disk.syncsThatLied());
          assertFalse(disk.isSound());
          assertEquals("aaaaaaaaBBBBbbbbccccccccdddddddd", read(file));
          assertEquals("aaaaaaaabbbbbbbbccccccccdddddddd", afterPowerCut(machine));
          assertFalse(disk.exists("g"));
        });
  }

  @Test
  void whenTheLiesEndWhatWasToBeSyncedIsDurable() {
    play(
        (machine, disk, file) -> {
          disk.lie(true);
          file.write(8, bytes("BBBB"));
          file.sync();
          disk.create("g").close();
          disk.syncDirectory("");
          file.write(16, bytes("CC"));
          disk.lie(false);
          assertEquals(
              "aaaaaaaaBBBBbbbbccccccccdddddddd",
              afterPowerCut(machine),
              "the last was not synced");
          assertTrue(disk.exists("g"));
          assertFalse(disk.isSound(), "it has lied");
          disk.madeSound();
          assertTrue(disk.isSound());
        });
  }

  @Test
  void aZeroedPartReadsAsZeroesUntilItIsRepairedOrWrittenOver() {
    play(
        (machine, disk, file) -> {
          FileDamage damage = disk.damage("f", FileDamage.Kind.ZEROED, 8, 8);
          assertEquals("aaaaaaaa00000000ccccccccdddddddd", read(file));
          assertTrue(damage.seen() > 0);
          file.write(8, bytes("BBBB"));
          file.sync();
          assertEquals("aaaaaaaaBBBB0000ccccccccdddddddd", afterPowerCut(machine));
          damage.repair();
          assertEquals("aaaaaaaaBBBBbbbbccccccccdddddddd", read(disk.open("f")));
        });
  }

  @Test
  void aTruncatedFileGetsItsTailBackUnlessItHasGrown() {
    play(
        (machine, disk, file) -> {
          FileDamage damage = disk.damage("f", FileDamage.Kind.TRUNCATED, 12, 100);
          assertEquals("aaaaaaaabbbb", read(file));
          assertEquals("aaaaaaaabbbb", afterPowerCut(machine));
          damage.repair();
          assertEquals("aaaaaaaabbbbbbbbccccccccdddddddd", read(disk.open("f")));
          assertEquals("aaaaaaaabbbbbbbbccccccccdddddddd", afterPowerCut(machine));
          FileDamage again = disk.damage("f", FileDamage.Kind.TRUNCATED, 12, 100);
          disk.open("f").write(12, bytes("BBBB"));
          again.repair();
          assertEquals("aaaaaaaabbbbBBBB", read(disk.open("f")));
        });
  }

  @Test
  void aSectorThatCannotBeReadFailsUntilItIsWrittenOver() {
    play(
        (machine, disk, file) -> {
          FileDamage damage = disk.damage("f", FileDamage.Kind.READ_ERROR, 8, 8);
          assertThrows(IOException.class, () -> read(file));
          ByteBuffer before = ByteBuffer.allocate(8);
          assertEquals(8, file.read(0, before), "the part before it");
          assertEquals(1, damage.seen());
          file.write(8, bytes("BBBBBBBB"));
          assertEquals("aaaaaaaaBBBBBBBBccccccccdddddddd", read(file));
          disk.damage("f", FileDamage.Kind.READ_ERROR, 16, 8).repair();
          assertEquals("aaaaaaaaBBBBBBBBccccccccdddddddd", read(file));
        });
  }

  @Test
  void aMisdirectedWriteIsRightInTheCacheAndWrongOnThePlatter() {
    play(
        (machine, disk, file) -> {
          FileDamage damage = disk.damage("f", FileDamage.Kind.MISDIRECTED_WRITE, 8, 8);
          file.write(8, bytes("BBBBBBBB"));
          assertEquals(0, damage.seen(), "not synced yet");
          file.sync();
          assertEquals(1, damage.seen());
          assertEquals("aaaaaaaaBBBBBBBBccccccccdddddddd", read(file));
          assertEquals("aaaaaaaabbbbbbbbBBBBBBBBdddddddd", afterPowerCut(machine));
          damage.repair();
          assertEquals("aaaaaaaaBBBBBBBBccccccccdddddddd", read(disk.open("f")));
        });
  }

  @Test
  void onlyTheNextWriteIsMisdirected() {
    play(
        (machine, disk, file) -> {
          disk.damage("f", FileDamage.Kind.MISDIRECTED_WRITE, 8, 8);
          file.write(8, bytes("BBBBBBBB"));
          file.sync();
          file.write(8, bytes("EEEEEEEE"));
          file.sync();
          assertEquals("aaaaaaaaEEEEEEEEBBBBBBBBdddddddd", afterPowerCut(machine));
        });
  }

  @Test
  void theViewShowsWhatEachProcessAndEachPowerCutWouldSee() {
    play(
        (machine, disk, file) -> {
          file.write(0, bytes("AAAA"));
          byte[] now = new byte[8];
          disk.view(true).read("f", 0, ByteBuffer.wrap(now));
          assertEquals("AAAAaaaa", text(now));
          disk.view(false).read("f", 0, ByteBuffer.wrap(now));
          assertEquals("aaaaaaaa", text(now));
          disk.create("g").close();
          assertEquals(0, disk.view(true).size("g"));
          assertThrows(IOException.class, () -> disk.view(false).size("g"));
        });
  }
}
