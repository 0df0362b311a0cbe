package phaistos.server.defects;

import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.Action;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.SessionSteps;
import phaistos.server.steps.Step;
import phaistos.server.steps.StorageSteps;

/**
 * Defects that are generated from the steps: each left out, done twice, and failed once in a
 * hundred times. They stand for no mistake that somebody made. Many break nothing that is promised,
 * or end in a PANIC; so nobody expects all of them to be found.
 */
final class Mechanical {
  private static final int FAILS_EVERY = 100;

  static final List<Defect> ALL = generate();

  private Mechanical() {}

  private static List<Defect> generate() {
    List<Defect> all = new ArrayList<>();
    for (Class<?> part :
        List.of(
            CommitSteps.class,
            StorageSteps.class,
            ReplicationSteps.class,
            RecoverySteps.class,
            SessionSteps.class)) {
      for (Field field : part.getFields()) {
        if (field.getGenericType() instanceof ParameterizedType type
            && type.getRawType() == Step.class) {
          add(all, step(field), type.getActualTypeArguments()[1] == Void.class);
        }
      }
    }
    return List.copyOf(all);
  }

  private static Step<?, ?> step(Field field) {
    try {
      return (Step<?, ?>) field.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Leaving out is for steps that answer nothing. */
  private static <A, R> void add(List<Defect> all, Step<A, R> step, boolean isSilent) {
    if (isSilent) {
      all.add(draft("skip", step, "left out").acts(Kind.SKIPS, step, () -> (_, _) -> null));
    }
    all.add(draft("repeat", step, "done twice").acts(Kind.REPEATS, step, Action::repeat));
    String seldom = "failed, once in " + FAILS_EVERY + " times";
    all.add(draft("throw", step, seldom).acts(Kind.THROWS, step, () -> failing(step)));
  }

  private static <A, R> Action<A, R> failing(Step<A, R> step) {
    AtomicInteger passed = new AtomicInteger();
    return (_, act) -> {
      if (passed.incrementAndGet() % FAILS_EVERY == 0) {
        throw new IllegalStateException("planted: " + step.label() + " fails");
      }
      return act.run();
    };
  }

  private static Planted.Draft draft(String verb, Step<?, ?> step, String how) {
    return Planted.named(verb + ":" + step.label(), "The step " + step + " is " + how + ".")
        .standsFor("None: it is generated.", "steps of the server");
  }
}
