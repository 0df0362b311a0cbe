package phaistos.nemesis;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Power;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults to which the operator reacts. */
public final class OperatorFaults {
  static final FaultKind FAILOVER =
      new FaultKind(
          "failover",
          "The primary is killed or crashed, and the operator makes another one; counts when"
              + " another node is primary.",
          "#C5A0E9",
          Optional.empty(),
          Set.of(Capability.KILL, Capability.OPERATOR),
          new FaultKind.Maker() {
            @Override
            public Fault draw(Seed choice, long seed, Operator.Policy policy) {
              return new Failover(Loss.values()[choice.drawInt(2)], policy, seed);
            }

            @Override
            public Fault read(Edn.Table value) {
              return new Failover(
                  EdnValues.word(value, "loss", Loss.values()),
                  EdnValues.word(value, "policy", Operator.Policy.values()),
                  EdnValues.seed(value));
            }
          });

  static final List<FaultKind> KINDS = List.of(FAILOVER);

  private OperatorFaults() {}

  /** How a failover's primary is lost. */
  public enum Loss {
    KILL,
    /** A power cut; a kill where the cluster cannot lose unsynced writes. */
    CRASH
  }

  /** Takes the primary down; the operator promotes another node. */
  public record Failover(Loss loss, Operator.Policy policy, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return FAILOVER;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable()
          .put("loss", EdnValues.word(loss))
          .put("policy", EdnValues.word(policy))
          .put("seed", seed)
          .build();
    }

    @Override
    public UnderWay begin(Site site) {
      Cluster cluster = site.cluster();
      NodeId primary = cluster.primary();
      Seed own = new Seed(seed);
      boolean wasUp = cluster.state(primary) != NodeState.DOWN;
      long lost = 0;
      Optional<Power> power = loss == Loss.CRASH ? cluster.power() : Optional.empty();
      if (wasUp && power.isPresent()) {
        long writes = own.child("crash").draw();
        lost = power.get().crash(primary, CrashMode.SOME_LOST, writes).unsyncedBytesLost();
      } else if (wasUp) {
        cluster.kill(primary);
      }
      Operator.Report report = site.operator().failover(policy, own.child("operator"));
      return new FailedOver(power.isPresent() ? Loss.CRASH : Loss.KILL, wasUp, lost, report);
    }
  }

  private record FailedOver(
      Loss loss, boolean wasUp, long unsyncedBytesLost, Operator.Report report)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      return new EdnTable()
          .put("loss", EdnValues.word(loss))
          .put("primary-was-up", wasUp)
          .put("unsynced-bytes-lost", unsyncedBytesLost)
          .put("operator", report.toEdn());
    }

    @Override
    public void end() {}

    @Override
    public Optional<Fault.Effect> effect() {
      return Optional.of(
          new Fault.Effect(
              report.next().isPresent(),
              new EdnTable()
                  .put("from", report.former().name())
                  .put("to", report.next().map(NodeId::name))));
    }
  }
}
