package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The walks of docs/DEBUGGING.md, as a person types them; the launcher is this build's classes. */
@Tag("slow")
class WalksTest {
  private static final Path DOCS = Path.of("../docs").toAbsolutePath().normalize();

  @TempDir Path folder;

  private String walk(String script) throws IOException, InterruptedException {
    List<String> command = ChildProcess.shortSimulation(List.of());
    Path launcher = folder.resolve("phaistos");
    List<String> quoted = command.stream().map(word -> "'" + word + "'").toList();
    String java = quoted.getFirst() + " ${PHAISTOS_OPTS:-} ";
    String rest = String.join(" ", quoted.subList(1, quoted.size()));
    Files.writeString(launcher, "#!/bin/sh\nexec " + java + rest + " \"$@\"\n");
    assertTrue(launcher.toFile().setExecutable(true));
    ProcessBuilder builder =
        new ProcessBuilder("bash", DOCS.resolve("walks").resolve(script).toString());
    builder.environment().put("PHAISTOS", launcher.toString());
    builder.environment().put("STORE", folder.resolve("store").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Path log = folder.resolve("walk.log");
    Process process =
        builder
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(20, TimeUnit.MINUTES);
    String output = Files.readString(log);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertTrue(ended, "still running: " + output);
    assertEquals(0, process.exitValue(), output);
    return output;
  }

  @Test
  void fromThePageOfAnUnnamedDefectToABreakpoint() throws Exception {
    String output = walk("debug.sh");
    assertTrue(output.contains("commits acknowledged after"), output);
    assertTrue(output.contains("Breakpoint hit"), output);
    assertTrue(output.strip().endsWith("equal"), output);
  }

  @Test
  void aFailingRunIsJudgedComparedAndServed() throws Exception {
    String output = walk("compare.sh");
    assertTrue(output.contains("differs from line"), output);
    assertTrue(output.contains("results.edn is equal byte for byte"), output);
    assertTrue(output.strip().endsWith("served and stopped"), output);
  }

  /** The third walk is that of {@link ExampleProjectTest}, with an install of its own. */
  @Test
  void everyWalkIsNamedInTheDocument() throws IOException {
    String text = Files.readString(DOCS.resolve("DEBUGGING.md"));
    for (String name : List.of("debug.sh", "compare.sh", "junit.sh")) {
      assertTrue(Files.isExecutable(DOCS.resolve("walks").resolve(name)), name);
      assertTrue(text.contains("docs/walks/" + name), name);
    }
  }
}
