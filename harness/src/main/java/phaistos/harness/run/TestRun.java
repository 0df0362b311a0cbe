package phaistos.harness.run;

import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.NodeImage;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.harness.Cutoff;
import phaistos.harness.Durations;
import phaistos.harness.FaultPlan;
import phaistos.harness.LoadScript;
import phaistos.harness.Progress;
import phaistos.harness.TestPlan;
import phaistos.harness.coverage.Coverage;
import phaistos.harness.coverage.FaultMinimum;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.HistoryWriter;
import phaistos.histories.RunStore;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.ClusterNemesis;
import phaistos.nemesis.NemesisPackage;
import phaistos.nemesis.Operator;
import phaistos.workloads.Completion;
import phaistos.workloads.Interpreter;
import phaistos.workloads.Workload;

/**
 * One run, from the first start of the nodes to the recording for the checkers: load under faults,
 * the crash of all nodes under load, replay and failover, final reads. It runs in the simulator and
 * in real time alike, because it reaches the outside only through the cluster's control
 * environment, the history's writer and the progress. The run never reads the progress back.
 */
public final class TestRun<C> {
  private static final long SECOND = 1_000_000_000L;

  /** How often a node is asked for its WAL position: so often in a run, but not more often. */
  private static final int POSITIONS = 600;

  private static final long POSITION_INTERVAL_MIN = SECOND / 2;

  /** The insert position may be behind the header of a page, 24 bytes; no record is so short. */
  private static final String REPLAYED =
      "select count(*) from pg_stat_replication where replay_lsn >= pg_current_wal_flush_lsn()"
          + " and pg_wal_lsn_diff(pg_current_wal_insert_lsn(), pg_current_wal_flush_lsn()) <= 24";

  private final Cluster cluster;
  private final Workload<C> workload;
  private final TestPlan plan;
  private final RunStore store;
  private final Progress progress;
  private final Cutoff cutoff;
  private boolean isHistoryWritten = true;
  private final List<Event<UntypedCall>> events = new ArrayList<>();
  private List<NodePosition> positions = List.of();
  private Optional<Instant> loadBegan = Optional.empty();
  private Optional<ReplyWatch> replies = Optional.empty();

  public TestRun(
      Cluster cluster,
      Workload<C> workload,
      TestPlan plan,
      RunStore store,
      Progress progress,
      Cutoff cutoff) {
    this.cluster = cluster;
    this.workload = workload;
    this.plan = plan;
    this.store = store;
    this.progress = progress;
    this.cutoff = cutoff;
  }

  /** Runs to the end; the recording holds any failure. */
  public Recording run(HistoryWriter history) {
    Seed seed = new Seed(plan.seed());
    List<NodeImage> crashImages = List.of();
    List<NodeImage> replayedImages = List.of();
    Optional<Throwable> problem = Optional.empty();
    replies = ReplyWatch.over(cluster, plan.cluster().asyncWindowNanos());
    try {
      progress.phase("starting");
      cluster.start();
      failIfCut();
      workload.client().setup();
      awaitStandbys();
      Operator operator = new Operator(cluster, plan.cluster().requiredStandbys(), 20 * SECOND);
      CrashAudit audit =
          new CrashAudit(
              cluster,
              operator,
              seed.child("crash-audit"),
              crashesAtStep(),
              isAsynchronous(),
              crashesAtStep() && !plan.deployment().isSimulated()
                  ? plan.cluster().requiredStandbys() - 1
                  : 0);
      try {
        interpret(seed, operator, audit, history);
      } finally {
        crashImages = audit.images();
      }
      failIfCut();
      if (!endsAtCrash()) {
        workload.client().teardown();
        replayedImages = replayedImages();
      }
    } catch (Exception | StackOverflowError e) {
      problem = Optional.of(e);
    }
    Map<String, List<String>> logs = new LinkedHashMap<>();
    cluster.nodes().forEach(node -> logs.put(node.name(), cluster.log(node)));
    return new Recording(
        events,
        crashImages,
        replayedImages,
        cluster.primary().name(),
        logs,
        positions,
        replies.map(ReplyWatch::messages).orElse(List.of()),
        loadBegan,
        problem,
        Recording.NO_IMAGES,
        replies.map(watch -> watch.report(events)),
        List.of());
  }

  private List<NodeImage> replayedImages() {
    progress.phase("images");
    NodeId primary = cluster.primary();
    cluster.killAll();
    ImageKind kind =
        cluster.power().isPresent() ? ImageKind.RECOVERED_FROM_POWER_CUT : ImageKind.RECOVERED;
    return CrashAudit.imagesOf(cluster, primary, Cluster.ImageKind.AS_IS, kind);
  }

  private boolean crashesAtStep() {
    return plan.load()
        .script()
        .map(LoadScript::crashesAtStep)
        .orElse(plan.faults() instanceof FaultPlan.Swarm);
  }

