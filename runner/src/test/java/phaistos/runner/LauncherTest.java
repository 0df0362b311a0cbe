package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code phaistos} itself, in a copy of the checkout whose build is faked: the jar of
 * the runner holds no class, the class path is the test's own. So no test builds anything.
 */
class LauncherTest {
  private static final String HISTORY =
      """
      {:process 0, :type :invoke, :f :write, :value 1}
      {:process 0, :type :ok, :f :write, :value 1}
      """;

  @TempDir Path folder;
  private Path launcher;

  private record Ended(int exit, String out, String err) {}

  @BeforeEach
  void fakeABuild() throws IOException, InterruptedException {
    Path script = Path.of("../phaistos").toAbsolutePath().normalize();
    assumeTrue(Files.isExecutable(script), "the launcher is not beside the module");
    Path home = Files.createDirectories(folder.resolve("home"));
    launcher = Files.copy(script, home.resolve("phaistos"));
    Files.createDirectories(home.resolve("target"));
    Path jars = Files.createDirectories(home.resolve("runner/target/lib"));
    manifest(home.resolve("runner/target/phaistos-runner.jar"));
    Files.createDirectory(jars.resolve("none"));
    Files.createFile(home.resolve("target/.built-runner"));
  }

  /** A jar whose manifest names the test's class path. */
  private static void manifest(Path jar) throws IOException {
    java.util.jar.Manifest manifest = new java.util.jar.Manifest();
    manifest.getMainAttributes().put(java.util.jar.Attributes.Name.MANIFEST_VERSION, "1.0");
    List<String> urls =
        Stream.of(System.getProperty("java.class.path").split(":"))
            .map(path -> Path.of(path).toUri().toString())
            .toList();
    manifest
        .getMainAttributes()
        .put(java.util.jar.Attributes.Name.CLASS_PATH, String.join(" ", urls));
    try (var out = new java.util.jar.JarOutputStream(Files.newOutputStream(jar), manifest)) {
      out.flush();
    }
  }

