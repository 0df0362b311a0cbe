package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;

/**
 * Laws of composition. Method: faults of all kinds begin and end in an order drawn from a seed, on
 * an invented cluster; after each act the cluster must be in the state that the open faults
 * together ask for, computed here from scratch, and after the last in its known good state.
 */
class CompositionTest {
  private static final int SEEDS = Integer.getInteger("phaistos.composition.seeds", 150);
  private static final int ACTS = 40;

  /** Not those that take time, move the primary, or are of disks that no invented cluster has. */
  private static final List<FaultKind> LASTING =
      Faults.KINDS.stream()
          .filter(kind -> kind.end().isPresent() && kind != ServerProcessFaults.SLOW)
          .filter(kind -> kind != OperatorFaults.TWO_PRIMARIES)
          .filter(kind -> kind != ClockFaults.CLOCK_STROBE)
          .filter(kind -> !kind.needs().contains(Capability.DISK_DAMAGE))
          .filter(kind -> !kind.needs().contains(Capability.REPLICATION_MESSAGES))
          // these wait for what a server does; their holds are in HoldsTest
          .filter(kind -> !kind.needs().contains(Capability.ADMINISTRATION))
          .filter(kind -> !kind.needs().contains(Capability.SLOW_LINK))
          .filter(kind -> !kind.needs().contains(Capability.TOXIC))
          .toList();

  private static final List<FaultKind> TAKE_OVERS =
      List.of(OperatorFaults.FAILOVER, OperatorFaults.SWITCHOVER, OperatorFaults.TWO_PRIMARIES);

  @TempDir private Path folder;

  /** An open fault with what its nemesis says that it hit. */
  private record Open(Fault fault, FaultKind kind, Edn.Table hit) {}

  private final class Play {
    private final InventedCluster cluster = InventedCluster.in(folder);
    private final Operator operator = new Operator(cluster, 1, 1);
    private final Nemesis nemesis =
        new ClusterNemesis(cluster, operator, 1).scheduled(new Schedule(List.of()), 1).nemesis();
    private final LinkedHashMap<Handle, Open> open = new LinkedHashMap<>();
    private final Map<Handle, Integer> effects = new HashMap<>();
    private int begun;

    void begin(Fault fault) {
      Handle handle = new Handle("h" + ++begun);
      Edn.Table hit = invoke(Schedule.call(new Schedule.Begin(handle, fault)));
      if (fault.kind().end().isPresent()) {
        open.put(handle, new Open(fault, fault.kind(), hit));
      }
    }

    void end(Handle handle) {
      Open ended = open.remove(handle);
      invoke(Schedule.call(new Schedule.End(handle, ended.kind.end().orElseThrow())));
    }

    void recover() {
      open.clear();
      invoke(new UntypedCall(Edn.keyword("recover"), Edn.NIL));
    }

    private Edn.Table invoke(UntypedCall call) {
      Edn.Table answer = (Edn.Table) nemesis.invoke(call).value();
      if (answer.get("effects") instanceof Edn.Vector(List<Edn> items)) {
        for (Edn item : items) {
          Edn.Text handle = (Edn.Text) ((Edn.Table) item).get("handle");
          effects.merge(new Handle(handle.value()), 1, Integer::sum);
        }
      }
      return answer;
    }

    /** What the cluster is like. */
    String state() {
      return String.join(
          " ",
          List.of(
              cluster.state.toString(),
              cluster.cut.toString(),
              cluster.failingSyncs.toString(),
              cluster.room.toString(),
              cluster.slowNanos.toString(),
              cluster.offset.toString(),
              cluster.flippedBits.toString()));
    }

    /** What the open faults together ask for. */
    String union() {
      Play whole = new Play();
      Map<NodeId, NodeState> states = whole.cluster.state;
      for (Open each : open.values()) {
        for (NodeId node : nodes(each.hit)) {
          Edn.Table value = each.fault.value();
          switch (each.kind.name()) {
            case "kill", "crash", "shutdown" -> states.put(node, NodeState.DOWN);
            case "pause" ->
                states.merge(
                    node, NodeState.PAUSED, (was, now) -> was == NodeState.DOWN ? was : now);
            case "sync-error" -> whole.cluster.failingSyncs.add(node);
            case "no-space" ->
                whole.cluster.room.merge(node, EdnValues.integer(value, "bytes"), Math::min);
            case "slow-disk" ->
                whole.cluster.slowNanos.merge(
                    node, EdnValues.integer(value, "millis") * 1_000_000, Long::sum);
            case "bit-flip" ->
                whole.cluster.flippedBits.add(
                    "%s %s %d"
                        .formatted(
                            node, EdnValues.text(value, "path"), EdnValues.integer(value, "bit")));
            case "clock-skew", "clock-jump" -> {
              Duration own = Duration.ofMillis(EdnValues.integer(value, "millis"));
              whole.cluster.offset.merge(node, own, Duration::plus);
              whole.cluster.offset.values().removeIf(Duration::isZero);
            }
            case "client-cut", "message" -> {} // what it holds are streams, below
            case "stop-process", "kill-process" -> {} // the node itself is as before
            default -> throw new IllegalStateException("unexpected: " + each.fault);
          }
        }
        if (each.hit.get("streams") instanceof Edn.Vector(List<Edn> streams)) {
          streams.forEach(stream -> whole.cluster.cut.add(((Edn.Text) stream).value()));
        }
      }
      return whole.state();
    }

