package phaistos.cluster.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.ImageKind;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.machine.Command;
import phaistos.cluster.machine.DataVolume;
import phaistos.cluster.machine.UserId;
import phaistos.environment.SeededRandomness;

/**
 * The mounted file system beside ext4: the same random operations, then a power cut of both, which
 * for ext4 is a copy of the file that holds it. What POSIX promises must be there in both: a file
 * whose content was synced after its last change, under names whose directories were; and no name
 * whose removal was synced. {@code -Dphaistos.seed=7} plays another seed.
 */
class Ext4ComparisonTest {
  private static final int OPERATIONS = 400;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir Path folder;

  /** What POSIX promises of a tree after a power cut, by paths. */
  private static final class Promises {
    final TreeMap<String, byte[]> files = new TreeMap<>();
    final Set<String> directories = new HashSet<>(Set.of(""));
    final Set<String> unsyncedContents = new HashSet<>();

    /** Names that were made, removed or renamed since the last sync of their directory. */
    final Set<String> unsyncedNames = new HashSet<>();

    /** Names that were removed at some time. */
    final Set<String> removed = new HashSet<>();

    private static String parent(String path) {
      int slash = path.lastIndexOf('/');
      return slash < 0 ? "" : path.substring(0, slash);
    }

    void syncDirectory(String directory) {
      unsyncedNames.removeIf(path -> parent(path).equals(directory));
    }

    boolean isSynced(String path) {
      for (String at = path; !at.isEmpty(); at = parent(at)) {
        if (unsyncedNames.contains(at)) {
          return false;
        }
      }
      return true;
    }

    void gone(String path) {
      files.remove(path);
      directories.remove(path);
      unsyncedContents.remove(path);
      unsyncedNames.add(path);
      removed.add(path);
    }

    void renameDirectory(String from, String to) {
      Map<String, byte[]> moved = new HashMap<>();
      for (String path : List.copyOf(files.keySet())) {
        if (path.startsWith(from + "/")) {
          String there = to + path.substring(from.length());
          moved.put(there, files.remove(path));
          move(unsyncedContents, path, there);
        }
      }
      files.putAll(moved);
      for (Set<String> names : List.of(directories, unsyncedNames)) {
        for (String path : List.copyOf(names)) {
          if (path.startsWith(from + "/")) {
            move(names, path, to + path.substring(from.length()));
          }
        }
      }
      removed.removeIf(path -> path.startsWith(from + "/") || path.startsWith(to + "/"));
      gone(from);
      directories.add(to);
      unsyncedNames.add(to);
      removed.remove(to);
    }

    static void move(Set<String> paths, String from, String to) {
      if (paths.remove(from)) {
        paths.add(to);
      }
    }
  }

  private final Promises promises = new Promises();

  private interface Act {
    void on(Path root) throws IOException;
  }

  /** Does the same in both; false if both refuse. */
  private static boolean both(List<Path> roots, Act act) throws IOException {
    List<Boolean> done = new ArrayList<>();
    for (Path root : roots) {
      try {
        act.on(root);
        done.add(true);
      } catch (FileSystemException e) {
        done.add(false);
      }
    }
    assertEquals(done.getFirst(), done.getLast(), "one of the two refuses");
    return done.getFirst();
  }

  private static <T extends Comparable<T>> T one(SeededRandomness random, Set<T> from) {
    return from.stream().sorted().toList().get(random.nextInt(from.size()));
  }

  private void step(SeededRandomness random, List<Path> roots) throws IOException {
    String directory = one(random, promises.directories);
    String path = (directory.isEmpty() ? "" : directory + "/") + "n" + random.nextInt(9);
    switch (random.nextInt(20)) {
      case 0, 1, 9, 10 -> {
        if (both(roots, root -> Files.createFile(root.resolve(path)))) {
          promises.files.put(path, new byte[0]);
          promises.unsyncedNames.add(path);
          promises.unsyncedContents.add(path);
        }
      }
      case 2 -> {
        if (promises.directories.size() < 6
            && both(roots, root -> Files.createDirectory(root.resolve(path)))) {
          promises.directories.add(path);
          promises.unsyncedNames.add(path);
        }
      }
      case 3 -> {
        if (both(roots, root -> Files.delete(root.resolve(path)))) {
          promises.gone(path);
        }
      }
      case 4, 5 -> rename(random, roots, path);
      case 6, 7, 8, 11 -> {
        both(roots, root -> sync(root.resolve(directory)));
        promises.syncDirectory(directory);
      }
      default -> {
        if (!promises.files.isEmpty()) {
          content(random, roots, one(random, promises.files.keySet()));
        }
      }
    }
  }

