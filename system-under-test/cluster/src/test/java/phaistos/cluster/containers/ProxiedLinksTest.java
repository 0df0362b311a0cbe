package phaistos.cluster.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.Cluster.Traffic;
import phaistos.cluster.machine.Owner;
import phaistos.cluster.proxies.Link;

/** Three containers that echo lines, and the real Toxiproxy between them. */
@Tag("slow")
class ProxiedLinksTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final NodeId N3 = new NodeId("n3");

  /** How long an answer may take that has to come: a machine may be slow. */
  private static final int PATIENT_MILLIS = 20_000;

  /** What a client says that waited in vain. */
  private static final String SILENCE = "SocketTimeoutException";

  /** How long is listened to what has to be silent. */
  private static final int SILENT_MILLIS = 1_000;

  private static final String RUN = "links-test-" + ProcessHandle.current().pid();
  private static final Map<NodeId, NodeContainer> containers = new LinkedHashMap<>();
  private static ProxiedLinks links;

  @TempDir static Path folder;

  @BeforeAll
  static void start() throws IOException {
    Optional<String> missing = ContainerEngine.missing();
    assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    Leftovers.removeDead();
    Map<String, String> labels =
        Map.of(Leftovers.RUN, RUN, Leftovers.OWNER, Owner.self().toString());
    Path jars = folder.resolve("class-path");
    String classPath = ClassPath.copy(jars, NodeContainer.CLASS_PATH);
    links = new ProxiedLinks(List.of(N1, N2, N3), RUN, labels);
    links.start();
    for (NodeId node : List.of(N1, N2, N3)) {
      Path own = Files.createDirectory(folder.resolve(node.name()));
      NodeContainer container =
          new NodeContainer(
              node,
              new NodeContainer.Plan(
                  ContainerEngine.NODE_IMAGE,
                  "phaistos-" + RUN + "-" + node,
                  own,
                  List.of(NodeContainer.Mount.readOnly(jars, NodeContainer.CLASS_PATH)),
                  List.of("java", "-cp", classPath, EchoNode.class.getName(), node.name()),
                  labels));
      containers.put(node, container);
      startNode(node);
    }
  }

  @AfterAll
  static void stop() {
    containers.values().forEach(NodeContainer::remove);
    if (links != null) {
      links.close();
      assertEquals(List.of(), Leftovers.of(RUN));
    }
  }

  @AfterEach
  void heal() {
    links.links().healAll();
  }

  @Test
  void aNodeReachesAnotherThroughItsLinkOnly() {
    assertEquals("n2: hello", viaLink(N1, N2, "hello"));
    assertEquals("n1: hello", viaLink(N2, N1, "hello"));
    // The proxy of another node's link does not listen here.
    InetSocketAddress foreign = links.addressOf(N3, N2);
    assertTrue(fromNode(N1, foreign, "hello", SILENT_MILLIS).endsWith("Exception"));
  }

  @Test
  void cuttingOneLinkLeavesTheOthers() {
    links.links().cut(new Stream(Optional.of(N1), N2, true));
    assertEquals(SILENCE, viaLink(N1, N2, "lost", SILENT_MILLIS));
    assertEquals("n1: back", viaLink(N2, N1, "back"));
    assertEquals("n3: other", viaLink(N1, N3, "other"));
  }

  @Test
  void eachStreamOfALinkIsCutByItself() throws IOException {
    Stream there = new Stream(Optional.of(N1), N2, true);
    Stream back = new Stream(Optional.of(N1), N2, false);

    Traffic before = links.links().traffic(back);
    links.links().cut(back);
    assertEquals(SILENCE, viaLink(N1, N2, "arrives but is not answered", SILENT_MILLIS));
    Awaitility.await()
        .atMost(Duration.ofMillis(PATIENT_MILLIS))
        .until(() -> linesOfN2().contains("arrives but is not answered"));
    links.links().heal(back);
    assertEquals(
        "n2: arrives but is not answered\n".length(),
        links.links().traffic(back).stopped() - before.stopped());

    before = links.links().traffic(there);
    links.links().cut(there);
    assertEquals(SILENCE, viaLink(N1, N2, "does not arrive", SILENT_MILLIS));
    links.links().heal(there);
    assertEquals(
        "does not arrive\n".length(), links.links().traffic(there).stopped() - before.stopped());
    assertFalse(linesOfN2().contains("does not arrive"));
    assertEquals("n2: healed", viaLink(N1, N2, "healed"));
  }

  @Test
  void aCutWithoutTrafficStopsNothing() {
    Stream idle = new Stream(Optional.of(N3), N2, true);
    links.links().cut(idle);
    links.links().heal(idle);
    assertEquals(0, links.links().traffic(idle).stopped());
  }

  @Test
  void everyLinkCountsItsBytes() {
    for (Link link : Link.all(List.of(N1, N2, N3))) {
      String answer =
          link.dialer().map(dialer -> viaLink(dialer, link.target(), "count")).orElse("");
      assertTrue(link.dialer().isEmpty() || answer.endsWith("count"), answer);
      assertEquals(link.target() + ": count", answerOf(link.target(), "count"));
      Awaitility.await()
          .atMost(Duration.ofMillis(PATIENT_MILLIS))
          .until(
              () ->
                  links.links().traffic(link.stream(true)).delivered() > 0
                      && links.links().traffic(link.stream(false)).delivered() > 0);
    }
  }

  @Test
  void aKilledProcessFindsItsFilesAgain() {
    NodeContainer n3 = containers.get(N3);
    assertEquals("n3: kept", answerOf(N3, "kept"));
    n3.kill();
    assertEquals(NodeState.DOWN, n3.state());
    n3.kill();
    startNode(N3);
    assertEquals(NodeState.UP, n3.state());
    assertTrue(!n3.log().getLast().equals("ready after 0"), n3.lastLine());
  }

  @Test
  void aNodeThatIsDownRefusesAtOnceAndIsBackAtOnce() {
    NodeContainer n2 = containers.get(N2);
    n2.kill();
    // The proxy ends the connection; whether the reset or the end is seen first is chance.
    String refused = viaLink(N1, N2, "nobody");
    assertTrue(List.of("closed", "SocketException").contains(refused), refused);
    startNode(N2);
    assertEquals("n2: again", viaLink(N1, N2, "again"));
  }

  @Test
  void aPausedProcessIsSilentAndGoesOnWhereItWas() {
    NodeContainer n2 = containers.get(N2);
    n2.pause();
    assertEquals(NodeState.PAUSED, n2.state());
    assertEquals(SILENCE, answerOf(N2, "later", SILENT_MILLIS));
    n2.resume();
    assertEquals(NodeState.UP, n2.state());
    assertEquals("n2: now", answerOf(N2, "now"));
  }

  @Test
  void aPausedProcessCanBeKilled() {
    NodeContainer n2 = containers.get(N2);
    n2.pause();
    n2.kill();
    assertEquals(NodeState.DOWN, n2.state());
    startNode(N2);
  }

  private static String linesOfN2() throws IOException {
    return Files.readString(folder.resolve("n2/lines"));
  }

  private static void startNode(NodeId node) {
    containers.get(node).start(links.networkModeOf(node));
    awaitAnswer(node);
  }

  private static String viaLink(NodeId from, NodeId to, String line) {
    return viaLink(from, to, line, PATIENT_MILLIS);
  }

  private static String viaLink(NodeId from, NodeId to, String line, int millis) {
    return fromNode(from, links.addressOf(from, to), line, millis);
  }

  private static String fromNode(NodeId from, InetSocketAddress to, String line, int millis) {
    return answerOf(
        from,
        "dial %s %d %d %s".formatted(to.getHostString(), to.getPort(), millis, line),
        millis + PATIENT_MILLIS);
  }

  private static String answerOf(NodeId node, String line) {
    return answerOf(node, line, PATIENT_MILLIS);
  }

  private static String answerOf(NodeId node, String line, int millis) {
    InetSocketAddress address = links.addressOf(node);
    return EchoNode.ask(address.getHostString(), address.getPort(), line, millis);
  }

  private static void awaitAnswer(NodeId node) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> answerOf(node, "hello", SILENT_MILLIS).equals(node + ": hello"));
  }
}
