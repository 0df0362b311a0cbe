package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generators;
import phaistos.nemesis.NemesisPackage.PlotMark;

/**
 * Injects every kind of fault into a {@link Cluster}, as a schedule says. It composes the packages
 * of all domains and of the recovery at the end. The effect of a fault is measured when the fault
 * has ended. It is written under {@code :effects} of that event, or of the first event after which
 * it is known. {@link Evidence} counts the effects.
 */
public final class ClusterNemesis {
  private final Cluster cluster;
  private final Operator operator;
  private final long recoverNanos;

  /**
   * @param recoverNanos how long standbys may take to catch up at the end
   */
  public ClusterNemesis(Cluster cluster, Operator operator, long recoverNanos) {
    this.cluster = cluster;
    this.operator = operator;
    this.recoverNanos = recoverNanos;
  }

  /**
   * Runs a schedule, and a recovery at the end.
   *
   * @param untilNanos nanoseconds since the start of the run; no fault begins after that
   * @throws IllegalArgumentException if the cluster cannot do what the schedule asks for; one line
   *     for each reason
   */
  public NemesisPackage scheduled(Schedule schedule, long untilNanos) {
    List<String> objections = schedule.objections(cluster.capabilities(), cluster.nodes());
    if (!objections.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", objections));
    }
    TriggerWatch watch = new TriggerWatch(cluster, operator, schedule, untilNanos);
    FaultsUnderWay faults = new FaultsUnderWay();
    List<NemesisPackage> packages = new ArrayList<>();
    for (Faults.Domain domain : Faults.DOMAINS) {
      packages.add(
          new NemesisPackage(
              new DomainNemesis(domain, cluster, operator, faults, watch),
              Generators.nothing(),
              Generators.nothing(),
              plotMarks(domain)));
    }
    packages.add(
        new NemesisPackage(
            new RecoveryNemesis(cluster, operator, faults, watch, recoverNanos),
            Generators.ignoreUpdates(new ScheduledFaults(watch, schedule.entries(), untilNanos)),
            Generators.ignoreUpdates(
                Generators.call(new UntypedCall(Edn.keyword(RecoveryNemesis.RECOVER), Edn.NIL))),
            List.of()));
    return NemesisPackage.compose(packages);
  }

  private static List<PlotMark> plotMarks(Faults.Domain domain) {
    List<PlotMark> marks = new ArrayList<>();
    for (FaultKind kind : domain.kinds()) {
      Set<String> stop =
          kind.end().map(end -> Set.of(end, RecoveryNemesis.RECOVER)).orElse(Set.of());
      marks.add(new PlotMark(kind.name(), Set.of(kind.name()), stop, kind.color()));
    }
    return marks;
  }
}
