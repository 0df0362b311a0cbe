package phaistos.harness;

import java.util.List;
import phaistos.nemesis.Schedule;

/** Which faults a test injects. */
public sealed interface FaultPlan {
  /**
   * Faults drawn from the seed, of these kinds; without kinds there are no faults. A kind that is
   * there n times comes n times as often.
   */
  record Drawn(List<String> kinds) implements FaultPlan {
    public Drawn {
      kinds = List.copyOf(kinds);
    }
  }

  /** Faults drawn from the seed, which also decides which of these kinds, how often, how long. */
  record Swarm(List<String> allowed) implements FaultPlan {
    public Swarm {
      allowed = List.copyOf(allowed);
    }
  }

  /**
   * A schedule given by the caller.
   *
   * @param source where it comes from, for the command that runs it again
   */
  record Given(Schedule schedule, String source) implements FaultPlan {}

  static FaultPlan none() {
    return new Drawn(List.of());
  }

  /** The kinds that were requested by name. */
  default List<String> kinds() {
    return switch (this) {
      case Drawn(List<String> kinds) -> kinds.stream().distinct().toList();
      case Swarm _, Given _ -> List.of();
    };
  }

  /** The kinds that the run may draw. */
  default List<String> possible() {
    return switch (this) {
      case Drawn _ -> kinds();
      case Swarm(List<String> allowed) -> allowed;
      case Given _ -> List.of();
    };
  }

  /** "partition+kill", "no faults", "schedule.edn": for titles. */
  default String words() {
    return switch (this) {
      case Drawn _ -> kinds().isEmpty() ? "no faults" : String.join("+", kinds());
      case Swarm _ -> "a mix of faults";
      case Given given -> given.source;
    };
  }
}
