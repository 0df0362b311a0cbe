package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.nemesis.InventedCluster.N1;
import static phaistos.nemesis.InventedCluster.N2;
import static phaistos.nemesis.InventedCluster.N3;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.Cluster.NodeState;
import phaistos.nemesis.OperatorFaults.Loss;
import phaistos.nemesis.OperatorFaults.Switchover;
import phaistos.nemesis.OperatorFaults.TwoPrimaries;
import phaistos.nemesis.PowerFaults.ColdRestart;

/** Switchover, two primaries on one timeline number, and the cold restart of all nodes. */
class OperatorFaultsTest {
  @TempDir private Path folder;
  private InventedCluster cluster;
  private Operator operator;

  @BeforeEach
  void start() {
    cluster = InventedCluster.in(folder);
    operator = new Operator(cluster, 1, 300_000_000L);
  }

  private Fault.UnderWay begin(Fault fault) {
    return fault.begin(new Fault.Site(cluster, operator.state(), operator, new Handle("a")));
  }

  private static boolean isEffective(Fault.UnderWay fault) {
    return fault.effect().map(Fault.Effect::effective).orElseThrow();
  }

  @Test
  void aSwitchoverEndsThePrimaryInOrderAndLetsItFollow() {
    cluster.position.put(N3, 2_000L);
    Fault.UnderWay fault = begin(new Switchover(7));
    assertEquals(
        List.of("shut down n1", "promote n3", "follow n1 n3", "follow n2 n3"), cluster.acts);
    assertTrue(isEffective(fault));
    assertEquals(N3, cluster.primary());
  }

  @Test
  void aFormerPrimaryThatDoesNotStreamAfterASwitchoverJoinsAnew() {
    cluster.cannotFollow.add(N1);
    begin(new Switchover(7));
    assertTrue(cluster.acts.contains("rejoin n1 n2"), cluster.acts.toString());
  }

  @Test
  void aSwitchoverThatIsRefusedLetsThePrimaryGoOn() {
    cluster.mute.add(N3);
    Fault.UnderWay fault = begin(new Switchover(7));
    assertFalse(isEffective(fault));
    assertEquals(List.of("shut down n1", "restart n1"), cluster.acts);
    assertEquals(NodeState.UP, cluster.state(N1));
  }

  @Test
  void twoPrimariesDoNotKnowOfEachOtherAndTheSecondJoinsTheFirst() {
    cluster.position.put(N3, 2_000L);
    Fault.UnderWay fault = begin(new TwoPrimaries(7));
    assertEquals(
        List.of("kill n1", "promote n3", "promote n2 aside", "rejoin n1 n3"), cluster.acts);
    assertEquals(N3, cluster.primary(), "the most advanced one");
    assertTrue(cluster.cut.stream().allMatch(stream -> stream.contains("n2")));
    assertEquals(8, cluster.cut.size(), "both streams of n2's links with n1 and n3, both ways");
    assertTrue(isEffective(fault));
    cluster.acts.clear();
    fault.end();
    assertEquals(List.of("rejoin n2 n3"), cluster.acts);
    assertTrue(cluster.cut.isEmpty());
  }

  @Test
  void twoPrimariesOnTimelinesOfTheirOwnDoNotCount() {
    cluster.timelines.put(N2, "00000003");
    assertFalse(isEffective(begin(new TwoPrimaries(7))));
  }

  @Test
  void aColdRestartStartsAllNodesInADrawnOrder() {
    Fault.UnderWay fault = begin(new ColdRestart(Loss.CRASH, 1, 7));
    assertEquals(List.of("kill n1", "kill n2", "kill n3"), cluster.acts.subList(0, 3));
    assertEquals(List.of("crash n1", "crash n2", "crash n3"), cluster.acts.subList(3, 6));
    assertEquals(
        3, cluster.acts.stream().filter(act -> act.startsWith("restart")).distinct().count());
    cluster.nodes().forEach(node -> assertEquals(NodeState.UP, cluster.state(node)));
    assertTrue(isEffective(fault));
  }

  @Test
  void aColdRestartLeavesDownWhomAnotherFaultHolds() {
    operator.state().kill(new Handle("other"), List.of(N2));
    begin(new ColdRestart(Loss.KILL, 1, 7));
    assertEquals(NodeState.DOWN, cluster.state(N2));
    operator.state().release(new Handle("other"));
    assertEquals(NodeState.UP, cluster.state(N2));
  }

  @Test
  void aColdRestartDoesNotStartAFormerPrimaryAsAPrimary() {
    operator.state().kill(new Handle("other"), List.of(N1));
    operator.failover(Operator.Policy.SAFE, new phaistos.histories.generators.Seed(3));
    operator.state().unhold(new Handle("other"));
    cluster.acts.clear();
    begin(new ColdRestart(Loss.KILL, 1, 7));
    assertFalse(cluster.acts.contains("restart n1"), cluster.acts.toString());
    assertTrue(cluster.acts.contains("rejoin n1 n2"), cluster.acts.toString());
    assertEquals(Optional.of(true), operator.state().recoveredAt(N3, 1));
  }
}
