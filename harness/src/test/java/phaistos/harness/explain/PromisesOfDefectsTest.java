package phaistos.harness.explain;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import phaistos.harness.Harness;
import phaistos.harness.Keep;
import phaistos.harness.Mix;
import phaistos.harness.Progress;
import phaistos.harness.TestPlan;
import phaistos.server.defects.Defect;
import phaistos.server.defects.DefectCatalogue;

/**
 * Which step is named by the first broken promise of a run that finds a defect, for every defect:
 * only with the system property {@value #PART}, "1/4" for a quarter of them.
 */
class PromisesOfDefectsTest {
  private static final String PART = "phaistos.promises.defects";
  private static final long SEEDS = 12;

  @TempDir Path store;

  @Test
  @EnabledIfSystemProperty(named = PART, matches = "\\d+/\\d+")
  void theStepOfMostDefectsIsNamed() throws IOException {
    String[] part = System.getProperty(PART).split("/");
    int parts = Integer.parseInt(part[1]);
    List<Defect> all = DefectCatalogue.all();
    int found = 0;
    int right = 0;
    for (int i = Integer.parseInt(part[0]) - 1; i < all.size(); i += parts) {
      Optional<TestPlan> plan = found(all.get(i).description().name());
      if (plan.isPresent()) {
        found++;
        right += isNamed(all.get(i), plan.get()) ? 1 : 0;
      } else {
        System.out.println("not found: " + all.get(i).description().name());
      }
    }
    System.out.println(right + " of " + found + " right");
    assertTrue(right * 4 >= found * 3, right + " of " + found);
  }

  private Optional<TestPlan> found(String name) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      TestPlan mix = Mix.plan(seed);
      TestPlan plan =
          mix.cluster(mix.cluster().withDefects(List.of(name)))
              .output(new TestPlan.Output(store, Optional.empty(), Keep.VERDICT));
      if (Harness.run(plan, Progress.NONE).exitCode() == 1) {
        return Optional.of(plan);
      }
    }
    return Optional.empty();
  }

  private static boolean isNamed(Defect defect, TestPlan plan) throws IOException {
    Optional<Explanation.Place> place = FirstPromise.of(plan, Duration.ofMinutes(5));
    List<String> steps = new ArrayList<>();
    defect.description().steps().forEach(step -> steps.add(step.label()));
    boolean isRight = place.filter(named -> steps.contains(named.step())).isPresent();
    System.out.printf(
        "%-34s seed %-3d %s  %s, is %s %s%n",
        defect.description().name(),
        plan.seed(),
        isRight ? "right" : "WRONG",
        place.map(Explanation.Place::step).orElse("none"),
        steps,
        isRight ? "" : place.map(Explanation.Place::sentence).orElse(""));
    return isRight;
  }
}
