package phaistos.harness;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.checker.Verdict;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.harness.run.Recording;
import phaistos.harness.run.TestRun;
import phaistos.histories.Edn;
import phaistos.histories.HistoryWriter;
import phaistos.histories.RunStore;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Faults;
import phaistos.nemesis.Schedule;
import phaistos.workloads.Isolation;
import phaistos.workloads.JdbcOptions;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;

/** Runs tests on a cluster, records and judges them, and writes everything into the store. */
public final class Harness {
  private Harness() {}

  /** Runs a test that starts now. */
  public static TestResult run(TestPlan plan, Progress progress) {
    return run(plan, progress, new Cutoff(), Instant.now());
  }

  /** Runs a test that cannot be cut short. */
  public static TestResult run(TestPlan plan, Progress progress, Instant now) {
    return run(plan, progress, new Cutoff(), now);
  }

  /**
   * The reasons why the test cannot run here, or its cluster cannot do what the plan asks for, one
   * line each; empty if it can.
   */
  public static List<String> objections(TestPlan plan) {
    Optional<String> missing = plan.deployment().missing();
    if (missing.isPresent()) {
      return List.of(missing.get());
    }
    List<String> objections = new ArrayList<>(faultObjections(plan));
    if (plan.load().isolation() == Isolation.SERIALIZABLE && !plan.deployment().hasSerializable()) {
      objections.add("--isolation serializable: the database does not have it (it answers 0A000)");
    }
    if (plan.cluster().firstXid().isPresent() && !plan.deployment().database().equals("phaistos")) {
      objections.add("--first-xid: PostgreSQL's own initdb says where transaction ids begin");
    }
    return objections;
  }

  private static List<String> faultObjections(TestPlan plan) {
    Capabilities capabilities = plan.deployment().capabilities();
    List<NodeId> nodes = plan.cluster().nodeNames().stream().map(NodeId::new).toList();
    return switch (plan.faults()) {
      case FaultPlan.Swarm _ -> List.of();
      case FaultPlan.Drawn(List<String> kinds) ->
          kinds.stream()
              .map(kind -> Faults.objection(Faults.kind(kind), capabilities))
              .flatMap(Optional::stream)
              .toList();
      case FaultPlan.Given(Schedule schedule, String source) ->
          schedule.objections(capabilities, nodes).stream()
              .map(objection -> source + ": " + objection)
              .toList();
    };
  }

  /**
   * Runs and judges a test, and writes everything into the store.
   *
   * @param progress receives the progress
   * @param cutoff may end the run early
   * @param now the real time, for the name of the run's folder
   * @throws IllegalArgumentException if there are {@link #objections}
   * @throws RunStore.StoreException if the store cannot be written at the start; a later failure,
   *     such as a full disk, is reported in the result beside the verdict
   */
  public static TestResult run(TestPlan plan, Progress progress, Cutoff cutoff, Instant now) {
    List<String> objections = objections(plan);
    if (!objections.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", objections));
    }
    RunStore store = RunStore.create(plan.output().store(), plan.storeName(), now);
    String revision = Revision.describe();
    Edn.Table test = describe(plan, revision);
    store.writeTest(test);
    HistoryWriter history =
        plan.deployment().isSimulated() ? store.openBufferedHistory() : store.openHistory();
    store.keepFailures();
    progress.folder(store.folder());
    AtomicReference<Workload<?>> workload = new AtomicReference<>();
    try {
      return plan.deployment()
          .run(
              plan,
              store,
              cluster -> {
                workload.set(workload(cluster, plan));
                return new TestRun<>(cluster, workload.get(), plan, store, progress, cutoff)
                    .run(history);
              },
              recording -> {
                close(history, store);
                progress.phase("checking");
                return judge(recording, workload.get(), plan, store, test, revision);
              });
    } finally {
      close(history, store);
    }
  }

