package phaistos.workloads.commits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Rehearsal;
import phaistos.histories.generators.Seed;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.commits.CommitsCall.FinalRead;
import phaistos.workloads.commits.CommitsCall.InsertMany;
import phaistos.workloads.commits.CommitsCall.InsertOne;
import phaistos.workloads.commits.CommitsCall.Rollback;
import phaistos.workloads.commits.CommitsCall.StandbyRead;

class CommitsTest {
  private static final Details OWED =
      Details.builder().synchronousCommit("on").standbyNames("ANY 1 (n2, n3)").build();

  private final List<Event<CommitsCall>> events = new ArrayList<>();
  private long process;

  private enum End {
    OK,
    FAIL,
    INFO
  }

  private void op(CommitsCall asked, CommitsCall result, End end, Details details) {
    Process.Client client = new Process.Client(process++);
    events.add(new Event.Invoke<>(-1, -1, client, asked, Details.NONE));
    events.add(
        switch (end) {
          case OK -> new Event.Ok<>(-1, -1, client, result, details);
          case FAIL -> new Event.Fail<>(-1, -1, client, result, details);
          case INFO -> new Event.Info<>(-1, -1, client, result, details);
        });
  }

  private void insert(long value, End end) {
    op(new InsertOne(value), new InsertOne(value), end, OWED);
  }

  private void finalRead(Long... values) {
    op(new FinalRead(List.of()), new FinalRead(List.of(values)), End.OK, Details.NONE);
  }

  private CommitsChecker.Report check() {
    return new CommitsChecker().check(History.of(events), CheckContext.UNLIMITED);
  }

  private void assertInvalid(String word) {
    Verdict.Invalid verdict = assertInstanceOf(Verdict.Invalid.class, check().verdict());
    assertTrue(verdict.evidence().startsWith(word), verdict.evidence());
  }

  @Test
  void everythingThereIsValid() {
    insert(1, End.OK);
    insert(2, End.INFO);
    insert(3, End.FAIL);
    op(new Rollback(List.of(4L)), new Rollback(List.of(4L)), End.FAIL, OWED);
    finalRead(1L, 2L);
    CommitsChecker.Report report = check();
    assertEquals(Verdict.VALID, report.verdict());
    assertEquals(1, report.owed());
    assertEquals(1, report.recovered());
  }

  @Test
  void aMissingAcknowledgedValueIsLost() {
    insert(1, End.OK);
    insert(2, End.OK);
    finalRead(1L, 2L);
    finalRead(1L);
    assertInvalid("lost: value 2 of event 2 (ok)");
    assertEquals(List.of(2L), check().lost());
  }

  @Test
  void whatDidNotWaitForAStandbyIsNotOwed() {
    insert(1, End.OK);
    Details cutShort = OWED.toBuilder().unreplicated(true).build();
    op(new InsertOne(2), new InsertOne(2), End.OK, cutShort);
    Details local = OWED.toBuilder().synchronousCommit("local").build();
    op(new InsertOne(3), new InsertOne(3), End.OK, local);
    Details alone = OWED.toBuilder().standbyNames("").build();
    op(new InsertOne(4), new InsertOne(4), End.OK, alone);
    finalRead(1L);
    assertEquals(Verdict.VALID, check().verdict());
    assertEquals(3, check().notOwed());
  }

  /** Nothing is owed, and what is there is still judged. */
  @Test
  void nothingNeedBeOwed() {
    finalRead();
    assertEquals(new Verdict.Unknown("no acknowledged commit"), check().verdict());
    Details local = OWED.toBuilder().synchronousCommit("local").build();
    op(new InsertOne(3), new InsertOne(3), End.OK, local);
    finalRead();
    assertEquals(Verdict.VALID, check().verdict());
    op(new InsertMany(List.of(5L, 6L)), new InsertMany(List.of(5L, 6L)), End.OK, local);
    finalRead(5L);
    assertInvalid("torn: value 5");
  }

