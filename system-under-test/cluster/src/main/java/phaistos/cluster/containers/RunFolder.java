package phaistos.cluster.containers;

import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.cluster.machine.Owner;
import phaistos.cluster.machine.Pause;

/**
 * Everything that one cluster of containers leaves on this machine: a folder, and the containers
 * and networks with its labels on the Docker engine ({@link Leftovers}). {@link #close}, SIGINT and
 * SIGTERM remove all of it. Thread-safe.
 */
final class RunFolder implements AutoCloseable {
  private static final AtomicInteger RUNS = new AtomicInteger();

  private final String run;
  private final Path folder;
  private final Map<String, String> labels;
  private final Path jars;
  private final String classPath;
  private final Thread onExit = new Thread(this::removeOnExit, "phaistos-containers-exit");
  private final ReentrantLock closing = new ReentrantLock();
  private volatile boolean closed;
  private volatile Runnable beforeRemoval = () -> {};

  RunFolder() {
    run = Long.toString(ProcessHandle.current().pid(), 36) + "-" + RUNS.incrementAndGet();
    try {
      // with all links of the temporary folder resolved, as the engine sees it
      folder = Files.createTempDirectory("phaistos-" + run + "-").toRealPath();
      Files.writeString(folder.resolve(Leftovers.MARKER), run + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder for the nodes", e);
    }
    labels =
        Map.of(
            Leftovers.RUN, run,
            Leftovers.OWNER, Owner.self().toString(),
            Leftovers.FOLDER, folder.toString());
    Runtime.getRuntime().addShutdownHook(onExit);
    jars = folder.resolve("class-path");
    try {
      classPath = ClassPath.copy(jars, NodeContainer.CLASS_PATH);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy the class path to " + jars, e);
    }
  }

  /** The run's name, which is in its labels. */
  String run() {
    return run;
  }

  Path folder() {
    return folder;
  }

  Map<String, String> labels() {
    return labels;
  }

  /** Where the jars for the nodes lie on this machine. */
  Path jars() {
    return jars;
  }

  /** The class path as the nodes see it. */
  String classPath() {
    return classPath;
  }

  /** What is to be done when the containers are gone and the folder is still there. */
  void beforeRemoval(Runnable act) {
    beforeRemoval = act;
  }

  boolean isClosed() {
    return closed;
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

  /**
   * Removes everything when the JVM ends. It silences Testcontainers' own hook, which may find a
   * container that is being removed here.
   */
  private void removeOnExit() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> {
          if (!(failure instanceof DockerException)) {
            failure.printStackTrace();
          }
        });
    removeEverything();
  }

  /** Repeats, because a start that is still going on may create more in the meantime. */
  private void removeEverything() {
    closing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      for (int round = 0; round < 20; round++) {
        if (Leftovers.removeRun(run).isEmpty() && Leftovers.of(run).isEmpty() && round > 0) {
          break;
        }
        Pause.of(Duration.ofMillis(100));
      }
      beforeRemoval.run();
      Leftovers.deleteFolder(folder);
    } finally {
      closing.unlock();
    }
  }
}
