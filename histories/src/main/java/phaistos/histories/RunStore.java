package phaistos.histories;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of one run, {@code store/<test>/<time>/}, as Jepsen lays it out:
 *
 * <pre>
 * history.edn   every event, written as it happens
 * test.edn      what was run: options, seed, revision
 * schedule.edn  the faults, to be replayed
 * results.edn   the verdict with its evidence
 * run.log       what the harness said
 * nodes/n1/     a node's log and files
 * </pre>
 *
 * <p>{@code store/latest} and {@code store/<test>/latest} are links to the last run, where the file
 * system has links. The caller gives the time in the name; it is in none of the files that a seed
 * determines. Every error is a {@link StoreException} of one line. Not thread-safe, except {@link
 * #log}.
 */
public final class RunStore {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_+=,.-]{1,120}");

  /** How many runs of one test may begin in one millisecond. */
  private static final int SAME_TIME_MAX = 1_000;

  private static final int BUFFER = 1 << 16;

  private final Path folder;
  private final AtomicReference<StoreException> failure = new AtomicReference<>();
  private volatile boolean keepsFailures;

  private RunStore(Path folder) {
    this.folder = folder;
  }

  /** An error of the store that a person can repair. */
  public static final class StoreException extends RuntimeException {
    StoreException(Path path, IOException cause) {
      super("store: " + path + " cannot be written: " + reason(cause), cause);
    }

    private static String reason(IOException e) {
      return switch (e) {
        case AccessDeniedException _ -> "permission denied";
        case FileAlreadyExistsException _, NotDirectoryException _ ->
            "a file is in the way of a folder";
        case FileSystemException f when f.getReason() != null -> f.getReason();
        default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      };
    }
  }

  /**
   * Makes a new folder and points the links at it.
   *
   * @param test a name for a folder: letters, digits, and {@code _ + = , . -}
   * @param now the real time
   */
  public static RunStore create(Path root, String test, Instant now) {
    checkName(test);
    try {
      Path parent = Files.createDirectories(root.resolve(test));
      Path folder = fresh(parent, TIME.format(now));
      Files.createDirectory(folder.resolve("nodes"));
      // Written at once, so that a full or read-only store is noticed before the run.
      Files.writeString(folder.resolve("run.log"), "");
      link(parent.resolve("latest"), folder.getFileName());
      link(root.resolve("latest"), Path.of(test).resolve(folder.getFileName()));
      return new RunStore(folder);
    } catch (IOException e) {
      throw new StoreException(root, e);
    }
  }

  /** A folder of this name in a run's folder, for what is found out later; made anew. */
  public static RunStore within(Path run, String name) {
    checkName(name);
    Path folder = run.resolve(name);
    try {
      delete(folder);
      Files.createDirectory(folder);
      return new RunStore(folder);
    } catch (IOException e) {
      throw new StoreException(folder, e);
    }
  }

  /** Deletes a folder with everything in it; links in it are not followed. */
  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path each : found.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /**
   * Removes the oldest runs of a test. A folder without {@code test.edn} is none of a run, and one
   * without {@code results.edn} may still be running: neither is touched or counted.
   *
   * @param keep how many stay
   * @return what was removed, oldest first
   */
  public static List<Path> prune(Path root, String test, int keep) {
    checkName(test);
    Path parent = root.resolve(test);
    List<Path> removed = new ArrayList<>();
    try (Stream<Path> found = Files.list(parent)) {
      List<Path> runs =
          found
              .filter(each -> !Files.isSymbolicLink(each))
              .filter(each -> Files.exists(each.resolve("test.edn")))
              .filter(each -> Files.exists(each.resolve("results.edn")))
              .sorted()
              .toList();
      for (Path run : runs.subList(0, Math.max(0, runs.size() - keep))) {
        delete(run);
        removed.add(run);
      }
    } catch (IOException e) {
      throw new StoreException(parent, e);
    }
    return removed;
  }

  private static void checkName(String name) {
    if (!NAME.matcher(name).matches() || name.startsWith(".") || name.equals("latest")) {
      throw new IllegalArgumentException("no name for a folder of the store: '" + name + "'");
    }
  }

  private static Path fresh(Path parent, String time) throws IOException {
    for (int n = 1; n <= SAME_TIME_MAX; n++) {
      Path folder = parent.resolve(n == 1 ? time : time + "-" + n);
      try {
        return Files.createDirectory(folder);
      } catch (FileAlreadyExistsException _) {
        // Another run began in the same millisecond.
      }
    }
    throw new IOException("too many runs at " + time);
  }

  /** Replaces a link in one step. */
  private static void link(Path link, Path target) throws IOException {
    Path fresh = link.resolveSibling(".latest-" + target.getFileName());
    try {
      Files.deleteIfExists(fresh);
      Files.createSymbolicLink(fresh, target);
      Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (UnsupportedOperationException _) {
      // The file system has no links; the names of the folders have their times.
    }
  }

  public Path folder() {
    return folder;
  }

  public Path historyFile() {
    return folder.resolve("history.edn");
  }

  /** The history, to be written as it happens. */
  public HistoryWriter openHistory() {
    return HistoryWriter.create(historyFile());
  }

  /** The history of a run that can be repeated: it is written in blocks. */
  public HistoryWriter openBufferedHistory() {
    return HistoryWriter.createBuffered(historyFile());
  }

  /** Writes {@code test.edn}. */
  public void writeTest(Edn test) {
    writeText("test.edn", EdnWriter.print(test) + "\n");
  }

  /** Writes {@code results.edn}. */
  public void writeResults(Edn results) {
    writeText("results.edn", EdnWriter.print(results) + "\n");
  }

  /** Writes {@code results.edn} into the folder of a run that another {@code RunStore} has open. */
  public static Optional<StoreException> writeResults(Path folder, Edn results) {
    RunStore store = new RunStore(folder);
    store.keepFailures();
    store.writeResults(results);
    return store.failure();
  }

  /**
   * Writes a file, and makes the folders above it.
   *
   * @param name relative to the run's folder
   */
  public void writeText(String name, String text) {
    write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  public void write(String name, byte[] content) {
    Path file = inside(name);
    try {
      makeParent(file);
      Files.write(file, content);
    } catch (IOException e) {
      failed(file, e);
    }
  }

  private void makeParent(Path file) throws IOException {
    if (!file.getParent().equals(folder)) {
      Files.createDirectories(file.getParent());
    }
  }

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** Writes a file of any size. */
  public void write(String name, Content content) {
    Path file = inside(name);
    try {
      makeParent(file);
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER)) {
        content.write(out);
      }
    } catch (IOException e) {
      failed(file, e);
    } catch (UncheckedIOException e) {
      failed(file, e.getCause());
    }
  }

  /** Whether the run's folder has this file by now. */
  public boolean has(String name) {
    return Files.exists(inside(name));
  }

  /** Makes a folder that may stay empty. */
  public void makeFolder(String name) {
    Path made = inside(name);
    try {
      Files.createDirectories(made);
    } catch (IOException e) {
      failed(made, e);
    }
  }

  /**
   * From now on a file that cannot be written throws no exception. {@link #failure} keeps the first
   * error, so that a full disk does not end a test before its verdict is printed.
   */
  public void keepFailures() {
    keepsFailures = true;
  }

  /** The first error of writing a file since {@link #keepFailures}. */
  public Optional<StoreException> failure() {
    return Optional.ofNullable(failure.get());
  }

  /** Notes that other code could not write a file of this run. */
  public void failed(String name, IOException cause) {
    failed(inside(name), cause);
  }

  private void failed(Path file, IOException cause) {
    StoreException exception = new StoreException(file, cause);
    if (!keepsFailures) {
      throw exception;
    }
    failure.compareAndSet(null, exception);
  }

  /** The folder for a node's files. */
  public Path nodeFolder(String node) {
    checkName(node);
    Path nodeFolder = folder.resolve("nodes").resolve(node);
    try {
      return Files.createDirectories(nodeFolder);
    } catch (IOException e) {
      throw new StoreException(nodeFolder, e);
    }
  }

  /** Adds a line to {@code run.log}. */
  public void log(String line) {
    Path file = folder.resolve("run.log");
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      failed(file, e);
    }
  }

  private Path inside(String name) {
    Path file = folder.resolve(name).normalize();
    if (!file.startsWith(folder.normalize()) || file.equals(folder.normalize())) {
      throw new IllegalArgumentException("outside of the run's folder: " + name);
    }
    return file;
  }
}
