package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.simulator.Tail;

/**
 * What a run of a campaign is drawn from.
 *
 * @param mix draws workloads, nodes, settings and kinds of faults
 * @param seed draws the rest: the load, the times of faults, the network, the choices
 * @param tail draws the choices anew from some choice on
 */
public record Variant(long mix, long seed, Optional<Tail> tail) {
  /** All of one seed. */
  public static Variant of(long seed) {
    return new Variant(seed, seed, Optional.empty());
  }

  /** The options of {@code run} that repeat it. */
  public String words() {
    List<String> words = new ArrayList<>();
    if (mix != seed) {
      words.add("--mix-seed " + mix);
    }
    words.add("--seed " + seed);
    tail.ifPresent(from -> words.add("--tail " + from.fromStep() + ":" + from.seed()));
    return String.join(" ", words);
  }
}
