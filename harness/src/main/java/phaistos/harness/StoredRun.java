package phaistos.harness;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.NodeImage;
import phaistos.checker.replication.ReplyReport;
import phaistos.formats.FolderDataDirectory;
import phaistos.harness.run.CutShortException;
import phaistos.harness.run.NodePosition;
import phaistos.harness.run.Recording;
import phaistos.harness.run.ReplicationMessage;
import phaistos.histories.Edn;
import phaistos.histories.EdnException;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.HistoryReader;
import phaistos.histories.UntypedCall;

/** The folder of a run that is over. */
public final class StoredRun {
  private final Path folder;
  private final Edn.Table test;

  private StoredRun(Path folder, Edn.Table test) {
    this.folder = folder;
    this.test = test;
  }

  /** A folder that is none of a run, or is damaged; the message is one line and names the file. */
  public static final class StoredRunException extends RuntimeException {
    private final boolean missing;

    StoredRunException(Path file, String reason) {
      this(file, reason, false);
    }

    private StoredRunException(Path file, String reason, boolean missing) {
      super(file + ": " + reason);
      this.missing = missing;
    }

    /** Whether the file is not there. */
    public boolean isMissing() {
      return missing;
    }
  }

  /**
   * The run of this folder; a link such as {@code store/latest} is followed.
   *
   * @throws StoredRunException if there is no test.edn, or it is damaged
   */
  public static StoredRun open(Path folder) {
    Path real = folder;
    try {
      if (Files.isSymbolicLink(folder)) {
        real = folder.resolveSibling(Files.readSymbolicLink(folder));
      }
    } catch (IOException _) {
      // The name as given is as good.
    }
    return new StoredRun(real, table(real.resolve("test.edn")));
  }

  public Path folder() {
    return folder;
  }

  /** The content of test.edn. */
  public Edn.Table test() {
    return test;
  }

  /**
   * The run's own verdict: true, false, or empty for unknown.
   *
   * @throws StoredRunException if results.edn is missing or damaged
   */
  public Optional<Boolean> isValid() {
    return table(folder.resolve("results.edn")).get("valid?") instanceof Edn.Bool(boolean valid)
        ? Optional.of(valid)
        : Optional.empty();
  }

  /**
   * The content of results.edn.
   *
   * @throws StoredRunException if it is missing or damaged
   */
  public Edn.Table results() {
    return table(folder.resolve("results.edn"));
  }

  /** The command that made the run; empty if it was no command. */
  public Optional<String> command() {
    return test.get("replay") instanceof Edn.Text(String command)
            && command.startsWith("./phaistos run ")
        ? Optional.of(command)
        : Optional.empty();
  }

  /** The faults of the run, as {@code --schedule} reads them. */
  public Path schedule() {
    return folder.resolve("schedule.edn");
  }

  /**
   * What was recorded. Images that were not kept are missing.
   *
   * @throws StoredRunException if a file is missing or damaged
   * @throws phaistos.histories.HistoryException if the history is
   */
  Recording recording() {
    Edn.Table recorded = table(folder.resolve(RunFiles.RECORDING));
    Optional<String> problem = text(recorded, "problem");
    boolean cut = recorded.get("cut-short?").equals(Edn.TRUE);
    List<NodeImage> crashed = images(recorded, RunFiles.CRASHED);
    List<NodeImage> replayed = images(recorded, RunFiles.REPLAYED);
    return new Recording(
        events(),
        crashed,
        replayed,
        text(recorded, "primary").orElse(""),
        logs(),
        lines(RunFiles.POSITIONS, NodePosition::ofEdn),
        Files.exists(folder.resolve(RunFiles.MESSAGES))
            ? lines(RunFiles.MESSAGES, ReplicationMessage::ofEdn)
            : List.of(),
        text(recorded, "load-began").map(this::instant),
        problem.map(why -> cut ? new CutShortException(why) : new IllegalStateException(why)),
        areMissing(recorded, crashed, replayed)
            ? "the images of the nodes were not kept (run --keep images)"
            : Recording.NO_IMAGES,
        replies(recorded),
        taskFailures(recorded));
  }

  private static List<String> taskFailures(Edn.Table recorded) {
    List<String> failures = new ArrayList<>();
    if (recorded.get(RunFiles.TASK_FAILURES) instanceof Edn.Vector(List<Edn> lines)) {
      for (Edn failure : lines) {
        failures.add(failure instanceof Edn.Text(String line) ? line : EdnWriter.print(failure));
      }
    }
    return failures;
  }

