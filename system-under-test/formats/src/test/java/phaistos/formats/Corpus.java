package phaistos.formats;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The corpora from real PostgreSQL beside the repository, unpacked once for a test run. Without
 * them (or without tar and xz) tests are skipped with a reason.
 */
public final class Corpus {
  private Corpus() {}

  /** A state of a data directory, with its listing and truth table. */
  public record State(Path folder) {
    public DataDirectory directory() {
      return new FolderDataDirectory(folder);
    }

    /** pg_waldump's listing of a timeline, decompressed. */
    public List<String> listing(int timeline) throws IOException {
      Path file = folder.resolve("waldump.tl%d.txt.xz".formatted(timeline));
      byte[] text = run("xz", "-dc", file.toString());
      return new String(text, StandardCharsets.ISO_8859_1).lines().toList();
    }

    public boolean hasListing(int timeline) {
      return Files.exists(folder.resolve("waldump.tl%d.txt.xz".formatted(timeline)));
    }

    public List<String> lines(String name) throws IOException {
      return Files.readAllLines(folder.resolve(name));
    }

    @Override
    public String toString() {
      return folder.getParent().getFileName() + "/" + folder.getFileName();
    }
  }

  private static Path shared() {
    String configured =
        System.getProperty("PHAISTOS_SHARED", System.getenv().getOrDefault("PHAISTOS_SHARED", ""));
    if (!configured.isEmpty()) {
      return Path.of(configured);
    }
    Path root = Path.of("").toAbsolutePath();
    while (root != null && !Files.exists(root.resolve("phaistos"))) {
      root = root.getParent();
    }
    return root == null ? Path.of("/nowhere") : root.resolveSibling("shared");
  }

  /** Every state of every corpus that has WAL. */
  public static Stream<State> states() throws IOException {
    Path archives = shared().resolve("data/postgres");
    Assumptions.assumeTrue(Files.isDirectory(archives), "no corpora at " + archives);
    Path target = Path.of("target", "corpora").toAbsolutePath();
    Files.createDirectories(target);
    try (Stream<Path> files = Files.list(archives)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".tar.xz")) {
          unpack(file, target, name.substring(0, name.length() - 7));
        }
      }
    }
    try (Stream<Path> folders =
        Files.find(target, 2, (p, _) -> Files.exists(p.resolve("truth.tsv")))) {
      return folders.sorted().map(State::new).toList().stream();
    }
  }

  private static void unpack(Path archive, Path target, String name) throws IOException {
    Path done = target.resolve(name + ".done");
    if (!Files.exists(done)) {
      run("tar", "xJf", archive.toString(), "-C", target.toString());
      Files.createFile(done);
    }
  }

  private static byte[] run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (InputStream out = process.getInputStream()) {
      byte[] text = out.readAllBytes();
      int exit = process.waitFor();
      Assumptions.assumeTrue(exit == 0, "%s exited with %d".formatted(command[0], exit));
      return text;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
