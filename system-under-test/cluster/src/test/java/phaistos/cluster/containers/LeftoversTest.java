package phaistos.cluster.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.machine.ClusterOptions;

/** Another JVM holds a cluster, and ends in every way there is. */
@Tag("slow")
class LeftoversTest {
  /** Our server would do as well; this one starts faster. */
  private static final class EchoProgram implements NodeProgram {
    @Override
    public List<String> initCommand(String classPath, java.util.OptionalLong firstXid) {
      return List.of("java", "-cp", classPath, EchoNode.class.getName(), "init");
    }

    @Override
    public List<String> startCommand(String classPath, Map<String, String> settings) {
      return List.of("java", "-cp", classPath, EchoNode.class.getName(), "n1");
    }

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }

    @Override
    public boolean saysReady(String line) {
      return line.startsWith("ready");
    }

    @Override
    public boolean saysRedo(String line) {
      return false;
    }
  }

  /** Holds a cluster of one node until its standard input ends. */
  static final class Holder {
    public static void main(String[] arguments) throws IOException {
      ContainerCluster cluster = new ContainerCluster(ClusterOptions.of(1, 1), new EchoProgram());
      cluster.start();
      System.out.println(cluster.run() + " " + cluster.folder());
      System.in.read();
      cluster.close();
    }
  }

  private static final int SIGINT = 2;

  private record Held(Process process, String run, Path folder) {}

  @BeforeEach
  void needsAnEngine() {
    Optional<String> missing = ContainerEngine.missing();
    assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
  }

  private static Held hold() throws IOException {
    List<String> command = new ArrayList<>(withSigintHeard());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Holder.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader lines = process.inputReader();
    String line = lines.readLine();
    assertTrue(line != null, "the other JVM ended");
    String[] words = line.split(" ");
    Held held = new Held(process, words[0], Path.of(words[1]));
    List<String> names = Leftovers.of(held.run());
    assertTrue(names.contains("phaistos-" + held.run() + "-n1"), names::toString);
    assertTrue(names.contains("phaistos-" + held.run() + "-toxiproxy"), names::toString);
    return held;
  }

  /**
   * What starts a child that hears SIGINT. A nightly job may run in the background of a shell,
   * which then ignores SIGINT, and what is ignored is inherited.
   */
  private static List<String> withSigintHeard() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return List.of();
    }
    long ignored =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .findFirst()
            .orElse(0);
    boolean isHeard = (ignored >> (SIGINT - 1) & 1) == 0;
    return isHeard ? List.of() : List.of("env", "--default-signal=INT");
  }

  private static void awaitEnd(Process process) throws InterruptedException {
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
  }

  @Test
  void sigtermLeavesNothing() throws Exception {
    Held held = hold();
    held.process().destroy();
    awaitEnd(held.process());
    assertEquals(List.of(), Leftovers.of(held.run()));
    assertFalse(Files.exists(held.folder()));
  }

  @Test
  void sigintLeavesNothing() throws Exception {
    Held held = hold();
    new ProcessBuilder("kill", "-INT", Long.toString(held.process().pid())).start().waitFor();
    awaitEnd(held.process());
    assertEquals(List.of(), Leftovers.of(held.run()));
    assertFalse(Files.exists(held.folder()));
  }

  @Test
  void afterSigkillTheNextRunRemovesWhatIsLeftAndNothingElse() throws Exception {
    try (ContainerCluster mine = new ContainerCluster(ClusterOptions.of(1, 1), new EchoProgram())) {
      mine.start();
      Held held = hold();
      held.process().destroyForcibly();
      awaitEnd(held.process());
      assertFalse(Leftovers.of(held.run()).isEmpty());
      assertTrue(Files.exists(held.folder()));

      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                Leftovers.removeDead();
                return Leftovers.of(held.run()).isEmpty();
              });
      assertFalse(Files.exists(held.folder()));
      assertEquals(NodeState.UP, mine.state(new NodeId("n1")));
    }
  }

  @Test
  void aClosedClusterLeavesNothing() throws Exception {
    Held held = hold();
    held.process().getOutputStream().close();
    awaitEnd(held.process());
    assertEquals(List.of(), Leftovers.of(held.run()));
    assertFalse(Files.exists(held.folder()));
  }
}
