package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/** The columns of a row's header; the answers are those of PostgreSQL 15. */
@Timeout(300)
class SystemColumnsTest {
  private record Case(String sql, String answer) {}

  private static final List<Case> CASES =
      List.of(
          new Case("select ctid from t order by id", "(0,1) (0,2) (0,3)"),
          new Case("select count(*) from t where xmin = (select min(xmin::text)::xid from t)", "3"),
          new Case("select xmax from t where id = 1", "0"),
          new Case("select cmin from t where id = 2", "0"),
          new Case("select tableoid from t where id = 2", "16384"),
          new Case("update t set v = 1 where id = 3 returning ctid", "(0,4)"),
          new Case("select ctid from t where ctid > '(0,1)' order by ctid desc", "(0,4) (0,2)"),
          new Case("delete from t where ctid = '(0,4)' returning id", "3"),
          new Case("insert into t values (9, 0) returning ctid", "(0,5)"),
          new Case("select a.ctid from t as a where a.id = 9", "(0,5)"),
          new Case(
              "select (select ctid from t where t.id = o.id) from t as o where id = 2", "(0,2)"),
          new Case("select id from t where id = 1 for update", "1"),
          new Case("select xmax = xmin from t where id = 1", "f"),
          new Case(
              "select ctid from (select id from t) as s",
              "42703 ERROR: column \"ctid\" does not exist"),
          new Case(
              "create table u (xmin int)",
              "42701 ERROR: column name \"xmin\" conflicts with a system column name"),
          new Case(
              "select a.ctid from t as a, t as b",
              "0A000 ERROR: system column \"ctid\" of joined tables is not supported by this"
                  + " server"));

  private static List<String> answers(SimulatedWorld world) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.start("n1", "", Defects.none());
      nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
      nodes.ask("n1", "create table t(id int primary key, v int)");
      nodes.ask("n1", "insert into t select i, 0 from generate_series(1, 3) as i");
      List<String> answers = new ArrayList<>();
      CASES.forEach(each -> answers.add(nodes.ask("n1", each.sql())));
      return answers;
    }
  }

  @Test
  void everyTableHasThem() {
    SimulationOptions options = SimulationOptions.seed(1).withLimit(Duration.ofMinutes(1));
    assertEquals(
        String.join("\n", CASES.stream().map(Case::answer).toList()),
        String.join("\n", Simulation.run(options, SystemColumnsTest::answers).valueOrThrow()));
  }
}
