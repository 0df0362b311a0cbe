package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.checker.Verdict;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

class ReportedLossTest {
  private final List<Event<UntypedCall>> events = new ArrayList<>();

  @Test
  void aHealedPrimaryWithoutTheTableHasLostIt() {
    read("42P01");
    liveness();
    read("57P03");
    read("42P01");
    Verdict verdict = judge();
    assertEquals("invalid", verdict.word());
    assertTrue(verdict.reason().contains("event 6: 42P01"), verdict.reason());
  }

  @Test
  void anotherErrorOrASuccessOfThatReadIsNone() {
    liveness();
    read("57P03");
    assertEquals(Verdict.VALID, judge());
    read("42P01");
    read("");
    assertEquals(Verdict.VALID, judge());
  }

  private Verdict judge() {
    return ReportedLoss.judge(History.of(events), List.of("final-read"));
  }

  private void read(String error) {
    long at = events.size();
    Process process = new Process.Client(at);
    UntypedCall call = new UntypedCall(Edn.keyword("final-read"), Edn.NIL);
    events.add(new Event.Invoke<>(at, at, process, call, Details.NONE));
    Details failed =
        Details.builder()
            .error(Edn.vector(Edn.keyword("sql"), Edn.of(error), Edn.of("ERROR: no")))
            .build();
    events.add(
        error.isEmpty()
            ? new Event.Ok<>(at + 1, at + 1, process, call, Details.NONE)
            : new Event.Fail<>(at + 1, at + 1, process, call, failed));
  }

  private void liveness() {
    LinkedHashMap<Edn, Edn> value = new LinkedHashMap<>();
    value.put(Edn.keyword("writes"), Edn.TRUE);
    long at = events.size();
    events.add(
        new Event.Info<>(
            at,
            at,
            Process.NEMESIS,
            new UntypedCall(Edn.keyword("liveness"), new Edn.Table(value)),
            Details.NONE));
  }
}
