package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.ServerProcesses.Role;
import phaistos.cluster.ServerProcesses.Shutdown;
import phaistos.nemesis.ServerProcessFaults.Deed;
import phaistos.nemesis.ServerProcessFaults.OnProcess;

/** Faults of single processes and of whole servers, on nodes without any database. */
class ServerFaultsTest {
  private static final NodeSpec N2 = NodeSpec.nodes(InventedCluster.N2);

  @TempDir private Path folder;

  private InventedCluster cluster;
  private Operator operator;

  @BeforeEach
  void start() {
    cluster = InventedCluster.in(folder);
    operator = new Operator(cluster, 1, 1);
  }

  private Fault.UnderWay begin(Fault fault) {
    return fault.begin(new Fault.Site(cluster, operator.state(), operator, new Handle("x")));
  }

  private static boolean isEffective(Fault.UnderWay fault) {
    return fault.effect().orElseThrow().effective();
  }

  @Test
  void aStoppedProcessStandsStillUntilTheEnd() {
    Fault.UnderWay fault = begin(new OnProcess(Deed.STOP, N2, Role.WALRECEIVER, 1));
    assertEquals(cluster.find(InventedCluster.N2, Role.WALRECEIVER), stopped());
    fault.end();
    assertEquals(List.of(), stopped());
    assertTrue(isEffective(fault));
  }

  private List<Long> stopped() {
    return List.copyOf(cluster.stoppedProcesses);
  }

  @Test
  void aFaultOfAProcessThatIsNotThereHasNoEffect() {
    for (Deed deed : Deed.values()) {
      cluster.state.put(InventedCluster.N2, NodeState.PAUSED);
      Fault.UnderWay fault = begin(new OnProcess(deed, N2, Role.CHECKPOINTER, 1));
      fault.end();
      assertFalse(isEffective(fault), deed.toString());
    }
  }

  @Test
  void aKilledProcessCountsWhenItIsGone() {
    Fault.UnderWay fault = begin(new OnProcess(Deed.KILL, N2, Role.WALWRITER, 1));
    assertTrue(isEffective(fault));
    cluster.killedProcesses.clear();
    assertFalse(isEffective(fault), "it is still there");
  }

  /** A server that ends because one of its processes was killed is started at the end. */
  @Test
  void aServerThatEndedItselfIsStartedAgain() {
    Fault.UnderWay fault = begin(new OnProcess(Deed.KILL, N2, Role.STARTUP, 1));
    cluster.state.put(InventedCluster.N2, NodeState.DOWN);
    fault.end();
    assertEquals(NodeState.UP, cluster.state(InventedCluster.N2));
  }

  @Test
  void aSlowedProcessIsStoppedAgainAndAgainAndRunsInTheEnd() {
    Fault.UnderWay fault = begin(new OnProcess(Deed.SLOW, N2, Role.WALSENDER, 1));
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!isEffective(fault) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    fault.end();
    assertTrue(isEffective(fault));
    assertEquals(List.of(), stopped());
  }

  @Test
  void aServerThatWasShutDownStaysDownUntilTheEnd() {
    Fault.UnderWay fault = begin(new ServerFaults.ShutDown(N2, Shutdown.FAST, 1));
    assertEquals(NodeState.DOWN, cluster.state(InventedCluster.N2));
    assertTrue(operator.state().isHeldDown(InventedCluster.N2));
    fault.end();
    assertEquals(NodeState.UP, cluster.state(InventedCluster.N2));
    assertTrue(isEffective(fault));
  }

  @Test
  void aStartWithAStoppedProcessIsAStart() {
    int before = operator.state().starts(InventedCluster.N2);
    Fault.UnderWay fault = begin(new ServerFaults.StartStopped(N2, Role.CHECKPOINTER, 400, 1));
    assertEquals(before + 1, operator.state().starts(InventedCluster.N2));
    assertEquals(Optional.of(true), fault.effect().map(Fault.Effect::effective));
  }
}
