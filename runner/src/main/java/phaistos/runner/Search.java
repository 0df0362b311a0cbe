package phaistos.runner;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import phaistos.histories.generators.Seed;
import phaistos.runner.options.Suggestions;
import phaistos.runner.options.UsageException;
import phaistos.simulator.SchedulingStrategy;

/** How a campaign with planted defects draws its runs. */
enum Search {
  UNIFORM,
  PCT,
  POS,
  SURW,
  /** The seed draws one of the above. */
  DRAWN,
  /** Uniform, but every second run changes one that has passed something new. */
  FEEDBACK;

  private static final String ALL = "all";

  /** The strategy of the simulator for a run of this seed. */
  SchedulingStrategy strategy(long seed) {
    return switch (this) {
      case UNIFORM, FEEDBACK -> SchedulingStrategy.UNIFORM;
      case PCT -> SchedulingStrategy.PCT;
      case POS -> SchedulingStrategy.POS;
      case SURW -> SchedulingStrategy.SURW;
      case DRAWN -> {
        SchedulingStrategy[] all = SchedulingStrategy.values();
        yield all[new Seed(seed).child("strategy").drawInt(all.length)];
      }
    };
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Those of an option: "all", or names with commas between. */
  static List<Search> named(String words) {
    return words.equals(ALL)
        ? List.of(values())
        : Arrays.stream(words.split(",", -1)).map(Search::one).toList();
  }

  private static Search one(String word) {
    List<String> known = Arrays.stream(values()).map(Search::word).toList();
    return Arrays.stream(values())
        .filter(each -> each.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "--strategy: '%s' (expected %s or some of %s)%s"
                        .formatted(
                            word,
                            ALL,
                            known.stream().collect(Collectors.joining(", ")),
                            Suggestions.text(word, known))));
  }
}
