package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.nemesis.InventedCluster.N1;
import static phaistos.nemesis.InventedCluster.N2;
import static phaistos.nemesis.InventedCluster.N3;
import static phaistos.nemesis.SomeFaults.plain;
import static phaistos.nemesis.SomeFaults.with;

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
import phaistos.nemesis.NetworkFaults.Partition;
import phaistos.nemesis.NetworkFaults.Shape;
import phaistos.nemesis.Operator.Policy;
import phaistos.nemesis.OperatorFaults.Failover;
import phaistos.nemesis.OperatorFaults.Loss;
import phaistos.nemesis.PowerFaults.Crash;

class ClusterNemesisTest {
  private static final Schedule EMPTY = new Schedule(List.of());

  @TempDir private Path folder;
  private InventedCluster cluster;
  private Operator operator;
  private Nemesis nemesis;
  private final List<Event<UntypedCall>> events = new ArrayList<>();

  @BeforeEach
  void start() {
    cluster = InventedCluster.in(folder);
    operator = new Operator(cluster, 1, 300_000_000L);
    nemesis = packageOf(EMPTY).nemesis();
  }

  private NemesisPackage packageOf(Schedule schedule) {
    return new ClusterNemesis(cluster, operator, 500_000_000L).scheduled(schedule, 1_000_000L);
  }

  private String begin(String handle, Fault fault) {
    return invoke(Schedule.call(new Schedule.Begin(new Handle(handle), fault)));
  }

  private String end(String function, String handle) {
    return invoke(Schedule.call(new Schedule.End(new Handle(handle), function)));
  }

  private String invoke(String function) {
    return invoke(new UntypedCall(Edn.keyword(function), Edn.NIL));
  }

