package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.Toxic;

/** A walsender is ended again and again while it sends large messages over a slow link. */
class TerminatedWalSenderTest {
  private static final long MILLI = 1_000_000L;

  private static String shown(SimulatedWorld world) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.initialize("n2");
      nodes.start("n1", "", Defects.none());
      nodes.start("n2", "n1", Defects.none());
      nodes.clients().tasks().sleep(2000 * MILLI);
      nodes.ask("n1", "create table t(id int primary key, v text)");
      world.network().link("n1", "n2").addToxic("slow", new Toxic.Bandwidth(2000));
      int terminated = 0;
      for (int i = 0; i < 40; i++) {
        String rows = "insert into t select g, repeat('x', 500) from generate_series(%d, %d) g";
        nodes.ask("n1", rows.formatted(i * 100, i * 100 + 99));
        nodes.clients().tasks().sleep(7 * MILLI);
        String sql = "select pg_terminate_backend(pid) from pg_stat_replication";
        if (nodes.ask("n1", sql).equals("t")) {
          terminated++;
        }
        nodes.clients().tasks().sleep(530 * MILLI);
      }
      world.network().link("n1", "n2").removeToxic("slow");
      nodes.clients().tasks().sleep(5000 * MILLI);
      List<String> wrong =
          nodes.log("n2").stream()
              .filter(line -> line.contains("invalid "))
              .filter(line -> !line.contains("wanted 24, got 0"))
              .filter(line -> !line.contains("magic number 0000")) // where WAL ends
              .toList();
      return (terminated > 20) + " " + nodes.ask("n2", "select count(*) from t") + " " + wrong;
    }
  }

  /** What tells the standby so is no part of the WAL that it receives. */
  @Test
  void theStandbysWalHasNoOtherBytes() {
    for (long seed = 1; seed <= 5; seed++) {
      assertEquals(
          "true 4000 []",
          Simulation.run(
                  SimulationOptions.seed(seed).withLimit(Duration.ofHours(1)),
                  TerminatedWalSenderTest::shown)
              .valueOrThrow(),
          "seed " + seed);
    }
  }
}
