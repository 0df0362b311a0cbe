package phaistos.cluster.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.cluster.ClusterException;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.MachineProcesses;
import phaistos.cluster.machine.Mounts;
import phaistos.cluster.machine.Owner;
import phaistos.cluster.machine.Pause;
import phaistos.cluster.machine.Signal;

/**
 * Everything that one cluster of processes leaves on this machine: a folder, the processes that
 * work in it, and what is mounted in it. {@link #close}, SIGINT and SIGTERM remove all of it. After
 * a SIGKILL the next run does ({@link #removeDead}). Thread-safe.
 */
final class ProcessRun implements AutoCloseable {
  private static final String PREFIX = "phaistos-processes-";

  /** Names the run's process; a folder without it is never touched. */
  private static final String MARKER = ".phaistos-owner";

  private static final AtomicInteger RUNS = new AtomicInteger();
  private static final boolean IS_LINUX =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");

  private final Path folder;
  private final int number = RUNS.getAndIncrement();
  private final Thread onExit = new Thread(this::removeEverything, "phaistos-processes-exit");
  private final ReentrantLock closing = new ReentrantLock();
  private volatile boolean closed;

  ProcessRun() {
    try {
      folder = Files.createTempDirectory(PREFIX).toRealPath();
      // The servers' user must get through it.
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      Files.writeString(folder.resolve(MARKER), Owner.self().toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder for the nodes", e);
    }
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  Path folder() {
    return folder;
  }

  /**
   * A loopback address of this run's own, so that no connection of another program can take a
   * server's port while that is down. Only Linux has more than one.
   *
   * @param place 1 to 15
   */
  String address(int place) {
    long pid = ProcessHandle.current().pid();
    return IS_LINUX
        ? "127.%d.%d.%d".formatted(32 + pid / 250 % 200, pid % 250, number % 15 * 16 + place)
        : "127.0.0.1";
  }

  /** A free port there. */
  static int freePort(String address) {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new ClusterException("no free port on " + address + ": " + e.getMessage(), e);
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Removes what runs left whose process is gone; returns their folders. */
  static List<Path> removeDead() {
    List<Path> removed = new ArrayList<>();
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path found : folders) {
        if (owner(found).map(Owner::isGone).orElse(false)) {
          remove(found.toRealPath());
          removed.add(found);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look into " + temporary, e);
    }
    return removed;
  }

  private static Optional<Owner> owner(Path folder) {
    try {
      return Owner.parse(Files.readString(folder.resolve(MARKER)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    removeEverything();
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The JVM ends, and the hook with it.
      return;
    }
  }

  private void removeEverything() {
    closing.lock();
    try {
      if (!closed) {
        closed = true;
        remove(folder);
      }
    } finally {
      closing.unlock();
    }
  }

  /** Ends the processes that work in a folder, unmounts what is mounted in it, and removes it. */
  private static void remove(Path folder) {
    // Repeats: a process may have started another one, or a start may still be going on.
    for (int round = 0; round < 100; round++) {
      List<Long> left = MachineProcesses.workingIn(folder);
      left.forEach(Signal.KILL::send);
      left.removeIf(pid -> !MachineProcesses.isAlive(pid));
      if (left.isEmpty() && round > 0) {
        break;
      }
      Pause.of(Duration.ofMillis(20));
    }
    Mounts.removeBelow(folder);
    try {
      MachineFiles.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
