package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.nemesis.SomeFaults.plain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.NetworkFaults.Partition;
import phaistos.nemesis.NetworkFaults.Shape;
import phaistos.nemesis.Operator.Policy;
import phaistos.nemesis.Schedule.Begin;
import phaistos.nemesis.Schedule.End;
import phaistos.nemesis.Schedule.Entry;
import phaistos.nemesis.Schedule.Plan;

class ScheduleTest {
  private static final long MINUTE = 60_000_000_000L;
  private static final Set<String> USUAL = Set.copyOf(Faults.USUAL);

  private static long at(Entry entry) {
    return ((Trigger.At) entry.trigger()).nanos();
  }

  @Test
  void aSeedGivesOneSchedule() {
    Plan plan = Plan.usual(MINUTE);
    for (long n = 0; n < 50; n++) {
      Schedule schedule = Schedule.draw(new Seed(n), USUAL, plan);
      assertEquals(schedule, Schedule.draw(new Seed(n), USUAL, plan));
      assertNotEquals(schedule, Schedule.draw(new Seed(n + 1), USUAL, plan));
    }
  }

  /** Toxiproxy's toxics are among them; damage of files where two standbys have each commit. */
  @Test
  void swarmsHaveFaultsOfEveryKind() {
    TreeSet<String> drawn = new TreeSet<>();
    for (long n = 0; n < 200; n++) {
      drawn.addAll(Swarm.draw(new Seed(n), Swarm.KINDS, 2, true, MINUTE).kinds());
    }
    assertEquals(new TreeSet<>(Swarm.KINDS), drawn);
    assertTrue(drawn.containsAll(ToxicFaults.KINDS.stream().map(FaultKind::name).toList()));
    assertTrue(drawn.containsAll(DamageFaults.KINDS.stream().map(FaultKind::name).toList()));
  }

  /** What stops a node where a file gets its name must stop the node that is there. */
  @Test
  void swarmsStopTheNodeThatIsAtAStep() {
    TreeSet<String> steps = new TreeSet<>();
    for (long n = 0; n < 200; n++) {
      Schedule schedule = Swarm.draw(new Seed(n), List.of("kill", "crash"), 1, true, MINUTE);
      for (Entry entry : schedule.entries()) {
        if (entry.act() instanceof Begin(Handle _, Fault fault)
            && fault.value().get("target").equals(NodeSpec.HELD.toEdn())) {
          steps.add(assertInstanceOf(Trigger.Step.class, entry.trigger()).name());
        }
      }
    }
    assertTrue(steps.containsAll(Set.of("wal-segment-rename", "wal-directory-sync")), "" + steps);
    assertTrue(steps.contains("commit-flush"), "" + steps);
    assertEquals(
        List.of(),
        Swarm.draw(new Seed(1), List.of("kill", "crash"), 1, false, MINUTE).entries().stream()
            .filter(entry -> entry.trigger() instanceof Trigger.Step)
            .toList());
  }

  @Test
  void aKindThatIsThereThreeTimesComesThreeTimesAsOften() {
    Schedule schedule =
        Schedule.draw(
            new Seed(1), List.of("kill", "checkpoint", "kill", "kill"), Plan.usual(MINUTE));
    List<String> begun =
        schedule.entries().stream()
            .map(Schedule.Entry::act)
            .filter(Schedule.Begin.class::isInstance)
            .map(act -> ((Schedule.Begin) act).fault().kind().name())
            .limit(8)
            .toList();
    assertEquals(6, java.util.Collections.frequency(begun, "kill"), begun.toString());
  }

  @Test
  void aMinuteHasFaultsOfEveryKindAndAllOfThemEndOneAfterTheOther() {
    for (long n = 0; n < 100; n++) {
      Schedule schedule = Schedule.draw(new Seed(n), USUAL, Plan.usual(MINUTE));
      assertEquals(USUAL, schedule.kinds(), "seed " + n);
      int open = 0;
      int begun = 0;
      for (Entry entry : schedule.entries()) {
        switch (entry.act()) {
          case Begin begin -> {
            begun++;
            assertEquals(0, open, "seed " + n + ": " + begin);
            open += begin.fault().kind().end().isPresent() ? 1 : 0;
          }
          case End _ -> open--;
        }
      }
      assertEquals(0, open, "seed " + n);
      assertTrue(begun >= 8, "seed " + n + ": " + begun);
      assertTrue(at(schedule.entries().getLast()) < MINUTE);
    }
  }

