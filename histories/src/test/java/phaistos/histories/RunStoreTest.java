package phaistos.histories;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunStoreTest {
  private static final Instant NOW = Instant.parse("2026-07-28T10:15:02.034Z");

  @TempDir private Path root;

  @Test
  void aRunHasAFolderByTestAndTimeAndTheLinksPointAtTheLast() throws IOException {
    RunStore first = RunStore.create(root, "commits-partition,kill", NOW);
    assertEquals(root.resolve("commits-partition,kill/20260728T101502.034Z"), first.folder());
    RunStore second = RunStore.create(root, "commits", NOW);
    RunStore third = RunStore.create(root, "commits", NOW);
    assertEquals("20260728T101502.034Z-2", third.folder().getFileName().toString());
    assertEquals(third.folder().toRealPath(), root.resolve("latest").toRealPath());
    assertEquals(third.folder().toRealPath(), root.resolve("commits/latest").toRealPath());
    assertFalse(Files.isSameFile(second.folder(), third.folder()));
    assertFalse(Files.readSymbolicLink(root.resolve("latest")).isAbsolute(), "can be moved");
  }

  @Test
  void whatIsWrittenIsThere() throws IOException {
    RunStore store = RunStore.create(root, "commits", NOW);
    store.log("one");
    store.log("two");
    assertEquals(List.of("one", "two"), Files.readAllLines(store.folder().resolve("run.log")));
    store.writeTest(Edn.vector(Edn.of(1)));
    store.writeResults(Edn.TRUE);
    store.writeText("pictures/lag.svg", "<svg/>");
    assertEquals("[1]\n", Files.readString(store.folder().resolve("test.edn")));
    assertEquals("true\n", Files.readString(store.folder().resolve("results.edn")));
    assertTrue(Files.isRegularFile(store.folder().resolve("pictures/lag.svg")));
    assertTrue(Files.isDirectory(store.nodeFolder("n1")));
    Event<UntypedCall> event =
        new Event.Invoke<>(
            0, 5, new Process.Client(1), new UntypedCall(Edn.keyword("x"), Edn.NIL), Details.NONE);
    try (HistoryWriter writer = store.openHistory()) {
      writer.write(event);
      assertEquals(1, Files.readAllLines(store.historyFile()).size(), "before it is closed");
    }
  }

  @Test
  void aStoreThatCannotBeWrittenSaysSoInOneLine() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "");
    RunStore.StoreException e =
        assertThrows(RunStore.StoreException.class, () -> RunStore.create(file, "commits", NOW));
    assertEquals("store: " + file + " cannot be written: Not a directory", e.getMessage());
    assertThrows(
        RunStore.StoreException.class,
        () -> RunStore.create(Path.of("/proc/phaistos-store"), "commits", NOW));
  }

  @Test
  void namesThatLeaveTheStoreAreRefused() {
    for (String name : List.of("", "..", "a/b", ".hidden", "latest", "a b")) {
      assertThrows(IllegalArgumentException.class, () -> RunStore.create(root, name, NOW), name);
    }
    RunStore store = RunStore.create(root, "commits", NOW);
    assertThrows(IllegalArgumentException.class, () -> store.writeText("../x", ""));
    assertThrows(IllegalArgumentException.class, () -> store.writeText("", ""));
    assertThrows(IllegalArgumentException.class, () -> store.nodeFolder("../n1"));
  }
}
