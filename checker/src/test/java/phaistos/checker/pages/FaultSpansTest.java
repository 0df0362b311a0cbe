package phaistos.checker.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/** When faults were active, what they were, and which losses they stand beside. */
class FaultSpansTest {
  private final List<Event<UntypedCall>> events = new ArrayList<>();

  private void act(long time, String f, String value) {
    Edn edn = value.isEmpty() ? Edn.NIL : read(value);
    UntypedCall call = new UntypedCall(Edn.keyword(f), edn);
    events.add(new Event.Info<>(events.size(), time, Process.NEMESIS, call, Details.NONE));
  }

  private static Edn read(String text) {
    try {
      return new EdnReader(new StringReader(text), "value").next().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> spans() {
    return FaultSpans.timed(events, Set.of("reorder"), 99).stream()
        .map(each -> each.span().kind() + " " + each.fromNanos() + ".." + each.toNanos())
        .toList();
  }

  @Test
  void aFaultEndsWithWhatUndoesIt() {
    act(0, "kill", "");
    act(10, "start-partition", "");
    act(20, "restart", "");
    act(30, "stop-partition", "");
    act(40, "pause", "");
    assertEquals(List.of("kill 0..20", "start-partition 10..30", "pause 40..99"), spans());
  }

  @Test
  void aMomentaryFaultEndsWithItsAnswer() {
    act(5, "failover", "{:handle \"f1\"}");
    act(8, "failover", "{:handle \"f1\" :operator {:from \"n1\" :to \"n2\"}}");
    act(10, "bump-clock", "");
    act(11, "bump-clock", "{:n1 3}");
    act(20, "reorder", "{:handle \"f2\"}");
    act(21, "reorder", "{:handle \"f2\" :streams [\"n1->n2\"]}");
    act(30, "crash-all", "");
    act(31, "crash-all", "{:primary \"n2\"}");
    assertEquals(
        List.of("failover 5..8", "bump-clock 10..11", "reorder 20..21", "crash-all 30..31"),
        spans());
  }

  @Test
  void faultsOfOneKindEndByTheirHandles() {
    act(1, "partition", "{:handle \"a\"}");
    act(2, "partition", "{:handle \"b\"}");
    act(3, "heal", "{:handle \"a\"}");
    act(4, "heal", "{:handle \"a\" :effects [{:fault :partition :handle \"a\" :effective true}]}");
    act(9, "recover", "");
    act(12, "recover", "{:effects [{:fault :partition :handle \"b\" :effective false}]}");
    assertEquals(List.of("partition 1..4", "partition 2..9", "recover 9..12"), spans());
    List<FaultSpan> found = FaultSpans.of(events, Set.of());
    assertTrue(found.get(0).isEffective());
    assertTrue(found.get(1).isWithoutEffect());
  }

  @Test
  void faultsAreSaidInWords() {
    act(1, "partition", "{:handle \"a\"}");
    act(
        1,
        "partition",
        "{:handle \"a\" :streams [\"n2->n1\" \"n1->n2 (dialed by n2)\" \"n3->n1\" \"n1->n3\"]}");
    act(2, "partition", "{:handle \"b\"}");
    act(2, "partition", "{:handle \"b\" :streams [\"n1->n2 (dialed by n2)\"]}");
    act(3, "kill", "{:handle \"c\"}");
    act(3, "kill", "{:handle \"c\" :nodes [\"n1\" \"n2\" \"n3\"]}");
    act(4, "crash", "{:handle \"d\"}");
    act(4, "crash", "{:handle \"d\" :nodes [\"n3\"]}");
    assertEquals(
        List.of(
            "n1 was cut from n2 and n3",
            "nothing from n1 reached n2",
            "n1, n2 and n3 were killed",
            "n3 lost its power"),
        FaultSpans.of(events, Set.of()).stream().map(FaultWords::clause).toList());
  }

  private List<String> join(long[] acknowledged, long... lost) {
    List<FaultSpans.Timed> faults = FaultSpans.timed(events, Set.of(), 60_000_000_000L);
    return new LossJoin(faults, acknowledged, lost).sentences();
  }

  @Test
  void lossesAreJoinedWithTheFaultUnderWay() {
    act(50_434_000_000L, "partition", "{:handle \"a\"}");
    act(
        50_435_000_000L,
        "partition",
        "{:handle \"a\" :streams [\"n2->n1\" \"n1->n2\" \"n3->n1\" \"n1->n3\"]}");
    long before = 50_000_000_000L;
    long first = 50_600_000_000L;
    long second = 50_700_000_000L;
    assertEquals(
        List.of(
            "all 2 commits acknowledged after n1 was cut from n2 and n3 at 50.43 s are lost; none"
                + " before"),
        join(new long[] {before, first, second}, first, second));
    assertEquals(
        List.of(
            "1 of 2 commits acknowledged after n1 was cut from n2 and n3 at 50.43 s is lost; none"
                + " before"),
        join(new long[] {before, first, second}, second));
  }

  /** From a failover on nothing is kept, whatever faults follow. */
  @Test
  void lossesThatBeginWithAFailoverAreJoinedWithIt() {
    act(10_000_000_000L, "failover", "{:handle \"a\"}");
    act(11_000_000_000L, "failover", "{:handle \"a\" :operator {:from \"n1\" :to \"n2\"}}");
    act(12_000_000_000L, "kill", "{:handle \"b\"}");
    act(12_000_000_000L, "kill", "{:handle \"b\" :nodes [\"n3\"]}");
    act(13_000_000_000L, "restart", "{:handle \"b\"}");
    long before = 9_000_000_000L;
    long first = 11_500_000_000L;
    long second = 14_000_000_000L;
    assertEquals(
        List.of(
            "all 2 commits acknowledged after n2 was promoted in place of n1 at 10.00 s are lost;"
                + " none before"),
        join(new long[] {before, first, second}, first, second));
  }

  @Test
  void lossesBeforeAKillAreJoinedWithIt() {
    act(10_000_000_000L, "kill", "{:handle \"a\"}");
    act(10_000_000_000L, "kill", "{:handle \"a\" :nodes [\"n1\"]}");
    act(12_000_000_000L, "restart", "{:handle \"a\"}");
    assertEquals(
        List.of(
            "1 commit acknowledged in the last 0.150 s before n1 was killed at 10.00 s is lost"),
        join(new long[] {9_000_000_000L, 9_850_000_000L}, 9_850_000_000L));
    assertEquals(
        List.of(
            "1 commit acknowledged from 20.00 s on is lost, with no fault under way and none"
                + " after"),
        join(new long[] {15_000_000_000L, 20_000_000_000L}, 20_000_000_000L));
    assertEquals(List.of(), join(new long[] {1}, new long[0]));
  }
}