  private boolean isAsynchronous() {
    boolean isByLevel =
        plan.cluster().synchronousCommit().filter(List.of("off", "local")::contains).isPresent();
    return isByLevel || List.of(plan.workload().name().split(",")).contains("levels");
  }

  private boolean endsAtCrash() {
    return plan.load().script().map(LoadScript::endsAtCrash).orElse(false);
  }

  /**
   * Lets the primary flush the set-up, which a crash would take otherwise at level off, and the
   * standbys replay it, since some workloads read them from the start. A standby that does not get
   * so far is none of this: the run goes on after a while.
   */
  private void awaitStandbys() {
    Properties limits = new Properties();
    limits.setProperty("connectTimeout", "5");
    limits.setProperty("socketTimeout", "5");
    long deadline = cluster.control().clock().monotonicNanos() + 20 * SECOND;
    while (cluster.control().clock().monotonicNanos() < deadline) {
      try (Connection connection = cluster.connect(cluster.primary(), limits);
          Statement statement = connection.createStatement()) {
        while (cluster.control().clock().monotonicNanos() < deadline) {
          try (ResultSet rows = statement.executeQuery(REPLAYED)) {
            if (rows.next() && rows.getInt(1) >= cluster.nodes().size() - 1) {
              return;
            }
          }
          cluster.control().tasks().sleep(SECOND / 100);
        }
      } catch (SQLException _) {
        // a primary that is slow to answer is asked again
        cluster.control().tasks().sleep(SECOND / 100);
      }
    }
  }

  private void failIfCut() {
    cutoff
        .cause()
        .ifPresent(
            cause -> {
              String when =
                  events.isEmpty()
                      ? "before the load began"
                      : "%.1f s into a load of %s"
                          .formatted(
                              events.getLast().timeNanos() / 1e9,
                              Durations.format(plan.load().timeLimit()));
              throw new CutShortException("cut short by " + cause + ", " + when);
            });
  }

  private void interpret(Seed seed, Operator operator, CrashAudit audit, HistoryWriter history) {
    progress.phase("load");
    long limit = plan.load().timeLimit().toNanos();
    LoadSchedule schedule = LoadSchedule.of(plan, seed, plan.deployment().capabilities());
    store.writeText("schedule.edn", schedule.usual().toEdn());
    NemesisPackage faults =
        new ClusterNemesis(cluster, operator, 60 * SECOND)
            .scheduled(schedule.all(), schedule.boundAt());
    Coverage coverage = new Coverage(workload.goals(), FaultMinimum.of(plan));
    WaiterWatch waiters = new WaiterWatch(cluster, plan.cluster().requiredStandbys());
    LivenessProbe probe = new LivenessProbe(cluster, waiters);
    ReplicaComparison comparison = new ReplicaComparison(cluster);
    Interpreter.NemesisCalls nemesis =
        call -> {
          UntypedCall done;
          if (audit.functions().contains(call.name())) {
            done = audit.invoke(call);
          } else if (call.name().equals(LivenessProbe.LIVENESS)) {
            done = probe.invoke(call);
          } else if (call.name().equals(ReplicaComparison.COMPARE)) {
            done = comparison.invoke(call);
          } else {
            done = faults.nemesis().invoke(call);
          }
          return new Completion.Info<>(done, Details.NONE);
        };
    Interpreter<C> interpreter =
        new Interpreter<>(
            cluster.control(),
            workload.client(),
            workload.codec(),
            nemesis,
            Interpreter.Observer.all(observer(history), faults.nemesis()::heard, coverage::heard),
            new Interpreter.Limits(
                plan.load().concurrency(), schedule.boundAt() + 600 * SECOND, 30 * SECOND));
    faults.nemesis().setup();
    PositionWatch watch =
        new PositionWatch(cluster, progress, Math.max(limit / POSITIONS, POSITION_INTERVAL_MIN));
    loadBegan = Optional.of(cluster.control().clock().wallClock());
    replies.ifPresent(ReplyWatch::loadBegins);
    watch.start();
    waiters.start();
    try {
      interpreter.run(
          generator(faults, schedule, coverage),
          Context.start(plan.load().concurrency(), seed.child("run")));
      if (hasGoneOn(schedule)) {
        store.writeText("schedule.edn", schedule.all().toEdn());
      }
    } finally {
      watch.stop();
      waiters.stop();
      positions = watch.positions();
    }
  }

  /** Whether the load went on after its usual end. */
  private boolean hasGoneOn(LoadSchedule schedule) {
    return events.stream()
        .filter(event -> !event.isClient() && event.call().name().equals(CrashAudit.CRASH_ALL))
        .anyMatch(event -> event.timeNanos() > schedule.crashAt() + SECOND);
  }

