package phaistos.cluster.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.fuse.Errno.FileError;
import phaistos.cluster.fuse.ReferenceTree.Change;
import phaistos.cluster.fuse.ReferenceTree.Key;
import phaistos.cluster.fuse.VolatileTree.Listed;
import phaistos.cluster.fuse.VolatileTree.Making;
import phaistos.cluster.fuse.VolatileTree.Place;
import phaistos.cluster.machine.MachineFiles;
import phaistos.environment.SeededRandomness;
import phaistos.environment.crashable.PowerCut.Takes;

/**
 * The tree against {@link ReferenceTree}: after random operations and a power cut both have the
 * same names and contents, or what the tree has is one of the states that the fault model allows.
 * {@code -Dphaistos.seeds=1000} plays more seeds.
 */
class VolatileTreeTest {
  private static final int OPERATIONS = 120;
  private static final Making DIRECTORY = new Making(Inode.DIRECTORY | 0755, 0, 0);
  private static final Making FILE = new Making(Inode.REGULAR | 0644, 0, 0);

  @TempDir Path folder;

  private static final class Game {
    final SeededRandomness random;
    final Faults faults = new Faults();
    final VolatileTree tree;
    final Contents contents;
    final ReferenceTree reference = new ReferenceTree();
    final Path folder;

    Game(long seed, Path folder) throws IOException {
      random = new SeededRandomness(seed);
      this.folder = folder;
      Files.createDirectories(folder.resolve("store"));
      tree = new VolatileTree(folder.resolve("store"), DIRECTORY, faults);
      contents = new Contents(tree, faults);
    }

    private <T> T one(Iterable<T> from) {
      List<T> sorted = new ArrayList<>();
      from.forEach(sorted::add);
      sorted.sort((a, b) -> a.toString().compareTo(b.toString()));
      return sorted.get(random.nextInt(sorted.size()));
    }

    private String name() {
      return "n" + random.nextInt(4);
    }

    /** A directory that has a name, or the root. */
    private long directory() {
      List<Long> named = new ArrayList<>(List.of(VolatileTree.ROOT));
      ReferenceTree.paths(reference.current).values().stream()
          .filter(reference.directories::contains)
          .forEach(named::add);
      return one(named);
    }

    void step() throws IOException {
      long directory = directory();
      String name = name();
      Key key = new Key(directory, name);
      boolean exists = reference.current.containsKey(key);
      switch (random.nextInt(16)) {
        case 0, 1 -> {
          if (!exists) {
            long inode = tree.make(directory, name, FILE).number;
            reference.files.put(inode, new ReferenceTree.Content());
            reference.change(Map.of(key, inode));
          }
        }
        case 2 -> {
          if (!exists) {
            long inode = tree.make(directory, name, DIRECTORY).number;
            reference.directories.add(inode);
            reference.change(Map.of(key, inode));
          }
        }
        case 3 -> remove(key);
        case 4, 5 -> rename(key, new Key(directory(), name()));
        case 6 -> link(key, new Key(directory(), name()));
        case 7 -> {
          contents.sync(directory);
          reference.syncDirectory(directory);
        }
        default -> content();
      }
    }

    private void remove(Key key) throws IOException {
      Long inode = reference.current.get(key);
      if (inode == null) {
        return;
      }
      boolean isDirectory = reference.directories.contains(inode);
      try {
        tree.remove(key.directory(), key.name(), isDirectory);
      } catch (FileError e) {
        assertEquals(Errno.NOT_EMPTY, e.errno());
        assertTrue(reference.current.keySet().stream().anyMatch(each -> each.directory() == inode));
        return;
      }
      reference.change(Map.of(key, ReferenceTree.NONE));
    }

    private void rename(Key from, Key to) throws IOException {
      Long inode = reference.current.get(from);
      if (inode == null) {
        return;
      }
      try {
        tree.rename(
            new Place(from.directory(), from.name()), new Place(to.directory(), to.name()), true);
      } catch (FileError e) {
        return; // a directory into itself, over a file, over one that is not empty
      }
      if (!inode.equals(reference.current.get(to))) {
        Map<Key, Long> names = new LinkedHashMap<>();
        names.put(from, ReferenceTree.NONE);
        names.put(to, inode);
        reference.change(names);
      }
    }

