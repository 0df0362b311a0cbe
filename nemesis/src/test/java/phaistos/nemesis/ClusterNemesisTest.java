package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.nemesis.InventedCluster.N1;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.NodeState;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Rehearsal;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Fault.Loss;
import phaistos.nemesis.Fault.Policy;
import phaistos.nemesis.Fault.Shape;

class ClusterNemesisTest {
  @TempDir private Path folder;
  private InventedCluster cluster;
  private ClusterNemesis nemesis;
  private final List<Event<UntypedCall>> events = new ArrayList<>();

  @BeforeEach
  void start() {
    cluster =
        new InventedCluster(SystemEnvironment.of("test", new SystemDisk(folder), 1, (_, _) -> {}));
    nemesis = new ClusterNemesis(cluster, new Operator(cluster, 1, 300_000_000L), 500_000_000L);
  }

  private String invoke(Fault fault) {
    UntypedCall answer = nemesis.invoke(Fault.CODEC.encode(fault));
    events.add(new Event.Info<>(-1, -1, Process.NEMESIS, answer, Details.NONE));
    String text = EdnWriter.print(answer.value());
    try {
      Edn again = new EdnReader(new StringReader(text), "history").next().orElseThrow();
      assertEquals(answer.value(), again, "what is written is read back");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text;
  }

  private Evidence evidence() {
    return Evidence.of(History.of(events));
  }

  private static TreeMap<String, Integer> counts(Map<String, Integer> counts) {
    return new TreeMap<>(counts);
  }

  @Test
  void aPartitionCountsWhenItStoppedBytes() {
    invoke(new Fault.Partition(Shape.ONE_WAY, 5));
    assertEquals(1, cluster.cut.size());
    assertTrue(cluster.cut.first().contains("n1"), cluster.cut.toString());
    assertTrue(invoke(new Fault.Heal()).contains(":bytes 100}"));
    assertTrue(cluster.cut.isEmpty());
    cluster.stoppedByEachCut = 0;
    invoke(new Fault.Partition(Shape.ONE_LINK, 5));
    assertEquals(2, cluster.cut.size());
    invoke(new Fault.Heal());
    assertEquals(counts(Map.of("partition", 1)), evidence().effective());
    assertEquals(counts(Map.of("partition", 1)), evidence().withoutEffect());
  }

  @Test
  void isolatingThePrimaryCutsItFromEveryNodeAndNotFromTheClients() {
    invoke(new Fault.Partition(Shape.ISOLATE_PRIMARY, 5));
    assertEquals(4, cluster.cut.size());
    assertTrue(cluster.cut.stream().noneMatch(name -> name.contains("clients")));
  }

  @Test
  void aKillCountsWhenRecoveryRan() {
    invoke(new Fault.Kill(NodeSpec.PRIMARIES, 5));
    assertEquals(NodeState.DOWN, cluster.state(N1));
    assertEquals(0, evidence().total());
    invoke(new Fault.Restart());
    assertEquals(NodeState.UP, cluster.state(N1));
    assertEquals(counts(Map.of("kill", 1)), evidence().effective());
  }

  @Test
  void aCrashCountsWhenItLostSomething() {
    invoke(new Fault.Crash(NodeSpec.ALL, CrashMode.TORN, 5));
    invoke(new Fault.Restart());
    assertEquals("restart n1", cluster.acts.get(3), "the primary first");
    cluster.lostByEachCrash = 0;
    invoke(new Fault.Crash(NodeSpec.ONE, CrashMode.ALL_LOST, 6));
    invoke(new Fault.Restart());
    assertEquals(counts(Map.of("crash", 1)), evidence().effective());
    assertEquals(counts(Map.of("crash", 1)), evidence().withoutEffect());
  }

  @Test
  void aPauseEndsWithResume() {
    invoke(new Fault.Pause(NodeSpec.MAJORITY, 5));
    assertEquals(2, cluster.state.values().stream().filter(s -> s == NodeState.PAUSED).count());
    invoke(new Fault.Resume());
    assertEquals(counts(Map.of("pause", 1)), evidence().effective());
  }

  @Test
  void aFailoverSaysWhoItPromotedAndWhy() {
    String said = invoke(new Fault.Failover(Loss.CRASH, Policy.SAFE, 5));
    assertTrue(said.contains(":from \"n1\""), said);
    assertTrue(said.contains(":to \"n2\""), said);
    assertEquals(counts(Map.of("failover", 1)), evidence().effective());
    cluster.mute.addAll(cluster.nodes());
    said = invoke(new Fault.Failover(Loss.KILL, Policy.SAFE, 5));
    assertTrue(said.contains(":refused"), said);
    assertEquals(counts(Map.of("failover", 1)), evidence().withoutEffect());
  }

  @Test
  void recoverBringsEverythingBackAndSaysWhoIsBehind() {
    invoke(new Fault.Partition(Shape.ISOLATE_PRIMARY, 5));
    invoke(new Fault.Kill(NodeSpec.ONE, 7));
    invoke(new Fault.Pause(NodeSpec.ONE, 8));
    invoke(new Fault.Recover());
    assertTrue(cluster.state.values().stream().allMatch(s -> s == NodeState.UP));
    assertTrue(cluster.cut.isEmpty());
    assertEquals(Optional.of(true), evidence().caughtUp());
    cluster.position.put(N1, 2_000L);
    invoke(new Fault.Recover());
    assertEquals(Optional.of(false), evidence().caughtUp());
  }

  @Test
  void theSameFaultHitsTheSameNodes() {
    for (NodeSpec spec : NodeSpec.values()) {
      for (long n = 0; n < 20; n++) {
        Seed seed = new Seed(n);
        assertEquals(spec.resolve(cluster, seed), spec.resolve(cluster, seed));
      }
    }
    assertEquals(1, NodeSpec.MINORITY.resolve(cluster, new Seed(3)).size());
    assertEquals(2, NodeSpec.MAJORITY.resolve(cluster, new Seed(3)).size());
  }

  @Test
  void aScheduleGoesOnWhateverBecameOfItsFaults() {
    Schedule schedule =
        new Schedule(
            List.of(
                new Schedule.Entry(10, new Fault.Kill(NodeSpec.ONE, 1)),
                new Schedule.Entry(20, new Fault.Restart())));
    List<Event<UntypedCall>> done =
        Rehearsal.run(
            Generators.nemesis(nemesis.scheduled(schedule).generator()),
            1,
            new Seed(1),
            invocation ->
                new Event.Info<>(
                    -1,
                    invocation.timeNanos(),
                    invocation.process(),
                    nemesis.invoke(invocation.call()),
                    Details.NONE));
    assertEquals(4, done.size());
    assertEquals(counts(Map.of("kill", 1)), Evidence.of(History.of(done)).effective());
  }

  @Test
  void packagesComposeAndTwoNemesesCannotClaimOneFunction() {
    NemesisPackage faults = nemesis.scheduled(new Schedule(List.of()));
    NemesisPackage both = NemesisPackage.compose(List.of(NemesisPackage.NOOP, faults));
    assertEquals(nemesis.functions(), both.nemesis().functions());
    both.nemesis().invoke(Fault.CODEC.encode(new Fault.Kill(NodeSpec.PRIMARIES, 1)));
    assertEquals(List.of("kill n1"), cluster.acts);
    ClusterNemesis other = new ClusterNemesis(cluster, new Operator(cluster, 1, 1), 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> NemesisPackage.compose(List.of(faults, other.scheduled(new Schedule(List.of())))));
    assertThrows(
        IllegalArgumentException.class,
        () -> both.nemesis().invoke(new UntypedCall(Edn.keyword("bite"), Edn.NIL)));
  }
}
