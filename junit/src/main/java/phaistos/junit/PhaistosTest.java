package phaistos.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A simulated run as a test. Each seed is an invocation of its own, with the seed in its name, so
 * that a failing one can be started again alone.
 *
 * <pre>{@code
 * @PhaistosTest(count = 20)
 * void keepsEveryElement(SimulatedRun run) {
 *   run.check(
 *       TestPlan.of("set", SetWorkload::create)
 *           .nemesis("partition", "kill", "crash", "failover")
 *           .timeLimit(Duration.ofSeconds(10)));
 * }
 * }</pre>
 *
 * <p>With the system property {@value #SEED} only that seed runs. The JVM needs the options of
 * simulated runs (README).
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(SeedsExtension.class)
public @interface PhaistosTest {
  /** The system property that names one seed for all tests. */
  String SEED = "phaistos.seed";

  /** These seeds; if none are given, {@link #count} from {@link #first} on. */
  long[] seeds() default {};

  long first() default 1;

  int count() default 10;
}
