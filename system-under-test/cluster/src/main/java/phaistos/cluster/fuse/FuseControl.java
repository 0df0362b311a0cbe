package phaistos.cluster.fuse;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import phaistos.cluster.ClusterException;
import phaistos.cluster.machine.Signal;
import phaistos.cluster.machine.UserId;
import phaistos.environment.Environment;

/** A {@link FuseProcess} as its parent sees it. Thread-safe. */
final class FuseControl implements AutoCloseable {
  private static final Duration END_MAX = Duration.ofSeconds(10);

  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader answers;
  private final Path log;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * Starts it; the file system is mounted when this returns.
   *
   * @param folder of the file system's own; also the process' working directory
   * @param store an empty folder for contents
   * @param point an empty folder to mount on
   * @throws ClusterException with the reason, if it cannot be mounted
   */
  FuseControl(Path folder, Path store, Path point, UserId owner) {
    log = folder.resolve("fuse.log");
    List<String> command = new ArrayList<>();
    // Ctrl-C is for the parent, which unmounts when the servers are gone.
    Path setsid = Path.of("/usr/bin/setsid");
    if (Files.isExecutable(setsid)) {
      command.add(setsid.toString());
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx1g", "-Xss512k", "-Xshare:auto"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath()));
    command.add(FuseProcess.class.getName());
    command.addAll(List.of(store.toString(), point.toString()));
    command.addAll(List.of(Integer.toString(owner.uid()), Integer.toString(owner.gid())));
    try {
      process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(log.toFile())
              .start();
    } catch (IOException e) {
      throw new ClusterException("no file system: " + e.getMessage(), e);
    }
    commands = process.outputWriter();
    answers = process.inputReader();
    answer("mount");
  }

  /** Where this class and the environment's lie. */
  private static String classPath() {
    return Stream.of(FuseProcess.class, Environment.class)
        .map(FuseControl::place)
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Gives a command.
   *
   * @return the numbers of its answer
   * @throws ClusterException if it cannot be obeyed
   */
  long[] command(Object... words) {
    String line = Stream.of(words).map(String::valueOf).collect(Collectors.joining(" "));
    lock.lock();
    try {
      commands.write(line + "\n");
      commands.flush();
      return answer(line);
    } catch (IOException e) {
      throw new ClusterException("the file system's process is gone: " + lastWords(), e);
    } finally {
      lock.unlock();
    }
  }

  private long[] answer(String line) {
    try {
      String answer = answers.readLine();
      if (answer == null) {
        throw new ClusterException("the file system's process is gone: " + lastWords());
      }
      if (!answer.startsWith("ok")) {
        throw new ClusterException("file system: " + answer);
      }
      return Arrays.stream(answer.split(" ")).skip(1).mapToLong(Long::parseLong).toArray();
    } catch (IOException e) {
      throw new ClusterException("no answer to " + line, e);
    }
  }

  private String lastWords() {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.isEmpty() ? "(no output)" : lines.getLast();
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /** Unmounts, and ends the process. */
  @Override
  public void close() {
    try {
      commands.close();
    } catch (IOException e) {
      // It has ended already.
      return;
    } finally {
      awaitEnd();
    }
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(END_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        Signal.KILL.send(process.pid());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
