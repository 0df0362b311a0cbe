package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import phaistos.server.defects.Defects;
import phaistos.server.steps.ReplicationSteps;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.UnsyncedWrites;

/**
 * A standby that dies in the first segment of a new timeline, and is then alone. What it had
 * acknowledged is in the old timeline's file; recovery takes the new one's.
 */
class TimelineFillTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int ROWS = 300;
  private static final String FIRST_OF_TIMELINE_2 = "pg_wal/000000020000000000000001";

  /** Returns how many of the rows that n3 had acknowledged it shows after its promotion. */
  private static String rowsAfterwards(SimulatedWorld world, String fill) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.startThree("ANY 2 (n2, n3)", Defects.none());
      nodes.ask("n1", "create table t(id int primary key, v text)");
      String text = "x".repeat(1000);
      for (int i = 0; i < ROWS; i++) {
        nodes.ask("n1", "insert into t values (%d, '%s')".formatted(i, text));
      }
      world.machine("n1").kill();
      world.machine("n3").kill();
      nodes.ask("n2", "select pg_promote()");
      nodes.ask("n2", "insert into t values (-1, 'on the new timeline')");
      Server standby = nodes.start("n3", "n2", Defects.none(), "phaistos.timeline_fill", fill);
      AtomicInteger writes = new AtomicInteger();
      standby
          .steps()
          .attach(
              ReplicationSteps.STANDBY_WRITE,
              (_, act) -> {
                boolean isNew = world.machine("n3").disk().exists(FIRST_OF_TIMELINE_2);
                if (isNew && writes.incrementAndGet() > 1) {
                  // the stream stalls behind its first message
                  nodes.world().machine("n3").process().orElseThrow().tasks().sleep(60 * SECOND);
                }
                return act.run();
              });
      nodes.clients().tasks().sleep(3 * SECOND);
      world.machine("n3").crash(UnsyncedWrites.LOSE_ALL, 1);
      world.machine("n2").kill();
      nodes.start("n3", "n2", Defects.none(), "phaistos.timeline_fill", fill);
      nodes.clients().tasks().sleep(3 * SECOND);
      nodes.ask("n3", "select pg_promote()");
      return nodes.ask("n3", "select count(*) from t where id >= 0");
    }
  }

  private static String run(String fill) {
    return Simulation.run(
            SimulationOptions.seed(3).withLimit(Duration.ofHours(1)),
            world -> rowsAfterwards(world, fill))
        .valueOrThrow();
  }

  @Test
  void withTheOldTimelinesRecordsNothingThatWasAcknowledgedIsLost() {
    assertEquals(Integer.toString(ROWS), run("on"));
  }

  /** PostgreSQL's behaviour: 15.18, 17.11 and 18.6 lose most of the rows so. */
  @Test
  void withoutThemAcknowledgedRowsAreLost() {
    assertNotEquals(Integer.toString(ROWS), run("off"));
  }
}