    private void link(Key from, Key to) throws IOException {
      Long inode = reference.current.get(from);
      if (inode != null
          && reference.files.containsKey(inode)
          && !reference.current.containsKey(to)) {
        tree.link(inode, to.directory(), to.name());
        reference.change(Map.of(to, inode));
      }
    }

    private void content() throws IOException {
      List<Long> named =
          ReferenceTree.paths(reference.current).values().stream()
              .filter(reference.files::containsKey)
              .toList();
      if (named.isEmpty()) {
        return;
      }
      long file = one(named);
      int size = reference.files.get(file).current.length;
      switch (random.nextInt(8)) {
        case 0 -> {
          contents.sync(file);
          reference.sync(file);
        }
        case 1 -> {
          faults.setSync(Faults.Sync.FAILS);
          try {
            contents.sync(file);
            throw new AssertionError("a sync that fails");
          } catch (FileError e) {
            assertEquals(Errno.INPUT_OUTPUT, e.errno());
          }
          faults.setSync(Faults.Sync.WORKS);
          reference.syncFails(file);
        }
        case 2 -> {
          int to = random.nextInt(20_000);
          contents.truncate(file, to);
          reference.write(file, new Change(to, null));
        }
        case 3 -> {
          int end = random.nextInt(20_000);
          contents.allocate(file, end);
          if (end > size) {
            reference.write(file, new Change(size, new byte[end - size]));
          }
        }
        default -> {
          byte[] bytes = new byte[1 + random.nextInt(9000)];
          Arrays.fill(bytes, (byte) random.nextInt(5));
          int offset = random.nextInt(12_000);
          contents.write(file, offset, ByteBuffer.wrap(bytes), false);
          reference.write(file, new Change(offset, bytes));
        }
      }
    }

    byte[] read(long file) throws IOException {
      ByteBuffer content = ByteBuffer.allocate((int) tree.inode(file).size() + 10);
      contents.read(file, 0, content);
      return Arrays.copyOf(content.array(), content.position());
    }

    /** Inodes by path, as the tree lists them. */
    TreeMap<String, Long> listed() throws IOException {
      TreeMap<String, Long> paths = new TreeMap<>();
      list(VolatileTree.ROOT, "", paths);
      return paths;
    }

    private void list(long directory, String prefix, TreeMap<String, Long> paths)
        throws IOException {
      for (Listed line : tree.list(directory, 2, 1000)) {
        paths.put(prefix + line.name(), line.inode().number);
        if (line.inode().isDirectory()) {
          list(line.inode().number, prefix + line.name() + "/", paths);
        }
      }
    }

    void compareCurrent() throws IOException {
      TreeMap<String, Long> paths = listed();
      assertEquals(ReferenceTree.paths(reference.current), paths);
      for (long inode : paths.values()) {
        if (reference.files.containsKey(inode)) {
          assertArrayEquals(reference.files.get(inode).current, read(inode));
        }
      }
    }

    /** What only counts as flushed is the durable state, file by file. */
    void compareCopy() throws IOException {
      Path copy = folder.resolve("copy");
      tree.copyTo(copy, false);
      TreeMap<String, Long> expected = ReferenceTree.paths(reference.durable);
      try (var found = Files.walk(copy)) {
        assertEquals(
            List.copyOf(expected.keySet()),
            found
                .filter(path -> !path.equals(copy))
                .map(path -> copy.relativize(path).toString())
                .sorted()
                .toList());
      }
      for (var entry : expected.entrySet()) {
        if (reference.files.containsKey(entry.getValue())) {
          assertArrayEquals(
              reference.files.get(entry.getValue()).durable,
              Files.readAllBytes(copy.resolve(entry.getKey())),
              entry.getKey());
        }
      }
      MachineFiles.delete(copy);
    }

