package phaistos.checker.linearizability;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs the algorithm that was asked for on one key's problem. */
final class Search {
  /** Expansions of the first short attempt, before a second search is worth starting. */
  private static final long ALONE = 50_000;

  private Search() {}

  /**
   * @param spare a permit for each thread that may be used beside the caller's
   */
  static <S, C> SearchOutcome run(
      Algorithm algorithm, Model<S, C> model, Problem<C> problem, Limits limits, Semaphore spare) {
    return switch (algorithm) {
      case WGL -> new Portions(wgl(model, problem, limits)::run).toTheEnd();
      case LINEAR -> new Portions(linear(model, problem, limits)::run).toTheEnd();
      case COMPETITION -> compete(model, problem, limits, spare);
    };
  }

  static <S, C> Wgl<S, C> wgl(Model<S, C> model, Problem<C> problem, Limits limits) {
    return new Wgl<>(problem, new Transitions<>(model, problem.calls), limits);
  }

  static <S, C> JustInTime<S, C> linear(Model<S, C> model, Problem<C> problem, Limits limits) {
    return new JustInTime<>(problem, new Transitions<>(model, problem.calls), limits);
  }

  /** In turns, in growing portions, until a thread is free; then in parallel. */
  private static <S, C> SearchOutcome compete(
      Model<S, C> model, Problem<C> problem, Limits limits, Semaphore spare) {
    AtomicBoolean isDecided = new AtomicBoolean();
    Limits shared = limits.or(isDecided::get);
    Portions first = new Portions(wgl(model, problem, shared)::run);
    first.goOn(ALONE);
    if (first.hasAnswer()) {
      return first.toTheEnd();
    }
    Portions second = new Portions(linear(model, problem, shared)::run);
    for (long budget = ALONE; !first.hasEnded() || !second.hasEnded(); budget *= 2) {
      if (spare.tryAcquire()) {
        try {
          race(first, second, isDecided);
        } finally {
          spare.release();
        }
      } else {
        second.goOn(budget);
        if (!second.hasAnswer()) {
          first.goOn(2 * budget);
        }
      }
      if (first.hasAnswer() || second.hasAnswer()) {
        break;
      }
    }
    return second.hasAnswer() || !first.hasAnswer() && second.rank() > first.rank()
        ? second.toTheEnd()
        : first.toTheEnd();
  }

  private static void race(Portions first, Portions second, AtomicBoolean isDecided) {
    Thread other =
        Thread.ofPlatform().daemon().name("search").start(() -> decide(first, isDecided));
    decide(second, isDecided);
    boolean isInterrupted = false;
    while (other.isAlive()) {
      try {
        other.join();
      } catch (InterruptedException _) {
        isDecided.set(true);
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void decide(Portions search, AtomicBoolean isDecided) {
    search.toTheEnd();
    if (search.hasAnswer()) {
      isDecided.set(true);
    }
  }

  /** A search that runs in portions. Once it has ended, it is released with its memory. */
  private static final class Portions {
    private interface Run {
      Optional<SearchOutcome> next(long budget);
    }

    private Run run;
    private Optional<SearchOutcome> outcome = Optional.empty();

    Portions(Run run) {
      this.run = run;
    }

    void goOn(long budget) {
      if (outcome.isPresent()) {
        return;
      }
      try {
        outcome = run.next(budget);
      } catch (OutOfMemoryError _) {
        outcome = Optional.of(new SearchOutcome.GivenUp("out of memory", 0, 0));
      }
      if (outcome.isPresent()) {
        run = null;
      }
    }

    SearchOutcome toTheEnd() {
      goOn(Long.MAX_VALUE);
      return outcome.orElseThrow();
    }

    boolean hasEnded() {
      return outcome.isPresent();
    }

    boolean hasAnswer() {
      return outcome.isPresent() && !(outcome.get() instanceof SearchOutcome.GivenUp);
    }

    int rank() {
      return outcome.isPresent() && outcome.get() instanceof SearchOutcome.GivenUp given
          ? given.rank()
          : 0;
    }
  }
}
