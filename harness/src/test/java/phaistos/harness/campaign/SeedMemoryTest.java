package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import phaistos.harness.campaign.Entry.Why;

/** The order of seeds: the canary, failures, quick ones first, new coverage, fresh ones. */
class SeedMemoryTest {
  private static final Instant NOW = Instant.parse("2026-07-02T00:00:00Z");

  private static CampaignOptions options(int seeds) {
    return new CampaignOptions(
        java.nio.file.Path.of("store"),
        Optional.empty(),
        Optional.of(seeds),
        OptionalLong.empty(),
        1,
        Duration.ofMinutes(1),
        Duration.ZERO,
        List.of("--defect canary"),
        Set.of(),
        "",
        List.of());
  }

  /** "FAILED 3": why and which seed. */
  private static List<String> order(List<Entry> before, List<Entry> within, int seeds) {
    Entry.Night night = new Entry.Night("second", NOW, "", "", 100);
    List<Entry> entries = new ArrayList<>(before);
    entries.add(night);
    entries.addAll(within);
    Schedule schedule = new Schedule(entries, night, options(seeds), seed -> "--rate 10");
    List<String> order = new ArrayList<>();
    while (true) {
      Optional<Job> next = schedule.next(NOW, Instant.MAX);
      if (next.isEmpty()) {
        return order;
      }
      if (next.get().why() == Why.CANARY) {
        schedule.canaryEnded(true);
        order.add("CANARY");
      } else {
        order.add(next.get().why() + " " + next.get().seed());
      }
    }
  }

  private static Entry.Run reaching(int number, long seed, String goal) {
    Entry.Run run = Runs.valid(number, seed);
    RunResult r = run.result();
    RunResult result =
        new RunResult(
            r.ending(),
            r.reason(),
            r.workload(),
            r.violations(),
            Map.of(goal, 1),
            r.faults(),
            r.simulatedNanos(),
            r.realMillis(),
            r.promise(),
            r.trace(),
            r.folder());
    return new Entry.Run(number, run.night(), run.why(), seed, run.options(), run.ended(), result);
  }

  @Test
  void failuresThenNewCoverageThenFreshOnes() {
    List<Entry> before =
        List.of(
            Runs.valid(1, 1), // reached something: nothing was before it
            Runs.invalid(2, 2, "slow", 9_000),
            Runs.valid(3, 3),
            Runs.invalid(4, 4, "quick", 100),
            reaching(5, 5, "another goal"),
            reaching(6, 6, "another goal"));
    assertEquals(
        List.of(
            "CANARY", "FAILED 4", "FAILED 2", "COVERAGE 5", "COVERAGE 1", "FRESH 100", "FRESH 101"),
        order(before, List.of(), 2));
  }

  @Test
  void ofOneViolationTheQuickestOnes() {
    List<Entry> before = new ArrayList<>();
    for (int seed = 1; seed <= 9; seed++) {
      before.add(Runs.invalid(seed, seed, "the same", 1_000 - seed));
    }
    assertEquals(
        List.of("CANARY", "FAILED 9", "FAILED 8", "FAILED 7"),
        order(before, List.of(), 0 + 1).subList(0, 4));
  }

  @Test
  void aSeedThatPassesNowIsNoFailure() {
    List<Entry> before = List.of(Runs.invalid(1, 1, "once"), Runs.valid(2, 1));
    assertEquals(List.of("CANARY", "COVERAGE 1", "FRESH 100"), order(before, List.of(), 1));
  }

  @Test
  void aNightThatGoesOnRepeatsNothing() {
    List<Entry> before = List.of(Runs.invalid(1, 1, "a"), Runs.invalid(2, 2, "b"));
    List<Entry> within =
        List.of(
            Runs.with(Runs.invalid(3, 12, "x"), "second", Why.CANARY),
            Runs.with(Runs.invalid(4, 1, "a"), "second", Why.FAILED),
            Runs.with(Runs.valid(5, 101), "second", Why.FRESH));
    // seed 100 was under way when the night was killed
    assertEquals(List.of("FAILED 2", "FRESH 100", "FRESH 102"), order(before, within, 3));
  }

  @Test
  void aCanaryThatIsMissedIsTriedAgainAndThenGivenUp() {
    Entry.Night night = new Entry.Night("second", NOW, "", "", 1);
    Schedule schedule = new Schedule(List.of(night), night, options(1), _ -> "");
    List<Why> order = new ArrayList<>();
    for (Optional<Job> next = schedule.next(NOW, Instant.MAX);
        next.isPresent();
        next = schedule.next(NOW, Instant.MAX)) {
      order.add(next.get().why());
      if (next.get().why() == Why.CANARY) {
        schedule.canaryEnded(false);
      }
    }
    assertEquals(List.of(Why.CANARY, Why.CANARY, Why.CANARY, Why.FRESH), order);
  }
}