  private Optional<ReplyReport> replies(Edn.Table recorded) {
    try {
      return recorded.get(RunFiles.REPLIES) instanceof Edn.Table table
          ? Optional.of(ReplyReport.ofEdn(table))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new StoredRunException(folder.resolve(RunFiles.RECORDING), e.getMessage());
    }
  }

  private static boolean areMissing(
      Edn.Table recorded, List<NodeImage> crashed, List<NodeImage> replayed) {
    return recorded.get(RunFiles.CRASHED).elements().size() > crashed.size()
        || recorded.get(RunFiles.REPLAYED).elements().size() > replayed.size();
  }

  /** Whether every image that the run had is in its folder. */
  boolean hasImages() {
    Edn.Table recorded = table(folder.resolve(RunFiles.RECORDING));
    List<NodeImage> crashed = images(recorded, RunFiles.CRASHED);
    return !crashed.isEmpty()
        && !areMissing(recorded, crashed, images(recorded, RunFiles.REPLAYED));
  }

  private List<Event<UntypedCall>> events() {
    try (HistoryReader reader = HistoryReader.open(folder.resolve("history.edn"))) {
      return reader.readAll().events();
    }
  }

  private Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new StoredRunException(folder.resolve(RunFiles.RECORDING), "no time: " + text);
    }
  }

  private static Optional<String> text(Edn.Table table, String key) {
    return table.get(key) instanceof Edn.Text(String text) ? Optional.of(text) : Optional.empty();
  }

  private List<NodeImage> images(Edn.Table recorded, String name) {
    List<NodeImage> images = new ArrayList<>();
    Path file = folder.resolve(RunFiles.RECORDING);
    try {
      for (Edn each : recorded.get(name).elements()) {
        Edn.Table table = (Edn.Table) each;
        String node = text(table, "node").orElseThrow();
        Path root = folder.resolve("nodes").resolve(node).resolve(name);
        if (Files.isDirectory(root)) {
          NodeImage image =
              new NodeImage(
                  node,
                  NodeImage.Role.valueOf(text(table, "role").orElseThrow()),
                  ImageKind.valueOf(text(table, "kind").orElseThrow()),
                  new FolderDataDirectory(root));
          Path written = root.resolveSibling(name + RunFiles.WRITTEN);
          images.add(
              Files.isDirectory(written)
                  ? image.withWritten(new FolderDataDirectory(written))
                  : image);
        }
      }
    } catch (RuntimeException e) {
      throw new StoredRunException(file, "no images under :" + name + ": " + e.getMessage());
    }
    return images;
  }

  private Map<String, List<String>> logs() {
    Map<String, List<String>> logs = new LinkedHashMap<>();
    Path nodes = folder.resolve("nodes");
    try (Stream<Path> found = Files.list(nodes)) {
      for (Path node : found.sorted().toList()) {
        Path log = node.resolve("server.log");
        if (Files.exists(log)) {
          logs.put(node.getFileName().toString(), Files.readAllLines(log));
        }
      }
    } catch (IOException e) {
      throw new StoredRunException(nodes, "cannot be read: " + e.getMessage());
    }
    return logs;
  }

  private <T> List<T> lines(String name, Function<Edn, T> read) {
    Path file = folder.resolve(name);
    List<T> lines = new ArrayList<>();
    try (Reader in = Files.newBufferedReader(file)) {
      EdnReader reader = new EdnReader(in, file.toString());
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        lines.add(read.apply(next.get()));
      }
    } catch (IOException | EdnException | IllegalArgumentException e) {
      throw new StoredRunException(file, "cannot be read: " + e.getMessage());
    }
    return lines;
  }

  private static Edn.Table table(Path file) {
    try (Reader in = Files.newBufferedReader(file)) {
      Optional<Edn> value = new EdnReader(in, file.toString()).next();
      if (value.isPresent() && value.get() instanceof Edn.Table table) {
        return table;
      }
      throw new StoredRunException(file, "expected one map");
    } catch (NoSuchFileException _) {
      throw new StoredRunException(
          file, "no such file: the folder is none of a run that ended", true);
    } catch (IOException | EdnException e) {
      throw new StoredRunException(file, "cannot be read: " + e.getMessage());
    }
  }
}
