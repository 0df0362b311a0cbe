package phaistos.harness.coverage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import phaistos.cluster.postgres.PostgresChoice;
import phaistos.cluster.postgres.PostgresVersion;
import phaistos.harness.Deployment;
import phaistos.harness.FaultPlan;
import phaistos.harness.TestPlan;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.workloads.commits.Commits;

class FaultMinimumTest {
  private static final TestPlan SIMULATED = TestPlan.of(Commits.NAME, Commits::workload);
  private static final TestPlan REAL =
      SIMULATED.on(
          Deployment.processes(new PostgresChoice(PostgresVersion.parse("15"), Optional.empty())));

  @Test
  void aRunInRealTimeHasFiveFaultsOfFourKinds() {
    String[] usual = {"partition", "kill", "crash", "failover"};
    assertEquals(new FaultMinimum(5, 4), FaultMinimum.of(REAL.nemesis(usual)));
    assertEquals(new FaultMinimum(2, 2), FaultMinimum.of(REAL.nemesis("kill", "failover")));
    assertEquals(
        new FaultMinimum(2, 2), FaultMinimum.of(REAL.nemesis("kill", "kill", "kill", "failover")));
    assertEquals(FaultMinimum.NONE, FaultMinimum.of(REAL));
    assertEquals(FaultMinimum.ANY, FaultMinimum.of(SIMULATED.nemesis(usual)));
    assertEquals(
        FaultMinimum.ANY, FaultMinimum.of(REAL.faults(new FaultPlan.Swarm(List.of("kill")))));
  }

  @Test
  void faultsWithoutEffectAndMoreOfOneKindDoNotCount() {
    List<Event<UntypedCall>> events = new ArrayList<>();
    heard(events, "kill", true);
    heard(events, "kill", true);
    heard(events, "crash", true);
    heard(events, "partition", false);
    heard(events, "failover", true);
    assertEquals(
        List.of("a fault with an effect (4 of 5)", "a kind of fault with an effect (3 of 4)"),
        Coverage.of(List.of(), new FaultMinimum(5, 4), events).unmet());
    heard(events, "partition", true);
    assertEquals(List.of(), Coverage.of(List.of(), new FaultMinimum(5, 4), events).unmet());
  }

  private static void heard(List<Event<UntypedCall>> events, String kind, boolean isEffective) {
    LinkedHashMap<Edn, Edn> effect = new LinkedHashMap<>();
    effect.put(Edn.keyword("fault"), Edn.keyword(kind));
    effect.put(Edn.keyword("effective"), isEffective ? Edn.TRUE : Edn.FALSE);
    LinkedHashMap<Edn, Edn> value = new LinkedHashMap<>();
    value.put(Edn.keyword("effects"), Edn.vector(new Edn.Table(effect)));
    UntypedCall call = new UntypedCall(Edn.keyword("heal"), new Edn.Table(value));
    events.add(new Event.Info<>(events.size(), events.size(), Process.NEMESIS, call, Details.NONE));
  }
}
