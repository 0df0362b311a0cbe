package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import phaistos.histories.Event;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Rehearsal;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Fault.Policy;
import phaistos.nemesis.Schedule.Plan;

class ScheduleTest {
  private static final long MINUTE = 60_000_000_000L;
  private static final Set<String> KINDS = Set.of("partition", "kill", "crash", "failover");

  @Test
  void aSeedGivesOneSchedule() {
    Plan plan = Plan.usual(MINUTE);
    for (long n = 0; n < 50; n++) {
      Schedule schedule = Schedule.draw(new Seed(n), KINDS, plan);
      assertEquals(schedule, Schedule.draw(new Seed(n), KINDS, plan));
      assertNotEquals(schedule, Schedule.draw(new Seed(n + 1), KINDS, plan));
    }
  }

  @Test
  void aMinuteHasFaultsOfEveryKindAndAllOfThemEnd() {
    for (long n = 0; n < 100; n++) {
      Schedule schedule = Schedule.draw(new Seed(n), KINDS, Plan.usual(MINUTE));
      List<String> faults = schedule.entries().stream().map(e -> e.fault().f()).toList();
      assertTrue(faults.containsAll(KINDS), "seed " + n + ": " + faults);
      long begun = faults.stream().filter(f -> !f.equals("heal") && !f.equals("restart")).count();
      assertTrue(begun >= 8, "seed " + n + ": " + faults);
      assertEquals(
          faults.stream().filter(f -> f.equals("kill") || f.equals("crash")).count(),
          faults.stream().filter(f -> f.equals("restart")).count());
      assertTrue(schedule.entries().getLast().atNanos() < MINUTE);
    }
  }

  @Test
  void whatIsWrittenIsReadBack() {
    for (long n = 0; n < 50; n++) {
      Schedule schedule =
          Schedule.draw(
              new Seed(n),
              Set.copyOf(Schedule.KINDS),
              Plan.usual(MINUTE).withPolicy(Policy.RECKLESS));
      assertEquals(schedule, Schedule.ofEdn(schedule.toEdn(), "schedule.edn"));
    }
    assertEquals(new Schedule(List.of()), Schedule.ofEdn("[]", "schedule.edn"));
  }

  @Test
  void aBadFileIsNamedWithItsEntry() {
    for (String bad :
        List.of(
            "",
            "[",
            "{:at 5}",
            "[{:f :heal}]",
            "[{:at 1 :f :heal} {:at 2 :f :bite}]",
            "[{:at 1 :f :kill :value {:target :two :seed 5}}]",
            "[{:at 1 :f :kill :value {:target :one}}]",
            "[{:at 1 :f :partition :value {:shape :round :seed 5}}]")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Schedule.ofEdn(bad, "s.edn"), bad);
      assertTrue(e.getMessage().startsWith("s.edn"), e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> Schedule.draw(new Seed(1), Set.of("bite"), Plan.usual(MINUTE)));
  }

  @Test
  void entriesFireAtTheirTimesAndLateOnesRightAfter() {
    Schedule schedule =
        new Schedule(
            List.of(
                new Schedule.Entry(500, new Fault.Heal()),
                new Schedule.Entry(100, new Fault.Resume()),
                new Schedule.Entry(120, new Fault.Restart())));
    List<Event<Fault>> events =
        Rehearsal.run(
            Generators.nemesis(schedule.generator()), 1, new Seed(1), Rehearsal.perfect(50));
    assertEquals(
        "100 resume, 150 restart, 500 heal",
        events.stream()
            .filter(Event::isInvoke)
            .map(e -> e.timeNanos() + " " + e.call().f())
            .collect(Collectors.joining(", ")));
  }
}
