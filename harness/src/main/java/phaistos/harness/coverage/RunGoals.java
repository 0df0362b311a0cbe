package phaistos.harness.coverage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Goal;

/** The goals of every run, whatever its workload. */
final class RunGoals {
  static final String EFFECTS = "a fault with an effect";
  static final String KINDS = "a kind of fault with an effect";

  private static final long SECOND = 1_000_000_000L;

  /** How long after a failover a client may learn that its commit is in doubt. */
  private static final long DOUBT_NANOS = 6 * SECOND;

  private RunGoals() {}

  static List<Goal> all(FaultMinimum minimum) {
    List<Goal> goals = new ArrayList<>();
    boolean areFaultsAsked = minimum.faults() > 0;
    if (areFaultsAsked) {
      goals.add(new Goal(EFFECTS, minimum.faults(), () -> event -> effects(event).size()));
    }
    if (minimum.kinds() > 1) {
      goals.add(new Goal(KINDS, minimum.kinds(), NewKinds::new));
    }
    goals.add(Goal.of("a commit in doubt", 0, RunGoals::isInDoubt));
    if (areFaultsAsked) {
      goals.add(new Goal("a failover under load with a commit in doubt", 0, FailoverInDoubt::new));
      goals.add(new Goal("a recovery from torn writes", 0, TornRecovery::new));
    }
    return goals;
  }

  /** A transaction that wrote, so that it has an xid, and may have been committed. */
  private static boolean isInDoubt(Event<UntypedCall> event) {
    return event.isClient()
        && event instanceof Event.Info
        && event.details().marker().isPresent()
        && event.details().xid().isPresent();
  }

  /** The effects that an event of the nemesis reports, of faults that did something. */
  private static List<Edn.Table> effects(Event<UntypedCall> event) {
    List<Edn.Table> effects = new ArrayList<>();
    if (!event.isClient()
        && event.call().value() instanceof Edn.Table value
        && value.get("effects") instanceof Edn.Vector all) {
      for (Edn item : all.items()) {
        if (item instanceof Edn.Table effect && effect.get("effective").equals(Edn.TRUE)) {
          effects.add(effect);
        }
      }
    }
    return effects;
  }

  /** Counts each kind at its first fault that had an effect. */
  private static final class NewKinds implements Goal.Counter {
    private final Set<Edn> kinds = new HashSet<>();

    @Override
    public int count(Event<UntypedCall> event) {
      int before = kinds.size();
      effects(event).forEach(effect -> kinds.add(effect.get("fault")));
      return kinds.size() - before;
    }
  }

  /**
   * Counts failovers of which a client learned, while or soon after, that its commit is in doubt.
   */
  private static final class FailoverInDoubt implements Goal.Counter {
    private OptionalLong begun = OptionalLong.empty();
    private long until;
    private boolean isDone;

    @Override
    public int count(Event<UntypedCall> event) {
      if (!event.isClient() && event.call().name().equals("failover")) {
        boolean isResult = !effects(event).isEmpty();
        if (!isResult) {
          begun = OptionalLong.of(event.timeNanos());
          isDone = false;
        }
        until = event.timeNanos() + DOUBT_NANOS;
      }
      boolean counts =
          begun.isPresent() && !isDone && isInDoubt(event) && event.timeNanos() <= until;
      isDone |= counts;
      return counts ? 1 : 0;
    }
  }

  /** Counts power cuts that tore pages of nodes that then recovered. */
  private static final class TornRecovery implements Goal.Counter {
    private final Map<Edn, Edn> modes = new HashMap<>();

    @Override
    public int count(Event<UntypedCall> event) {
      if (!event.isClient()
          && event.call().value() instanceof Edn.Table value
          && value.get("mode") instanceof Edn.Keyword mode) {
        modes.put(value.get("handle"), mode);
      }
      int count = 0;
      for (Edn.Table effect : effects(event)) {
        boolean isTorn =
            Edn.keyword("torn").equals(modes.getOrDefault(effect.get("handle"), Edn.NIL));
        boolean recovered =
            effect.get("recovered") instanceof Edn.Vector nodes && !nodes.items().isEmpty();
        count += isTorn && recovered ? 1 : 0;
      }
      return count;
    }
  }
}
