package phaistos.workloads.catalogue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.checker.jepsen.CounterChecker;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/** A counter whose additions of a level need not survive: which loss excuses which read. */
class OwedOnlyTest {
  private final List<Event<UntypedCall>> events = new ArrayList<>();

  @Test
  void whatIsThereAtTheEndExcusesNothing() {
    add("m1", "off", 3);
    read("m2", "off", 0);
    journal("m1", "m2");
    assertEquals("invalid", verdict());
  }

  @Test
  void whatIsGoneAndNeedNotSurviveIsTakenAsIndeterminate() {
    add("m1", "off", 3);
    read("m2", "on", 0);
    journal("m2");
    assertEquals("valid", verdict());
  }

  @Test
  void aLossDoesNotExcuseWhatItCannotExplain() {
    add("m1", "off", 3);
    add("m2", "on", 4);
    read("m3", "on", 0);
    journal("m2", "m3");
    assertEquals("invalid", verdict());
  }

  @Test
  void aProcessGoesOnUnderAnotherNameAfterACallInDoubt() {
    add("m1", "off", 3);
    add("m2", "on", 4);
    add("m3", "off", 5);
    read("m4", "on", 4);
    journal("m2", "m4");
    assertEquals("valid", verdict());
  }

  @Test
  void withoutAFinalReadOrWithReadsWithoutAMarkerNobodyKnows() {
    add("m1", "off", 3);
    read("m2", "on", 0);
    assertEquals("unknown", verdict());
    complete("read", Edn.of(0), Details.NONE);
    journal("m2");
    assertEquals("unknown", verdict());
  }

  @Test
  void aReadWithoutAMarkerBehindTheJournalsSawNothingThatIsGone() {
    add("m1", "off", 3);
    read("m2", "on", 0);
    journal("m2");
    complete("read", Edn.of(0), Details.NONE);
    assertEquals("valid", verdict());
    complete("read", Edn.of(4), Details.NONE);
    assertEquals("invalid", verdict());
  }

  private String verdict() {
    return OwedOnly.of(new CounterChecker()::check)
        .check(History.of(events), CheckContext.UNLIMITED)
        .verdict()
        .word();
  }

  private void add(String marker, String level, long amount) {
    complete("add", Edn.of(amount), details(marker, level));
  }

  private void read(String marker, String level, long value) {
    complete("read", Edn.of(value), details(marker, level));
  }

  private void journal(String... markers) {
    List<Edn> all = new ArrayList<>();
    for (String marker : markers) {
      all.add(Edn.of(marker));
    }
    complete("final-read", new Edn.Vector(all), Details.NONE);
  }

  private static Details details(String marker, String level) {
    return Details.builder().marker(Edn.of(marker)).synchronousCommit(level).build();
  }

  private void complete(String function, Edn value, Details details) {
    long at = events.size();
    Process process = new Process.Client(0);
    Edn asked = function.equals("add") ? value : Edn.NIL;
    UntypedCall call = new UntypedCall(Edn.keyword(function), asked);
    events.add(new Event.Invoke<>(at, at, process, call, Details.NONE));
    UntypedCall done = new UntypedCall(Edn.keyword(function), value);
    events.add(new Event.Ok<>(at + 1, at + 1, process, done, details));
  }
}
