package phaistos.workloads.catalogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.postgres.PostgresPrograms;
import phaistos.cluster.postgres.PostgresVersion;
import phaistos.cluster.processes.ProcessCluster;
import phaistos.histories.Details;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Interpreter;
import phaistos.workloads.Isolation;
import phaistos.workloads.JdbcOptions;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.Workloads;

/**
 * Every workload on a real PostgreSQL 15 with a standby, where this machine has one, without
 * faults: its statements run there, and its checkers find what they expect. The long form ({@code
 * -Dphaistos.long=true}) takes every isolation level and every node to read from.
 */
@Timeout(300)
@Tag("slow")
class RealPostgresWorkloadsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int THREADS = 5;
  private static final int OPERATIONS = Boolean.getBoolean("phaistos.long") ? 150 : 80;
  private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");

  private static ProcessCluster cluster;
  private static final List<Throwable> FAILURES = new ArrayList<>();

  @BeforeAll
  static void start() {
    Optional<String> missing = ProcessCluster.missing();
    assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    assumeTrue(Files.isExecutable(PROGRAMS.resolve("postgres")), "no PostgreSQL 15 in " + PROGRAMS);
    ClusterOptions options =
        ClusterOptions.of(2, 1)
            .withSetting("synchronous_standby_names", "ANY 1 (n1, n2)")
            .onTaskFailure((_, e) -> FAILURES.add(e));
    cluster =
        new ProcessCluster(
            options,
            PostgresPrograms.in(PROGRAMS, PostgresVersion.parse("15")),
            DataVolumes.plain());
    cluster.start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  record Case(Workloads.Entry entry, Isolation isolation, ReadFrom readFrom) {
    @Override
    public String toString() {
      return entry.name() + " at " + isolation.word() + " from " + readFrom.word();
    }
  }

  static Stream<Case> cases() {
    String wanted = System.getProperty("phaistos.workloads", "");
    List<Case> cases = new ArrayList<>();
    for (Workloads.Entry entry : Workloads.all()) {
      if (!wanted.isEmpty() && !Arrays.asList(wanted.split(",")).contains(entry.name())) {
        continue;
      }
      cases.add(new Case(entry, Isolation.READ_COMMITTED, ReadFrom.PRIMARY));
      if (Boolean.getBoolean("phaistos.long")) {
        cases.add(new Case(entry, Isolation.REPEATABLE_READ, ReadFrom.PRIMARY));
        cases.add(new Case(entry, Isolation.SERIALIZABLE, ReadFrom.PRIMARY));
        if (entry.readsAnywhere()) {
          cases.add(new Case(entry, Isolation.READ_COMMITTED, ReadFrom.ANY));
          cases.add(new Case(entry, Isolation.REPEATABLE_READ, ReadFrom.STANDBY));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void runsOnPostgres(Case each) throws Exception {
    run(each.entry.factory().create(cluster, options(each)), each);
    assertEquals(List.of(), FAILURES);
  }

  private static WorkloadOptions options(Case each) {
    return WorkloadOptions.of(new Seed(1).child(each.toString()), 300)
        .withJdbc(JdbcOptions.DEFAULT.withIsolation(each.isolation))
        .withReadFrom(each.readFrom);
  }

  private static <C> void run(Workload<C> workload, Case each) throws Exception {
    List<Event<UntypedCall>> events = new ArrayList<>();
    Generator<UntypedCall> all =
        Generators.phases(
            Generators.clients(
                Generators.encoded(
                    workload.codec(), Generators.limit(OPERATIONS, workload.generator()))),
            Generators.nemesis(Generators.sleep(SECOND / 2)),
            Generators.clients(Generators.encoded(workload.codec(), workload.finalGenerator())));
    workload.client().setup();
    new Interpreter<>(
            cluster.control(),
            workload.client(),
            workload.codec(),
            call -> new Completion.Ok<>(call, Details.NONE),
            events::add,
            new Interpreter.Limits(THREADS, 20 * SECOND, 5 * SECOND))
        .run(all, Context.start(THREADS, new Seed(1).child("threads")));
    workload.client().teardown();
    Map<String, Integer> ok = new TreeMap<>();
    Set<String> asked = new TreeSet<>();
    for (Event<UntypedCall> event : events) {
      if (event.isInvoke()) {
        asked.add(event.call().name());
      } else if (event instanceof Event.Ok) {
        ok.merge(event.call().name(), 1, Integer::sum);
      }
    }
    System.out.println(each + ": " + ok);
    asked.removeAll(ok.keySet());
    // No client may have guessed the value that a compare-and-set asks for.
    asked.removeAll(Set.of("rollback", "undone", "cas"));
    assertEquals(Set.of(), asked, "functions without an ok: " + some(events));
    History<UntypedCall> history = History.of(events.stream().filter(Event::isClient).toList());
    for (Workload.Named<C> checker : workload.checkers()) {
      Result result =
          checker
              .checker()
              .check(history.map(workload.codec()::decode), CheckContext.within(30 * SECOND));
      assertTrue(
          result.verdict() instanceof Verdict.Valid,
          checker.name() + ": " + result.verdict().reason());
    }
  }

  private static String some(List<Event<UntypedCall>> events) {
    return events.stream()
        .filter(event -> event.details().error().isPresent())
        .limit(3)
        .map(event -> event.call() + " " + event.details().error().get())
        .toList()
        .toString();
  }
}
