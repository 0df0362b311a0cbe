package phaistos.server.steps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import phaistos.environment.Task;
import phaistos.formats.Lsn;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

class StepsTest {
  private static final Lsn AT = new Lsn(8);

  private final Steps steps = new Steps();
  private final List<String> done = new ArrayList<>();

  private void flush() {
    steps.step(CommitSteps.WAL_FLUSH, AT, () -> done.add("flush"));
  }

  private void reply() {
    StandbyReply positions = new StandbyReply(1, AT, AT, AT);
    steps.step(ReplicationSteps.STANDBY_REPLY, positions, () -> done.add("reply"));
  }

  private Lsn position() {
    return steps.answer(ReplicationSteps.STANDBY_POSITION, AT, () -> new Lsn(4));
  }

  @Test
  void everyStepHasALabelOfItsOwnAndASentence() {
    Set<String> labels = new HashSet<>();
    for (Step<?, ?> step : Step.all()) {
      assertTrue(labels.add(step.label()), step.label());
      assertTrue(step.sentence().matches("[A-Z].*[.]"), step.label() + ": " + step.sentence());
      assertEquals(step, Step.labelled(step.label()).orElseThrow());
    }
    assertTrue(labels.size() >= 40, "steps=" + labels.size());
  }

  @Test
  void isTheActWithoutAnAction() {
    flush();
    assertEquals(List.of("flush"), done);
    assertEquals(new Lsn(4), position());
  }

  @Test
  void skipsAndRepeatsUntilTheActionIsDetached() {
    Steps.Attachment skip = steps.attach(CommitSteps.WAL_FLUSH, Action.skip());
    flush();
    assertEquals(List.of(), done);
    skip.detach();
    Steps.Attachment twice = steps.attach(CommitSteps.WAL_FLUSH, Action.repeat());
    flush();
    assertEquals(List.of("flush", "flush"), done);
    twice.detach();
    flush();
    assertEquals(3, done.size());
  }

  @Test
  void anotherStepMayRunTheAct() {
    AtomicReference<Act<Void, Exception>> kept = new AtomicReference<>();
    steps.attach(
        CommitSteps.WAL_FLUSH,
        (_, act) -> {
          kept.set(act);
          return null;
        });
    steps.attach(
        ReplicationSteps.STANDBY_REPLY,
        (_, act) -> {
          act.run();
          return kept.get().run();
        });
    flush();
    reply();
    assertEquals(List.of("reply", "flush"), done);
  }

  @Test
  void liesAboutTheAnswer() {
    steps.attach(ReplicationSteps.STANDBY_POSITION, (written, _) -> written);
    assertEquals(AT, position());
  }

  @Test
  void throwsBeforeAndBehindTheAct() {
    Steps.Attachment before =
        steps.attach(
            CommitSteps.WAL_FLUSH,
            (_, _) -> {
              throw new IOException("no disk");
            });
    assertEquals("no disk", assertThrows(IOException.class, this::flush).getMessage());
    assertEquals(List.of(), done);
    before.detach();
    steps.attach(
        CommitSteps.WAL_FLUSH,
        (_, act) -> {
          act.run();
          throw new IllegalStateException("behind");
        });
    assertThrows(IllegalStateException.class, this::flush);
    assertEquals(List.of("flush"), done);
  }

  @Test
  void theLastActionIsTheOutermost() {
    steps.attach(ReplicationSteps.STANDBY_POSITION, (_, act) -> act.run().plus(1));
    steps.attach(ReplicationSteps.STANDBY_POSITION, (_, act) -> new Lsn(act.run().value() * 10));
    assertEquals(new Lsn(50), position());
  }

  @Test
  void holdsTheActUntilItIsReleased() {
    List<String> order =
        Simulation.run(
                SimulationOptions.seed(1),
                world -> {
                  Hold<Lsn, Void> hold = new Hold<>();
                  steps.attach(CommitSteps.WAL_FLUSH, hold);
                  Task task = world.environment().tasks().spawn("flusher", this::flush);
                  hold.awaitHeld();
                  done.add("held");
                  hold.release();
                  task.join();
                  return done;
                })
            .valueOrThrow();
    assertEquals(List.of("held", "flush"), order);
  }
}
