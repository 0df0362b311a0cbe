package phaistos.server.defects;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import phaistos.environment.Environment;
import phaistos.formats.Lsn;
import phaistos.server.steps.Act;
import phaistos.server.steps.Action;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Steps;

/** What defects do to steps. Each call creates an action with state of its own. */
final class Acts {
  static final int PAGE = 8192;

  /** Segments of the simulated nodes; those of other nodes are multiples of it. */
  static final int SEGMENT = 1 << 20;

  private Acts() {}

  /** Leaves out every n-th act. */
  static <A> Action<A, Void> skipEvery(int n) {
    AtomicLong passed = new AtomicLong();
    return (_, act) -> passed.incrementAndGet() % n == 0 ? null : act.run();
  }

  /** Runs every n-th act only. */
  static <A> Action<A, Void> onlyEvery(int n) {
    AtomicLong passed = new AtomicLong();
    return (_, act) -> passed.incrementAndGet() % n == 0 ? act.run() : null;
  }

  /** Leaves out the acts that are about such things. */
  static <A> Action<A, Void> skipIf(Predicate<A> about) {
    return (a, act) -> about.test(a) ? null : act.run();
  }

  /** Leaves the acts out while this is so. */
  static <A> Action<A, Void> skipWhile(BooleanSupplier state) {
    return (_, act) -> state.getAsBoolean() ? null : act.run();
  }

  /** Keeps each act, and runs it when the next one is due. */
  static <A> Action<A, Void> late() {
    AtomicReference<Act<Void, Exception>> kept = new AtomicReference<>();
    return (_, act) -> {
      Act<Void, Exception> earlier = kept.getAndSet(act);
      return earlier == null ? null : earlier.run();
    };
  }

  /** Runs each act 20 ms later, in a task of its own; the file may be closed by then. */
  static <A> Action<A, Void> behind(Environment environment) {
    return (_, act) -> {
      environment
          .tasks()
          .spawn(
              "late act",
              () -> {
                environment.tasks().sleep(20_000_000);
                try {
                  act.run();
                } catch (IOException | UncheckedIOException _) {
                  // of a segment that is closed: it stays undone
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      return null;
    };
  }

  /** Waits 3 ms before each act, as a process that was descheduled there. */
  static <A> Action<A, Void> slow(Environment environment) {
    return (_, act) -> {
      environment.tasks().sleep(3_000_000);
      return act.run();
    };
  }

  /** The action from five seconds after the start of the server on: tables are made before. */
  static <A, R> Action<A, R> later(Environment environment, Action<A, R> action) {
    long begin = environment.clock().monotonicNanos() + 5_000_000_000L;
    return (about, act) ->
        environment.clock().monotonicNanos() < begin ? act.run() : action.at(about, act);
  }

  /** Changes what every act answers. */
  static <A, R> Action<A, R> changed(UnaryOperator<R> change) {
    return (_, act) -> change.apply(act.run());
  }

  /** Changes what every n-th act answers. */
  static <A, R> Action<A, R> changedEvery(int n, UnaryOperator<R> change) {
    AtomicLong passed = new AtomicLong();
    return (_, act) -> {
      R right = act.run();
      return passed.incrementAndGet() % n == 0 ? change.apply(right) : right;
    };
  }

  /** Whether the server is a standby: it has received WAL and was not promoted since. */
  static BooleanSupplier isStandby(Steps steps) {
    AtomicBoolean standby = new AtomicBoolean();
    steps.attach(
        ReplicationSteps.STANDBY_WRITE,
        (_, act) -> {
          standby.set(true);
          return act.run();
        });
    steps.attach(
        RecoverySteps.END_OF_RECOVERY_RECORD,
        (_, act) -> {
          standby.set(false);
          return act.run();
        });
    return standby::get;
  }

  /** Whether a record that ends here has begun on the page before, most likely. */
  static boolean crossesPage(Lsn end) {
    return end.value() % PAGE < 80;
  }

  /** Whether a record that ends here is among the first of a segment's last two pages. */
  static boolean isNearSegmentEnd(Lsn end) {
    return Math.floorMod(end.value(), (long) SEGMENT) > SEGMENT - 2 * PAGE;
  }
}
