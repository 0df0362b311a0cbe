package phaistos.harness.coverage;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.Lsn;
import phaistos.harness.SimulationWatch;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.nemesis.FaultKind;
import phaistos.nemesis.Faults;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.StandbyReply;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;

/**
 * What a simulated run has passed through on the way of its commits. A point is two steps that
 * followed each other on a node, whichever tasks took them, a kind of fault that was under way (or
 * none), and how the node's WAL positions stood to each other: whether there were WAL that is not
 * written, not flushed, and not on a standby. For one run.
 */
public final class StepCoverage implements SimulationWatch {
  private static final Set<Step.Part> PARTS =
      EnumSet.of(
          Step.Part.COMMIT,
          Step.Part.WAL,
          Step.Part.COMMIT_LOG,
          Step.Part.CHECKPOINT,
          Step.Part.PRIMARY_REPLICATION,
          Step.Part.STANDBY_REPLICATION,
          Step.Part.PROMOTION);

  /** Steps that say nothing of a commit's way, and come often. */
  private static final Set<Step<?, ?>> ASIDE =
      Set.of(
          CommitSteps.SNAPSHOT_TAKE,
          CommitSteps.COMMIT_LOG_LOOKUP,
          CommitSteps.FULL_PAGE_IMAGE,
          CommitSteps.COMMIT_LEVEL,
          CommitSteps.COMMIT_SUBXIDS,
          ReplicationSteps.SYNC_REP_CANDIDATE,
          ReplicationSteps.SYNC_REP_NEEDED,
          ReplicationSteps.SYNC_REP_MODE);

  private static final List<Integer> NO_FAULT = List.of(0);

  /** How far a node has come; a crash may take some of it. */
  private static final class Node {
    int last;
    long inserted;
    long written;
    long flushed;

    /** What standbys have reported to it, or what it has applied as a standby. */
    long beyond;

    int relation() {
      return (written < inserted ? 1 : 0)
          | (flushed < written ? 2 : 0)
          | (beyond < flushed ? 4 : 0);
    }
  }

  private final Map<String, Node> nodes = new HashMap<>();
  private final Map<String, String> faults = new LinkedHashMap<>();
  private List<Integer> underWay = NO_FAULT;
  private final Set<Long> points = new HashSet<>();

  @Override
  public void starts(NodeId node, Steps steps) {
    Node fresh = new Node();
    nodes.put(node.name(), fresh);
    List<Step<?, ?>> all = Step.all();
    for (int i = 0; i < all.size(); i++) {
      Step<?, ?> step = all.get(i);
      if (PARTS.contains(step.part()) && !ASIDE.contains(step)) {
        attach(step, i + 1, fresh, steps);
      }
    }
  }

  private <A, R> void attach(Step<A, R> step, int number, Node node, Steps steps) {
    steps.attach(
        step,
        (about, act) -> {
          passed(number, node);
          R answer = act.run();
          moved(step, about, answer, node);
          return answer;
        });
  }

  private void passed(int number, Node node) {
    long pair = ((long) node.last << 8 | number) << 8 | node.relation();
    for (int i = 0; i < underWay.size(); i++) {
      points.add(pair << 32 | underWay.get(i) & 0xFFFFFFFFL);
    }
    node.last = number;
  }

  private static void moved(Step<?, ?> step, Object about, Object answer, Node node) {
    if (step == CommitSteps.COMMIT_RECORD && answer instanceof Lsn end) {
      node.inserted = end.value();
    } else if (about instanceof Lsn to) {
      if (step == CommitSteps.WAL_WRITE || step == ReplicationSteps.STANDBY_WRITE) {
        node.written = to.value();
      } else if (step == CommitSteps.WAL_SYNC || step == ReplicationSteps.STANDBY_SYNC) {
        node.flushed = to.value();
      } else if (step == ReplicationSteps.SYNC_REP_RELEASE) {
        node.beyond = to.value();
      }
    } else if (about instanceof StandbyReply reply) {
      node.beyond = reply.applied().value();
    }
  }

  @Override
  public void heard(Event<UntypedCall> event) {
    if (event.isClient()) {
      return;
    }
    String name = event.call().name();
    Optional<FaultKind> kind = Faults.find(name);
    if (kind.isPresent() && event.isInvoke()) {
      faults.put(handle(event), name);
    } else if (kind.isEmpty() && name.equals("recover")) {
      faults.clear();
    } else if (!event.isInvoke() && kind.flatMap(FaultKind::end).isEmpty()) {
      faults.remove(handle(event));
    }
    underWay =
        faults.isEmpty()
            ? NO_FAULT
            : faults.values().stream().distinct().map(String::hashCode).toList();
  }

  private static String handle(Event<UntypedCall> event) {
    return event.call().value() instanceof Edn.Table value
            && value.get("handle") instanceof Edn.Text(String handle)
        ? handle
        : event.call().name();
  }

  @Override
  public void called(long step, long timeNanos, String kind) {}

  @Override
  public void chosen(long step, long timeNanos, String task, Thread thread) {
    steps = step;
  }

  private long steps;

  /** How many choices the simulator made. */
  public long choices() {
    return steps;
  }

  /** Numbers that stand for the points; the same in every JVM. */
  public Set<Long> points() {
    return points;
  }
}
