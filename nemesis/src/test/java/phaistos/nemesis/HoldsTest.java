package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;

/** What several faults hold at once: settings of nodes, and the speed of streams. */
class HoldsTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final Handle A = new Handle("a");
  private static final Handle B = new Handle("b");

  @Test
  void aNodeHasTheSettingsOfAllFaultsThatAreOpen() {
    TreeMap<NodeId, Map<String, String>> now = new TreeMap<>();
    HeldSettings held = new HeldSettings(now::put);
    held.hold(A, N1, Map.of("archive_command", "false"));
    held.hold(B, N1, Map.of("primary_slot_name", "s"));
    held.hold(A, N2, Map.of("archive_command", "false"));
    assertEquals(Map.of("archive_command", "false", "primary_slot_name", "s"), now.get(N1));
    held.release(A::equals);
    assertEquals(Map.of(N1, Map.of("primary_slot_name", "s"), N2, Map.of()), now);
    held.release(B::equals);
    assertEquals(Map.of(N1, Map.of(), N2, Map.of()), now);
    assertTrue(held.isEmpty());
  }

  /** Who follows another primary must not be sent to a slot of the former one. */
  @Test
  void aNodeThatJoinsAgainIsHeldNoMore() {
    TreeMap<NodeId, Map<String, String>> now = new TreeMap<>();
    HeldSettings held = new HeldSettings(now::put);
    held.hold(A, N1, Map.of("primary_slot_name", "s"));
    held.forget(N1);
    held.hold(B, N1, Map.of("archive_command", "false"));
    assertEquals(Map.of("archive_command", "false"), now.get(N1));
    held.release(A::equals);
    assertEquals(Map.of("archive_command", "false"), now.get(N1));
  }

  @Test
  void aStreamIsAsSlowAsTheSlowestFaultThatIsOpen() {
    TreeMap<String, Long> now = new TreeMap<>();
    SlowStreams slow = new SlowStreams((stream, limit) -> now.put(stream.toString(), limit));
    Stream one = new Stream(Optional.of(N1), N2, false);
    Stream other = new Stream(Optional.of(N2), N1, false);
    slow.hold(A, List.of(one), 100);
    slow.hold(B, List.of(one, other), 20);
    assertEquals(Map.of(one.toString(), 20L, other.toString(), 20L), now);
    slow.release(B::equals);
    assertEquals(Map.of(one.toString(), 100L, other.toString(), 0L), now);
    slow.release(_ -> true);
    assertEquals(Map.of(one.toString(), 0L, other.toString(), 0L), now);
    assertTrue(slow.isEmpty());
  }
}
