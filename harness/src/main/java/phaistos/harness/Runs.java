package phaistos.harness;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import phaistos.cluster.Cluster;
import phaistos.cluster.simulated.SimulatedCluster;
import phaistos.histories.Edn;
import phaistos.histories.HistoryWriter;
import phaistos.histories.RunStore;
import phaistos.histories.generators.Seed;
import phaistos.server.Defects;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.SimulationResult;
import phaistos.workloads.Workload;
import phaistos.workloads.commits.Commits;
import phaistos.workloads.commits.CommitsCall;
import phaistos.workloads.commits.CommitsClient;

/** Runs tests on either kind of cluster. */
public final class Runs {
  private Runs() {}

  /** What a run came to. */
  public record End(int exitCode, List<String> firstScreen) {}

  /**
   * Runs, judges, and writes everything into the store.
   *
   * @param progress hears how it goes
   * @param now the real time, for the name of the run's folder
   */
  public static End run(RunOptions options, Progress progress, Instant now) {
    RunStore store = RunStore.create(options.store(), options.storeName(), now);
    String revision = Revision.describe();
    store.writeTest(describe(options, revision));
    boolean simulated = options.cluster() == RunOptions.ClusterKind.SIMULATED;
    try (HistoryWriter history = store.openHistory()) {
      Function<Recorded, End> judge =
          recorded -> {
            progress.phase("checking");
            return judge(recorded, options, store, revision);
          };
      return simulated
          ? judge.apply(simulated(options, store, history, progress))
          : ContainerRuns.run(options, store, history, progress, judge);
    }
  }

  /** A recording with the workload that knows how to read it. */
  record Recorded(Recording recording, Workload<CommitsCall> workload) {}

  static Workload<CommitsCall> workload(Cluster cluster, RunOptions options) {
    return Commits.workload(
        cluster,
        CommitsClient.Options.DEFAULT,
        new Seed(options.seed()).child("workload"),
        options.rate());
  }

  private static End judge(Recorded recorded, RunOptions options, RunStore store, String revision) {
    if (recorded.recording.problem().orElse(null) instanceof RunStore.StoreException problem) {
      throw problem;
    }
    RunJudge.Judgement judgement = RunJudge.judge(recorded.recording, recorded.workload, options);
    RunReport report = new RunReport(options, store, recorded.recording, judgement, revision);
    report.write();
    return new End(judgement.verdict().exitCode(), report.firstScreen());
  }

  private static Recorded simulated(
      RunOptions options, RunStore store, HistoryWriter history, Progress progress) {
    SimulationResult<Recorded> result =
        Simulation.run(
            traced(SimulationOptions.seed(options.seed()), store),
            world -> {
              SimulatedCluster.Options nodes =
                  SimulatedCluster.Options.defaults()
                      .withDefects(Defects.parse(options.defect().orElse("")));
              try (SimulatedCluster cluster = new SimulatedCluster(world, nodes)) {
                store.log("seed " + options.seed() + ": " + world.knobs());
                Workload<CommitsCall> workload = workload(cluster, options);
                TestRun<CommitsCall> run =
                    new TestRun<>(cluster, workload, options, store, progress);
                return new Recorded(run.run(history), workload);
              }
            });
    store.log("trace hash " + result.traceHashText() + ", " + result.steps() + " steps");
    result.failures().forEach(failure -> store.log("task failure: " + failure));
    return result.valueOrThrow();
  }

  /** With the system property phaistos.trace, every step of the simulation goes to trace.txt. */
  private static SimulationOptions traced(SimulationOptions simulation, RunStore store) {
    if (!Boolean.getBoolean("phaistos.trace")) {
      return simulation;
    }
    try {
      PrintStream trace =
          new PrintStream(
              new BufferedOutputStream(
                  Files.newOutputStream(store.folder().resolve("trace.txt")), 1 << 16),
              false,
              StandardCharsets.UTF_8);
      Runtime.getRuntime().addShutdownHook(new Thread(trace::close));
      return simulation.withListener(trace::println);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Edn describe(RunOptions options, String revision) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("name"), Edn.of(options.title()));
    table.put(Edn.keyword("cluster"), Edn.of(options.cluster().word()));
    table.put(Edn.keyword("workload"), Edn.of(options.workload()));
    table.put(
        Edn.keyword("nemesis"),
        new Edn.Vector(options.nemeses().stream().<Edn>map(Edn::of).toList()));
    table.put(Edn.keyword("time-limit"), Edn.of(Durations.format(options.timeLimit())));
    table.put(Edn.keyword("concurrency"), Edn.of(options.concurrency()));
    table.put(Edn.keyword("rate"), Edn.of(options.rate()));
    table.put(Edn.keyword("seed"), Edn.of(options.seed()));
    options.defect().ifPresent(name -> table.put(Edn.keyword("defect"), Edn.of(name)));
    table.put(Edn.keyword("revision"), Edn.of(revision));
    table.put(Edn.keyword("replay"), Edn.of(options.replayCommand()));
    return new Edn.Table(table);
  }
}