  private Generator<UntypedCall> generator(
      NemesisPackage faults, LoadSchedule schedule, Coverage coverage) {
    Generator<UntypedCall> load =
        plan.load()
            .script()
            .flatMap(LoadScript::calls)
            .<Generator<UntypedCall>>map(ScriptedLoad::new)
            .orElseGet(() -> Generators.encoded(workload.codec(), workload.generator()));
    boolean isCalmed = isCalmedAtLast(schedule);
    Generator<UntypedCall> acts =
        new UntilMet(
            isMet(coverage),
            !plan.deployment().isSimulated() && plan.faults() instanceof FaultPlan.Given,
            isCalmed ? untilCalm(faults, schedule, coverage) : faults.generator(),
            act(CrashAudit.CRASH_ALL),
            crashesWhenAnswered() ? 0 : schedule.crashAt(),
            schedule.boundAt() + (isCalmed ? schedule.calmNanos() : 0),
            schedule.hasTakeOver()
                ? Optional.of(
                    new UntilMet.Awaited(
                        Ending.TAKE_OVER,
                        Ending.afterTakeOver(new Seed(plan.seed()).child("after-take-over"))))
                : Optional.empty(),
            false);
    Generator<UntypedCall> untilCrash =
        new UntilActed(
            CrashAudit.CRASH_ALL,
            new UntilCut(
                cutoff,
                Generators.clientsAndNemesis(load, acts),
                Generators.nemesis(act(CrashAudit.CRASH_ALL))));
    if (endsAtCrash()) {
      return untilCrash;
    }
    return Generators.phases(
        List.of(
            untilCrash,
            unlessCut(Generators.nemesis(act(CrashAudit.REPLAY))),
            unlessCut(Generators.nemesis(faults.finalGenerator())),
            unlessCut(Generators.nemesis(act(LivenessProbe.LIVENESS))),
            unlessCut(
                Generators.clients(
                    Generators.encoded(workload.codec(), workload.finalGenerator()))),
            unlessCut(Generators.nemesis(act(ReplicaComparison.COMPARE)))));
  }

  /** Whether a load that goes on is healed at last; what is bounded by a budget is not. */
  private boolean isCalmedAtLast(LoadSchedule schedule) {
    return plan.deployment().isSimulated()
        && plan.load().budget().isEmpty()
        && schedule.boundAt() > schedule.crashAt();
  }

  private static Generator<UntypedCall> untilCalm(
      NemesisPackage faults, LoadSchedule schedule, Coverage coverage) {
    return new UntilCalm(
        faults.generator(),
        faults.finalGenerator(),
        schedule.calmAt(),
        () -> coverage.isMetByFaults() && !coverage.unmet().isEmpty());
  }

  /** Whether the load has come to what it should. */
  private BooleanSupplier isMet(Coverage coverage) {
    if (crashesWhenAnswered()) {
      int calls = plan.load().script().flatMap(LoadScript::calls).map(List::size).orElse(0);
      return () ->
          calls <= events.stream().filter(each -> each.isClient() && !each.isInvoke()).count();
    }
    boolean wantsAll = plan.load().budget().isPresent();
    return () -> coverage.unmet().isEmpty() && (!wantsAll || coverage.notReached().isEmpty());
  }

  private boolean crashesWhenAnswered() {
    return plan.load().script().map(LoadScript::crashesWhenAnswered).orElse(false);
  }

  private Generator<UntypedCall> unlessCut(Generator<UntypedCall> inner) {
    return new UntilCut(cutoff, inner, Generators.concat(List.of()));
  }

  private static Generator<UntypedCall> act(String function) {
    return Generators.call(new UntypedCall(Edn.keyword(function), Edn.NIL));
  }

  private Interpreter.Observer observer(HistoryWriter history) {
    return new Interpreter.Observer() {
      @Override
      public void event(Event<UntypedCall> event) {
        events.add(event);
        write(history, event);
        progress.time(event.timeNanos());
        count(event);
      }

      @Override
      public void log(long timeNanos, String message) {
        store.log(timeNanos + " " + message);
      }
    };
  }

  /**
   * Writes an event. A full disk ends the file, perhaps in the middle of an event, but not the run.
   */
  private void write(HistoryWriter history, Event<UntypedCall> event) {
    try {
      if (isHistoryWritten) {
        history.write(event);
      }
    } catch (UncheckedIOException e) {
      isHistoryWritten = false;
      store.failed("history.edn", e.getCause());
    }
  }

  private void count(Event<UntypedCall> event) {
    switch (event) {
      case Event.Invoke<UntypedCall> _ -> {}
      case Event.Ok<UntypedCall> _ -> progress.countOk();
      case Event.Fail<UntypedCall> _ -> progress.countFail();
      case Event.Info<UntypedCall> info -> {
        if (info.isClient()) {
          progress.countInfo();
        } else if (info.call().value() instanceof Edn.Table) {
          progress.phase(info.call().name());
          progress.countFault();
        }
      }
    }
  }
}
