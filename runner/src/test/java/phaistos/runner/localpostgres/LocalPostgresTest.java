package phaistos.runner.localpostgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.cluster.localpostgres.LocalPostgresCluster;
import phaistos.environment.Environment;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.histories.Details;
import phaistos.histories.History;
import phaistos.histories.HistoryReader;
import phaistos.histories.HistoryWriter;
import phaistos.histories.RunStore;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.ClusterNemesis;
import phaistos.nemesis.Evidence;
import phaistos.nemesis.NemesisPackage;
import phaistos.nemesis.Operator;
import phaistos.nemesis.Schedule;
import phaistos.workloads.Completion;
import phaistos.workloads.Interpreter;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.commits.Commits;
import phaistos.workloads.commits.CommitsCall;
import phaistos.workloads.commits.CommitsChecker;

/**
 * The workload commits on three real PostgreSQL 15 servers that are killed and fail over, where
 * this machine has them. Method: load from a seed, in real time, under a kill and a failover, then
 * recovery, final reads, the client-side checker.
 */
@Timeout(240)
@Tag("slow")
class LocalPostgresTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long LIMIT_NANOS = 200 * SECOND;
  private static final int THREADS = 6;

  /** By operations and not by time, so that a busy machine sees the same faults. */
  private static final int OPERATIONS = 700;

  private static final String SCHEDULE =
      """
      [{:when {:operations 150} :f :kill :handle "kill" :value {:target :primaries}}
       {:when {:after "kill" :nanos 500000000} :f :restart :handle "kill"}
       {:when {:operations 400} :f :failover :handle "failover"
        :value {:loss :kill :policy :safe}}]
      """;

  private static final Path PROGRAMS = LocalPostgresCluster.Options.debian(15);

  @TempDir private Path folder;

  @Test
  void acknowledgedCommitsSurviveKillsAndFailoversOfPostgres() throws Exception {
    assumeTrue(Files.isExecutable(PROGRAMS.resolve("postgres")), "no PostgreSQL 15 in " + PROGRAMS);
    long number = Long.getLong("phaistos.seed", 1);
    Seed seed = new Seed(number);
    List<Throwable> failures = new ArrayList<>();
    Environment control =
        SystemEnvironment.of("control", new SystemDisk(folder), number, (_, e) -> failures.add(e));
    RunStore store = RunStore.create(folder, "commits-kill,failover", Instant.now());
    Path servers = Files.createTempDirectory("phaistos-local");
    LocalPostgresCluster cluster =
        new LocalPostgresCluster(new LocalPostgresCluster.Options(3, PROGRAMS, servers), control);
    try {
      cluster.start();
      run(cluster, store, seed);
    } finally {
      cluster.close();
    }
    assertEquals(List.of(), failures, "seed " + number);
    History<UntypedCall> history = HistoryReader.read(store.historyFile());
    Evidence evidence = Evidence.of(history);
    History<CommitsCall> calls =
        History.of(history.clientEvents().toList()).map(CommitsCall.CODEC::decode);
    CommitsChecker.Report report = new CommitsChecker().check(calls, CheckContext.UNLIMITED);
    String text = "seed " + number + ": " + report + ", " + evidence;
    System.out.println(text);
    assertEquals(Verdict.VALID, report.verdict(), text);
    assertEquals(THREADS, report.finalReads(), text);
    assertTrue(report.owed() > 100, text);
    assertEquals(Optional.of(true), evidence.caughtUp(), text);
    assertEquals(Set.of("failover", "kill"), evidence.effective().keySet(), text);
  }

  private static void run(LocalPostgresCluster cluster, RunStore store, Seed seed)
      throws Exception {
    Workload<CommitsCall> workload =
        Commits.workload(cluster, WorkloadOptions.of(seed.child("workload"), 100));
    Schedule schedule = Schedule.ofEdn(SCHEDULE, "schedule");
    store.writeText("schedule.edn", schedule.toEdn());
    NemesisPackage faults =
        new ClusterNemesis(cluster, new Operator(cluster, 1, 20 * SECOND), 60 * SECOND)
            .scheduled(schedule, LIMIT_NANOS);
    Generator<UntypedCall> load = Generators.encoded(workload.codec(), workload.generator());
    Generator<UntypedCall> last = Generators.encoded(workload.codec(), workload.finalGenerator());
    Generator<UntypedCall> all =
        Generators.phases(
            Generators.clientsAndNemesis(Generators.limit(OPERATIONS, load), faults.generator()),
            Generators.nemesis(faults.finalGenerator()),
            Generators.clients(last));
    workload.client().setup();
    try (HistoryWriter writer = store.openHistory()) {
      Interpreter<CommitsCall> interpreter =
          new Interpreter<>(
              cluster.control(),
              workload.client(),
              workload.codec(),
              call -> new Completion.Ok<>(faults.nemesis().invoke(call), Details.NONE),
              Interpreter.Observer.all(writer::write, faults.nemesis()::heard),
              new Interpreter.Limits(THREADS, LIMIT_NANOS, 10 * SECOND));
      Interpreter.End end = interpreter.run(all, Context.start(THREADS, seed.child("threads")));
      assertTrue(end.generatorEnded(), end.toString());
    }
  }
}
