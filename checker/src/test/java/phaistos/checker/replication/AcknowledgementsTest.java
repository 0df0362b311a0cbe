package phaistos.checker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import phaistos.formats.Lsn;
import phaistos.histories.Event;
import phaistos.histories.HistoryReader;
import phaistos.histories.UntypedCall;

/** n1 is the primary. Transaction 700's commit record ends at 0/100, on timeline 1. */
class AcknowledgementsTest {
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private final List<String> lines = new ArrayList<>();

  AcknowledgementsTest() {
    acknowledgements.commit(1, 700, 0x100);
  }

  private void reports(String standby, long time, long written, long flushed, long applied) {
    acknowledgements.reports(
        standby, 1, time, new Lsn(written), new Lsn(flushed), new Lsn(applied));
  }

  private void ok(long time, String level, String names, String more) {
    lines.add(
        ("{:index %d, :time %d, :type :ok, :process 0, :f :write, :value [1 7], :node \"n1\","
                + " :timeline 1, :xid 700, :synchronous-commit :%s, :standby-names \"%s\"%s}")
            .formatted(lines.size(), time, level, names, more));
  }

  private Optional<String> violation() throws Exception {
    List<Event<UntypedCall>> events = new ArrayList<>();
    byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    try (HistoryReader reader = HistoryReader.of(new ByteArrayInputStream(text), "test.edn")) {
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        events.add(next.get());
      }
    }
    return acknowledgements.violation(events, 0);
  }

  @Test
  void enoughOfTheListedStandbysMustHaveReportedACommit() throws Exception {
    reports("n2", 10, 0x100, 0x100, 0);
    reports("n3", 20, 0x100, 0x100, 0x100);
    ok(15, "on", "ANY 1 (n1, n2, n3)", "");
    assertEquals(Optional.empty(), violation());
    ok(15, "on", "ANY 2 (n1, n2, n3)", "");
    assertTrue(violation().orElseThrow().contains("1 of the 2 standbys"), violation().toString());
  }

  @Test
  void aStandbyThatIsNotListedDoesNotCount() throws Exception {
    reports("n3", 10, 0x100, 0x100, 0x100);
    ok(15, "on", "FIRST 1 (n2)", "");
    assertTrue(violation().orElseThrow().contains("0 of the 1 standbys"), violation().toString());
  }

  @Test
  void theLevelSaysWhatMustBeReported() throws Exception {
    reports("n2", 10, 0x100, 0xFF, 0);
    ok(15, "remote_write", "ANY 1 (n2)", "");
    ok(15, "local", "ANY 1 (n2)", "");
    assertEquals(Optional.empty(), violation());
    ok(15, "on", "ANY 1 (n2)", "");
    assertTrue(violation().orElseThrow().contains("as flushed"), violation().toString());
    reports("n2", 11, 0x100, 0x100, 0xFF);
    assertEquals(Optional.empty(), violation());
    ok(15, "remote_apply", "ANY 1 (n2)", "");
    assertTrue(violation().orElseThrow().contains("as applied"), violation().toString());
  }

  @Test
  void aWaitThatWasCutShortOwesNothing() throws Exception {
    ok(15, "on", "ANY 1 (n2)", ", :unreplicated true");
    assertEquals(Optional.empty(), violation());
  }

  @Test
  void aRowIsSeenOnThePrimaryOnlyAfterTheReplies() throws Exception {
    String read =
        "{:index %d, :time %d, :type :ok, :process 1, :f :read, :value [1 [7]], :node \"n1\","
            + " :role :%s}";
    reports("n2", 10, 0x100, 0x100, 0);
    lines.add(read.formatted(0, 12, "primary"));
    lines.add(read.formatted(1, 9, "standby"));
    ok(15, "on", "ANY 1 (n2)", "");
    assertEquals(Optional.empty(), violation());
    lines.set(0, read.formatted(0, 9, "primary"));
    assertTrue(violation().orElseThrow().contains("still waited"), violation().toString());
  }

  private void event(String text) {
    lines.add("{:index %d, :process 1, %s}".formatted(lines.size(), text));
  }

  /** The row is seen at 12, its commit is reported at 20 and acknowledged at 30. */
  private void seenEarly(String ensured) {
    event(":time 12, :type :ok, :f :peek, :value [6 7], :node \"n1\"");
    event(":time 13, :type :invoke, :f :ensure, :value [%s nil]".formatted(ensured));
    reports("n2", 20, 0x100, 0x100, 0x100);
    lines.add(
        "{:index 2, :time 30, :type :ok, :process 0, :f :insert, :value 7, :node \"n1\", :timeline"
            + " 1, :xid 700, :synchronous-commit :on, :standby-names \"ANY 1 (n2)\"}");
  }

  @Test
  void aPeekMustNotSeeARowWhoseCommitStillWaits() throws Exception {
    seenEarly("5");
    assertTrue(violation().orElseThrow().startsWith("event 0 saw a row"), violation().toString());
  }

  @Test
  void aRowThatAnotherMayHaveInsertedProvesNothing() throws Exception {
    seenEarly("7");
    assertEquals(Optional.empty(), violation());
  }
}