    private List<NodeId> nodes(Edn.Table hit) {
      if (!(hit.get("nodes") instanceof Edn.Vector(List<Edn> items))) {
        return List.of();
      }
      return items.stream().map(item -> new NodeId(((Edn.Text) item).value())).toList();
    }
  }

  private static Fault draw(FaultKind kind, Seed seed) {
    return kind.draw(seed, Operator.Policy.RECKLESS);
  }

  private static <T> T any(List<T> items, Seed seed) {
    return items.get(seed.drawInt(items.size()));
  }

  @Test
  void anyOrderOfBeginningsAndEndsLeavesTheUnionOfWhatIsOpen() {
    for (long n = 0; n < SEEDS; n++) {
      Seed seed = new Seed(n);
      Play play = new Play();
      for (int act = 0; act < ACTS; act++) {
        Seed own = seed.child(act);
        if (play.open.isEmpty() || own.drawInt(2) == 0) {
          play.begin(draw(any(LASTING, own.child("kind")), own));
        } else {
          play.end(any(List.copyOf(play.open.keySet()), own.child("which")));
        }
        assertEquals(play.union(), play.state(), "seed " + n + ", act " + act + " " + play.open);
      }
      while (!play.open.isEmpty()) {
        Seed own = seed.child("end").child(play.open.size());
        play.end(any(List.copyOf(play.open.keySet()), own));
        assertEquals(play.union(), play.state(), "seed " + n);
      }
      assertEquals(new Play().state(), play.state(), "seed " + n);
      everyFaultWasMeasuredOnce(n, play);
    }
  }

  private static void everyFaultWasMeasuredOnce(long seed, Play play) {
    for (int i = 1; i <= play.begun; i++) {
      assertEquals(1, play.effects.get(new Handle("h" + i)), "seed " + seed + ", fault " + i);
    }
    assertEquals(play.begun, play.effects.size());
  }

  @Test
  void theOrderOfTheEndsDoesNotMatter() {
    for (long n = 0; n < SEEDS; n++) {
      Seed seed = new Seed(n);
      TreeSet<String> states = new TreeSet<>();
      for (int order = 0; order < 3; order++) {
        Play play = new Play();
        for (int i = 0; i < 8; i++) {
          play.begin(draw(any(LASTING, seed.child(i).child("kind")), seed.child(i)));
        }
        List<Handle> half = new ArrayList<>(List.copyOf(play.open.keySet()).subList(0, 4));
        for (Seed draw = seed.child("order").child(order); !half.isEmpty(); draw = draw.next()) {
          play.end(half.remove(draw.drawInt(half.size())));
        }
        states.add(play.state());
      }
      assertEquals(1, states.size(), "seed " + n + ": " + states);
    }
  }

  @Test
  void withFailoversInBetweenEverythingIsBackInTheEnd() {
    // Fewer: an operator whom nobody answers waits.
    for (long n = 0; n < SEEDS / 5; n++) {
      Seed seed = new Seed(n);
      Play play = new Play();
      for (int act = 0; act < ACTS; act++) {
        Seed own = seed.child(act);
        switch (own.drawInt(5)) {
          case 0 -> play.begin(draw(any(TAKE_OVERS, own.child("kind")), own));
          case 1, 2 -> play.begin(draw(any(LASTING, own.child("kind")), own));
          default -> {
            if (!play.open.isEmpty()) {
              play.end(any(List.copyOf(play.open.keySet()), own.child("which")));
            }
          }
        }
        for (Open each : play.open.values()) {
          if (List.of("kill", "crash").contains(each.kind.name())) {
            for (NodeId node : play.nodes(each.hit)) {
              assertEquals(NodeState.DOWN, play.cluster.state(node), "seed " + n + ": " + each);
            }
          }
        }
      }
      play.recover();
      assertEquals(new Play().state(), play.state(), "seed " + n);
      everyFaultWasMeasuredOnce(n, play);
    }
  }
}