  private void rename(SeededRandomness random, List<Path> roots, String from) throws IOException {
    String directory = one(random, promises.directories);
    String to = (directory.isEmpty() ? "" : directory + "/") + "n" + random.nextInt(9);
    if (from.equals(to) || to.startsWith(from + "/") || promises.directories.contains(to)) {
      return;
    }
    boolean isDone =
        both(
            roots,
            root ->
                Files.move(root.resolve(from), root.resolve(to), StandardCopyOption.ATOMIC_MOVE));
    if (!isDone) {
      return;
    }
    if (promises.directories.contains(from)) {
      promises.renameDirectory(from, to);
      return;
    }
    byte[] content = promises.files.get(from);
    boolean isUnsynced = promises.unsyncedContents.contains(from);
    promises.gone(from);
    promises.files.put(to, content);
    promises.unsyncedContents.remove(to);
    if (isUnsynced) {
      promises.unsyncedContents.add(to);
    }
    promises.unsyncedNames.add(to);
  }

  private void content(SeededRandomness random, List<Path> roots, String path) throws IOException {
    byte[] bytes = new byte[1 + random.nextInt(9000)];
    Arrays.fill(bytes, (byte) (1 + random.nextInt(100)));
    int offset = random.nextInt(20_000);
    switch (random.nextInt(7)) {
      case 0, 1, 2, 3 -> {
        both(roots, root -> sync(root.resolve(path)));
        promises.unsyncedContents.remove(path);
        return;
      }
      case 4 -> both(roots, root -> resize(root.resolve(path), offset));
      default ->
          both(
              roots,
              root -> {
                try (FileChannel file =
                    FileChannel.open(root.resolve(path), StandardOpenOption.WRITE)) {
                  file.write(ByteBuffer.wrap(bytes), offset);
                }
              });
    }
    promises.unsyncedContents.add(path);
    promises.files.put(path, Files.readAllBytes(roots.getLast().resolve(path)));
  }

  private static void resize(Path path, int size) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      file.force(true);
    }
  }

  /** Returns how many files were promised. */
  private int check(String which, Path root) throws IOException {
    int count = 0;
    for (var file : promises.files.entrySet()) {
      String path = file.getKey();
      if (promises.isSynced(path) && !promises.unsyncedContents.contains(path)) {
        assertTrue(Files.isRegularFile(root.resolve(path)), which + " has lost " + path);
        assertArrayEquals(
            file.getValue(), Files.readAllBytes(root.resolve(path)), which + ": " + path);
        count++;
      }
    }
    for (String path : promises.removed) {
      boolean isThere = promises.files.containsKey(path) || promises.directories.contains(path);
      if (!isThere && promises.isSynced(path)) {
        assertFalse(Files.exists(root.resolve(path)), which + " has brought back " + path);
      }
    }
    return count;
  }

  private static void run(String... command) {
    Command.mustRun(List.of(command), Path.of("/"), LIMIT);
  }

  private Path mount(Path image, String name) throws IOException {
    Path point = Files.createDirectory(folder.resolve(name));
    String options = "loop,commit=300";
    Command.Result result =
        Command.run(
            List.of("mount", "-t", "ext4", "-o", options, image.toString(), point.toString()),
            Path.of("/"),
            LIMIT);
    assumeTrue(result.exitCode() == 0, () -> "no loop mount of ext4 here: " + result.output());
    return point;
  }

  private void play(long seed, Path ext4, DataVolume volume, Path image) throws IOException {
    SeededRandomness random = new SeededRandomness(seed);
    List<Path> roots = List.of(ext4, volume.folder());
    for (int i = 0; i < OPERATIONS; i++) {
      step(random, roots);
    }
    for (var file : promises.files.entrySet()) {
      for (Path root : roots) {
        assertArrayEquals(file.getValue(), Files.readAllBytes(root.resolve(file.getKey())));
      }
    }
    Path copy = folder.resolve("copy.img");
    Files.copy(image, copy);
    Path flushed = folder.resolve("flushed");
    volume.copyTo(ImageKind.SYNCED_ONLY, flushed);
    volume.crash(CrashMode.ALL_LOST, seed);
    int promised = check("ours", volume.folder());
    check("the copy of ours", flushed);
    Path after = mount(copy, "after");
    try {
      check("ext4", after);
    } finally {
      run("umount", after.toString());
    }
    System.out.println("seed " + seed + ": " + promised + " files were promised");
  }

  @Test
  void keepsWhatExt4KeepsByPosix() throws IOException {
    FuseVolumes.missing().ifPresent(why -> assumeTrue(false, why));
    assumeTrue(
        List.of("/sbin/mkfs.ext4", "/usr/sbin/mkfs.ext4").stream()
            .anyMatch(path -> Files.isExecutable(Path.of(path))),
        "no mkfs.ext4");
    long seed = Long.getLong("phaistos.seed", 1);
    Path image = folder.resolve("ext4.img");
    resize(image, 32 << 20);
    run("mkfs.ext4", "-q", "-F", image.toString());
    Path ext4 = mount(image, "ext4");
    try {
      Files.delete(ext4.resolve("lost+found"));
      try (DataVolume volume =
          new FuseVolumes().open(new NodeId("n1"), folder.resolve("n1"), UserId.self())) {
        play(seed, ext4, volume, image);
      }
    } finally {
      run("umount", ext4.toString());
    }
  }
}
