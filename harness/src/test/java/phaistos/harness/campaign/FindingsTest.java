package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import phaistos.harness.Violation;

/** Failures are grouped by cause. */
class FindingsTest {
  private static Entry.Explained explained(int number, String step, String shape) {
    return new Entry.Explained(
        number,
        Optional.of(
            new Explainer.Explanation(
                step.isEmpty() ? Optional.empty() : Optional.of(step),
                Optional.empty(),
                false,
                shape,
                !shape.isEmpty(),
                List.of())));
  }

  /** "kind runs": of one night. */
  private static List<String> groups(List<Entry> entries) {
    return Findings.of(entries, Runs.NIGHT, Set.of()).stream()
        .map(
            finding ->
                finding.violation().kind()
                    + " "
                    + finding.explanation().map(Explainer.Explanation::word).orElse("")
                    + " "
                    + finding.runs().size())
        .toList();
  }

  @Test
  void aThousandFailuresAreAHandfulOfFindings() {
    List<Entry> entries = new ArrayList<>();
    for (int i = 1; i <= 1_000; i++) {
      entries.add(Runs.invalid(i, i, "kind " + "abcde".charAt(i % 5)));
    }
    assertEquals(5, Findings.of(entries, Runs.NIGHT, Set.of()).size());
    assertEquals(
        1_000,
        Findings.of(entries, Runs.NIGHT, Set.of()).stream().mapToInt(f -> f.runs().size()).sum());
  }

  @Test
  void anExplanationCountsForAllOfItsKind() {
    List<Entry> entries =
        List.of(
            Runs.invalid(1, 1, "lost"),
            Runs.invalid(2, 2, "lost"),
            explained(1, "wal-sync", "crash"));
    assertEquals(List.of("lost step wal-sync 2"), groups(entries));
  }

  private static Entry.Run breaking(int number, String kind, String step) {
    return Runs.breaking(Runs.invalid(number, number, kind), step);
  }

  private static List<String> causes(List<Entry> entries) {
    return Findings.of(entries, Runs.NIGHT, Set.of()).stream()
        .map(
            f ->
                f.cause().text().replace('\n', ' ')
                    + ": "
                    + f.violations().size()
                    + " "
                    + f.runs().size())
        .toList();
  }

  @Test
  void aBrokenPromiseIsOneCauseWhateverItLooksLike() {
    List<Entry> entries =
        List.of(
            breaking(1, "lost", "wal-sync"),
            breaking(2, "liveness", "wal-sync"),
            breaking(3, "lost", "wal-sync"),
            breaking(4, "lost", "standby-sync"));
    assertEquals(List.of("step wal-sync: 2 3", "step standby-sync: 1 1"), causes(entries));
  }

  @Test
  void whatBreaksNoPromiseDoesNotJoinWhatDoes() {
    Entry.Explained promise =
        new Entry.Explained(
            3,
            Optional.of(
                new Explainer.Explanation(
                    Optional.of("slru-sync"), Optional.empty(), true, "crash", true, List.of())));
    List<Entry> entries =
        List.of(
            breaking(1, "lost", "wal-sync"),
            Runs.invalid(2, 2, "lost"),
            Runs.invalid(3, 3, "lost"),
            explained(1, "wal-sync", "crash"));
    assertEquals(List.of("audit lost : 1 2", "step wal-sync: 1 1"), causes(entries));
    // One of them turns out to break one when it is smaller: then the other does too.
    List<Entry> more = new ArrayList<>(entries);
    more.add(promise);
    assertEquals(List.of("step slru-sync: 1 2", "step wal-sync: 1 1"), causes(more));
  }

  @Test
  void twoStepsAreTwoFindings() {
    List<Entry> entries =
        List.of(
            Runs.invalid(1, 1, "lost"),
            Runs.invalid(2, 2, "lost"),
            Runs.invalid(3, 3, "lost"),
            explained(1, "wal-sync", "crash"),
            explained(2, "wal-sync", "kill, crash"),
            explained(3, "slru-write", "crash"));
    assertEquals(List.of("lost step wal-sync 2", "lost step slru-write 1"), groups(entries));
  }

  @Test
  void withoutAStepTheShapeDecides() {
    List<Entry> entries =
        List.of(
            Runs.invalid(1, 1, "lost"),
            Runs.invalid(2, 2, "lost"),
            Runs.invalid(3, 3, "lost"),
            explained(1, "", "crash"),
            explained(2, "", "partition"));
    assertEquals(
        Set.of("lost faults crash 1", "lost faults partition 1", "lost  1"),
        Set.copyOf(groups(entries)));
  }

  @Test
  void whatIsNotExplainedToTheEndSplitsNothing() {
    List<Entry> entries =
        List.of(
            Runs.invalid(1, 1, "lost"),
            Runs.invalid(2, 2, "lost"),
            explained(1, "", ""),
            new Entry.Explained(2, Optional.empty()));
    assertEquals(List.of("lost  2"), groups(entries));
  }

  @Test
  void whatAnEarlierNightHadOrAFileNamesIsKnown() {
    Entry.Night second = new Entry.Night("second", Instant.EPOCH, "", "", 1);
    List<Entry> entries =
        List.of(
            Runs.invalid(1, 1, "old"),
            second,
            Runs.with(Runs.invalid(2, 2, "old"), "second", Entry.Why.FRESH),
            Runs.with(Runs.invalid(3, 3, "new"), "second", Entry.Why.FRESH));
    List<Finding> findings = Findings.of(entries, "second", Set.of());
    assertEquals("new", findings.get(0).violation().kind());
    assertTrue(findings.get(0).isNew());
    assertTrue(!findings.get(1).isNew());
    String id = findings.get(0).id();
    assertTrue(id.matches("F[0-9a-f]{8}"), id);
    assertNotEquals(id, findings.get(1).id());
    assertTrue(Findings.of(entries, "second", Set.of(id)).stream().noneMatch(Finding::isNew));
  }

  @Test
  void theSameCheckOfAnotherWorkloadIsTheSame() {
    List<Entry> entries = new ArrayList<>();
    for (String checker : List.of("bank: journal", "long-fork: journal", "journal")) {
      Entry.Run run = Runs.invalid(entries.size() + 1, 1, "lost");
      RunResult result =
          Runs.result(RunResult.Ending.INVALID, List.of(new Violation(checker, "lost")), 1);
      entries.add(
          new Entry.Run(
              run.number(), run.night(), run.why(), 1, run.options(), run.ended(), result));
    }
    assertEquals(List.of("lost  3"), groups(entries));
  }

  @Test
  void aCanaryIsNoFinding() {
    List<Entry> entries = List.of(Runs.with(Runs.invalid(1, 1, "x"), Runs.NIGHT, Entry.Why.CANARY));
    assertEquals(List.of(), groups(entries));
  }

  @Test
  void theRepresentativeIsTheQuickest() {
    List<Entry> entries = List.of(Runs.invalid(1, 1, "x", 900), Runs.invalid(2, 2, "x", 100));
    Finding finding = Findings.of(entries, Runs.NIGHT, Set.of()).getFirst();
    assertEquals(2, finding.representative().number());
    assertEquals(List.of("kill"), finding.commonFaults());
  }
}