  private Ended run(Map<String, String> environment, String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of(launcher.toString()));
    words.addAll(List.of(arguments));
    return end(environment, words);
  }

  private Ended end(Map<String, String> environment, List<String> words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().keySet().removeAll(List.of("LC_ALL", "LANG", "JAVA_TOOL_OPTIONS"));
    builder.environment().putAll(environment);
    Process process =
        builder
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "still running");
    return new Ended(
        process.exitValue(),
        Files.readString(folder.resolve("out"), StandardCharsets.UTF_8),
        Files.readString(folder.resolve("err"), StandardCharsets.UTF_8));
  }

  /**
   * A script in UTF-8: bash names files by bytes, and this JVM may not be able to name them. In it
   * {@code $phaistos} is the launcher.
   */
  private Ended script(Map<String, String> environment, String text) throws Exception {
    Path script = Files.writeString(folder.resolve("script"), "phaistos=" + launcher + "\n" + text);
    return end(environment, List.of("bash", script.toString()));
  }

  @Test
  void namesBeyondAsciiWorkUnderLocaleC() throws Exception {
    for (String locale : List.of("C", "POSIX", "no_SUCH.UTF-8", "C.UTF-8")) {
      Ended ended =
          script(
              Map.of("LC_ALL", locale, "TZ", "Asia/Kathmandu"),
              """
              mkdir -p 'Prüfung-日本' && printf '%%s' '%s' > 'Prüfung-日本/ä.edn'
              exec $phaistos check --model register 'Prüfung-日本/ä.edn'
              """
                  .formatted(HISTORY));
      String line = "Prüfung-日本/ä.edn\tvalid\t";
      assertTrue(ended.out().startsWith(line), locale + ": " + ended.out() + ended.err());
      assertEquals(0, ended.exit(), locale);
    }
  }

  @Test
  void aStoreBeyondAsciiIsItsOwnUnderLocaleC() throws Exception {
    Ended ended =
        script(
            Map.of("LC_ALL", "C"),
            """
            $phaistos run --time-limit=500ms --nemesis=none --store Läufe --seed=1 || exit
            test -e Läufe/latest/results.edn && test "$(echo L*)" = Läufe
            """);
    assertEquals(0, ended.exit(), ended.err() + ended.out());
    assertTrue(ended.out().contains("files:  Läufe/commits-simulated/"), ended.out());
  }

  /** Before the JVM starts, bash looks at the files; a program in its place ends with 42. */
  @Test
  void aFileThatBashCannotReadDoesNotEndTheLauncher() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can be somebody else");
    Path jdk = Files.createDirectories(folder.resolve("jdk/bin")).getParent();
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25\"\n");
    for (String name : List.of("java", "javac")) {
      Path program = Files.writeString(jdk.resolve("bin").resolve(name), "#!/bin/sh\nexit 42\n");
      assertTrue(program.toFile().setExecutable(true));
    }
    Files.writeString(folder.resolve("h.edn"), HISTORY);
    Ended ended =
        script(
            Map.of(),
            """
            chmod -R a+rX . && chmod 600 h.edn
            export HOME=/nonexistent PHAISTOS_JAVA_HOME=$PWD/jdk
            for file in h.edn none /proc/self/mem; do
              setpriv --reuid=65534 --clear-groups $phaistos check --model register $file
              test $? = 42 || exit 1
            done
            """);
    assumeTrue(!ended.err().contains("setpriv:"), ended.err());
    assertEquals(0, ended.exit(), ended.err());
  }

  @Test
  void aJvmThatDoesNotStartIsNoVerdict() throws Exception {
    Ended ended = run(Map.of("PHAISTOS_OPTS", "-Xmx1x"), "check", "--model", "register", "h");
    assertEquals(254, ended.exit());
    assertTrue(ended.err().contains("PHAISTOS_OPTS"), ended.err());
    assertTrue(ended.err().contains("Invalid maximum heap size"), ended.err());
  }

  @Test
  void aProgramThatIsNotThereIsNoVerdict() throws Exception {
    Files.delete(launcher.resolveSibling("runner/target/phaistos-runner.jar"));
    Files.createDirectory(launcher.resolveSibling("mvnw"));
    Ended ended = run(Map.of(), "check", "--model", "register", "h");
    assertEquals(255, ended.exit());
    assertTrue(ended.err().contains("the build failed"), ended.err());
  }

  @Test
  void withoutAJdkThereIsAHint() throws Exception {
    Path tools = Files.createDirectory(folder.resolve("tools"));
    for (String tool : List.of("bash", "env", "dirname", "readlink", "find")) {
      Path found = Path.of("/usr/bin", tool);
      assumeTrue(Files.exists(found), "there is no " + found);
      Files.createSymbolicLink(tools.resolve(tool), found);
    }
    Path script =
        Files.writeString(
            launcher, Files.readString(launcher).replace("/usr/lib/jvm/*25*", "/nowhere/*25*"));
    assertTrue(Files.isExecutable(script));
    Ended ended =
        run(
            Map.of("PATH", tools.toString(), "JAVA_HOME", "/nowhere", "HOME", "/nowhere"),
            "--version");
    assertEquals(254, ended.exit(), ended.err());
    assertTrue(ended.err().contains("no JDK 25 found"), ended.err());
  }

  /** A cache that the launcher takes for one of this build. */
  private void fakeACache(String kind) throws IOException {
    Path target = launcher.resolveSibling("target");
    String lib =
        launcher.resolveSibling("runner/target/phaistos-runner.jar").toRealPath()
            + ":"
            + launcher.resolveSibling("runner/target/lib").toRealPath()
            + "/*";
    Files.writeString(
        target.resolve("." + kind + ".aot.for"),
        System.getProperty("java.home") + " " + lib + "\n");
    Files.writeString(target.resolve("." + kind + ".aot"), "no cache at all");
  }

  /** The first data directory after a build is made with the cache of a server that has worked. */
  @Test
  void initMakesTheServersCacheOnlyIfItSucceedsAndThereIsNone() throws Exception {
    Ended wrong = run(Map.of(), "server", "init", "--data", folder + "/d", "--no-such-option");
    assertEquals(254, wrong.exit());
    assertFalse(wrong.err().contains("making the cache"), wrong.err());
    assertEquals(0, run(Map.of(), "server", "init", "--help").exit());
    assertFalse(Files.exists(launcher.resolveSibling("target/.server.aot.lock")));
    fakeACache("server");
    Ended fitting = run(Map.of(), "server", "init", "--data", folder + "/d");
    assertEquals("", fitting.err());
    assertEquals(0, fitting.exit());
    assertFalse(Files.exists(launcher.resolveSibling("target/.server.aot.lock")));
  }

  /** Maven builds jars too: a cache made for others is left alone, and nobody hears of it. */
  @Test
  void aCacheOfOtherJarsIsLeftAloneInSilence() throws Exception {
    Files.writeString(folder.resolve("h.edn"), HISTORY);
    fakeACache("check");
    Ended fitting = run(Map.of(), "check", "--model", "register", "h.edn");
    assertEquals("", fitting.err());
    assertEquals(0, fitting.exit());
    // built anew
    Path jar = launcher.resolveSibling("runner/target/phaistos-runner.jar");
    Files.setLastModifiedTime(
        jar, java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 60_000));
    Ended stale = run(Map.of(), "check", "--model", "register", "h.edn");
    assertEquals("", stale.err());
    assertEquals(0, stale.exit());
  }

  @Test
  void theCommandsOfTheLauncherAnswerToHelp() throws Exception {
    for (String[] words : new String[][] {{"help", "format"}, {"format", "--help"}}) {
      Ended ended = run(Map.of(), words);
      assertEquals(0, ended.exit(), ended.err());
      assertTrue(ended.out().startsWith("usage: ./phaistos format"), ended.out());
    }
    Ended mistaken = run(Map.of(), "format", "now");
    assertEquals(254, mistaken.exit());
    assertTrue(mistaken.err().contains("unexpected argument: 'now'"), mistaken.err());
    assertFalse(Files.exists(launcher.resolveSibling("target/build.log")), "it built");
  }
}