  @Test
  void anOverlappingPlanHasSeveralFaultsUnderWay() {
    for (long n = 0; n < 100; n++) {
      Schedule schedule = Schedule.draw(new Seed(n), USUAL, Plan.overlapping(MINUTE));
      Map<Handle, Long> begun = new HashMap<>();
      Map<Handle, Long> ended = new HashMap<>();
      for (Entry entry : schedule.entries()) {
        (entry.act() instanceof Begin ? begun : ended).put(entry.act().handle(), at(entry));
      }
      long overlaps =
          ended.keySet().stream()
              .filter(
                  handle ->
                      begun.values().stream()
                          .anyMatch(t -> t > begun.get(handle) && t < ended.get(handle)))
              .count();
      assertTrue(overlaps > 10, "seed " + n + ": " + overlaps);
      assertTrue(ended.values().stream().allMatch(t -> t < MINUTE));
    }
  }

  /** Each entry keeps its distance from the one before, whenever that came. */
  @Test
  void entriesOfAChainFireOneAfterTheOther() {
    for (long n = 0; n < 100; n++) {
      Schedule drawn = Schedule.draw(new Seed(n), USUAL, Plan.usual(MINUTE));
      Map<Handle, Long> begun = new HashMap<>();
      List<Entry> chained = drawn.chained(handle -> true).entries();
      for (int i = 0; i < chained.size(); i++) {
        Entry entry = chained.get(i);
        long fires =
            switch (entry.trigger()) {
              case Trigger.At(long nanos) when begun.isEmpty() -> nanos;
              case Trigger.After(Handle handle, long nanos) -> begun.get(handle) + nanos;
              default -> throw new AssertionError("seed " + n + ": " + entry);
            };
        assertEquals(at(drawn.entries().get(i)), fires, "seed " + n + ": " + entry);
        assertEquals(drawn.entries().get(i).act(), entry.act());
        if (entry.act() instanceof Begin(Handle handle, Fault _)) {
          begun.put(handle, fires);
        }
      }
      assertEquals(drawn, drawn.chained(handle -> false));
    }
  }

  @Test
  void whatIsWrittenIsReadBack() {
    for (long n = 0; n < 50; n++) {
      Schedule schedule =
          Schedule.draw(
              new Seed(n),
              Set.copyOf(Faults.names()),
              Plan.overlapping(MINUTE).withPolicy(Policy.RECKLESS));
      assertEquals(schedule, Schedule.ofEdn(schedule.toEdn(), "schedule.edn"));
    }
    assertEquals(new Schedule(List.of()), Schedule.ofEdn("[]", "schedule.edn"));
  }

  @Test
  void everyTriggerIsReadBack() {
    List<Trigger> triggers =
        List.of(
            new Trigger.At(5),
            new Trigger.After(new Handle("h0"), 7),
            new Trigger.Operations(500),
            new Trigger.LogLine("redo \"starts\" at", Optional.of(new NodeId("n2")), 2),
            new Trigger.LogLine("redo", Optional.empty(), 1),
            new Trigger.Lsn(0xFFFFFFFF_16B37480L),
            new Trigger.Xid(900),
            new Trigger.Message("standby-status-update", Optional.empty(), 3),
            new Trigger.Step("wal-flush", Optional.of(new NodeId("n1")), 4));
    List<Entry> entries = new ArrayList<>();
    for (Trigger trigger : triggers) {
      entries.add(
          new Entry(
              trigger,
              new Begin(
                  new Handle("h" + entries.size()),
                  plain(ProcessFaults.KILL, NodeSpec.PRIMARIES, 1))));
    }
    Schedule schedule = new Schedule(entries);
    assertEquals(schedule, Schedule.ofEdn(schedule.toEdn(), "schedule.edn"));
  }

  @Test
  void aPersonMayLeaveOutWhatHasADefault() {
    Schedule schedule =
        Schedule.ofEdn(
            """
            ; two cuts [that overlap]
            [{:at 1 :f :partition :handle "a" :value {:shape :isolate-primary}}
             {:at 2 :f :partition :value {:shape :one-link :node "n2"}}
             {:when {:log "started streaming"} :f :kill, :value {:target ["n3"]}}
             ; the end
             {:at 3 :f :heal :handle "a"}] ; that [was] all
            """,
            "s.edn");
    assertEquals(
        new Schedule(
            List.of(
                Schedule.begin(1, "a", new Partition(Shape.ISOLATE_PRIMARY, 0)),
                Schedule.begin(
                    2, "f2", new Partition(Shape.ONE_LINK, Optional.of(new NodeId("n2")), 0)),
                new Entry(
                    new Trigger.LogLine("started streaming", Optional.empty(), 1),
                    new Begin(
                        new Handle("f3"),
                        plain(ProcessFaults.KILL, NodeSpec.nodes(new NodeId("n3")), 0))),
                Schedule.end(3, "a", NetworkFaults.PARTITION))),
        schedule);
  }

