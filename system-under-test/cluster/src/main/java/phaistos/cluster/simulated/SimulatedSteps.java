package phaistos.cluster.simulated;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ServerSteps;
import phaistos.environment.Environment;
import phaistos.environment.Latch;
import phaistos.server.Server;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;

/**
 * The steps of the servers of one simulated cluster, of each process from when it listens. For the
 * tasks of one simulation, which run one at a time.
 */
final class SimulatedSteps implements ServerSteps {
  private final List<Waiting> watches = new ArrayList<>();
  private final List<Running> servers = new ArrayList<>();

  private record Running(NodeId node, Environment process, Steps steps) {}

  @Override
  public Watch watch(String label, Optional<NodeId> node, long count, long holdNanosMax) {
    Step<?, ?> step =
        Step.labelled(label)
            .orElseThrow(() -> new IllegalArgumentException("no step of the server: " + label));
    Waiting waiting = new Waiting(step, node, count, holdNanosMax);
    watches.add(waiting);
    servers.forEach(waiting::attachTo);
    return waiting;
  }

  /** A node's server has started; the one before is gone. */
  void started(NodeId node, Environment process, Server server) {
    Running running = new Running(node, process, server.steps());
    servers.removeIf(each -> each.node.equals(node));
    servers.add(running);
    watches.forEach(waiting -> waiting.attachTo(running));
  }

  private static final class Waiting implements Watch {
    private final Step<?, ?> step;
    private final Optional<NodeId> node;
    private final long count;
    private final long holdNanosMax;
    private long passed;
    private boolean isReached;
    private boolean isReleased;
    private Optional<Latch> held = Optional.empty();

    Waiting(Step<?, ?> step, Optional<NodeId> node, long count, long holdNanosMax) {
      this.step = step;
      this.node = node;
      this.count = count;
      this.holdNanosMax = holdNanosMax;
    }

    void attachTo(Running running) {
      if (node.isEmpty() || node.get().equals(running.node)) {
        attach(running, step);
      }
    }

    private <A, R> void attach(Running running, Step<A, R> typed) {
      running.steps.attach(
          typed,
          (_, act) -> {
            pass(running.process);
            return act.run();
          });
    }

    private void pass(Environment process) {
      passed++;
      if (passed == count) {
        Latch latch = process.tasks().newLatch();
        held = Optional.of(latch);
        isReached = true;
        if (!isReleased) {
          latch.await(holdNanosMax);
        }
      }
    }

    @Override
    public boolean isReached() {
      return isReached;
    }

    @Override
    public void release() {
      isReleased = true;
      held.ifPresent(Latch::set);
    }
  }
}
