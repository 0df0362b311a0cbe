package phaistos.cluster.simulated;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ReplicationMessages;
import phaistos.cluster.ServerSteps;
import phaistos.environment.Environment;
import phaistos.environment.Latch;
import phaistos.formats.Lsn;
import phaistos.server.Server;
import phaistos.server.steps.Act;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;

/**
 * The steps of the servers of one simulated cluster, of each process from when it listens, and the
 * messages of replication, which are steps too. For the tasks of one simulation, which run one at a
 * time.
 */
final class SimulatedSteps implements ServerSteps, ReplicationMessages {
  private final List<Waiting> watches = new ArrayList<>();
  private final List<Disturbed> disturbances = new ArrayList<>();
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

  @Override
  public List<NodeId> held() {
    return watches.stream()
        .map(waiting -> waiting.heldNode)
        .flatMap(Optional::stream)
        .sorted()
        .distinct()
        .toList();
  }

  /** A node's server has started; the one before is gone. */
  void started(NodeId node, Environment process, Server server) {
    Running running = new Running(node, process, server.steps());
    servers.removeIf(each -> each.node.equals(node));
    servers.add(running);
    watches.forEach(waiting -> waiting.attachTo(running));
    disturbances.forEach(disturbed -> disturbed.attachTo(running));
  }

  @Override
  public Disturbance disturb(Selection selection, Treatment treatment, long delayNanos) {
    boolean delays = treatment == Treatment.HOLD || treatment == Treatment.DELAY;
    if (selection.kind() == Kind.WAL && !delays) {
      throw new IllegalArgumentException("WAL can be held and delayed only, not: " + treatment);
    }
    Disturbed disturbed = new Disturbed(selection, treatment, delayNanos);
    disturbances.add(disturbed);
    servers.forEach(disturbed::attachTo);
    return disturbed;
  }

  private static final class Disturbed implements Disturbance {
    private final Selection selection;
    private final Treatment treatment;
    private final long delayNanos;
    private final List<Latch> holding = new ArrayList<>();
    private Optional<Act<Void, Exception>> behind = Optional.empty();
    private long matched;
    private long treated;
    private boolean isOver;

    Disturbed(Selection selection, Treatment treatment, long delayNanos) {
      this.selection = selection;
      this.treatment = treatment;
      this.delayNanos = delayNanos;
    }

    void attachTo(Running running) {
      if (isOver || selection.node().filter(node -> !node.equals(running.node)).isPresent()) {
        return;
      }
      switch (selection.kind()) {
        case WAL ->
            running.steps.attach(
                ReplicationSteps.WAL_SENDER_SEND, (lsn, act) -> pass(running.process, lsn, act));
        case STANDBY_STATUS_UPDATE ->
            running.steps.attach(
                ReplicationSteps.STANDBY_REPLY,
                (reply, act) -> pass(running.process, reply.flushed(), act));
      }
    }

    private Void pass(Environment process, Lsn lsn, Act<Void, Exception> act) throws Exception {
      Optional<Act<Void, Exception>> before = behind;
      behind = Optional.empty();
      if (isOver
          || Long.compareUnsigned(lsn.value(), selection.fromLsn()) < 0
          || ++matched % selection.everyNth() != 0) {
        act.run();
      } else {
        treated++;
        treat(process, act);
      }
      return before.isPresent() ? before.get().run() : null;
    }

    private void treat(Environment process, Act<Void, Exception> act) throws Exception {
      switch (treatment) {
        case HOLD -> {
          Latch latch = process.tasks().newLatch();
          holding.add(latch);
          latch.await();
          act.run();
        }
        case DELAY -> {
          process.tasks().sleep(delayNanos);
          act.run();
        }
        case DROP -> {}
        case DUPLICATE -> {
          act.run();
          act.run();
        }
        case REORDER -> behind = Optional.of(act);
      }
    }

    @Override
    public long treated() {
      return treated;
    }

    @Override
    public void end() {
      isOver = true;
      holding.forEach(Latch::set);
    }
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
    private Optional<NodeId> heldNode = Optional.empty();

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
            pass(running);
            return act.run();
          });
    }

    private void pass(Running running) {
      passed++;
      if (passed == count) {
        Latch latch = running.process.tasks().newLatch();
        held = Optional.of(latch);
        isReached = true;
        if (!isReleased) {
          heldNode = Optional.of(running.node);
          latch.await(holdNanosMax);
          heldNode = Optional.empty();
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
      heldNode = Optional.empty();
      held.ifPresent(Latch::set);
    }
  }
}