  @Test
  void aRolledBackOrFailedOrUnknownValueIsUnexpected() {
    insert(1, End.OK);
    op(new Rollback(List.of(4L)), new Rollback(List.of(4L)), End.INFO, OWED);
    finalRead(1L, 4L);
    assertInvalid("unexpected: value 4");
    events.clear();
    insert(1, End.OK);
    insert(5, End.FAIL);
    finalRead(1L, 5L);
    assertInvalid("unexpected: value 5");
    events.clear();
    insert(1, End.OK);
    op(new StandbyRead("n2", List.of()), new StandbyRead("n2", List.of(6L)), End.OK, Details.NONE);
    finalRead(1L);
    assertInvalid("unexpected: value 6 was read, and nobody wrote it");
  }

  @Test
  void halfATransactionIsTorn() {
    insert(1, End.OK);
    op(new InsertMany(List.of(2L, 3L)), new InsertMany(List.of(2L, 3L)), End.INFO, OWED);
    finalRead(1L, 3L);
    assertInvalid("torn: value 2");
  }

  @Test
  void aStandbyMayLagBehind() {
    insert(1, End.OK);
    op(new StandbyRead("n2", List.of()), new StandbyRead("n2", List.of()), End.OK, Details.NONE);
    finalRead(1L);
    assertEquals(Verdict.VALID, check().verdict());
  }

  @Test
  void noAnswerIsNoPass() {
    insert(1, End.OK);
    assertInstanceOf(Verdict.Unknown.class, check().verdict(), "no final read");
    events.clear();
    insert(1, End.INFO);
    finalRead(1L);
    assertInstanceOf(Verdict.Unknown.class, check().verdict(), "nothing owed");
    events.clear();
    assertInstanceOf(Verdict.Unknown.class, check().verdict(), "nothing at all");
  }

  @Test
  void theCodecGivesBackWhatItWrote() {
    for (CommitsCall call :
        List.of(
            new InsertOne(7),
            new InsertMany(List.of(1L, 2L)),
            new Rollback(List.of(3L)),
            new FinalRead(List.of()),
            new FinalRead(List.of(1L, 9L)),
            new StandbyRead("n2", List.of(4L)))) {
      assertEquals(call, CommitsCall.CODEC.decode(CommitsCall.CODEC.encode(call)));
    }
    assertEquals(
        new FinalRead(List.of()),
        CommitsCall.CODEC.decode(new UntypedCall(Edn.keyword("final-read"), Edn.NIL)));
    assertThrows(
        IllegalArgumentException.class,
        () -> CommitsCall.CODEC.decode(new UntypedCall(Edn.keyword("append"), Edn.NIL)));
    assertThrows(
        IllegalArgumentException.class,
        () -> CommitsCall.CODEC.decode(new UntypedCall(Edn.keyword("insert"), Edn.NIL)));
  }

  @Test
  void theLoadNeverUsesAValueTwiceAndHasAllKinds() {
    Set<Long> values = new HashSet<>();
    Set<String> kinds = new HashSet<>();
    List<Event<CommitsCall>> load =
        Rehearsal.run(
            Generators.clients(
                Generators.limit(1_000, Commits.load(WorkloadOptions.of(new Seed(5), 100)))),
            10,
            new Seed(6),
            Rehearsal.imperfect(20_000_000));
    for (Event<CommitsCall> event : load) {
      if (event.isInvoke()) {
        kinds.add(event.call().getClass().getSimpleName() + event.call().written().size());
        event.call().written().forEach(v -> assertTrue(values.add(v), "twice: " + v));
      }
    }
    assertEquals(Set.of("InsertOne1", "InsertMany10", "Rollback1", "Rollback10"), kinds);
    double seconds = load.getLast().timeNanos() / 1e9;
    assertTrue(seconds > 9 && seconds < 11, "1,000 at 100 a second took " + seconds);
  }
}