  @Test
  void schedulesFromBeforeThereWereHandlesAreRead() {
    Schedule schedule =
        Schedule.ofEdn(
            """
            [{:at 1, :f :partition, :value {:shape :one-way, :seed 201}}
             {:at 2, :f :heal, :value nil}
             {:at 3, :f :crash, :value {:target :one, :mode :torn, :seed 5}}
             {:at 4, :f :restart, :value nil}
             {:at 5, :f :failover, :value {:loss :crash, :policy :safe, :seed 77}}]
            """,
            "s.edn");
    assertEquals(
        List.of("partition f1", "heal f1", "crash f3", "power-on f3", "failover f5"),
        schedule.entries().stream()
            .map(e -> Schedule.call(e.act()).name() + " " + e.act().handle())
            .toList());
  }

  @Test
  void aBadFileIsNamedWithItsLineAndEntry() {
    Map<String, String> bad = new HashMap<>();
    bad.put("", "s.edn: no schedule");
    bad.put("[", "s.edn: no schedule");
    bad.put("{:at 5}", "s.edn: no schedule: expected a vector");
    bad.put("[{:f :kill :value {:target :one}}]", "s.edn: line 1: entry 1: expected either :at");
    bad.put("[{:at 1 :f :pause :value {:target :one}}\n{:at 2 :f :bite}]", "line 2: entry 2: no f");
    bad.put("[5]", "line 1: entry 1: expected a table");
    bad.put("[{:at 1 :f :kill :value {:target :two :seed 5}}]", ":target: :two (expected :one,");
    bad.put("[{:at 1 :f :kill :value {:target :one :sead 5}}]", "unknown key :sead");
    bad.put("[{:at 1 :f :kill :value {:target :one :seed \"x\"}}]", ":seed must be an integer");
    bad.put("[{:at 1 :until 2 :f :kill :value {:target :one}}]", "unknown key :until");
    bad.put("[{:at 1 :f :partition :value {:shape :round}}]", ":shape: :round (expected one of");
    bad.put("[{:at -1 :f :kill :value {:target :one}}]", ":at must not be negative");
    bad.put("[{:at 1 :when {:xid 5} :f :kill :value {:target :one}}]", "expected either :at");
    bad.put("[{:when {:moon 5} :f :kill :value {:target :one}}]", "expected one of :after");
    bad.put("[{:when {:operations 0} :f :kill :value {:target :one}}]", "must be at least 1");
    bad.put("[{:when {:lsn \"12\"} :f :kill :value {:target :one}}]", ":lsn: no LSN: 12");
    bad.put("[{:when {:lsn \"0/X\"} :f :kill :value {:target :one}}]", ":lsn: no LSN: 0/X");
    bad.put("[{:when {:after \"z\"} :f :kill :value {:target :one}}]", "names no fault");
    bad.put("[{:at 1 :f :heal :handle \"a\"}]", ":heal of no fault: a");
    bad.put(
        "[{:at 1 :f :kill :handle \"a\" :value {:target :one}} {:at 2 :f :heal :handle \"a\"}]",
        "a kill ends by :restart, not by :heal: a");
    bad.put(
        "[{:at 1 :f :failover :handle \"a\" :value {:loss :kill :policy :safe}}"
            + "{:at 2 :f :heal :handle \"a\"}]",
        "a failover ends by itself, not by :heal: a");
    bad.put(
        "[{:at 1 :f :kill :handle \"a\" :value {:target :one}}"
            + "{:at 2 :f :kill :handle \"a\" :value {:target :one}}]",
        "two faults of one handle: a");
    bad.forEach(
        (text, expected) -> {
          IllegalArgumentException e =
              assertThrows(
                  IllegalArgumentException.class, () -> Schedule.ofEdn(text, "s.edn"), text);
          assertTrue(e.getMessage().startsWith("s.edn: "), e.getMessage());
          assertTrue(e.getMessage().contains(expected), text + ": " + e.getMessage());
          assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        });
    assertThrows(
        IllegalArgumentException.class,
        () -> Schedule.draw(new Seed(1), Set.of("bite"), Plan.usual(MINUTE)));
  }
}
