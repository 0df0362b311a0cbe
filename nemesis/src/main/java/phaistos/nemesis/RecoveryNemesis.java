package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * The function {@code recover}. It ends every open fault, brings every node back, lets the nodes
 * join that a failover left out, and waits until every standby has replayed what the primary has
 * written.
 */
final class RecoveryNemesis implements Nemesis {
  static final String RECOVER = "recover";
  private static final long POLL_NANOS = 200_000_000L;

  private final Cluster cluster;
  private final Operator operator;
  private final FaultsUnderWay faults;
  private final TriggerWatch watch;
  private final long recoverNanos;

  RecoveryNemesis(
      Cluster cluster,
      Operator operator,
      FaultsUnderWay faults,
      TriggerWatch watch,
      long recoverNanos) {
    this.cluster = cluster;
    this.operator = operator;
    this.faults = faults;
    this.watch = watch;
    this.recoverNanos = recoverNanos;
  }

  @Override
  public Set<String> functions() {
    return Set.of(RECOVER);
  }

  @Override
  public void setup() {
    operator.state().releaseAll();
    watch.start();
  }

  @Override
  public void teardown() {
    watch.stop();
    operator.state().releaseAll();
    operator.state().settle();
  }

  @Override
  public void heard(Event<UntypedCall> event) {
    watch.heard(event);
  }

  @Override
  public UntypedCall invoke(UntypedCall call) {
    watch.stop();
    // All at once, so that no node waits for another that is still held.
    operator.state().releaseAll();
    faults.endAll();
    operator.state().settle();
    List<NodeId> gathered = operator.gather();
    List<NodeId> behind = awaitReplay();
    EdnTable answer =
        new EdnTable()
            .put("primary", cluster.primary().name())
            .put("rejoined", gathered)
            .put("caught-up", behind.isEmpty())
            .put("behind", behind)
            .put("effects", faults.lastEffects());
    List<Handle> unfired = watch.notBegun();
    if (!unfired.isEmpty()) {
      answer.put("not-fired", new Edn.Vector(unfired.stream().map(h -> Edn.of(h.name())).toList()));
    }
    return new UntypedCall(call.f(), answer.build());
  }

  /** The standbys that did not replay everything that the primary had written within the limit. */
  private List<NodeId> awaitReplay() {
    long deadline = cluster.control().clock().monotonicNanos() + recoverNanos;
    OptionalLong goal = OptionalLong.empty();
    List<NodeId> behind = new ArrayList<>();
    while (true) {
      if (goal.isEmpty()) {
        goal = operator.positions().current(cluster.primary());
      }
      behind.clear();
      for (NodeId node : cluster.nodes()) {
        if (!node.equals(cluster.primary()) && !hasReplayed(node, goal)) {
          behind.add(node);
        }
      }
      if (behind.isEmpty() || cluster.control().clock().monotonicNanos() >= deadline) {
        return behind;
      }
      cluster.control().tasks().sleep(POLL_NANOS);
    }
  }

  private boolean hasReplayed(NodeId node, OptionalLong goal) {
    OptionalLong replayed = operator.positions().replayed(node);
    return goal.isPresent()
        && replayed.isPresent()
        && Long.compareUnsigned(replayed.getAsLong(), goal.getAsLong()) >= 0;
  }
}
