package phaistos.harness;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.simulated.SimulatedCluster;
import phaistos.cluster.simulated.StepWatch;
import phaistos.harness.run.Recording;
import phaistos.histories.RunStore;
import phaistos.server.defects.Defects;
import phaistos.server.settings.Settings;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.SimulationResult;
import phaistos.simulator.Tail;

/**
 * Each test runs its nodes in its own simulation.
 *
 * @param watch sees it from the inside
 * @param tail draws the choices anew from some step on
 */
record SimulatedDeployment(Optional<SimulationWatch> watch, Optional<Tail> tail)
    implements Deployment {
  SimulatedDeployment() {
    this(Optional.empty(), Optional.empty());
  }

  @Override
  public String word() {
    return "simulated";
  }

  @Override
  public boolean isSimulated() {
    return true;
  }

  @Override
  public Capabilities capabilities() {
    return SimulatedCluster.ownCapabilities();
  }

  @Override
  public TestResult run(
      TestPlan plan,
      RunStore store,
      Function<Cluster, Recording> test,
      Function<Recording, TestResult> judge) {
    SimulationOptions options = SimulationOptions.seed(plan.seed());
    options = tail.map(options::withTail).orElse(options);
    options = watch.map(options::withProbe).orElse(options);
    SimulationResult<Recording> result =
        Simulation.run(
            traced(options.lively(true), store),
            world -> {
              store.log("seed " + plan.seed() + ": " + world.knobs());
              try (SimulatedCluster cluster =
                  new SimulatedCluster(world, options(plan.cluster()))) {
                Recording recording = test.apply(cluster);
                store.log("paces: " + world.paces());
                return recording;
              }
            });
    store.log("trace hash " + result.traceHashText() + ", " + result.steps() + " steps");
    List<String> failures = result.failures().stream().map(SimulatedDeployment::told).toList();
    failures.forEach(failure -> store.log("task failure: " + failure));
    return judge
        .apply(result.valueOrThrow().withTaskFailures(failures))
        .withTraceHash(result.traceHashText());
  }

  private static String told(SimulationResult.TaskFailure failure) {
    return "%s of %s at %.6f s: %s"
        .formatted(failure.task(), failure.machine(), failure.timeNanos() / 1e9, failure.cause());
  }

  @Override
  public <T> T experiment(ClusterPlan nodes, long seed, Function<Cluster, T> act) {
    SimulationOptions simulation = SimulationOptions.seed(seed).lively(true);
    return Simulation.run(
            simulation,
            world -> {
              try (SimulatedCluster cluster = new SimulatedCluster(world, options(nodes))) {
                return act.apply(cluster);
              }
            })
        .valueOrThrow();
  }

  private SimulatedCluster.Options options(ClusterPlan plan) {
    Settings settings = Settings.defaults();
    for (var setting : plan.settings().entrySet()) {
      settings = settings.with(setting.getKey(), setting.getValue());
    }
    return SimulatedCluster.Options.defaults()
        .withNodes(plan.nodes())
        .withSettings(settings)
        .withIds(plan.ids())
        .withSegmentLeft(plan.segmentLeft())
        .withDefects(Defects.parse(String.join(",", plan.defects())))
        .withWatch(watch.<StepWatch>map(each -> each).orElse(StepWatch.NONE));
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
}
