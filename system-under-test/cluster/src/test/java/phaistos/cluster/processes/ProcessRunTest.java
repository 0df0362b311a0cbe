package phaistos.cluster.processes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.cluster.machine.MachineProcesses;
import phaistos.cluster.machine.Owner;

/** What runs leave on this machine: folders, and processes that work in them. */
class ProcessRunTest {
  private static final Path PROC = Path.of("/proc/self/cwd");

  private static Process sleeperIn(Path folder) throws Exception {
    return new ProcessBuilder("sleep", "600").directory(folder.toFile()).start();
  }

  /** A folder as a run leaves it whose process was killed: its owner is a process that ended. */
  @Test
  void theNextRunRemovesWhatAKilledRunLeft() throws Exception {
    assumeTrue(Files.exists(PROC), "no /proc on this machine");
    Process owner = new ProcessBuilder("sleep", "600").start();
    Path folder = Files.createTempDirectory("phaistos-processes-");
    Path node = Files.createDirectories(folder.resolve("n1/data"));
    Files.writeString(folder.resolve(".phaistos-owner"), Owner.of(owner.toHandle()).toString());
    Process left = sleeperIn(node);
    Process other = sleeperIn(Path.of("/"));
    try {
      assertFalse(ProcessRun.removeDead().contains(folder), "its owner is alive");
      assertTrue(left.isAlive());

      owner.destroyForcibly().waitFor();
      assertTrue(ProcessRun.removeDead().contains(folder));
      assertFalse(Files.exists(folder));
      left.waitFor();
      assertTrue(other.isAlive());
    } finally {
      owner.destroyForcibly();
      left.destroyForcibly();
      other.destroyForcibly();
    }
  }

  @Test
  void closingEndsWhatWorksInTheFolderAndRemovesIt() throws Exception {
    assumeTrue(Files.exists(PROC), "no /proc on this machine");
    ProcessRun run = new ProcessRun();
    Process left = sleeperIn(run.folder());
    assertEquals(List.of(left.pid()), MachineProcesses.workingIn(run.folder()));
    run.close();
    left.waitFor();
    assertFalse(Files.exists(run.folder()));
  }

  /** A folder that merely has such a name is not touched. */
  @Test
  void aFolderWithoutAnOwnerStays() throws Exception {
    Path folder = Files.createTempDirectory("phaistos-processes-");
    try {
      assertFalse(ProcessRun.removeDead().contains(folder));
      assertTrue(Files.exists(folder));
    } finally {
      Files.delete(folder);
    }
  }
}