    void cut(Takes takes) throws IOException {
      List<Map<Key, Long>> moments = reference.nameMoments();
      tree.cut(takes, random.nextInt(Integer.MAX_VALUE));
      TreeMap<String, Long> paths = listed();
      List<Map<Key, Long>> possible =
          switch (takes) {
            case ALL -> List.of(moments.getFirst());
            case NOTHING -> List.of(moments.getLast());
            case SOME, TORN -> moments;
          };
      Map<Key, Long> names =
          possible.stream()
              .filter(moment -> ReferenceTree.paths(moment).equals(paths))
              .findFirst()
              .orElseThrow(() -> new AssertionError(paths + " is none of " + possible));
      Map<Long, byte[]> contents = new HashMap<>();
      for (long inode : paths.values()) {
        if (reference.files.containsKey(inode)) {
          byte[] content = read(inode);
          List<byte[]> versions = reference.files.get(inode).moments();
          switch (takes) {
            case ALL -> assertArrayEquals(versions.getFirst(), content);
            case NOTHING -> assertArrayEquals(versions.getLast(), content);
            case SOME -> assertMixed(versions, content, 4096);
            case TORN -> assertMixed(versions, content, 512);
          }
          contents.put(inode, content);
        }
      }
      reference.become(names, contents);
    }

    private static void assertMixed(List<byte[]> versions, byte[] content, int unit) {
      assertTrue(versions.stream().anyMatch(version -> version.length == content.length));
      for (int at = 0; at < content.length; at += unit) {
        int from = at;
        int to = Math.min(at + unit, content.length);
        byte[] piece = Arrays.copyOfRange(content, from, to);
        assertTrue(
            versions.stream()
                .map(version -> Arrays.copyOf(version, content.length))
                .anyMatch(version -> Arrays.equals(Arrays.copyOfRange(version, from, to), piece)),
            "bytes from " + from);
      }
    }
  }

  @Test
  void agreesWithTheReferenceAfterRandomOperationsAndPowerCuts() throws IOException {
    long seeds = Long.getLong("phaistos.seeds", 6);
    for (long seed = 1; seed <= seeds; seed++) {
      Game game = new Game(seed, folder.resolve(Long.toString(seed)));
      try {
        for (int cut = 0; cut < 4; cut++) {
          for (int i = 0; i < OPERATIONS; i++) {
            game.step();
          }
          game.compareCurrent();
          game.compareCopy();
          game.cut(Takes.values()[game.random.nextInt(Takes.values().length)]);
          game.compareCurrent();
        }
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed=" + seed, failure);
      }
      MachineFiles.delete(game.folder);
    }
  }

  /** As PostgreSQL treats a relation's file: its directory is never synced. */
  @Test
  void aSyncedNewFileKeepsItsName() throws IOException {
    Game game = new Game(1, folder);
    long synced = game.tree.make(VolatileTree.ROOT, "synced", FILE).number;
    game.contents.write(synced, 0, ByteBuffer.wrap(new byte[] {1, 2}), false);
    game.contents.sync(synced);
    game.tree.make(VolatileTree.ROOT, "other", FILE);
    game.tree.cut(Takes.ALL, 1);
    assertEquals(List.of("synced"), List.copyOf(game.listed().keySet()));
    assertArrayEquals(new byte[] {1, 2}, game.read(game.listed().get("synced")));
  }

  /** It must not become durable on the way to the cut, however long it takes. */
  @Test
  void aSyncThatIsUnderWayAtThePowerCutDoesNothing() throws Exception {
    Faults faults = new Faults();
    VolatileTree tree = new VolatileTree(folder, new Making(0755, 0, 0), faults);
    Contents contents = new Contents(tree, faults);
    Inode file = tree.make(VolatileTree.ROOT, "wal", new Making(0600, 0, 0));
    contents.write(file.number, 0, ByteBuffer.wrap(new byte[] {1}), false);
    contents.sync(file.number);
    contents.write(file.number, 0, ByteBuffer.wrap(new byte[] {2}), false);
    faults.slowDown(Duration.ofHours(1).toNanos());
    AtomicReference<Errno> answer = new AtomicReference<>();
    Thread sync =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    contents.sync(file.number);
                  } catch (FileError e) {
                    answer.set(e.errno());
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    faults.setDark(true);
    sync.join();
    faults.setDark(false);
    faults.slowDown(0);
    assertEquals(Errno.INPUT_OUTPUT, answer.get());
    assertEquals(1, tree.cut(Takes.ALL, 1).bytes());
    ByteBuffer left = ByteBuffer.allocate(1);
    contents.read(file.number, 0, left);
    assertEquals(1, left.get(0));
  }
}
