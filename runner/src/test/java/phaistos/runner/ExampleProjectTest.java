package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.containers.PostgresProgram;
import phaistos.cluster.postgres.PostgresVersion;

/**
 * The examples are somebody else's Maven projects: they know Phaistos by its coordinates. Here each
 * is built and its tests run, by a Maven of its own, against the classes of this build, which stand
 * in a repository made for it as {@code mvn install} would make it.
 */
@Tag("slow")
class ExampleProjectTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String VERSION = "0.1.0-SNAPSHOT";

  private static final List<String> MODULES =
      List.of(
          "system-under-test/formats",
          "system-under-test/environment",
          "system-under-test/simulator",
          "system-under-test/server",
          "system-under-test/cluster",
          "histories",
          "checker",
          "nemesis",
          "workloads",
          "harness",
          "recorder",
          "junit");

  @TempDir Path folder;

  @Test
  void anOutsideProjectRunsItsOwnWorkloadInTheSimulator() throws Exception {
    String output = test("own-workload");
    assertTrue(output.contains("Tests run: 2, Failures: 0, Errors: 0, Skipped: 0"), output);
  }

  /** Simulated runs with seeds, and a Testcontainers cluster of its own under faults. */
  @Test
  void anOutsideProjectPutsItsOwnPostgresUnderFaults() throws Exception {
    Optional<String> missing = PostgresProgram.missing(PostgresVersion.parse("15"));
    assumeTrue(missing.isEmpty(), () -> "containers of PostgreSQL: " + missing.orElseThrow());
    String output = test("own-postgres", "-Dpostgres.image=phaistos/postgres:15");
    assertTrue(output.contains("Tests run: 3, Failures: 0, Errors: 0, Skipped: 0"), output);
  }

  /** Runs the tests of an example, a Maven of its own; its output. */
  private String test(String example, String... options) throws Exception {
    Path repository = folder.resolve("repository");
    install(repository, ROOT, "phaistos");
    install(repository, ROOT.resolve("system-under-test"), "phaistos-system-under-test");
    install(repository, ROOT.resolve("bom"), "phaistos-bom");
    for (String module : MODULES) {
      Path name = Path.of(module).getFileName();
      install(repository, ROOT.resolve(module), "phaistos-" + name);
    }
    Path project = folder.resolve(example);
    copy(ROOT.resolve("examples").resolve(example), project);
    Path log = folder.resolve("maven.log");
    List<String> command =
        new ArrayList<>(
            List.of(
                ROOT.resolve("mvnw").toString(),
                "-B",
                "-Dmaven.repo.local=" + repository,
                "-Dmaven.repo.local.tail=" + System.getProperty("phaistos.repository")));
    command.addAll(List.of(options));
    command.add("test");
    ProcessBuilder maven = new ProcessBuilder(command);
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    maven.environment().put("TESTCONTAINERS_RYUK_DISABLED", "true");
    if (Files.exists(Path.of("/var/run/docker.pid"))) {
      maven.environment().put("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1");
    }
    Process process =
        maven
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running");
    String output = Files.readString(log);
    assertEquals(0, process.exitValue(), output);
    return output;
  }

  /** The README shows the example as it is. */
  @Test
  void theReadmeShowsTheExample() throws IOException {
    String source =
        Files.readString(
            ROOT.resolve("examples/own-workload/src/main/java/example/SetWorkload.java"));
    String shown = source.substring(source.indexOf("  static Workload<UntypedCall> create"));
    String block =
        shown
            .substring(0, shown.lastIndexOf("  /** Runs the test on simulated nodes"))
            .stripTrailing();
    String readme = Files.readString(ROOT.resolve("README.md"));
    assertTrue(readme.contains(block.stripIndent()), block.stripIndent());
  }

  /** Puts a module's pom, and its classes if it has any, where Maven looks for them. */
  private static void install(Path repository, Path module, String artifact) throws IOException {
    Path to = repository.resolve("phaistos").resolve(artifact).resolve(VERSION);
    Files.createDirectories(to);
    String file = artifact + "-" + VERSION;
    Files.copy(module.resolve("pom.xml"), to.resolve(file + ".pom"));
    Path classes = module.resolve("target/classes");
    if (Files.isDirectory(classes)) {
      jar(classes, to.resolve(file + ".jar"));
    }
  }

  private static void jar(Path classes, Path jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, entries);
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(each -> !each.startsWith(from.resolve("target"))).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }
}
