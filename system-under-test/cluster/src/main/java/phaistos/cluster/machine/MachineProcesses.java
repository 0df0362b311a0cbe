package phaistos.cluster.machine;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.ClusterException;

/** Processes of this machine as Linux's {@code /proc} shows them. */
public final class MachineProcesses {
  private static final Path PROC = Path.of("/proc");

  private MachineProcesses() {}

  /** Those whose working directory is a folder or lies below it. */
  public static List<Long> workingIn(Path folder) {
    List<Long> pids = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : all) {
        workingDirectory(process)
            .filter(directory -> directory.startsWith(folder))
            .ifPresent(_ -> pids.add(Long.parseLong(process.getFileName().toString())));
      }
    } catch (IOException e) {
      return pids;
    }
    return pids;
  }

  private static Optional<Path> workingDirectory(Path process) {
    try {
      // The kernel marks a directory that has been removed.
      String link = Files.readSymbolicLink(process.resolve("cwd")).toString();
      return Optional.of(Path.of(link.replaceFirst(" \\(deleted\\)$", "")));
    } catch (IOException e) {
      return Optional.empty(); // it has ended, or is another user's
    }
  }

  /** The children of a process, in the order of their start; empty if it has ended. */
  public static List<Long> children(long pid) {
    try {
      return parse(Files.readString(PROC.resolve(pid + "/task/" + pid + "/children")));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Looks for the children of one process again and again, in some microseconds each time. */
  public static final class ChildWatch implements AutoCloseable {
    private final RandomAccessFile file;
    private final byte[] buffer = new byte[4096];

    public ChildWatch(long pid) {
      try {
        file = new RandomAccessFile("/proc/" + pid + "/task/" + pid + "/children", "r");
      } catch (IOException e) {
        throw new ClusterException("process " + pid + " has ended", e);
      }
    }

    /** In the order of their start; empty if the process has ended. */
    public List<Long> now() {
      try {
        file.seek(0);
        int length = file.read(buffer);
        return length <= 0
            ? List.of()
            : parse(new String(buffer, 0, length, StandardCharsets.UTF_8));
      } catch (IOException e) {
        return List.of();
      }
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static List<Long> parse(String pids) {
    String text = pids.strip();
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(" ")).map(Long::parseLong).toList();
  }

  /** The command line, which a server may have replaced by a title; empty if it has ended. */
  public static String title(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(PROC.resolve(pid + "/cmdline"));
      return new String(bytes, StandardCharsets.UTF_8).replace('\0', ' ').strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Whether it exists and is no zombie. */
  public static boolean isAlive(long pid) {
    return !"ZX".contains(state(pid));
  }

  /** Whether SIGSTOP holds it. */
  public static boolean isStopped(long pid) {
    return state(pid).equals("T");
  }

  /** Its letter in /proc/PID/stat; X if it has ended. */
  private static String state(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"));
      int afterName = stat.lastIndexOf(')') + 2;
      return stat.substring(afterName, afterName + 1);
    } catch (IOException e) {
      return "X";
    }
  }
}
