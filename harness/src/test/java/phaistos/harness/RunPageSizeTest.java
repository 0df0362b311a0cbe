package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.checker.Verdict;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.Claim;
import phaistos.checker.durability.CommitLevel;
import phaistos.checker.durability.Counts;
import phaistos.checker.durability.Judgement;
import phaistos.checker.durability.Marker;
import phaistos.checker.durability.Outcome;
import phaistos.checker.durability.Promise;
import phaistos.checker.durability.StandbyRule;
import phaistos.checker.durability.TransactionFinding;
import phaistos.harness.coverage.Coverage;
import phaistos.harness.coverage.FaultMinimum;
import phaistos.harness.run.NodePosition;
import phaistos.harness.run.Recording;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.RunStore;
import phaistos.histories.UntypedCall;
import phaistos.nemesis.Evidence;
import phaistos.workloads.commits.Commits;

/** A page stays small however long the run was. */
class RunPageSizeTest {
  @TempDir Path folder;

  private static final long GAP_NANOS = 1_000_000;

  /** Ten minutes at a thousand operations a second. */
  private static final int OPERATIONS = 600_000;

  private static List<Event<UntypedCall>> events() {
    List<Event<UntypedCall>> events = new ArrayList<>();
    for (int i = 0; i < OPERATIONS; i++) {
      Process process = new Process.Client(i % 50);
      UntypedCall call = new UntypedCall(Edn.keyword("insert"), Edn.of(i));
      long at = i * GAP_NANOS;
      Details details = Details.builder().node("n1").xid(i + 3).build();
      events.add(new Event.Invoke<>(events.size(), at, process, call, Details.NONE));
      events.add(new Event.Ok<>(events.size(), at + 300_000 + i % 700, process, call, details));
    }
    return events;
  }

  private static TransactionFinding finding(int i) {
    Promise promise =
        new Promise(CommitLevel.ON, StandbyRule.parse("ANY 1 (n2, n3)"), false, false);
    Claim claim =
        new Claim(
            2L * i + 1,
            2L * i,
            i * GAP_NANOS,
            Outcome.ACKNOWLEDGED,
            i + 3,
            1,
            0,
            "n1",
            List.of(new Marker.Number(i)),
            promise);
    return new TransactionFinding(claim, Judgement.CONFIRMED, "", List.of());
  }

  private static AuditReport audit() {
    return new AuditReport(
        Verdict.VALID,
        new Counts(Map.of(Judgement.CONFIRMED, OPERATIONS), 0),
        List.of(),
        List.of(),
        0,
        List.of(),
        List.of(),
        new AuditReport.Transactions() {
          @Override
          public int size() {
            return OPERATIONS;
          }

          @Override
          public void forEach(Consumer<TransactionFinding> consumer) {
            for (int i = 0; i < OPERATIONS; i++) {
              consumer.accept(finding(i));
            }
          }
        });
  }

  private static List<NodePosition> positions() {
    List<NodePosition> positions = new ArrayList<>();
    for (long round = 0; round < 600; round++) {
      for (String node : List.of("n1", "n2", "n3")) {
        OptionalLong at = OptionalLong.of(round * 1_000_000);
        positions.add(new NodePosition(round * 1_000_000_000, node, node.equals("n1"), at, at));
      }
    }
    return positions;
  }

  @Test
  void tenMinutesAtAThousandOperationsASecondAreUnderTenMegabytes() {
    List<Event<UntypedCall>> events = events();
    Recording recording =
        new Recording(
            events,
            List.of(),
            List.of(),
            "n1",
            Map.of(),
            positions(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Recording.NO_IMAGES,
            Optional.empty(),
            List.of());
    RunJudge.Judgement judgement =
        new RunJudge.Judgement(
            Verdict.VALID,
            List.of(
                new RunJudge.Part(RunJudge.CRASH_AUDIT, Verdict.VALID, Optional.of(audit())),
                new RunJudge.Part("audit after replay", Verdict.VALID, Optional.of(audit()))),
            Evidence.of(History.of(events)),
            Coverage.of(List.of(), FaultMinimum.NONE, events),
            "it is there",
            List.of());
    TestPlan plan = TestPlan.of(Commits.NAME, Commits::workload);
    RunPlace place = new RunPlace(Path.of("store"), Edn.Table.EMPTY, Optional.empty());
    RunStore store = RunStore.create(folder, "size", Instant.EPOCH);
    RunReport report = new RunReport(plan, store, recording, judgement, place, "1");
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    String page = new RunPage(plan, recording, judgement, report, place).build();
    long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
    System.out.printf("page of %,d bytes, CPU %.2f s%n", page.length(), nanos / 1e9);
    assertTrue(page.length() < 10_000_000, "bytes: " + page.length());
    assertTrue(page.contains("600,000"), "no counts");
  }
}
