package phaistos.runner.serve;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import phaistos.histories.Edn;
import phaistos.histories.EdnException;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;

/**
 * The runs of a store and of its campaigns, newest first. What is read of a run is kept until its
 * files change.
 */
final class StoredRuns {
  /**
   * One run.
   *
   * @param test the test's folder in the store
   * @param time the name of the run's folder
   * @param verdict valid, invalid, unknown; "no verdict" while it runs or if it was killed
   * @param settings the content of test.edn; empty if it cannot be read
   * @param results the content of results.edn; empty likewise
   */
  record Run(String test, String time, String verdict, Edn.Table settings, Edn.Table results) {
    String path() {
      return test + "/" + time;
    }

    String text(String key) {
      return shown(settings.get(key));
    }

    String reason() {
      return shown(results.get("reason"));
    }
  }

  private static final String CAMPAIGN = "campaign";

  private record Kept(long changed, Run run) {}

  private final Path root;
  private final Map<Path, Kept> kept = new ConcurrentHashMap<>();

  StoredRuns(Path root) {
    this.root = root;
  }

  /** A value as text, without quotes; empty for nil. */
  static String shown(Edn value) {
    return switch (value) {
      case Edn.Text(String text) -> text;
      case Edn.Keyword(String name) -> name;
      case Edn.Nil _ -> "";
      case Edn.Vector vector ->
          String.join(", ", vector.items().stream().map(StoredRuns::shown).toList());
      default -> EdnWriter.print(value);
    };
  }

  List<Run> all() {
    List<Run> runs = new ArrayList<>();
    add(root, runs);
    Path campaigns = root.resolve(CAMPAIGN).resolve("runs");
    if (Files.isDirectory(campaigns)) {
      folders(campaigns).forEach(each -> add(each, runs));
    }
    runs.sort(Comparator.comparing(Run::time).reversed().thenComparing(Run::test));
    return runs;
  }

  private void add(Path store, List<Run> runs) {
    for (Path test : folders(store)) {
      for (Path folder : folders(test)) {
        if (Files.exists(folder.resolve("test.edn"))) {
          runs.add(run(folder));
        }
      }
    }
  }

  /** The page of the store's campaigns, as a path; empty if there is none. */
  Optional<String> campaigns() {
    String page = CAMPAIGN + "/index.html";
    return Files.exists(root.resolve(page)) ? Optional.of(page) : Optional.empty();
  }

  /** The run of this path, "test/time"; empty if there is none. */
  Optional<Run> find(String path) {
    return all().stream().filter(run -> run.path().equals(path)).findFirst();
  }

  private static List<Path> folders(Path parent) {
    try (Stream<Path> found = Files.list(parent)) {
      return found
          .filter(each -> Files.isDirectory(each) && !Files.isSymbolicLink(each))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Run run(Path folder) {
    long changed =
        changed(folder.resolve("test.edn")) ^ changed(folder.resolve("results.edn")) * 31;
    Kept before = kept.get(folder);
    if (before != null && before.changed == changed) {
      return before.run;
    }
    Edn.Table results = table(folder.resolve("results.edn"));
    Run run =
        new Run(
            root.relativize(folder.getParent()).toString().replace('\\', '/'),
            folder.getFileName().toString(),
            verdict(results.get("valid?")),
            table(folder.resolve("test.edn")),
            results);
    kept.put(folder, new Kept(changed, run));
    return run;
  }

  private static long changed(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis() + Files.size(file);
    } catch (IOException _) {
      return 0;
    }
  }

  private static String verdict(Edn valid) {
    return switch (valid) {
      case Edn.Bool(boolean yes) -> yes ? "valid" : "invalid";
      case Edn.Keyword _ -> "unknown";
      default -> "no verdict";
    };
  }

  private static Edn.Table table(Path file) {
    try (Reader in = Files.newBufferedReader(file)) {
      Optional<Edn> value = new EdnReader(in, file.toString()).next();
      return value.orElse(Edn.NIL) instanceof Edn.Table table ? table : Edn.Table.EMPTY;
    } catch (IOException | EdnException _) {
      // A run that is being written, or was killed: the list shows what there is.
      return Edn.Table.EMPTY;
    }
  }
}
