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

  static final FaultKind SWITCHOVER =
      new FaultKind(
          "switchover",
          "The primary ends in an orderly way, a standby is promoted, and the former primary comes"
              + " back as a standby; counts when another node is primary.",
          "#D5B5F0",
          Optional.empty(),
          Set.of(Capability.OPERATOR),
          FaultKind.seeded(Switchover::new));

  static final FaultKind TWO_PRIMARIES =
      new FaultKind(
          "two-primaries",
          "The primary is killed, and two standbys that do not know of each other are promoted;"
              + " counts when both are on one timeline number.",
          "#A57FD0",
          Optional.of("one-primary"),
          Set.of(Capability.KILL, Capability.CUT, Capability.OPERATOR),
          FaultKind.seeded(TwoPrimaries::new));

  static final List<FaultKind> KINDS = List.of(FAILOVER, SWITCHOVER, TWO_PRIMARIES);

  private OperatorFaults() {}

  /** The operator makes another node primary, as planned. */
  public record Switchover(long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return SWITCHOVER;
    }

    @Override
    public Edn.Table value() {
      return FaultKind.seededValue(seed);
    }

    @Override
    public UnderWay begin(Site site) {
      TakeOver report = site.operator().switchover(new Seed(seed));
      return new TakenOver(
          site,
          report,
          new Effect(
              report.next().isPresent(),
              new EdnTable()
                  .put("from", report.former().name())
                  .put("to", report.next().map(NodeId::name))
                  .put("came-back", report.followed().contains(report.former()))));
    }
  }

  /** The operator makes two nodes primary. */
  public record TwoPrimaries(long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return TWO_PRIMARIES;
    }

    @Override
    public Edn.Table value() {
      return FaultKind.seededValue(seed);
    }

    @Override
    public UnderWay begin(Site site) {
      TakeOver report = site.operator().split(site.handle(), new Seed(seed));
      return new TakenOver(
          site,
          report,
          new Effect(
              report.second().filter(TakeOver.Second::isSameTimeline).isPresent(),
              new EdnTable()
                  .put("to", report.next().map(NodeId::name))
                  .put("second", report.second().map(each -> each.node().name()))
                  .put("timelines", report.second().map(TakeOver.Second::timelines))));
    }
  }

  private record TakenOver(Fault.Site site, TakeOver report, Fault.Effect known)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      return new EdnTable().put("operator", report.toEdn());
    }

    /** The second primary loses its cuts, and joins the first. */
    @Override
    public void end() {
      site.operator().atlas().over(site.handle());
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      return Optional.of(known);
    }
  }

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
      TakeOver report = site.operator().failover(policy, own.child("operator"));
      return new FailedOver(power.isPresent() ? Loss.CRASH : Loss.KILL, wasUp, lost, report);
    }
  }

  private record FailedOver(Loss loss, boolean wasUp, long unsyncedBytesLost, TakeOver report)
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