  private String invoke(UntypedCall call) {
    UntypedCall answer = nemesis.invoke(call);
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

  private static Edn edn(String text) {
    try {
      return new EdnReader(new StringReader(text), "test").next().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Evidence evidence() {
    return Evidence.of(History.of(events));
  }

  private static TreeMap<String, Integer> counts(Map<String, Integer> counts) {
    return new TreeMap<>(counts);
  }

  private static Partition partition(Shape shape) {
    return new Partition(shape, 5);
  }

  @Test
  void aPartitionCountsWhenItStoppedBytes() {
    begin("a", partition(Shape.ONE_WAY));
    assertEquals(1, cluster.cut.size());
    assertTrue(cluster.cut.first().contains("n1"), cluster.cut.toString());
    assertTrue(end("heal", "a").contains(":bytes 100}"));
    assertTrue(cluster.cut.isEmpty());
    cluster.stoppedByEachCut = 0;
    begin("b", partition(Shape.ONE_LINK));
    assertEquals(2, cluster.cut.size());
    end("heal", "b");
    assertEquals(counts(Map.of("partition", 1)), evidence().effective());
    assertEquals(counts(Map.of("partition", 1)), evidence().withoutEffect());
  }

  @Test
  void isolatingThePrimaryCutsItFromEveryNodeAndNotFromTheClients() {
    begin("a", partition(Shape.ISOLATE_PRIMARY));
    assertEquals(4, cluster.cut.size());
    assertTrue(cluster.cut.stream().noneMatch(name -> name.contains("clients")));
  }

  @Test
  void twoCutsOnOneStreamAndOneHealedLeaveItCut() {
    begin("all", partition(Shape.ISOLATE_PRIMARY));
    begin("link", new Partition(Shape.ONE_LINK, Optional.of(N2), 0));
    assertEquals(4, cluster.cut.size());
    assertTrue(end("heal", "all").contains(":effective true"));
    assertEquals(2, cluster.cut.size());
    assertTrue(cluster.cut.stream().allMatch(name -> name.contains("n2")), cluster.cut.toString());
    end("heal", "link");
    assertTrue(cluster.cut.isEmpty());
    // The second cut has stopped nothing that the first had not.
    assertEquals(counts(Map.of("partition", 1)), evidence().effective());
    assertEquals(counts(Map.of("partition", 1)), evidence().withoutEffect());
  }

  @Test
  void whatACutStoppedIsToldOnceTheStreamIsWholeAgain() {
    // As with Toxiproxy, whose counters know nothing of open connections.
    cluster.stoppedByEachCut = 0;
    begin("a", new Partition(Shape.ONE_LINK, Optional.of(N2), 0));
    begin("b", new Partition(Shape.ONE_LINK, Optional.of(N2), 0));
    assertTrue(end("heal", "a").contains(":effects []"));
    cluster.countStopped(70);
    String healed = end("heal", "b");
    assertTrue(healed.contains(":handle \"a\", :effective true"), healed);
    assertTrue(healed.contains(":handle \"b\", :effective true"), healed);
    assertEquals(counts(Map.of("partition", 2)), evidence().effective());
  }

  @Test
  void aKillCountsWhenRecoveryRan() {
    begin("a", plain(ProcessFaults.KILL, NodeSpec.PRIMARIES, 5));
    assertEquals(NodeState.DOWN, cluster.state(N1));
    assertEquals(0, evidence().total());
    end("restart", "a");
    assertEquals(NodeState.UP, cluster.state(N1));
    assertEquals(counts(Map.of("kill", 1)), evidence().effective());
  }

  @Test
  void aNodeThatWasKilledTwiceAndRestartedOnceIsDown() {
    begin("a", plain(ProcessFaults.KILL, NodeSpec.nodes(N2), 0));
    begin("b", plain(ProcessFaults.KILL, NodeSpec.nodes(N2, N3), 0));
    assertTrue(end("restart", "a").contains(":effects []"), "nobody knows yet whether redo runs");
    assertEquals(NodeState.DOWN, cluster.state(N2));
    String ended = end("restart", "b");
    assertEquals(NodeState.UP, cluster.state(N2));
    assertTrue(ended.contains(":handle \"a\", :effective true, :nodes [\"n2\"]"), ended);
    assertTrue(ended.contains(":handle \"b\", :effective true, :nodes [\"n3\"]"), ended);
  }

  @Test
  void aNodeThatWasPausedTwiceAndResumedOnceIsPaused() {
    begin("a", plain(ProcessFaults.PAUSE, NodeSpec.nodes(N2), 0));
    begin("b", plain(ProcessFaults.PAUSE, NodeSpec.nodes(N2), 0));
    end("resume", "a");
    assertEquals(NodeState.PAUSED, cluster.state(N2));
    end("resume", "b");
    assertEquals(NodeState.UP, cluster.state(N2));
    assertEquals(counts(Map.of("pause", 1)), evidence().effective());
    assertEquals(counts(Map.of("pause", 1)), evidence().withoutEffect());
  }

  @Test
  void aNodeThatIsStartedWhileAFaultHoldsItPausedIsPaused() {
    begin("pause", plain(ProcessFaults.PAUSE, NodeSpec.nodes(N2), 0));
    begin("kill", plain(ProcessFaults.KILL, NodeSpec.nodes(N2), 0));
    assertEquals(NodeState.DOWN, cluster.state(N2));
    end("restart", "kill");
    assertEquals(NodeState.PAUSED, cluster.state(N2));
    end("resume", "pause");
    assertEquals(NodeState.UP, cluster.state(N2));
  }

  @Test
  void aCrashCountsWhenItLostSomething() {
    begin("a", new Crash(NodeSpec.ALL, CrashMode.TORN, 5));
    end("power-on", "a");
    assertEquals("restart n1", cluster.acts.get(3), "the primary first");
    cluster.lostByEachCrash = 0;
    begin("b", new Crash(NodeSpec.ONE, CrashMode.ALL_LOST, 6));
    end("power-on", "b");
    assertEquals(counts(Map.of("crash", 1)), evidence().effective());
    assertEquals(counts(Map.of("crash", 1)), evidence().withoutEffect());
  }

  @Test
  void aFailoverSaysWhoItPromotedAndWhy() {
    String said = begin("a", new Failover(Loss.CRASH, Policy.SAFE, 5));
    assertTrue(said.contains(":from \"n1\""), said);
    assertTrue(said.contains(":to \"n2\""), said);
    assertEquals(counts(Map.of("failover", 1)), evidence().effective());
    cluster.mute.addAll(cluster.nodes());
    said = begin("b", new Failover(Loss.KILL, Policy.SAFE, 5));
    assertTrue(said.contains(":refused"), said);
    assertEquals(counts(Map.of("failover", 1)), evidence().withoutEffect());
  }

  @Test
  void aNodeThatIsHeldDownDuringAFailoverJoinsWhenItsFaultEnds() {
    begin("kill", plain(ProcessFaults.KILL, NodeSpec.PRIMARIES, 0));
    String said = begin("failover", new Failover(Loss.KILL, Policy.SAFE, 5));
    assertTrue(said.contains(":left-out [\"n1\"]"), said);
    assertEquals(NodeState.DOWN, cluster.state(N1));
    cluster.acts.clear();
    end("restart", "kill");
    assertEquals(List.of("rejoin n1 n2"), cluster.acts);
    assertEquals(NodeState.UP, cluster.state(N1));
  }

  @Test
  void aNodeThatACutKeepsFromTheNewPrimaryJoinsWhenItIsHealed() {
    begin("cut", new Partition(Shape.ONE_LINK, Optional.of(N2), 0));
    String said = begin("failover", new Failover(Loss.KILL, Policy.SAFE, 5));
    assertTrue(said.contains(":to \"n2\""), said);
    assertTrue(said.contains(":followed [\"n3\"]"), said);
    assertTrue(said.contains(":left-out [\"n1\"]"), said);
    cluster.acts.clear();
    end("heal", "cut");
    assertEquals(List.of("rejoin n1 n2"), cluster.acts);
  }

  @Test
  void whomAFaultKeepsFromPromotionJoinsTheFormerPrimaryAgain() {
    begin("disk", with(DiskFaults.NO_SPACE, NodeSpec.nodes(N2), "bytes", 0, 0));
    cluster.cannotPromote.add(N2);
    String said = begin("failover", new Failover(Loss.KILL, Policy.SAFE, 5));
    assertTrue(said.contains(":refused \"no room\""), said);
    assertEquals(NodeState.UP, cluster.state(N1));
    assertEquals(NodeState.DOWN, cluster.state(N2));
    cluster.acts.clear();
    end("stop-no-space", "disk");
    assertEquals(List.of("rejoin n2 n1"), cluster.acts);
    assertThrows(
        phaistos.cluster.ClusterException.class,
        () -> begin("again", new Failover(Loss.KILL, Policy.SAFE, 5)),
        "no fault is in the way: the failure is ours");
  }

  @Test
  void aNodeThatAFaultKeepsFromJoiningIsLeftOut() {
    begin("disk", with(DiskFaults.NO_SPACE, NodeSpec.nodes(N1), "bytes", 0, 0));
    cluster.cannotRejoin.add(N1);
    String said = begin("failover", new Failover(Loss.KILL, Policy.SAFE, 5));
    assertTrue(said.contains(":left-out [\"n1\"]"), said);
  }

  @Test
  void theOperatorDoesNotWaitForThoseWhoCannotAnswer() {
    operator = new Operator(cluster, 1, Long.MAX_VALUE / 2);
    nemesis = packageOf(EMPTY).nemesis();
    begin("a", plain(ProcessFaults.KILL, NodeSpec.nodes(N2), 0));
    begin("b", plain(ProcessFaults.PAUSE, NodeSpec.nodes(N3), 0));
    for (Policy policy : Policy.values()) {
      String said = begin(policy.name(), new Failover(Loss.KILL, policy, 5));
      assertTrue(said.contains(":refused"), said);
    }
  }

  @Test
  void theOperatorDoesNotWakeWhomAFaultHolds() {
    begin("pause", plain(ProcessFaults.PAUSE, NodeSpec.nodes(N3), 0));
    String said = begin("failover", new Failover(Loss.KILL, Policy.SAFE, 5));
    assertTrue(said.contains("heard 1 standbys, needed 2"), said);
    assertEquals(NodeState.PAUSED, cluster.state(N3));
    assertEquals(NodeState.UP, cluster.state(N1));
  }

  @Test
  void diskAndClockFaultsAddUpAndAreMeasured() {
    begin("slow1", with(DiskFaults.SLOW_DISK, NodeSpec.nodes(N2), "millis", 5, 0));
    begin("slow2", with(DiskFaults.SLOW_DISK, NodeSpec.nodes(N2), "millis", 7, 0));
    begin("room1", with(DiskFaults.NO_SPACE, NodeSpec.nodes(N2), "bytes", 500, 0));
    begin("room2", with(DiskFaults.NO_SPACE, NodeSpec.nodes(N2), "bytes", 300, 0));
    begin("skew", with(ClockFaults.CLOCK_SKEW, NodeSpec.nodes(N2), "millis", -4000, 0));
    assertEquals(12_000_000L, cluster.slowNanos.get(N2));
    assertEquals(300L, cluster.room.get(N2));
    end("stop-slow-disk", "slow1");
    end("stop-no-space", "room2");
    String clock = end("stop-clock-skew", "skew");
    assertTrue(clock.contains(":effective true"), clock);
    assertEquals(7_000_000L, cluster.slowNanos.get(N2));
    assertEquals(500L, cluster.room.get(N2));
    invoke("recover");
    assertEquals(Map.of(), cluster.slowNanos);
    assertEquals(Map.of(), cluster.room);
    assertEquals(Map.of(), cluster.offset);
    assertEquals(
        counts(Map.of("slow-disk", 2, "no-space", 2, "clock-skew", 1)), evidence().effective());
  }

  @Test
  void recoverBringsEverythingBackAndSaysWhoIsBehind() {
    begin("a", partition(Shape.ISOLATE_PRIMARY));
    begin("b", plain(ProcessFaults.KILL, NodeSpec.ONE, 7));
    begin("c", plain(ProcessFaults.PAUSE, NodeSpec.ONE, 8));
    invoke("recover");
    assertTrue(cluster.state.values().stream().allMatch(s -> s == NodeState.UP));
    assertTrue(cluster.cut.isEmpty());
    assertEquals(Optional.of(true), evidence().caughtUp());
    assertEquals(3, evidence().total() + evidence().withoutEffect().size());
    cluster.position.put(N1, 2_000L);
    invoke("recover");
    assertEquals(Optional.of(false), evidence().caughtUp());
  }

  /** Else nodes would wait for what nobody lets go of, and the run would end by that. */
  @Test
  void recoverLetsMessagesPassBeforeItBringsNodesBack() {
    cluster.replicates = true;
    nemesis = packageOf(EMPTY).nemesis();
    begin("a", plain(ProcessFaults.KILL, NodeSpec.nodes(N3), 0));
    for (String handle : List.of("b", "c")) {
      invoke(
          new UntypedCall(
              Edn.keyword("message"),
              edn(
                  "{:handle \"%s\" :target [\"n1\"] :message :wal :treatment :hold :every 1 :millis 1 :seed 1}"
                      .formatted(handle))));
    }
    assertEquals(2, cluster.heldMessages);
    assertTrue(invoke("recover").contains(":caught-up true"));
    assertEquals(0, cluster.heldMessages);
    assertEquals(NodeState.UP, cluster.state(N3));
    assertEquals(counts(Map.of("kill", 1, "message", 2)), evidence().effective());
  }

  /** A held message keeps a standby from streaming; that is no error while it is held. */
  @Test
  void whomAHeldMessageKeepsFromComingBackComesWhenItIsLetGo() {
    cluster.replicates = true;
    nemesis = packageOf(EMPTY).nemesis();
    begin("a", plain(ProcessFaults.KILL, NodeSpec.nodes(N3), 0));
    invoke(
        new UntypedCall(
            Edn.keyword("message"),
            edn(
                "{:handle \"b\" :target [\"n1\"] :message :wal :treatment :hold :every 1 :millis 1"
                    + " :seed 1}")));
    assertTrue(end("restart", "a").contains(":not-ready {:n3 \"n3 does not stream\"}"));
    end("stop-message", "b");
    assertEquals(NodeState.UP, cluster.state(N3));
  }

  @Test
  void anEndWithoutAHandleEndsEveryFaultOfItsKind() {
    begin("a", plain(ProcessFaults.PAUSE, NodeSpec.nodes(N2), 0));
    begin("b", plain(ProcessFaults.PAUSE, NodeSpec.nodes(N3), 0));
    begin("c", plain(ProcessFaults.KILL, NodeSpec.nodes(N3), 0));
    invoke("resume");
    assertEquals(NodeState.UP, cluster.state(N2));
    assertEquals(NodeState.DOWN, cluster.state(N3));
    assertEquals(counts(Map.of("pause", 2)), evidence().effective());
  }

  @Test
  void aHandleBelongsToOneFaultAndWhatIsNotOpenCannotEnd() {
    begin("a", plain(ProcessFaults.KILL, NodeSpec.nodes(N2), 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> begin("a", plain(ProcessFaults.KILL, NodeSpec.nodes(N3), 0)));
    assertEquals(NodeState.UP, cluster.state(N3));
    assertTrue(end("heal", "b").contains(":open false"));
  }

  @Test
  void theSameFaultHitsTheSameNodes() {
    for (NodeSpec spec : NodeSpec.Word.values()) {
      for (long n = 0; n < 20; n++) {
        Seed seed = new Seed(n);
        assertEquals(spec.resolve(cluster, seed), spec.resolve(cluster, seed));
      }
    }
    assertEquals(1, NodeSpec.MINORITY.resolve(cluster, new Seed(3)).size());
    assertEquals(2, NodeSpec.MAJORITY.resolve(cluster, new Seed(3)).size());
    assertEquals(List.of(N1, N3), NodeSpec.nodes(N3, N1).resolve(cluster, new Seed(3)));
  }

  @Test
  void aScheduleGoesOnWhateverBecameOfItsFaults() {
    Schedule schedule =
        new Schedule(
            List.of(
                Schedule.begin(10, "a", plain(ProcessFaults.KILL, NodeSpec.ONE, 1)),
                Schedule.end(20, "a", ProcessFaults.KILL)));
    NemesisPackage faults = packageOf(schedule);
    List<Event<UntypedCall>> done =
        Rehearsal.run(
            Generators.nemesis(faults.generator()),
            1,
            new Seed(1),
            invocation ->
                new Event.Info<>(
                    -1,
                    invocation.timeNanos(),
                    invocation.process(),
                    faults.nemesis().invoke(invocation.call()),
                    Details.NONE));
    assertEquals(4, done.size());
    assertEquals(counts(Map.of("kill", 1)), Evidence.of(History.of(done)).effective());
  }

  @Test
  void packagesComposeAndTwoNemesesCannotClaimOneFunction() {
    NemesisPackage faults = packageOf(EMPTY);
    NemesisPackage both = NemesisPackage.compose(List.of(NemesisPackage.NOOP, faults));
    assertEquals(faults.nemesis().functions(), both.nemesis().functions());
    for (FaultKind kind : Faults.KINDS) {
      assertTrue(both.nemesis().functions().contains(kind.name()), kind.name());
      assertTrue(both.plotMarks().stream().anyMatch(mark -> mark.name().equals(kind.name())));
    }
    both.nemesis().invoke(Schedule.call(begin(plain(ProcessFaults.KILL, NodeSpec.PRIMARIES, 1))));
    assertEquals(List.of("kill n1"), cluster.acts);
    assertThrows(
        IllegalArgumentException.class,
        () -> NemesisPackage.compose(List.of(faults, packageOf(EMPTY))));
    assertThrows(
        IllegalArgumentException.class,
        () -> both.nemesis().invoke(new UntypedCall(Edn.keyword("bite"), Edn.NIL)));
  }

  private static Schedule.Begin begin(Fault fault) {
    return new Schedule.Begin(new Handle("x"), fault);
  }

  @Test
  void whatAClusterCannotDoIsRefusedWithTheReasonBeforeAnythingHappens() {
    Schedule schedule =
        Schedule.ofEdn(
            """
            [{:at 1 :f :kill :value {:target ["n2"]}}
             {:when {:step "wal-flush"} :f :kill :value {:target ["n7"]}}]
            """,
            "s.edn");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> packageOf(schedule));
    assertEquals(
        "entry 2, its trigger: this cluster cannot watch the steps of a node's server: it has no"
            + " code\n"
            + "entry 2, no node n7 (there are [n1, n2, n3])",
        e.getMessage());
    assertEquals(List.of(), cluster.acts);
  }
}