  /**
   * The result of a run that was abandoned before it was judged; it is written into the store.
   *
   * @param folder the run's folder, if it was created
   */
  public static TestResult abandoned(TestPlan plan, String reason, Optional<Path> folder) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("valid?"), Edn.keyword("unknown"));
    table.put(Edn.keyword("reason"), Edn.of(reason));
    table.put(Edn.keyword("cut-short?"), Edn.TRUE);
    table.put(Edn.keyword("seed"), Edn.of(plan.seed()));
    table.put(Edn.keyword("replay"), Edn.of(plan.replay()));
    List<String> screen = new ArrayList<>();
    screen.add("UNKNOWN  " + plan.title() + ": " + reason);
    screen.add("seed " + plan.seed());
    screen.add("replay: " + plan.replay());
    folder.ifPresent(path -> screen.add("files:  " + path + " (history.edn)"));
    Optional<RunStore.StoreException> failure =
        folder.flatMap(path -> RunStore.writeResults(path, new Edn.Table(table)));
    failure.ifPresent(e -> screen.add("not complete: " + e.getMessage()));
    return new TestResult(
        new Verdict.Unknown(reason),
        screen,
        folder.orElse(plan.output().store()),
        failure,
        TestResult.Measures.NONE);
  }

  private static void close(HistoryWriter history, RunStore store) {
    try {
      history.close();
    } catch (UncheckedIOException e) {
      store.failed("history.edn", e.getCause());
    }
  }

  static Workload<?> workload(Cluster cluster, TestPlan plan) {
    Seed seed = new Seed(plan.seed()).child("workload");
    WorkloadOptions options =
        WorkloadOptions.of(seed, plan.load().rate())
            .withBurst(plan.load().burst())
            .withJdbc(JdbcOptions.DEFAULT.withIsolation(plan.load().isolation()))
            .withReadFrom(plan.load().readFrom());
    return plan.workload().factory().create(cluster, options);
  }

  private static TestResult judge(
      Recording recording,
      Workload<?> workload,
      TestPlan plan,
      RunStore store,
      Edn.Table test,
      String revision) {
    RunJudge.Judgement judgement = new RunJudge<>(recording, workload, plan, store).judge();
    RunPlace place =
        RunPlace.fresh(store.folder(), test, plan.output().keep(), judgement.verdict());
    RunReport report = new RunReport(plan, store, recording, judgement, place, revision);
    report.write();
    report.writeRecording();
    return result(plan, judgement, recording, report, store);
  }

  /**
   * Judges a stored run again. The verdict, its report and the page go to the folder {@code
   * analysis} in the run's folder, which replaces an earlier one; the run's own files stay as they
   * are.
   *
   * @param plan of the run, with the same workload
   * @throws StoredRun.StoredRunException if a file is missing or damaged
   * @throws phaistos.histories.HistoryException if the history is
   */
  public static TestResult analyze(TestPlan plan, StoredRun run) {
    Recording recording = run.recording();
    RunStore store = RunStore.within(run.folder(), "analysis");
    store.keepFailures();
    List<NodeId> nodes = plan.cluster().nodeNames().stream().map(NodeId::new).toList();
    NodeId primary = new NodeId(recording.primary());
    try (StoredCluster cluster = new StoredCluster(nodes, primary, recording.logs())) {
      RunJudge.Judgement judgement =
          new RunJudge<>(recording, workload(cluster, plan), plan, store).judge();
      Optional<String> images = run.hasImages() ? Optional.of("../") : Optional.empty();
      RunPlace place = new RunPlace(run.folder(), run.test(), images);
      RunReport report =
          new RunReport(plan, store, recording, judgement, place, Revision.describe());
      report.write();
      return result(plan, judgement, recording, report, store);
    }
  }

  private static TestResult result(
      TestPlan plan,
      RunJudge.Judgement judgement,
      Recording recording,
      RunReport report,
      RunStore store) {
    long nanos = recording.events().isEmpty() ? 0 : recording.events().getLast().timeNanos();
    Map<String, Integer> faults = new TreeMap<>();
    plan.faults().possible().forEach(kind -> faults.put(kind, 0));
    faults.putAll(judgement.evidence().effective());
    return new TestResult(
        judgement.verdict(),
        report.firstScreen(),
        store.folder(),
        store.failure(),
        new TestResult.Measures(
            Violation.of(judgement.parts()),
            nanos,
            Optional.empty(),
            judgement.coverage().counts(),
            faults));
  }

  private static Edn.Table describe(TestPlan plan, String revision) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    ClusterPlan nodes = plan.cluster();
    table.put(Edn.keyword("name"), Edn.of(plan.title()));
    table.put(Edn.keyword("cluster"), Edn.of(plan.deployment().word()));
    table.put(Edn.keyword("db"), Edn.of(plan.deployment().database()));
    table.put(Edn.keyword("workload"), Edn.of(plan.workload().name()));
    table.put(
        Edn.keyword("nemesis"),
        new Edn.Vector(plan.faults().kinds().stream().<Edn>map(Edn::of).toList()));
    table.put(Edn.keyword("nodes"), Edn.of(nodes.nodes()));
    nodes.settings().forEach((name, value) -> table.put(Edn.keyword(name), Edn.of(value)));
    nodes.firstXid().ifPresent(xid -> table.put(Edn.keyword("first-xid"), Edn.of(xid)));
    table.put(Edn.keyword("time-limit"), Edn.of(Durations.format(plan.load().timeLimit())));
    table.put(Edn.keyword("concurrency"), Edn.of(plan.load().concurrency()));
    table.put(Edn.keyword("rate"), Edn.of(plan.load().rate()));
    table.put(Edn.keyword("burst"), Edn.of(plan.load().burst()));
    table.put(Edn.keyword("isolation"), Edn.of(plan.load().isolation().word()));
    table.put(Edn.keyword("read-from"), Edn.of(plan.load().readFrom().word()));
    table.put(Edn.keyword("seed"), Edn.of(plan.seed()));
    if (!nodes.defects().isEmpty()) {
      table.put(Edn.keyword("defect"), Edn.of(String.join(",", nodes.defects())));
    }
    table.put(Edn.keyword("revision"), Edn.of(revision));
    table.put(Edn.keyword("replay"), Edn.of(plan.replay()));
    return new Edn.Table(table);
  }
}
