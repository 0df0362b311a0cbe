package phaistos.cluster.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.ImageKind;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.machine.DataVolume;
import phaistos.cluster.machine.UserId;

/** The file system as it is mounted, through the kernel. */
@Timeout(120)
class FuseVolumesTest {
  private static final NodeId NODE = new NodeId("n1");
  private static final byte[] OLD = bytes(1);
  private static final byte[] NEW = bytes(2);

  @TempDir Path folder;

  private FuseVolumes volumes;
  private DataVolume volume;
  private Path data;

  private static byte[] bytes(int value) {
    byte[] bytes = new byte[40_000];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @BeforeEach
  void open() throws IOException {
    FuseVolumes.missing().ifPresent(why -> assumeTrue(false, why));
    volumes = new FuseVolumes();
    volume = volumes.open(NODE, folder.resolve("n1"), UserId.self());
    data = Files.createDirectory(volume.folder().resolve("data"));
    volume.syncAll();
  }

  @AfterEach
  void close() throws IOException {
    if (volume != null) {
      volume.close();
      assertFalse(Files.readString(Path.of("/proc/self/mounts")).contains(folder.toString()));
    }
  }

  private static void write(Path path, byte[] content, OpenOption... more) throws IOException {
    Set<OpenOption> options =
        new HashSet<>(Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    options.addAll(Arrays.asList(more));
    try (FileChannel file = FileChannel.open(path, options)) {
      file.write(ByteBuffer.wrap(content), 0);
    }
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      file.force(false);
    }
  }

  private void cut() {
    volume.crash(CrashMode.ALL_LOST, 0);
  }

  @Test
  void namesAndContentsAreDurableByTheirOwnSyncs() throws IOException {
    write(data.resolve("only-content"), NEW);
    sync(data.resolve("only-content"));
    write(data.resolve("neither"), NEW);
    cut();
    assertArrayEquals(NEW, Files.readAllBytes(data.resolve("only-content")));
    assertFalse(Files.exists(data.resolve("neither")));

    Files.move(data.resolve("only-content"), data.resolve("renamed"));
    sync(data.resolve("renamed"));
    cut();
    assertArrayEquals(NEW, Files.readAllBytes(data.resolve("only-content")));
    assertFalse(Files.exists(data.resolve("renamed")));

    write(data.resolve("only-name"), NEW);
    sync(data);
    cut();
    assertEquals(0, Files.size(data.resolve("only-name")));

    write(data.resolve("both"), OLD);
    sync(data.resolve("both"));
    sync(data);
    write(data.resolve("both"), NEW);
    cut();
    assertArrayEquals(OLD, Files.readAllBytes(data.resolve("both")));
  }

  @Test
  void aWriteToAFileThatWasOpenedWithDsyncIsDurable() throws IOException {
    write(data.resolve("file"), OLD);
    volume.syncAll();
    write(data.resolve("file"), NEW, StandardOpenOption.DSYNC);
    cut();
    assertArrayEquals(NEW, Files.readAllBytes(data.resolve("file")));
  }

  @Test
  void linksRenamesAndOpenFilesWithoutAName() throws IOException {
    Path directory = Files.createDirectory(data.resolve("slot.tmp"));
    write(directory.resolve("state"), NEW);
    Files.createLink(data.resolve("second"), directory.resolve("state"));
    Files.move(directory, data.resolve("slot"));
    assertEquals(2, Files.getAttribute(data.resolve("slot/state"), "unix:nlink"));
    volume.syncAll();
    try (FileChannel file = FileChannel.open(data.resolve("second"), StandardOpenOption.READ)) {
      Files.delete(data.resolve("second"));
      Files.delete(data.resolve("slot/state"));
      ByteBuffer read = ByteBuffer.allocate(NEW.length + 1);
      assertEquals(NEW.length, file.read(read, 0));
      try (var left = Files.list(data)) {
        assertEquals(1, left.count());
      }
    }
    cut();
    assertArrayEquals(NEW, Files.readAllBytes(data.resolve("second")));
    assertArrayEquals(NEW, Files.readAllBytes(data.resolve("slot/state")));
  }

  @Test
  void aTornPageIsHalfOldAndHalfNew() throws IOException {
    write(data.resolve("file"), OLD);
    volume.syncAll();
    write(data.resolve("file"), NEW);
    assertTrue(volume.crash(CrashMode.TORN, 1).unsyncedBytesLost() > 0);
    byte[] left = Files.readAllBytes(data.resolve("file"));
    int changes = 0;
    for (int i = 512; i < left.length; i += 512) {
      changes += left[i] != left[i - 512] ? 1 : 0;
    }
    assertTrue(changes > 10, "changes=" + changes);
  }

  @Test
  void theFaultsOfTheDisk() throws IOException {
    Path file = data.resolve("file");
    write(file, OLD);
    volume.syncAll();

    write(file, NEW);
    volumes.failSyncs(NODE, true);
    assertThrows(IOException.class, () -> sync(file));
    volumes.failSyncs(NODE, false);
    sync(file); // finds nothing to do: the kernel took the pages for clean
    assertArrayEquals(NEW, Files.readAllBytes(file));
    cut();
    assertArrayEquals(OLD, Files.readAllBytes(file));

    volumes.lieAboutSyncs(NODE, true);
    write(file, NEW);
    sync(file);
    Path flushed = folder.resolve("flushed");
    volume.copyTo(ImageKind.SYNCED_ONLY, flushed);
    assertArrayEquals(OLD, Files.readAllBytes(flushed.resolve("data/file")));
    cut();
    assertArrayEquals(OLD, Files.readAllBytes(file));

    write(file, NEW);
    sync(file);
    volumes.lieAboutSyncs(NODE, false); // without a power cut it was no lie in the end
    cut();
    assertArrayEquals(NEW, Files.readAllBytes(file));
    write(file, OLD);
    sync(file);

    volumes.limitSpace(NODE, 1000);
    IOException full = assertThrows(IOException.class, () -> write(data.resolve("more"), NEW));
    assertTrue(full.getMessage().contains("No space left on device"), full.getMessage());
    volumes.limitSpace(NODE, -1);

    Files.readAllBytes(file); // the kernel has its pages now
    volumes.flipBit(NODE, "file", 8 * 20_000 + 1);
    assertEquals(3, Files.readAllBytes(file)[20_000]);
    write(file, OLD);
    assertArrayEquals(OLD, Files.readAllBytes(file));

    volumes.slowDown(NODE, 2_000_000);
    sync(file);
    volumes.slowDown(NODE, 0);
    var counters = volumes.counters(NODE);
    assertEquals(1, counters.syncsFailed());
    assertTrue(counters.writesRefused() > 0);
    assertTrue(counters.slowedNanos() > 0);
    assertEquals(1, counters.flippedBitsRead());
  }

  /** A process that has a volume until it is killed. */
  public static final class Parent {
    public static void main(String[] arguments) throws IOException {
      DataVolume volume = new FuseVolumes().open(NODE, Path.of(arguments[0]), UserId.self());
      System.out.println(volume.folder());
      System.in.read();
    }
  }

  @Test
  void nothingStaysMountedAfterItsParentWasKilled() throws Exception {
    Path mounts = Path.of("/proc/self/mounts");
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                folder.resolve("killed").toString())
            .start();
    String mounted = parent.inputReader().readLine();
    assertTrue(Files.readString(mounts).contains(mounted), mounted);
    parent.destroyForcibly().waitFor();
    while (Files.readString(mounts).contains(mounted)) {
      Thread.sleep(20);
    }
  }
}
